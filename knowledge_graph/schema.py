"""What a graph may hold: kinds of nodes, and predicates with type, unit, bounds and the words that customers use.

One TOML file is one schema; unknown keys, kinds and units are refused. A predicate whose unit is a kind of node is an
edge; every other unit is an attribute's.
"""

from __future__ import annotations

from functools import cache, cached_property
from importlib import resources
from pathlib import Path

import msgspec

from kefu.base.errors import ConfigError

WHOLE_UNITS = frozenset(
    {"fen", "g", "ml", "celsius", "s", "count", "year", "days", "workdays", "hours", "minutes", "months", "us"}
    | {"percent", "price_percent", "points", "times", "boxes", "chars", "photos", "grams", "people"}
)
"""Units whose values are whole numbers; `us` is a moment in microseconds since 1970 UTC."""
DECIMAL_UNITS = frozenset({"decimal"})
TEXT_UNITS = frozenset({"text", "clock", "datetime", "list"})
ANY_UNIT = "any"
"""The fact names its unit itself, as a shop's rules do."""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of node. `words` is how customers call any of its nodes; `linked` says whether names are found in texts.

    `single` lets names of one character be found in texts; `made` lets facts create nodes of this kind by their name.
    """

    label: str
    words: tuple[str, ...] = ()
    linked: bool = True
    single: bool = False
    made: bool = False
    alive: str = ""
    """The predicate without which, at a time, a node of this kind is not there: an ended promotion."""
    drop_endings: tuple[str, ...] = ()
    """Endings without which a name is an alias too: 乌龙茶, 乌龙."""
    add_endings: tuple[str, ...] = ()
    """Endings with which a name is an alias too: 春, 春茶."""
    synonyms: dict[str, tuple[str, ...]] = {}
    """Further ways to say a name, for nodes that facts make: 长辈, 爸妈."""


class Predicate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be said of a node of the kinds `of`.

    `part`: an edge from a part to its whole (variant to product), so that a question about the whole looks at the
    parts. `acyclic`: an edge that must not lead back to its start. `field` is the shop's own name for it.
    `more` and `less` are the words of a comparison, `order` ranks the values of a text.
    """

    of: tuple[str, ...]
    unit: str
    label: str
    many: bool = False
    required: bool = False
    part: bool = False
    acyclic: bool = False
    both_ways: bool = False
    around: bool = False
    """An edge to what lies near; asked for by a word for nearness and one for the kind that it leads to."""
    compared: bool = False
    size: bool = False
    """Tells parts of one whole from each other (大的, 100克)."""
    tells: bool = False
    """A text that tells parts of one whole from each other in words (30泡 礼罐装)."""
    limit: bool = False
    """Whether a bare quantity of this unit is a bound (200元的茶), not an exact value (100克的茶)."""
    min: int | None = None
    max: int | None = None
    field: str = ""
    words: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = {}
    """How customers say a value of a text with few values."""
    wider: dict[str, tuple[str, ...]] = {}
    """Values that satisfy who asks for another: little caffeine is also none."""


class Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Kinds and predicates by name; the order of kinds decides between a product and a place of the same name."""

    name: str
    main: str
    """The kind that questions are about when they name none."""
    kinds: dict[str, Kind]
    predicates: dict[str, Predicate]
    also: tuple[str, ...] = ()
    """Further kinds that questions are about, each by its own words."""
    pointers: tuple[str, ...] = ()
    """Words that point back to what was spoken of last, whatever its kind: 那里, 这家店."""

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Words that ask or classify, and so name nothing alone: 酒店 in a hotel's name."""
        asking = (word for rule in self.predicates.values() for word in (rule.label, *rule.words))
        classing = (word for kind in self.kinds.values() for word in (kind.label, *kind.words))
        return frozenset((*asking, *classing, *self.pointers))

    @cached_property
    def mains(self) -> frozenset[str]:
        """All kinds that questions are about."""
        return frozenset({self.main, *self.also})

    @cached_property
    def kind_rank(self) -> dict[str, int]:
        """Place of each kind in the file."""
        return {name: rank for rank, name in enumerate(self.kinds)}

    def is_edge(self, predicate: str) -> bool:
        """Whether the predicate's values are nodes."""
        return self.predicates[predicate].unit in self.kinds

    @cached_property
    def part_of(self) -> dict[str, tuple[str, str]]:
        """Kind of a part -> (edge, kind of its whole)."""
        return {
            kind: (name, predicate.unit)
            for name, predicate in self.predicates.items()
            if predicate.part
            for kind in predicate.of
        }

    @cached_property
    def by_field(self) -> dict[str, str]:
        """The shop's own name of an attribute -> predicate."""
        return {predicate.field or name: name for name, predicate in self.predicates.items()}


def parse_schema(raw: bytes, *, place: str) -> Schema:
    """Read a schema; ConfigError names the key that is wrong, unknown or contradicts another."""
    try:
        schema = msgspec.toml.decode(raw, type=Schema)
    except msgspec.DecodeError as error:
        raise ConfigError(f"{place}: {error}") from error
    units = WHOLE_UNITS | DECIMAL_UNITS | TEXT_UNITS | {ANY_UNIT}
    if schema.main not in schema.kinds:
        raise ConfigError(f"{place}: main: 没有这个种类 · no kind is called {schema.main!r}")
    unknown = schema.mains - set(schema.kinds)
    if unknown:
        raise ConfigError(f"{place}: also: 没有这个种类 · no kind is called {', '.join(sorted(unknown))}")
    for name, kind in schema.kinds.items():
        if kind.alive and kind.alive not in schema.predicates:
            raise ConfigError(f"{place}: kinds.{name}.alive: 没有这个属性 · no predicate is called {kind.alive!r}")
    for name, predicate in schema.predicates.items():
        at = f"{place}: predicates.{name}"
        for one in predicate.of:
            if one not in schema.kinds:
                raise ConfigError(f"{at}.of: 没有这个种类 · no kind is called {one!r}, only {', '.join(schema.kinds)}")
        if predicate.unit not in units and predicate.unit not in schema.kinds:
            raise ConfigError(
                f"{at}.unit: 不是单位也不是种类"
                f" · {predicate.unit!r} is neither a unit ({', '.join(sorted(units))}) nor a kind"
            )
        if (predicate.part or predicate.acyclic or predicate.both_ways) and predicate.unit not in schema.kinds:
            raise ConfigError(
                f"{at}: 只有边才能写 · part, acyclic and both_ways are for edges, the unit is {predicate.unit!r}"
            )
    return schema


def load_schema(path: Path) -> Schema:
    """Read a schema file."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: 读不了 · cannot be read ({error.strerror})") from error
    return parse_schema(raw, place=str(path))


@cache
def packed_schema(name: str) -> Schema:
    """Return a schema that comes with the package: `retail`."""
    file = resources.files("knowledge_graph").joinpath("schemas", f"{name}.toml")
    return parse_schema(file.read_bytes(), place=f"{name}.toml")
