"""Versions of a bot: trained from files, made live in one step, rolled back, and never replaced by a broken one."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from bot.shop import FaqAnswer
from bot.worker import BotWorker
from kefu.base.errors import ConfigError
from kefu.bots import Bots
from kefu.bundle import read_bundle
from kefu.cli import app
from kefu.demo.shop.load import load_shop
from kefu.demo.shop.shop import DemoShop, load_into
from kefu.training import PackError, TrainedBot, train_bot
from messaging_core.api import Core
from messaging_core.settings import Settings
from tests.bot.worker.world import SETTINGS, Shop
from tests.kefu.demo.test_shop import SHOP
from tests.support.cast import make_cast
from tests.support.tables import migrate_all

MOON_TEA = 1
PACK = """version: "3.1"
nlu:
  - intent: greet
    examples: |
      - 你好
      - 在吗
      - 早上好
      - 有人吗
      - 您好呀
  - intent: shipping
    examples: |
      - 什么时候发货
      - 几天能到
      - 发什么快递
      - 今天发得出去吗
      - 快递多久到
responses:
  utter_greet:
    - text: 您好，请讲。
"""
FAQ = (
    FaqAnswer("when", "什么时候发货？", ("几点前下单当天发", "多久发"), "当天发。", "shipping", "faq.yaml:1"),
    FaqAnswer("who", "发什么快递？", ("用哪家快递", "能发顺丰吗"), "中通。", "shipping", "faq.yaml:9"),
)


def write_pack(folder: Path, text: str = PACK) -> Path:
    """Write a pack of one file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.yml").write_text(text, "utf-8")
    return folder


def train_pack(place: Path, pack: Path) -> TrainedBot:
    """Train into a place that holds artefacts and cache."""
    return train_bot(pack, FAQ, artefacts=place / "artefacts", cache=place / "cache", progress=lambda *_: None)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Two versions whose answers differ, and where they lie."""
    place = tmp_path_factory.mktemp("bots")
    first = train_pack(place, write_pack(place / "one"))
    second = train_pack(place, write_pack(place / "two", PACK.replace("您好，请讲。", "您好，小月在。")))
    return place, first.version, second.version


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=tmp_path / "data")
    migrate_all(made)
    return made


@pytest_asyncio.fixture
async def core(settings: Settings) -> AsyncIterator[Core]:
    running = Core(settings)
    await running.start()
    yield running
    await running.close()


@pytest_asyncio.fixture
async def bots(core: Core, versions: tuple[Path, str, str]) -> AsyncIterator[Bots]:
    await load_into(core, SHOP)
    shop = DemoShop(core)
    made = Bots(core, artefacts=versions[0] / "artefacts", find_shop=lambda one: shop if one == MOON_TEA else None)
    await made.start()
    yield made
    await made.close()


def test_the_same_files_give_the_same_version(versions: tuple[Path, str, str], tmp_path: Path) -> None:
    place, first, second = versions
    assert first != second
    again = train_pack(tmp_path, place / "one")
    assert again.version == first
    assert read_bundle(place / "artefacts", first).pack().responses["utter_greet"].variants[0].text == "您好，请讲。"


async def test_publishing_and_rolling_back_switch_at_once(bots: Bots, versions: tuple[Path, str, str]) -> None:
    _, first, second = versions
    assert bots.find(MOON_TEA) is None
    await bots.publish(MOON_TEA, first)
    before = bots.find(MOON_TEA)
    await bots.publish(MOON_TEA, second, note="问候语")
    assert bots.version(MOON_TEA) == second
    assert bots.find(MOON_TEA) is not before
    assert await bots.roll_back(MOON_TEA) == first
    assert bots.version(MOON_TEA) == first


async def test_a_version_that_was_tampered_with_is_refused_and_the_live_one_stays(
    bots: Bots, versions: tuple[Path, str, str]
) -> None:
    place, first, second = versions
    await bots.publish(MOON_TEA, first)
    other = place / "artefacts" / second
    kept = (other / "pack.json").read_bytes()
    (other / "pack.json").write_bytes(kept.replace("小月".encode(), "大月".encode()))
    try:
        with pytest.raises(ConfigError, match=r"pack\.json: .*was changed"):
            await bots.publish(MOON_TEA, second)
    finally:
        (other / "pack.json").write_bytes(kept)
    assert bots.version(MOON_TEA) == first


async def test_another_process_finds_what_was_published(
    core: Core, bots: Bots, versions: tuple[Path, str, str]
) -> None:
    await bots.publish(MOON_TEA, versions[1])
    shop = DemoShop(core)
    other = Bots(core, artefacts=versions[0] / "artefacts", find_shop=lambda _one: shop)
    await other.start()
    try:
        assert other.version(MOON_TEA) == versions[1]
    finally:
        await other.close()


async def test_an_enterprise_without_a_shop_gets_no_bot(bots: Bots, versions: tuple[Path, str, str]) -> None:
    with pytest.raises(ConfigError, match="no shop"):
        await bots.publish(2, versions[1])


def test_an_intent_file_with_an_error_stops_the_training(versions: tuple[Path, str, str], tmp_path: Path) -> None:
    broken = write_pack(tmp_path / "pack", PACK.replace("  - intent: shipping", "  - intent shipping"))
    with pytest.raises(PackError, match=r"small\.yml:\d+:\d+: "):
        train_pack(tmp_path, broken)
    assert not (tmp_path / "artefacts").exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("packs/retail_zh/shipping.yml", "- intent:", "- intent", "shipping.yml:"),
        ("shop/variants.csv", "14800", "一百四十八", "variants.csv:3: price_fen"),
    ],
)
def test_kefu_train_names_the_broken_line_and_leaves_everything(
    tmp_path: Path, file: str, old: str, new: str, place: str
) -> None:
    runner, data = CliRunner(), tmp_path / "data"
    assert runner.invoke(app, ["init", "--demo", "--data", str(data)]).exit_code == 0
    target = data / file
    target.write_text(target.read_text("utf-8").replace(old, new, 1), "utf-8")
    result = runner.invoke(app, ["train", "--data", str(data)])
    assert result.exit_code == 2
    assert place in result.stderr
    assert not (data / "artefacts").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("enterprise", "says"), [((), "kefu serve --demo"), (("--enterprise", "月茶"), "月茶")])
def test_what_cannot_go_live_is_trained_all_the_same_and_named(
    versions: tuple[Path, str, str], tmp_path: Path, enterprise: tuple[str, ...], says: str
) -> None:
    place, _, _ = versions
    data = tmp_path / "data"
    shutil.copytree(str(SHOP), data / "shop")
    shutil.copytree(place / "cache", data / "cache" / "vectors")
    result = CliRunner().invoke(app, ["train", "--data", str(data), "--pack", str(place / "one"), *enterprise])
    assert result.exit_code == 2
    assert says in result.stderr
    version = result.stderr.rpartition("kefu publish ")[2].split()[0]
    assert (data / "artefacts" / version / "pack.json").exists()


def test_kefu_train_lets_adopted_questions_teach_the_search_once_they_are_enough(
    versions: tuple[Path, str, str], tmp_path: Path
) -> None:
    place, _, _ = versions
    data = tmp_path / "data"
    shutil.copytree(str(SHOP), data / "shop")
    faq = load_shop(data / "shop").faq
    asked = [(faq[number % len(faq)], f"我是第{number}位") for number in range(200)]
    rows = [{"faq_id": one.faq_id, "text": f"{name}，{one.question}"} for one, name in asked]
    (data / "adopted.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    result = CliRunner().invoke(app, ["train", "--data", str(data), "--pack", str(place / "one"), "--no-publish"])
    assert result.exit_code == 0
    assert "200 句顾客原话" in result.stderr


def test_kefu_init_leaves_what_a_trainer_has_changed(tmp_path: Path) -> None:
    runner, data = CliRunner(), tmp_path / "data"
    runner.invoke(app, ["init", "--demo", "--data", str(data)])
    file = data / "packs" / "retail_zh" / "human.yml"
    file.write_text("# 我的\n", "utf-8")
    result = runner.invoke(app, ["init", "--demo", "--data", str(data)])
    assert "已经准备好了" in result.stdout
    assert file.read_text("utf-8") == "# 我的\n"
    shutil.rmtree(data / "shop")
    runner.invoke(app, ["init", "--demo", "--data", str(data)])
    assert (data / "shop" / "faq.yaml").exists()


GREETINGS = ("请讲", "小月在", "您说", "人工")
"""What the pack's greetings say, first and again, and what is said to somebody who only ever greets."""


async def test_switching_under_live_traffic_loses_no_turn(core: Core, versions: tuple[Path, str, str]) -> None:
    """While the bot is published and rolled back each greeting has one turn, by one version or the other."""
    place, first, second = versions
    await load_into(core, SHOP)
    cast = await make_cast(core)
    shop = DemoShop(core)
    bots = Bots(core, artefacts=place / "artefacts", find_shop=lambda _one: shop)
    await bots.start()
    try:
        await bots.publish(cast.enterprise_id, first)
        world = Shop(core, cast)
        await world.put(SETTINGS)
        await core.subscribers.add(BotWorker(core, bots.find))
        talks = {who: await world.ask(who) for who in ("lin", "mi")}

        async def switch() -> None:
            for version in (second, first, second):
                await bots.publish(cast.enterprise_id, version)
                assert await bots.roll_back(cast.enterprise_id) != version

        switching = asyncio.create_task(switch())
        said: list[int] = []
        while not switching.done() or len(said) < 6:
            for who, talk in talks.items():
                said.append(await world.say(talk, "你好", who))
                await world.settled(talk, (len(said) + 1) // 2)
        await switching
        for talk in talks.values():
            turns = await world.turns(talk)
            assert len(turns) == len(said) // 2 and turns[0].outcome == "replied"
            heard = await world.heard(talk)
            assert heard and all(any(word in text for word in GREETINGS) for text in heard), heard
    finally:
        await bots.close()
