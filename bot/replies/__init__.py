"""From findings to words: the bot's own texts, placeholders filled from facts, and a guard over every number."""
