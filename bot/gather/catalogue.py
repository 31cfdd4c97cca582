"""Which goods a text speaks of: the shop's catalogue as a knowledge graph, which links names, aliases and typos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.shop import Product
from bot.understanding.normalise import normalise
from knowledge_graph.catalogue import shop_records
from knowledge_graph.fold import fold
from knowledge_graph.graph import KnowledgeGraph, graph_of
from knowledge_graph.model import Answer, Mention
from knowledge_graph.schema import packed_schema

# A product that fits a mention worse than this is a guess.
_LIKELY = 0.55
_MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Products and groups (kinds of goods) named by a text, in its order; `ambiguous` are products of one mention.

    `owners` are the products named, and of several that share a name (龙井) the one that the shop calls so.
    """

    products: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def names_nothing(self) -> bool:
        """Whether the text names no goods."""
        return not (self.products or self.groups or self.ambiguous)

    def settled(self) -> Found:
        """Return what is named where there is nobody to ask: each name stands for the product that owns it."""
        return Found(self.owners, () if self.owners else self.ambiguous, self.groups, self.owners)

    def after(self, spoken: Sequence[str]) -> Found:
        """Return what is meant once `spoken` were spoken of: the one of several that was."""
        meant = [product for product in self.ambiguous if product in spoken]
        if self.products or self.groups or len(meant) != 1:
            return self
        return Found(products=tuple(meant), owners=tuple(meant))


class Catalogue:
    """One state of a shop's goods. Names come from here; prices and stock are read from the shop before they are told.

    `groups` are words for kinds of goods that are no category of the shop (单丛, 生普) with what they mean; a kind has
    the products of the category or series of that name, else those whose name or aliases contain it.
    """

    def __init__(self, products: Sequence[Product], *, groups: Mapping[str, str]) -> None:
        self.products = tuple(products)
        self._by_id = {product.product_id: product for product in self.products}
        schema = packed_schema("retail")
        self._graph: KnowledgeGraph = graph_of(shop_records(self.products, schema=schema), schema)
        self._graph.link("")  # builds the automaton now, not in a customer's turn
        meanings = {**groups, **{product.category: product.category for product in self.products}}
        self._members: dict[str, tuple[Product, ...]] = {}
        self._groups: dict[str, str] = {}
        for word, meaning in meanings.items():
            if meaning not in self._members:
                self._members[meaning] = self._find_members(meaning)
            if self._members[meaning]:
                self._groups[normalise(word)] = meaning

    def link(self, text: str, *, focus: Sequence[str] = ()) -> Found:
        """Return what a normalised text names; `focus` are the products last spoken of."""
        products: list[str] = []
        ambiguous: list[str] = []
        groups: list[str] = []
        owners: list[str] = []
        for mention in self._graph.link(text, focus=focus):
            group = self._groups.get(mention.text) or _category(mention)
            if group is not None:
                groups.append(group)
            elif mention.ambiguous:
                ambiguous += [c.node_id for c in mention.fitting if c.kind == "product" and c.score >= _LIKELY]
                owners += [mention.owner.node_id] if mention.owner and mention.owner.kind == "product" else []
            elif mention.candidates and mention.candidates[0].kind == "product":
                likely = [c.node_id for c in mention.candidates[:1] if c.score >= _LIKELY]
                products += likely
                owners += likely
        return Found(_once(products), _once(ambiguous), _once(groups), _once(owners))

    def ask(self, text: str, *, at_us: int, focus: Sequence[str] = ()) -> Answer:
        """Answer a question over the whole catalogue: how many, which is the dearest, what goes with what."""
        return self._graph.ask(text, at_us=at_us, focus=focus, limit=_MOST_ROWS)

    def unread(self, text: str) -> str:
        """Return a normalised text with what it names blanked (NUL), if the graph cannot tell what is asked of that.

        Empty when the graph understands the question, or nothing in it stayed unread.
        """
        found = self._graph.ask(text, at_us=0, limit=1)
        if found.status != "not_understood" or not found.asked.get("unread"):
            return ""
        blanked = list(fold(text))
        for mention in self._graph.link(text):
            blanked[mention.start : mention.end] = "\0" * (mention.end - mention.start)
        return "".join(blanked)

    def find(self, product_id: str) -> Product | None:
        """Return a product by its id."""
        return self._by_id.get(product_id)

    def members(self, group: str) -> Sequence[Product]:
        """Return the products of a group, none for an unknown one."""
        return self._members.get(group, ())

    def _find_members(self, word: str) -> tuple[Product, ...]:
        exact = tuple(product for product in self.products if word in (product.category, product.series))
        return exact or tuple(
            product
            for product in self.products
            if word in product.name or any(word in alias for alias in product.aliases)
        )


def _category(mention: Mention) -> str | None:
    best = mention.candidates[0] if mention.candidates else None
    return best.name if best is not None and best.kind == "category" else None


def _once(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
