"""What the demo adds to the product: log-ins without a password, the shop's own site, and its off switch."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query, Request
from pydantic import BaseModel
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from bot.shop import Customer
from kefu.base.clock import DAY_US
from kefu.demo import pages
from kefu.demo.people import FRIENDS, STAFF, House, Person, find_house, seed_friends
from kefu.demo.shop import tables
from kefu.demo.shop.problems import ShopDataError
from kefu.demo.shop.shop import DemoShop, load_into
from kefu.operator_door import check_operator
from messaging_core.api import Core, Issued, Unit, issue_token

_DEVICE_DAYS = 7
"""Anybody comes and goes as one of the friends: what he leaves behind in their lists of devices ends by itself."""


class Availability(BaseModel):
    """Whether the shop's system answers."""

    available: bool


def add_demo(app: FastAPI, core: Core, shop: DemoShop, *, folder: Path) -> None:
    """Add the demo's routes; `folder` holds the shop's files, which `POST /demo/shop/reload` reads again."""
    _add_people(app, core)
    _add_staff(app, core)
    _add_site(app, core, shop)
    _add_switches(app, core, shop, folder)
    here = Path(str(resources.files("kefu") / "demo"))
    app.mount("/demo/static", StaticFiles(directory=here / "static"), name="demo-static")
    app.mount("/demo/img", StaticFiles(directory=folder / "img", check_dir=False), name="demo-img")


def _add_people(app: FastAPI, core: Core) -> None:
    @app.get("/demo/people", include_in_schema=False)
    async def people(everybody: bool = False) -> Response:
        """The friends who chat with each other; `everybody`: all who may be played, customers of the shop too."""
        if everybody:
            return JSONResponse({"people": [_person(one, account_id) for one, account_id in await _everybody(core)]})
        ids = await core.run(seed_friends)
        return JSONResponse({"people": [_person(one, ids[one.key]) for one in FRIENDS]})

    @app.get("/demo/customers", include_in_schema=False)
    async def customers() -> Response:
        house = await core.run(find_house)
        if house is None:
            return _not_found()
        known = await core.read(tables.list_customers)
        rows = [
            {"id": str(house.customers[one.customer_id]), "key": one.customer_id, "name": one.name, "level": one.level}
            for one in known
            if one.customer_id in house.customers
        ]
        return JSONResponse({"enterprise_id": str(house.enterprise_id), "customers": rows})

    @app.post("/demo/people/{person_id}/login", include_in_schema=False)
    async def login(person_id: str, device: Annotated[str, Query(max_length=100)] = "demo") -> Response:
        names = await _names(core)
        if not person_id.isdecimal() or int(person_id) not in names:
            return _not_found()
        account_id = int(person_id)
        house = await core.run(find_house)
        shop = {"enterprise_id": str(house.enterprise_id)} if house is not None else {}
        issued = await core.run(lambda unit: _issue_device(unit, account_id, device))
        return _logged_in(issued, names[account_id], shop)


def _add_staff(app: FastAPI, core: Core) -> None:
    @app.get("/demo/staff", include_in_schema=False)
    async def staff() -> Response:
        house = await core.run(find_house)
        if house is None:
            return _not_found()
        rows = [{**_person(one, house.people[one.key]), "role": one.role} for one in STAFF]
        return JSONResponse({"enterprise_id": str(house.enterprise_id), "staff": rows})

    @app.post("/demo/staff/{person_id}/login", include_in_schema=False)
    async def staff_login(person_id: str) -> Response:
        house = await core.run(find_house)
        found = [one for one in STAFF if house is not None and str(house.people[one.key]) == person_id]
        if house is None or not found:
            return _not_found()
        account_id, enterprise_id = house.people[found[0].key], house.enterprise_id
        issued = await core.run(
            lambda unit: issue_token(unit, None, account_id=account_id, enterprise_id=enterprise_id, label="demo desk")
        )
        return _logged_in(issued, found[0].name, {"enterprise_id": str(enterprise_id)})


def _add_site(app: FastAPI, core: Core, shop: DemoShop) -> None:
    async def surroundings() -> tuple[list[Customer], House] | None:
        house = await core.run(find_house)
        return (await core.read(tables.list_customers), house) if house is not None else None

    @app.get("/demo", include_in_schema=False)
    async def to_home() -> Response:
        return RedirectResponse("/demo/")

    @app.get("/demo/", include_in_schema=False)
    async def home() -> Response:
        around = await surroundings()
        if around is None:
            return _not_found()
        return HTMLResponse(pages.home(await core.read(tables.list_products), *around))

    @app.get("/demo/p/{product_id}", include_in_schema=False)
    async def product(product_id: str) -> Response:
        around = await surroundings()
        if around is None:
            return _not_found()
        found = await core.read(lambda connection: tables.list_products(connection, [product_id]))
        if not found:
            return HTMLResponse(pages.gone_page(*around), status_code=404)
        beside = await core.read(lambda connection: tables.list_products(connection, found[0].goes_with))
        return HTMLResponse(pages.product_page(found[0], beside, *around))


def _add_switches(app: FastAPI, core: Core, shop: DemoShop, folder: Path) -> None:
    @app.put("/demo/shop/availability", include_in_schema=False)
    async def availability(request: Request, wanted: Availability) -> Response:
        await check_operator(core, request)
        shop.available = wanted.available
        return JSONResponse({"available": shop.available})

    @app.post("/demo/shop/reload", include_in_schema=False)
    async def reload(request: Request) -> Response:
        await check_operator(core, request)
        try:
            changed = await load_into(core, folder)
        except ShopDataError as error:
            return JSONResponse({"code": "shop_data", "detail": error.text("zh")}, status_code=422)
        return JSONResponse({"changed": changed})


def _issue_device(unit: Unit, account_id: int, device: str) -> Issued:
    ends_at = unit.now_us + _DEVICE_DAYS * DAY_US
    return issue_token(unit, None, account_id=account_id, label=device, purpose="device", expires_at_us=ends_at)


def _logged_in(issued: Issued, name: str, shop: Mapping[str, str]) -> Response:
    account = {"id": str(issued.account_id), "kind": "personal", "name": name}
    return JSONResponse({"token": issued.secret, "account": account, **shop})


async def _names(core: Core) -> dict[int, str]:
    """Return the names of all who may chat as people: the staff, too, chat with each other and run communities."""
    own = await core.run(seed_friends)
    return {own[one.key]: one.name for one in STAFF} | {of: one.name for one, of in await _everybody(core)}


async def _everybody(core: Core) -> list[tuple[Person, int]]:
    """Return everybody whom a visitor of the demo may play, with his account."""
    ids = await core.run(seed_friends)
    friends = [(one, ids[one.key]) for one in FRIENDS]
    house = await core.run(find_house)
    if house is None:
        return friends
    known = await core.read(tables.list_customers)
    return friends + [
        (Person(one.customer_id, one.name, "", customer_id=one.customer_id), house.customers[one.customer_id])
        for one in known
        if one.customer_id in house.customers and house.customers[one.customer_id] not in ids.values()
    ]


def _person(person: Person, account_id: int) -> dict[str, str]:
    return {"id": str(account_id), "key": person.key, "name": person.name, "about": person.about}


def _not_found() -> Response:
    return JSONResponse({"code": "not_found"}, status_code=404)
