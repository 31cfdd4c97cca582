"""The demo shop's content is complete, consistent and free of numbers that belong to facts."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

SHOP = files("kefu").joinpath("demo", "shop_data")
PLACEHOLDER = re.compile(r"\{(policy|promotion|promotions):([a-z0-9_]+)(?:\.([a-z_]+))?(?:\|([a-z_]+))?\}")
FORMATS = {"money", "number", "list", "date", "datetime", "last_date"}
ORDER_STATES = {
    "unpaid",
    "paid",
    "packed",
    "partially_shipped",
    "shipped",
    "delivered",
    "return_requested",
    "returned",
    "refunded",
    "cancelled",
}
UNIT_WORDS = {
    "days": "天",
    "workdays": "个工作日",
    "hours": "小时",
    "minutes": "分钟",
    "months": "个月",
    "percent": "%",
    "points": "积分",
    "times": "倍",
    "boxes": "盒",
    "chars": "字",
    "photos": "张",
    "count": "",
    "grams": "克",
    "celsius": "℃",
}
# A number with one of these behind it is a price, a term or a date: it belongs into policies.yaml.
TYPED_FACT = re.compile(r"\d+(?:\.\d+)?\s*(?:元|块|折|角|天|小时|分钟|个工作日|个月|倍|盒|月\d+|积分|%|:\d\d|点)")


@cache
def rows(name: str) -> list[dict[str, str]]:
    """Read one CSV file of the demo shop."""
    return list(csv.DictReader(io.StringIO(SHOP.joinpath(name).read_text(encoding="utf-8")), strict=True))


@cache
def document(name: str) -> Any:
    """Read one YAML file of the demo shop; duplicate keys are errors."""
    return YAML(typ="safe", pure=True).load(SHOP.joinpath(name).read_text(encoding="utf-8"))


def owners() -> list[dict[str, Any]]:
    """List policies and promotions, both of which own facts."""
    policies = document("policies.yaml")
    return [*policies["policies"], *policies["promotions"]]


def facts() -> dict[str, dict[str, Any]]:
    """Index the facts by name."""
    return {fact["name"]: fact for owner in owners() for fact in owner["facts"]}


def values(cell: str) -> list[str]:
    """Split a cell that holds several values."""
    return cell.split("|") if cell else []


def rendered(fact: dict[str, Any]) -> list[str]:
    """Give the texts by which a reader of SHOP.md recognises the fact."""
    value, unit = fact["value"], fact["unit"]
    if unit == "fen":
        return [f"{value / 100:g}元"]
    if unit == "list":
        return list(value)
    if unit == "clock":
        return [value.lstrip("0")]
    if unit == "price_percent":
        return ["不打折" if value == 100 else f"{value / 10:g}折"]
    if re.search(r"_min_(?:work)?days$", fact["name"]):
        return [f"{value}到"]  # written as a span: 2 到 4 天
    return [f"{value}{UNIT_WORDS[unit]}" if unit in UNIT_WORDS else str(value)]


def section(title: str) -> str:
    """Return a section of SHOP.md without blanks, so that '8 元' equals '8元'."""
    text = SHOP.joinpath("SHOP.md").read_text(encoding="utf-8")
    parts = re.split(r"^## ", text, flags=re.MULTILINE)
    found = [part for part in parts if part.splitlines()[0] == title]
    assert len(found) == 1, f"SHOP.md needs exactly one section {title!r}"
    return re.sub(r"\s", "", found[0])


def test_catalogue_is_large_and_every_reference_exists() -> None:
    products = rows("products.csv")
    ids = [row["product_id"] for row in products]
    assert len(products) >= 90
    assert len({row["category"] for row in products}) >= 9
    assert len(set(ids)) == len(ids)
    for row in products:
        assert None not in {*row, *row.values()}, row
        assert set(values(row["goes_with"])) <= set(ids) - {row["product_id"]}, row["product_id"]
        assert row["caffeine"] in {"", "none", "low", "medium", "high"}
        assert values(row["fits"])
        assert row["description"]
        assert row["origin"]
        if row["category"] not in {"茶具", "茶点"}:
            assert int(row["brew_temp_c"]) <= 100
            assert int(row["brew_seconds"]) > 0
            assert row["caffeine"]


def test_no_name_or_alias_means_two_products() -> None:
    names = Counter(name for row in rows("products.csv") for name in [row["name"], *values(row["aliases"])])
    assert [name for name, count in names.items() if count > 1] == []


def test_every_product_has_one_to_four_variants_and_some_are_sold_out() -> None:
    variants = rows("variants.csv")
    per_product = Counter(row["product_id"] for row in variants)
    assert set(per_product) == {row["product_id"] for row in rows("products.csv")}
    assert set(per_product.values()) <= {1, 2, 3, 4}
    assert len({row["sku"] for row in variants}) == len(variants)
    assert all(int(row["price_fen"]) > 0 and int(row["stock"]) >= 0 and int(row["weight_g"]) > 0 for row in variants)
    assert sum(row["stock"] == "0" for row in variants) >= 5


def test_pictures_are_small_and_parse() -> None:
    for name in {row["image"] for row in rows("products.csv")}:
        data = SHOP.joinpath(name).read_bytes()
        assert len(data) < 2048, name
        assert ElementTree.fromstring(data).tag.endswith("svg")
        assert not re.search(rb"(?:href|src)=", data), f"{name} loads something"


def test_facts_have_unit_source_and_validity() -> None:
    names = [fact["name"] for owner in owners() for fact in owner["facts"]]
    assert len(set(names)) == len(names)
    for fact in facts().values():
        assert fact["label"]
        assert fact["source"].startswith("SHOP.md#"), fact
        if fact["unit"] == "fen":
            assert type(fact["value"]) is int
            assert fact["name"].endswith("_fen")
        known = {*UNIT_WORDS, "fen", "list", "clock", "text", "price_percent"}
        assert fact["unit"] in known, fact["name"]


@pytest.mark.parametrize("name", sorted(facts()))
def test_handbook_says_the_same_as_the_fact(name: str) -> None:
    fact = facts()[name]
    text = section(fact["source"].removeprefix("SHOP.md#"))
    assert [part for part in rendered(fact) if part not in text] == []


def test_promotions_are_ended_running_and_to_come_on_the_day_of_the_data() -> None:
    today = datetime.fromisoformat("2026-11-22T15:30:00+08:00")
    state: Counter[str] = Counter()
    for promotion in document("policies.yaml")["promotions"]:
        begin, end = (datetime.fromisoformat(promotion[key]) for key in ("valid_from", "valid_to"))
        assert begin < end
        assert begin.tzinfo
        assert end.tzinfo
        assert {promotion["rule"]["threshold"], promotion["rule"]["off"]} <= set(facts())
        state["ended" if end <= today else "to come" if begin > today else "running"] += 1
    assert state == {"ended": 1, "running": 2, "to come": 1}


def test_faq_is_large_and_no_question_stands_twice() -> None:
    entries = document("faq.yaml")["faq"]
    assert len(entries) >= 170
    assert len({entry["id"] for entry in entries}) == len(entries)
    known = {owner["id"] for owner in owners()}
    asked: Counter[str] = Counter()
    for entry in entries:
        assert set(entry) == {"id", "question", "variants", "answer", "topic", "policy"}, entry["id"]
        assert 2 <= len(entry["variants"]) <= 12, entry["id"]
        assert entry["policy"] is None or entry["policy"] in known, entry["id"]
        asked.update(re.sub(r"\W", "", text) for text in [entry["question"], *entry["variants"]])
    assert [text for text, count in asked.items() if count > 1] == []


def test_faq_answers_take_numbers_from_facts_only() -> None:
    promotions = {item["id"]: item for item in document("policies.yaml")["promotions"]}
    for entry in document("faq.yaml")["faq"]:
        for kind, name, field, form in PLACEHOLDER.findall(entry["answer"]):
            assert not form or form in FORMATS, entry["id"]
            if kind == "policy":
                assert name in facts(), (entry["id"], name)
                assert (form == "money") == (facts()[name]["unit"] == "fen"), (entry["id"], name)
            elif kind == "promotion":
                assert field in {"name", "text", "valid_from", "valid_to"} & set(promotions[name]), entry["id"]
            else:
                assert name in {"running", "upcoming"}, entry["id"]
        rest = PLACEHOLDER.sub("", entry["answer"])
        assert not re.search(r"[{}]", rest), entry["id"]
        assert not TYPED_FACT.search(rest), (entry["id"], TYPED_FACT.search(rest))


def moment(text: str) -> datetime:
    """Parse a moment and insist on its zone."""
    parsed = datetime.fromisoformat(text)
    assert parsed.tzinfo is not None, text
    return parsed


def test_order_money_adds_up() -> None:
    variants = {row["sku"]: row for row in rows("variants.csv")}
    products = {row["product_id"]: row for row in rows("products.csv")}
    goods: dict[str, int] = defaultdict(int)
    for line in rows("order_lines.csv"):
        variant = variants[line["sku"]]
        assert line["product_id"] == variant["product_id"]
        assert line["name"] == products[line["product_id"]]["name"]
        assert line["unit_price_fen"] == variant["price_fen"]
        assert line["label"] == variant["label"]
        total = int(line["quantity"]) * int(line["unit_price_fen"])
        assert total == int(line["line_total_fen"])
        assert 0 <= int(line["shipped_quantity"]) <= int(line["quantity"])
        goods[line["order_id"]] += total
    for order in rows("orders.csv"):
        fen = {key: int(value) for key, value in order.items() if key.endswith("_fen")}
        parts = fen["promotion_fen"] + fen["member_fen"] + fen["coupon_fen"] + fen["points_fen"]
        assert fen["goods_fen"] == goods[order["order_id"]], order["order_id"]
        assert fen["discount_fen"] == parts
        assert fen["total_fen"] == fen["goods_fen"] - parts + fen["shipping_fen"] + fen["extras_fen"]
        assert fen["paid_fen"] == (fen["total_fen"] if order["paid_at"] else 0)
        assert 0 <= fen["refunded_fen"] <= fen["paid_fen"]
        assert fen["shipping_fen"] == shipping_fee(order, fen["goods_fen"] - parts), order["order_id"]


def shipping_fee(order: dict[str, str], net_fen: int) -> int:
    """Work out the freight of one order from the facts."""
    fact = {name: item["value"] for name, item in facts().items()}
    if order["province"] in {"香港", "澳门"}:
        weight = {row["sku"]: int(row["weight_g"]) for row in rows("variants.csv")}
        own = [line for line in rows("order_lines.csv") if line["order_id"] == order["order_id"]]
        grams = sum(weight[line["sku"]] * int(line["quantity"]) for line in own)
        extra = max(0, -(-grams // 1000) - 1)
        return int(fact["hk_macao_fee_first_kg_fen"] + extra * fact["hk_macao_fee_extra_kg_fen"])
    prefix = "remote_" if order["province"] in fact["remote_regions"] else ""
    fee = 0 if net_fen >= fact[f"{prefix}free_shipping_threshold_fen"] else fact[f"{prefix}shipping_fee_fen"]
    if order["express"] == "yes" and net_fen < fact["express_free_threshold_fen"]:
        fee += fact["express_upgrade_fee_fen"]
    return int(fee)


def test_discounts_follow_the_rules() -> None:
    fact = {name: item["value"] for name, item in facts().items()}
    level = {fact[f"level_{n}_name"]: fact[f"level_{n}_price_percent"] for n in range(1, 5)}
    customers = {row["customer_id"]: row for row in rows("customers.csv")}
    promotions = {item["id"]: item for item in document("policies.yaml")["promotions"]}
    category = {row["product_id"]: row["category"] for row in rows("products.csv")}
    for order in rows("orders.csv"):
        percent = level[customers[order["customer_id"]]["level"]]
        member = int(order["goods_fen"]) * (100 - percent) // 100
        if not order["promotion_id"]:
            assert (order["promotion_fen"], int(order["member_fen"])) == ("0", member), order["order_id"]
            continue
        promotion = promotions[order["promotion_id"]]
        assert promotion["valid_from"] <= order["created_at"] < promotion["valid_to"], order["order_id"]
        scope = promotion["scope"]["categories"]
        counted = sum(
            int(line["line_total_fen"])
            for line in rows("order_lines.csv")
            if line["order_id"] == order["order_id"] and (scope == "all" or category[line["product_id"]] in scope)
        )
        times = counted // fact[promotion["rule"]["threshold"]]
        times = min(times, 1) if promotion["rule"]["kind"] == "once" else times
        assert int(order["promotion_fen"]) == times * fact[promotion["rule"]["off"]] >= member, order["order_id"]
        assert order["member_fen"] == "0"


def test_customers_have_the_level_of_their_spending() -> None:
    fact = {name: item["value"] for name, item in facts().items()}
    floors = [(0, fact["level_1_name"])] + [(fact[f"level_{n}_spend_fen"], fact[f"level_{n}_name"]) for n in (2, 3, 4)]
    for row in rows("customers.csv"):
        assert row["level"] == [name for floor, name in floors if int(row["spend_12m_fen"]) >= floor][-1], row["name"]
        assert "*" in row["phone_masked"]
        assert moment(row["registered_at"])
    assert len(rows("customers.csv")) >= 12


def test_orders_are_in_every_state_with_their_parcels() -> None:
    orders = {row["order_id"]: row for row in rows("orders.csv")}
    assert len(orders) >= 40
    assert {row["status"] for row in orders.values()} == ORDER_STATES
    customers = {row["customer_id"] for row in rows("customers.csv")}
    parcels = defaultdict(list)
    for parcel in rows("parcels.csv"):
        parcels[orders[parcel["order_id"]]["order_id"]].append(parcel)
    lines = defaultdict(list)
    for line in rows("order_lines.csv"):
        lines[line["order_id"]].append(line)
    assert {"lost", "stalled", "out_for_delivery", "in_transit", "delivered"} == {
        parcel["status"] for own in parcels.values() for parcel in own
    }
    for order_id, order in orders.items():
        assert order["customer_id"] in customers
        assert order_id[2:10] == order["created_at"][:10].replace("-", "")
        assert moment(order["created_at"]) <= moment(order["updated_at"])
        packed = {number for parcel in parcels[order_id] for number in values(parcel["line_nos"])}
        assert packed == {line["line_no"] for line in lines[order_id] if line["shipped_quantity"] != "0"}, order_id
        if order["status"] == "partially_shipped":
            assert packed
            assert packed < {line["line_no"] for line in lines[order_id]}
        if order["status"] in {"unpaid", "paid", "packed"}:
            assert not packed
            assert bool(order["paid_at"]) == (order["status"] != "unpaid")


def test_parcel_events_run_forward_and_agree_with_the_parcel() -> None:
    events = defaultdict(list)
    for event in rows("parcel_events.csv"):
        events[event["parcel_id"]].append(event)
    parcels = {row["parcel_id"]: row for row in rows("parcels.csv")}
    assert set(events) == set(parcels)
    assert len({row["tracking_no"] for row in parcels.values()}) == len(parcels)
    for parcel_id, parcel in parcels.items():
        own = events[parcel_id]
        assert [int(event["seq"]) for event in own] == list(range(1, len(own) + 1))
        assert all(moment(first["at"]) < moment(second["at"]) for first, second in pairwise(own)), parcel_id
        assert own[0]["kind"] == "picked_up"
        assert own[0]["at"] == parcel["shipped_at"]
        last = {"stalled": "in_transit"}.get(parcel["status"], parcel["status"])
        assert own[-1]["kind"] == last, parcel_id
        assert parcel["delivered_at"] == (own[-1]["at"] if last == "delivered" else "")


def test_returns_belong_to_orders_and_refunds_match() -> None:
    orders = {row["order_id"]: row for row in rows("orders.csv")}
    refunded: dict[str, int] = defaultdict(int)
    for row in rows("returns.csv"):
        order = orders[row["order_id"]]
        assert moment(row["requested_at"]) <= moment(row["updated_at"])
        assert int(row["refund_fen"]) <= int(order["paid_fen"])
        assert (row["status"] == "refunded") == bool(row["refunded_at"])
        if row["refunded_at"]:
            refunded[row["order_id"]] += int(row["refund_fen"])
    for order_id, order in orders.items():
        if order["status"] in {"returned", "return_requested"}:
            assert any(row["order_id"] == order_id for row in rows("returns.csv")), order_id
        if order["status"] != "cancelled":
            assert int(order["refunded_fen"]) == refunded[order_id], order_id
