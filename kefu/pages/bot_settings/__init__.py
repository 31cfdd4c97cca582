"""The settings of the bot."""
