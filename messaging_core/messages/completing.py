"""What the server adds to bodies before they are stored: what only the database knows, read once for a whole batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from messaging_core.errors import CoreError
from messaging_core.kernel.unit import Unit
from messaging_core.messages.model import SendRequest


class Completed(msgspec.Struct, frozen=True):
    """The body as it is stored, and the uploads that it shows: its readers may load them from then on."""

    body: bytes
    media_ids: tuple[int, ...] = ()


Completion = Completed | CoreError
Completer = Callable[[Unit, Sequence[SendRequest]], Sequence[Completion]]
"""Takes the requests of its kind and returns an outcome each, in order, in a constant number of statements."""


def complete(
    unit: Unit, completers: Mapping[tuple[str, int], Completer], requests: Sequence[SendRequest | None]
) -> dict[int, Completion]:
    """Return, by place, what becomes of the requests whose kinds the server completes; most batches have none."""
    groups: dict[tuple[str, int], list[tuple[int, SendRequest]]] = {}
    for place, request in enumerate(requests):
        if request is not None and (request.kind, request.v) in completers:
            groups.setdefault((request.kind, request.v), []).append((place, request))
    outcomes: dict[int, Completion] = {}
    for key, group in groups.items():
        found = completers[key](unit, [request for _, request in group])
        outcomes.update(zip((place for place, _ in group), found, strict=True))
    return outcomes
