"""The demo: its people and its shop."""
