"""The documents of one enterprise as its bot sees them: one value that is replaced whole."""

from __future__ import annotations

from dataclasses import dataclass

from bot.retrieval.documents.index import DocumentIndex


@dataclass(slots=True)
class Shelf:
    """`current` is read once a turn; None while the enterprise has no documents. `version` names its artefact."""

    current: DocumentIndex | None = None
    version: str | None = None
    refused: str | None = None
    """A version that could not be loaded: it is not tried again and again."""

    def put(self, index: DocumentIndex | None, version: str | None) -> None:
        """Switch to another index."""
        self.current, self.version = index, version
