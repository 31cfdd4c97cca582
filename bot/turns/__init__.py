"""Turns: what customers said, what was decided, and what became of it, in `bot_*` tables."""
