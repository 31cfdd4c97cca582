"""Answers that stand in a document: quoted as they are, with the place where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from bot.decision import Evidence
from bot.dialogue.wish import Asked
from bot.gather.finding import Finding
from bot.gather.scene import Scene
from bot.retrieval.documents.index import DocumentHit
from bot.retrieval.documents.shelf import Shelf

# 什么意思, 怎么取消的: the words of so short a question stand in any manual, also in one on something else.
_SCANTY = 5


@dataclass(frozen=True, slots=True)
class DocumentAnswers:
    """Answers of one enterprise's documents."""

    shelf: Shelf

    def find(self, asked: Asked) -> DocumentHit | None:
        """Return the passage that answers; None when none is sure enough, or too little is said to tell."""
        if len(asked.wish.plain) <= _SCANTY:
            return None
        index = self.shelf.current
        hits = index.search(asked.wish.plain, asked.wish.vector, limit=1) if index is not None else []
        return hits[0] if hits else None

    def quote(self, hit: DocumentHit, scene: Scene) -> Finding:
        """Return a passage as an answer, word for word, with its title."""
        passage = hit.passage
        text = scene.wording.say("document.quoted", text=passage.text, title=passage.title)
        data = {"at": passage.place, "version": self.shelf.version}
        evidence = Evidence("document", f"document:{passage.place}", passage.text[:200], hit.confidence, data)
        return Finding(
            reason="document",
            key=f"document:{passage.id}",
            text=text,
            evidence=(evidence,),
            # The passage is the shop's own word.
            grounds=(passage.text, passage.title),
        )
