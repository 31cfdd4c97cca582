"""What the bot asks of every shop, as checks that the author of an adapter runs in his own tests.

    async def test_my_shop_conforms() -> None:
        await check_shop(make)

`make` opens a Bench: a fresh shop with something to sell, a customer with orders, and a stranger.
A check that fails raises ConformanceError with what to mend.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from bot.shop import ActionName, ActionResult, Order, Product, Shop, ShopUnavailable

_DAY_US = 86_400_000_000


class ConformanceError(AssertionError):
    """A shop breaks a rule of the port; the text says which and how to mend it."""


@dataclass(slots=True, frozen=True)
class Bench:
    """A shop under test. `action` can be done to `order_id` now; `take_down` makes its system unreachable."""

    shop: Shop
    now_us: int
    account_id: int
    """An account of the messenger that is linked to a customer with orders."""
    stranger_account_id: int
    """An account that is linked to nobody."""
    other_order_id: str
    """An order of somebody else."""
    order_id: str
    action: ActionName
    note: str
    take_down: Callable[[], Awaitable[None]]


Make = Callable[[], AbstractAsyncContextManager[Bench]]


async def check_shop(make: Make) -> None:
    """Run every check, each on a fresh bench; raise ConformanceError at the first that fails."""
    for check in (
        check_catalogue,
        check_products_by_id,
        check_rules_hold_at_their_time,
        check_questions,
        check_customers,
        check_orders_belong_to_their_customer,
        check_action_happens_once,
        check_action_of_a_stranger_is_refused,
        check_unreachable_system_says_so,
    ):
        async with make() as bench:
            await check(bench)


async def check_catalogue(bench: Bench) -> None:
    """Every product has an id of its own, a name, variants with a price in fen, and a source."""
    products = await bench.shop.products()
    _need(bool(products), "products() is empty: give the bench something to sell")
    ids = [product.product_id for product in products]
    _need(len(set(ids)) == len(ids), "products() names a product twice; each product_id stands once")
    skus = [variant.sku for product in products for variant in product.variants]
    _need(len(set(skus)) == len(skus), "two variants share a sku; what is bought must be one thing")
    for product in products:
        _check_product(product)


def _check_product(product: Product) -> None:
    name = product.product_id
    _need(bool(product.name.strip()), f"{name}: a product needs a name that can be told to a customer")
    _need(bool(product.variants), f"{name}: a product needs at least one variant with its price")
    _need(bool(product.source), f"{name}: say in `source` where an agent can look the product up")
    _need(name not in product.goes_with, f"{name}: a product does not go with itself")
    for variant in product.variants:
        _need(variant.product_id == name, f"{variant.sku}: product_id must be {name}")
        _need(
            type(variant.price_fen) is int and variant.price_fen > 0, f"{variant.sku}: price_fen is whole fen above 0"
        )
        _need(type(variant.stock) is int and variant.stock >= 0, f"{variant.sku}: stock is a whole number from 0")


async def check_products_by_id(bench: Bench) -> None:
    """get_products gives those asked for, in that order, leaves unknown ids out, and takes none at all."""
    ids = [product.product_id for product in await bench.shop.products()][:3]
    wanted = [*reversed(ids), "no-such-product"]
    found = [product.product_id for product in await bench.shop.get_products(wanted)]
    _need(found == list(reversed(ids)), f"get_products({wanted}) gave {found}: known ids in that order, nothing else")
    _need(list(await bench.shop.get_products([])) == [], "get_products([]) must be empty")


async def check_rules_hold_at_their_time(bench: Bench) -> None:
    """facts and promotions hold at the time asked for; a name stands once; an interval is half-open."""
    facts = await bench.shop.facts(at_us=bench.now_us)
    names = [fact.name for fact in facts]
    _need(len(set(names)) == len(names), "facts() tells a name twice for one moment: which one is true?")
    for fact in facts:
        until = fact.valid_to_us
        holds = fact.valid_from_us <= bench.now_us and (until is None or bench.now_us < until)
        _need(holds, f"fact {fact.name} does not hold at the time asked for")
        _need(bool(fact.source and fact.label), f"fact {fact.name} needs a label and a source")
        money = not fact.name.endswith("_fen") or type(fact.value) is int
        _need(money, f"fact {fact.name} is money: whole fen")
    for promotion in await bench.shop.promotions(at_us=bench.now_us):
        span = promotion.valid_from_us < promotion.valid_to_us
        _need(span, f"promotion {promotion.promotion_id} ends before it begins")
        _need(promotion.valid_to_us > bench.now_us, f"promotion {promotion.promotion_id} is over at the time asked for")
        later = await bench.shop.promotions(at_us=promotion.valid_to_us)
        ended = promotion.promotion_id not in {one.promotion_id for one in later}
        _need(ended, f"promotion {promotion.promotion_id}: valid_to_us is the first moment at which it is over")


async def check_questions(bench: Bench) -> None:
    """Every FAQ entry has an id of its own, a question and an answer."""
    faq = await bench.shop.faq()
    ids = [entry.faq_id for entry in faq]
    _need(len(set(ids)) == len(ids), "faq() names an entry twice")
    for entry in faq:
        _need(bool(entry.question.strip() and entry.answer.strip()), f"faq {entry.faq_id}: question and answer, both")


async def check_customers(bench: Bench) -> None:
    """A linked account is its customer, one that nobody linked is None."""
    customer = await bench.shop.find_customer(account_id=bench.account_id)
    _need(customer is not None, "find_customer gives None for the linked account of the bench")
    stranger = await bench.shop.find_customer(account_id=bench.stranger_account_id)
    _need(stranger is None, "find_customer must give None for an account that nobody linked")


async def check_orders_belong_to_their_customer(bench: Bench) -> None:
    """Orders come newest first, at most `limit`; another's order is None, like one that does not exist."""
    customer_id = await _customer_id(bench)
    orders = list(await bench.shop.orders(customer_id=customer_id))
    _need(bool(orders), "orders() is empty for the customer of the bench")
    times = [order.created_at_us for order in orders]
    _need(times == sorted(times, reverse=True), "orders() must come newest first")
    _need(all(order.customer_id == customer_id for order in orders), "orders() gave an order of somebody else")
    _need(len(await bench.shop.orders(customer_id=customer_id, limit=1)) == 1, "orders(limit=1) must give one order")
    for asked, whose in (
        (bench.other_order_id, customer_id),
        ("no-such-order", customer_id),
        (orders[0].order_id, None),
    ):
        found = await bench.shop.find_order(order_id=asked, customer_id=whose)
        _need(found is None, f"find_order({asked!r}, customer {whose!r}) must be None: it is not this customer's")
    same = await bench.shop.find_order(order_id=orders[0].order_id, customer_id=customer_id)
    _need(same == orders[0], "find_order and orders() must tell the same of an order")


async def check_action_happens_once(bench: Bench) -> None:
    """The same key does the thing once and gives the same result again; another wish under that key is refused."""
    customer_id = await _customer_id(bench)

    async def act(note: str) -> ActionResult:
        return await bench.shop.act(
            bench.action, order_id=bench.order_id, customer_id=customer_id, key="conformance-1", note=note
        )

    first = await act(bench.note)
    _need(first.done, f"the bench's action was refused: {first.code}; name one that can be done")
    _need(bool(first.text and first.fact), "an action that was done needs words for the customer and its record")
    after = await _order(bench, customer_id)
    _need(await act(bench.note) == first, "the same key must give the same result again")
    _need(await _order(bench, customer_id) == after, "the same key must not do the thing twice")
    reused = await act(bench.note + " 2")
    _need(reused != first, "another wish under a used key must be refused, not answered with the old result")


async def check_action_of_a_stranger_is_refused(bench: Bench) -> None:
    """Nobody acts on another's order."""
    customer_id = await _customer_id(bench)
    result = await bench.shop.act(
        bench.action, order_id=bench.other_order_id, customer_id=customer_id, key="conformance-2", note=bench.note
    )
    _need(not result.done, "an action on somebody else's order must be refused")


async def check_unreachable_system_says_so(bench: Bench) -> None:
    """Every read and action raises ShopUnavailable while the shop's system is down."""
    customer_id = await _customer_id(bench)
    await bench.take_down()
    shop = bench.shop
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "products": shop.products,
        "get_products": lambda: shop.get_products(["x"]),
        "facts": lambda: shop.facts(at_us=bench.now_us),
        "promotions": lambda: shop.promotions(at_us=bench.now_us),
        "faq": shop.faq,
        "find_customer": lambda: shop.find_customer(account_id=bench.account_id),
        "orders": lambda: shop.orders(customer_id=customer_id),
        "find_order": lambda: shop.find_order(order_id=bench.order_id, customer_id=customer_id),
        "act": lambda: shop.act(bench.action, order_id=bench.order_id, customer_id=customer_id, key="conformance-3"),
    }
    for name, call in calls.items():
        try:
            await call()
        except ShopUnavailable:
            continue
        raise ConformanceError(f"{name} answered while the system was down; it must raise ShopUnavailable")


async def _customer_id(bench: Bench) -> str:
    customer = await bench.shop.find_customer(account_id=bench.account_id)
    _need(customer is not None, "find_customer gives None for the linked account of the bench")
    assert customer is not None
    return customer.customer_id


async def _order(bench: Bench, customer_id: str) -> Order | None:
    return await bench.shop.find_order(order_id=bench.order_id, customer_id=customer_id)


def _need(holds: bool, text: str) -> None:
    if not holds:
        raise ConformanceError(text)
