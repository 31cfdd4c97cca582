"""Suites that the author of a plug-in for the bot runs in his own tests."""
