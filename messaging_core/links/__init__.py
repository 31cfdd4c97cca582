"""Previews of links: fetched by the server, which cannot be led to inner addresses, and kept for a day."""
