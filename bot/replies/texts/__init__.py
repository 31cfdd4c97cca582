"""The bot's own texts."""
