"""Finding listed words in messages in whatever disguise; a hit holds a message for a human, it never refuses."""

from messaging_core.safety.screening.screener import Screener
from messaging_core.safety.screening.words import Disguise, Hit, Word, read_words

__all__ = ["Disguise", "Hit", "Screener", "Word", "read_words"]
