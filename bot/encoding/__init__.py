"""Sentence vectors behind a port: the protocol, the default encoder, a cache on disk, and a way off the event loop."""
