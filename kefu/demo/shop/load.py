"""A folder of shop files as one checked whole: everything is right, or nothing is taken."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from bot.shop import Customer, FaqAnswer, Order, PolicyFact, Product, Promotion
from kefu.demo.shop.catalogue import PRODUCTS, VARIANTS, read_catalogue
from kefu.demo.shop.problems import Problems
from kefu.demo.shop.questions import FAQ, read_questions
from kefu.demo.shop.rules import POLICIES, read_rules
from kefu.demo.shop.sales import read_customers, read_orders

FILES = (
    *(PRODUCTS, VARIANTS, POLICIES, FAQ, "customers.csv", "orders.csv", "order_lines.csv", "parcels.csv"),
    *("parcel_events.csv", "returns.csv"),
)


@dataclass(frozen=True, slots=True)
class ShopData:
    """Everything that the demo shop's system holds at its start."""

    products: tuple[Product, ...]
    facts: tuple[PolicyFact, ...]
    promotions: tuple[Promotion, ...]
    faq: tuple[FaqAnswer, ...]
    customers: tuple[Customer, ...]
    orders: tuple[Order, ...]


def load_shop(folder: Traversable) -> ShopData:
    """Read and check all files; raise ShopDataError with every `file:line` that is wrong."""
    problems = Problems()
    products = read_catalogue(folder, problems)
    rules = read_rules(folder, problems)
    faq = read_questions(folder, rules, problems)
    customers = read_customers(folder, problems)
    orders = read_orders(folder, customers, products, problems)
    problems.check()
    return ShopData(tuple(products.values()), rules.facts, rules.promotions, faq, tuple(customers.values()), orders)


def hash_shop(folder: Traversable) -> str:
    """Return a name for the content of the files; a file that is missing counts as an empty one."""
    digest = hashlib.sha256()
    for file in FILES:
        one = folder.joinpath(file)
        raw = one.read_bytes() if one.is_file() else b""
        digest.update(f"{file}:{len(raw)}:".encode() + raw)
    return digest.hexdigest()[:16]
