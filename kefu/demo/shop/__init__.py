"""The demo shop's own system: its data files, its tables, and the Shop port in front of them."""
