"""One row of the authorisation matrix: what each actor gets from one route or frame on one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.safety.world import ACTORS, NO_TOKEN, NOWHERE, World

OK = "ok"


@dataclass(slots=True, frozen=True)
class Row:
    """What each actor gets; refusals are `code`, or `forbidden:reason`.

    Args:
        of: the route (`GET /v1/me`) or frame (`send`).
        on: whose object it is asked for, in words.
        allowed: actors (separated by spaces) who get it; `*` stands for all who are not refused below.
        refused: refusal -> actors.
        rest: what all others get. Those without a working token get `unauthenticated`, a site key `forbidden:scope`.
        path: parameter of the path -> name of an id of the world.
        query: parameters of the query; values that begin with `@` name ids of the world.
        body: the request's body or the frame's fields; values and keys that begin with `@` name ids of the world.
        hides: names in `path`, `query` or `body`; for those who get `rest` a thing that is not there looks the same.
        shows: a text that the answer holds for these actors (separated by spaces) and for no other.
        open_to_all: no token is asked for.
    """

    of: str
    on: str
    allowed: str = ""
    refused: dict[str, str] = field(default_factory=dict)
    rest: str = "not_a_member"
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    hides: str = ""
    shows: tuple[str, str] | None = None
    open_to_all: bool = False
    needs_chat: bool = True

    @property
    def name(self) -> str:
        """Return what the test is called."""
        return f"{self.of} on {self.on}"

    def expected(self, actor: str) -> str:
        """Return `ok` or the refusal."""
        for refusal, actors in self.refused.items():
            if actor in actors.split():
                return refusal
        if actor in self.allowed.split():
            return OK
        if self.open_to_all:
            return OK
        if actor in NO_TOKEN:
            return "unauthenticated"
        if actor == "site_key" and self.needs_chat:
            return "forbidden:scope"
        return OK if self.allowed == "*" else self.rest

    def outsiders(self) -> list[str]:
        """Return those to whom a hidden object and a missing one must look the same."""
        named = " ".join([self.allowed, *self.refused.values()]).split()
        return [
            actor for actor in ACTORS if actor not in named and actor not in NO_TOKEN and self.expected(actor) != OK
        ]


def fill(value: Any, world: World, *, missing: str = "") -> Any:
    """Return a body with its `@names` as ids; those of `missing` (separated by spaces) as an id nothing has."""
    if isinstance(value, str) and value.startswith("@"):
        name, _, how = value[1:].partition(":")
        found = NOWHERE if name in missing.split() else world.ids[name]
        return int(found) if how == "int" else found
    if isinstance(value, dict):
        return {fill(key, world, missing=missing): fill(item, world, missing=missing) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, world, missing=missing) for item in value]
    return value


def table(rows: list[Row]) -> dict[str, Row]:
    """Return the rows by name; two rows of one name are a mistake."""
    named = {row.name: row for row in rows}
    assert len(named) == len(rows), "two rows of the matrix have the same name"
    return named
