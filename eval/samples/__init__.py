"""Samples, what a target answered to them, and the files they come from."""
