"""What a conversation over the graph has spoken of: the nodes that 它 and 这家店 may mean, the latest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from knowledge_graph.model import Answer

if TYPE_CHECKING:
    from knowledge_graph.graph import KnowledgeGraph

_MOST = 12
_SURE = 0.9
# 前门大街18号 is an address, no word about 前门大街.
_NUMBERED = re.compile(r"\s*(?:甲|乙)?\d+(?:号|弄|巷)")


def remember(
    graph: KnowledgeGraph, text: str, focus: Sequence[str], *, by_customer: bool, about: Sequence[str] = ()
) -> list[str]:
    """Return the focus after a text; `about` are the nodes that the question before it was about.

    What a customer names comes first, else what he asked about. Of what the other side names, in each kind only what is
    new counts if anything is, and of several none has been chosen yet: they stand last.
    """
    named = [
        mention.candidates[0]
        for mention in graph.link(text)
        if mention.candidates and mention.candidates[0].score >= _SURE and not _NUMBERED.match(text, mention.end)
    ]
    fresh = list(dict.fromkeys(one.node_id for one in named if one.kind in graph.schema.mains))
    if by_customer:
        return list(dict.fromkeys((*fresh, *about, *focus)))[:_MOST]
    groups: dict[str, list[str]] = {}
    for id in fresh:
        groups.setdefault(_kind(graph, id), []).append(id)
    chosen: list[str] = []
    listed: list[str] = []
    known = {_kind(graph, id) for id in focus}
    for kind, ids in groups.items():
        new = [id for id in ids if id not in focus] or ids
        if len(new) == 1:
            chosen += new
        elif kind not in known:
            listed += new
    chosen.sort(key=fresh.index)
    return list(dict.fromkeys((*chosen, *focus, *listed)))[:_MOST]


def subjects_of(answer: Answer) -> list[str]:
    """The nodes that a question for attributes was about."""
    about = answer.kind in ("attribute", "membership") and answer.status != "ambiguous"
    return [row.node_id for row in answer.rows] if about else []


def _kind(graph: KnowledgeGraph, id: str) -> str:
    node = graph.find_node(id)
    return "" if node is None else node.kind
