"""Other people's services, over real HTTP: read as they answer, and every failure has a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from eval.errors import SampleError, TargetError
from eval.samples.model import check_answer
from eval.targets.registry import TARGETS
from eval.targets.target import Setting, Target
from tests.eval.targets.service import Service


def make(kind: str, folder: Path, *, timeout_s: float = 5.0, **options: Any) -> Target[Any]:
    setting = Setting(folder, folder, folder, None, {}, 0, timeout_s)
    target = TARGETS[kind]
    return target(msgspec.convert(options, target.options), setting)


async def ask(target: Target[Any], **asked: Any) -> dict[str, Any]:
    await target.start()
    try:
        return check_answer(await target.ask(asked))
    finally:
        await target.aclose()


async def test_rasa_is_read_as_it_answers(service: str, tmp_path: Path) -> None:
    said = await ask(make("rasa", tmp_path, url=service), text="多少钱")
    assert said["intent"] == "price" and said["confidence"] == 0.83 and said["decision"] == "answer"
    assert [one["intent"] for one in said["ranking"]] == ["price", "price"]


async def test_rasas_fallback_is_out_of_scope(service: str, tmp_path: Path) -> None:
    said = await ask(make("rasa", tmp_path, url=service), text="明天下雨吗")
    assert said["decision"] == "decline" and said["in_scope"] == 0.1


async def test_rasas_entities_are_spans(service: str, tmp_path: Path) -> None:
    said = await ask(make("rasa", tmp_path, url=service), text="龙井")
    assert said["entities"] == [{"entity": "product", "start": 0, "end": 2, "value": "龙井"}]


async def test_a_token_goes_to_rasa_in_the_query_as_it_wants(service: str, tmp_path: Path) -> None:
    await ask(make("rasa", tmp_path, url=service, token="t0p"), text="多少钱")
    assert Service.asked[-1][0] == "/model/parse?token=t0p"


OPENAI = {"model": "m", "intents": {"price": "问价", "time": "问时间", "human": "要人"}}


async def test_a_language_model_is_asked_with_the_intents_and_its_json_is_found(service: str, tmp_path: Path) -> None:
    said = await ask(make("openai", tmp_path, url=f"{service}/v1", **OPENAI), text="多少钱")
    assert (said["intent"], said["confidence"], said["tokens"]) == ("price", 0.8, 42)
    body = Service.asked[-1][1]
    assert "- price: 问价" in body["messages"][0]["content"] and body["temperature"] == 0.0


async def test_a_language_model_that_names_no_intent_failed(service: str, tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="no known intent"):
        await ask(make("openai", tmp_path, url=f"{service}/v1", **OPENAI), text="胡说")


async def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="KEFU_NO_SUCH_KEY"):
        await make("openai", tmp_path, url="http://x/v1", key_env="KEFU_NO_SUCH_KEY", **OPENAI).start()


async def test_a_webhook_bot_answers_a_turn(service: str, tmp_path: Path) -> None:
    said = await ask(make("webhook", tmp_path, url=f"{service}/hook"), messages=["在吗", "龙井多少"])
    assert said["act"] == "reply" and said["texts"] == ["大佛龙井 158 元"]


async def test_a_webhook_bots_turns_are_of_one_sender(service: str, tmp_path: Path) -> None:
    await ask(make("webhook", tmp_path, url=f"{service}/hook"), messages=["甲", "乙"])
    (_, first), (_, second) = Service.asked[-2:]
    assert first["sender"] == second["sender"] and [first["message"], second["message"]] == ["甲", "乙"]


@pytest.mark.parametrize(("text", "act"), [("人工", "hand_off"), ("选", "clarify"), ("嗯", "silent")])
async def test_a_webhook_bots_act_is_told_from_what_it_says(service: str, tmp_path: Path, text: str, act: str) -> None:
    assert (await ask(make("webhook", tmp_path, url=f"{service}/hook"), messages=[text]))["act"] == act


async def test_a_webhook_bot_plays_a_whole_script(service: str, tmp_path: Path) -> None:
    steps = [{"say": "龙井"}, {"say": "人工"}]
    said = await ask(make("webhook", tmp_path, url=f"{service}/hook"), steps=steps)
    assert [step["act"] for step in said["steps"]] == ["reply", "hand_off"] and said["final"] == {"state": "queued"}


READ = {"intent": "intent", "confidence": "sure"}


async def test_a_prediction_service_is_read_by_paths(service: str, tmp_path: Path) -> None:
    said = await ask(make("http", tmp_path, url=f"{service}/predict", read=READ), text="几天到")
    assert said == {"intent": "time", "confidence": 0.9}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nonsense", "nonsense"),
        ("empty", "nonsense"),
        ("broken", "refused"),
        ("nan", "not_finite"),
        ("gone", "refused"),
    ],
)
async def test_a_bad_answer_has_a_word(service: str, tmp_path: Path, path: str, code: str) -> None:
    with pytest.raises(SampleError) as caught:
        await ask(make("http", tmp_path, url=f"{service}/{path}", read=READ), text="多少钱")
    assert caught.value.code == code


async def test_a_slow_answer_is_a_timeout(service: str, tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="timeout"):
        await ask(make("http", tmp_path, timeout_s=0.2, url=f"{service}/slow", read=READ), text="多少钱")


@pytest.mark.parametrize(
    ("kind", "options"),
    [("http", {}), ("rasa", {}), ("webhook", {}), ("openai", OPENAI), ("wire", {})],
)
async def test_a_target_that_is_down_is_named_before_anything_is_asked(
    tmp_path: Path, kind: str, options: dict[str, Any]
) -> None:
    with pytest.raises(TargetError) as caught:
        await make(kind, tmp_path, url="http://127.0.0.1:9", **options).start()
    assert "127.0.0.1:9" in caught.value.text("zh") and caught.value.exit_code == 3


async def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="ftp://x"):
        await make("rasa", tmp_path, url="ftp://x").start()
