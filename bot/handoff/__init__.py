"""When and why a human is called, and what he is told; who takes over belongs to the desk."""
