"""The one table of what each role of an enterprise may do; an API key's scopes are rights of the same table."""

from __future__ import annotations

from typing import Literal

StaffRole = Literal["owner", "admin", "agent", "analyst", "trainer"]
STAFF_ROLES: tuple[StaffRole, ...] = ("owner", "admin", "agent", "analyst", "trainer")

Right = Literal[
    "make_owners",
    "manage",
    "keys",
    "accept_terms",
    "verification",
    "integrations",
    "coupons",
    "orders",
    "serve",
    "issue_coupons",
    "read_orders",
    "insight",
    "read_bot",
    "read_staff",
]

RIGHTS: dict[Right, tuple[StaffRole, ...]] = {
    "make_owners": ("owner",),  # make owners, and make them something else
    "manage": ("owner", "admin"),  # staff, bots, settings of bot and desk
    "keys": ("owner", "admin"),  # API keys and site keys
    "accept_terms": ("owner", "admin"),
    "verification": ("owner", "admin"),  # ask to be verified
    "integrations": ("owner", "admin"),  # webhooks
    "coupons": ("owner", "admin"),  # make coupons, choose the preloaded one, redeem
    "orders": ("owner", "admin"),  # report orders
    "serve": ("owner", "admin", "agent"),  # read and answer customers, the desk
    "issue_coupons": ("owner", "admin", "agent"),
    "read_orders": ("owner", "admin", "agent", "analyst"),
    "insight": ("owner", "admin", "analyst"),  # figures: attribution, dashboards
    "read_bot": ("owner", "admin", "agent", "trainer", "analyst"),  # what the bot did and why; a question on trial
    "read_staff": STAFF_ROLES,
}

KEY_RIGHTS: tuple[Right, ...] = ("orders", "read_orders", "coupons", "issue_coupons", "insight", "read_staff")
"""What an API key may be given: work between machines, never the staff's own."""

SERVING_ROLES = RIGHTS["serve"]
MANAGING_ROLES = RIGHTS["manage"]
