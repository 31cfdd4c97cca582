"""The staff's part of the site, added to an application in one call."""

from __future__ import annotations

from fastapi import FastAPI

# Their pages register themselves with NiceGUI.
import kefu.pages.bot_settings.page
import kefu.pages.desk.page  # noqa: F401
from kefu.pages.shop.house_routes import add_house_page
from kefu.pages.shop.orders_routes import add_orders_page
from kefu.pages.shop.routes import add_shop_pages
from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.login import add_login
from kefu.pages.staff.mount import mount_staff


def add_staff_pages(app: FastAPI, house: StaffHouse) -> None:
    """Add log-in, desk, settings, orders, emoji packs and leads."""
    add_login(app, house)
    add_shop_pages(app, house)
    add_house_page(app, house)
    add_orders_page(app, house)
    mount_staff(app, house)
