"""Pictures and short videos: uploaded in parts, measured by the server, kept once, loaded by those who may see them."""
