"""The bot in an enterprise's communities: called by name, or when a question stays unanswered."""
