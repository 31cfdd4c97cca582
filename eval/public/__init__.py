"""Readers of outside sets by their protocols; the sets themselves are never part of this project."""
