"""WebSocket and HTTP edges: frames, authentication, limits, errors."""
