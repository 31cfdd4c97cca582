"""Alembic migrations of the core's tables (branch `core`); the bot has its own branch."""
