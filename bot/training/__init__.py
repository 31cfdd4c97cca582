"""From a trainer's sentences to an immutable model: the same bytes for the same sentences, in whatever order."""
