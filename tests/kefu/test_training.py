"""`kefu train`: one setting for the encoder, a budget, and a version to try before the full training has ended."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from bot.encoding.tiers import tier_of
from bot.training.settings import TrainingSettings
from kefu.base.errors import ConfigError
from kefu.bundle import check_publishable, read_bundle
from kefu.training import train_bot
from kefu.training_file import TrainingFile, read_budget, read_training_file, training_file, write_training_file
from kefu.warm import WarmBot
from messaging_core.settings import Settings
from tests.kefu.test_bots import FAQ, PACK, write_pack


def test_the_file_is_written_once_and_read_back(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert read_training_file(settings) == TrainingFile()
    assert write_training_file(settings) == training_file(settings)
    assert read_training_file(settings) == TrainingFile("default", 0.05)
    training_file(settings).write_text("encoder: e5\nwrong_answers: 2%\n", "utf-8")
    assert write_training_file(settings) is None
    assert read_training_file(settings) == TrainingFile("e5", 0.02)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("encoder: e5\nencodr: x\n", "training.yml:2"),
        ("encoder: 5\n", "encoder"),
        ("wrong_answers: 90%\n", "50%"),
        ("wrong_answers: wenig\n", "50%"),
        ("- a\n", "encoder, wrong_answers"),
        ("encoder: [\n", "training.yml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    settings = Settings(data=tmp_path)
    training_file(settings).write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=says):
        read_training_file(settings)


def test_a_budget_is_a_share_however_it_is_written() -> None:
    assert [read_budget(one, "x") for one in ("2%", "2 %", "0.02", 0.02, "2％")] == [0.02] * 5


def many(extra: str = "") -> str:
    """The small pack with enough utterances that its heads are not those for few examples."""
    more = {
        "greet": "".join(f"      - 你好第{word}位\n" for word in "一二三四五六七八九十"),
        "shipping": "".join(f"      - 第{word}件什么时候发货\n" for word in "一二三四五六七八九十") + extra,
    }
    third = "".join(f"      - 我要退第{word}件\n" for word in "一二三四五六七八九十甲乙丙丁")
    made = PACK.replace("responses:", f"  - intent: return_goods\n    examples: |\n{third}responses:")
    made = made.replace("      - 您好呀\n", "      - 您好呀\n" + more["greet"])
    return made.replace("      - 快递多久到\n", "      - 快递多久到\n" + more["shipping"])


def test_after_one_edited_line_there_is_a_version_to_try_that_cannot_be_published(tmp_path: Path) -> None:
    early: list[WarmBot] = []

    def train(text: str) -> str:
        pack = write_pack(tmp_path / "pack", text)
        place = {"artefacts": tmp_path / "artefacts", "cache": tmp_path / "cache" / "vectors"}
        return train_bot(pack, FAQ, progress=lambda *_: None, early=early.append, **place).version

    first = train(many())
    assert train(many()) == first and early == [], "nothing was edited"
    second = train(many("      - 包裹到哪里了\n"))
    assert [one.edits for one in early] == [1]
    assert early[0].version not in (first, second) and "bands" in early[0].pending
    tried = read_bundle(tmp_path / "artefacts", early[0].version)
    assert tried.pack().intents["shipping"].examples[-1].text == "包裹到哪里了"
    with pytest.raises(ConfigError, match="pending"):
        check_publishable(tmp_path / "artefacts", early[0].version)
    assert check_publishable(tmp_path / "artefacts", second).pending == ()


@pytest.mark.parametrize("room", [0, 8_000, 40_000])
def test_a_disk_without_room_is_said_with_place_and_cure_and_leaves_no_version(tmp_path: Path, room: int) -> None:
    pack = write_pack(tmp_path / "pack")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(ConfigError, match=r"(artefacts|cache).*: 写不下（.*[a-z].*腾出磁盘空间") as refused:
            train_bot(pack, FAQ, artefacts=tmp_path / "artefacts", cache=tmp_path / "cache", progress=lambda *_: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "None" not in str(refused.value)
    left = [path.name for folder in ("artefacts", "cache") for path in (tmp_path / folder).rglob("*")]
    assert not [name for name in left if "part" in name]
    assert not list((tmp_path / "artefacts").glob("*/pack.json"))


def test_an_encoder_that_is_not_prepared_is_refused_with_the_cure(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack")
    with pytest.raises(ConfigError, match="kefu models prepare e5"):
        train_bot(
            pack,
            FAQ,
            artefacts=tmp_path / "a",
            cache=tmp_path / "c",
            progress=lambda *_: None,
            encoder_name="e5",
            models=tmp_path / "models",
        )
    assert not (tmp_path / "a").exists()


def test_the_encoders_id_names_its_tier() -> None:
    ids = {
        "use-multilingual-3/1": "default",
        "use-multilingual-3/1+e5-small-q4/1": "e5",
        "use/1+q4-mine/ab": "mine",
        "use/1+st-b-ge.1/ab": "b-ge.1",
    }
    assert {one: tier_of(one) for one in ids} == ids
    assert TrainingSettings().wrong_answers == TrainingFile().wrong_answers
