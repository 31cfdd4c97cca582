"""The people of the demo: anybody may log in as one of them, so all this exists in demo mode only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kefu.demo.shop import tables
from messaging_core.api import (
    Unit,
    accept_terms,
    create_account,
    create_enterprise,
    issue_token,
    put_staff,
    read_note,
    set_bot,
    top_up,
    write_note,
)

_PEOPLE_NOTE = "demo.people"
_HOUSE_NOTE = "demo.house"
Role = Literal["owner", "agent"]
_POCKET_FEN = 50_000
"""What each of the friends and the staff has for red packets."""


@dataclass(slots=True, frozen=True)
class Person:
    """Somebody of the demo; `customer_id` is who he is in the shop, `role` what he is at Moon Tea."""

    key: str
    name: str
    about: str
    customer_id: str | None = None
    role: Role | None = None


# The first three also chat with each other: the landing page shows their doors.
FRIENDS = (
    Person("lin", "林小姐", "月茶的顾客，喜欢绿茶", customer_id="C1001"),
    Person("qiao", "老乔", "茶友，也在月茶做客服", role="agent"),
    Person("mi", "小米", "林小姐的朋友，刚开始喝茶"),
)
STAFF = (
    Person("shen", "沈姐", "月茶的店主", role="owner"),
    FRIENDS[1],
    Person("xiaoshen", "小沈", "月茶的客服", role="agent"),
)


@dataclass(slots=True, frozen=True)
class House:
    """Moon Tea in the messenger: ids of the enterprise, its bot and its people; `site_key` is public."""

    enterprise_id: int
    bot_id: int
    people: dict[str, int]
    customers: dict[str, int]
    """Accounts by the shop's customer id."""
    site_key: str


def seed_friends(unit: Unit) -> dict[str, int]:
    """Return the account ids of all the demo's people by key; make those that are missing."""
    known = read_note(unit, _PEOPLE_NOTE) or {}
    missing = [person for person in (*FRIENDS, *STAFF) if person.key not in known]
    for person in {person.key: person for person in missing}.values():
        account_id = create_account(unit, None, name=person.name, kind="personal")
        top_up(unit, None, account_id=account_id, amount_fen=_POCKET_FEN)
        known[person.key] = str(account_id)
    if missing:
        write_note(unit, _PEOPLE_NOTE, known)
    return {key: int(str(value)) for key, value in known.items()}


def find_house(unit: Unit) -> House | None:
    """Return Moon Tea, None when it was never made here."""
    known = read_note(unit, _HOUSE_NOTE)
    if known is None:
        return None
    return House(
        enterprise_id=int(known["enterprise_id"]),
        bot_id=int(known["bot_id"]),
        people=seed_friends(unit),
        customers={key: int(value) for key, value in known["customers"].items()},
        site_key=str(known["site_key"]),
    )


def seed_house(unit: Unit) -> House:
    """Return Moon Tea; make the enterprise, its staff, its bot and its customers' accounts the first time.

    The shop's tables must be loaded. Customers that the shop got since are given an account too.
    """
    people = seed_friends(unit)
    house = find_house(unit) or _make_house(unit, people)
    accept_terms(unit, None, enterprise_id=house.enterprise_id)
    owners = {person.customer_id: people[person.key] for person in FRIENDS if person.customer_id}
    customers = dict(house.customers)
    for customer in tables.list_customers(unit.connection):
        if customer.customer_id not in customers:
            account_id = owners.get(customer.customer_id) or create_account(
                unit, None, name=customer.name, kind="personal"
            )
            customers[customer.customer_id] = account_id
            tables.link_customer(unit.connection, account_id=account_id, customer_id=customer.customer_id)
    write_note(
        unit,
        _HOUSE_NOTE,
        {
            "enterprise_id": str(house.enterprise_id),
            "bot_id": str(house.bot_id),
            "customers": {key: str(value) for key, value in customers.items()},
            "site_key": house.site_key,
        },
    )
    return House(house.enterprise_id, house.bot_id, people, customers, house.site_key)


def _make_house(unit: Unit, people: dict[str, int]) -> House:
    enterprise_id = create_enterprise(unit, None, name="月茶", verified=True)
    for person in STAFF:
        assert person.role is not None
        put_staff(unit, None, enterprise_id=enterprise_id, account_id=people[person.key], role=person.role)
    bot_id = create_account(unit, None, name="小月", kind="bot", enterprise_id=enterprise_id)
    set_bot(unit, None, enterprise_id=enterprise_id, bot_account_id=bot_id)
    # A site key stands in the page for everybody to read, so it may be kept in the clear.
    key = issue_token(
        unit, None, account_id=enterprise_id, enterprise_id=enterprise_id, label="demo shop", scopes=("visit",)
    )
    return House(enterprise_id, bot_id, people, {}, key.secret)
