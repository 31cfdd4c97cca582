"""How a customer feels: a lexicon, cues that call for care, and a small head; neutral wishes stay neutral."""

from bot.understanding.mood.mood import Mood, read_mood

__all__ = ["Mood", "read_mood"]
