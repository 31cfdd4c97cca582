"""What customers wrote does not stay in a shadow's notes: it is dropped after its time, and when a person asks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from kefu.base.clock import DAY_US
from kefu.base.errors import ConfigError
from kefu.cli import app
from kefu.shadow.keeping import drop_old, forget_customer, keep_short
from kefu.shadow.records import Compared, Journal
from tests.support.clock import START_US, FakeClock

LIN, QIAO = 11, 12
OLD_US, NEW_US = START_US - 91 * DAY_US, START_US - 89 * DAY_US


def note(number: int, *, at_us: int = NEW_US, customer: int = LIN, text: str = "谢谢") -> Compared:
    return Compared(number, 7, at_us, "answer" if text else "", customer_id=customer, text=text)


def write(path: Path, *turns: Compared) -> None:
    journal = Journal(path)
    for one in turns:
        journal.add(one)
    journal.close()


def noted(path: Path) -> list[int]:
    journal = Journal(path)
    journal.close()
    return list(journal.compared)


def test_what_is_too_old_is_dropped_from_every_journal_and_the_rest_stays(tmp_path: Path) -> None:
    write(tmp_path / "a-b.jsonl", note(1, at_us=OLD_US, text="我的电话13800001111"), note(2), note(3, text=""))
    write(tmp_path / "a-c.jsonl", note(4, at_us=OLD_US))
    assert drop_old(tmp_path, before_us=START_US - 90 * DAY_US) == 2
    assert noted(tmp_path / "a-b.jsonl") == [2, 3] and noted(tmp_path / "a-c.jsonl") == []
    assert "13800001111" not in (tmp_path / "a-b.jsonl").read_text("utf-8")
    assert drop_old(tmp_path, before_us=START_US - 90 * DAY_US) == 0


def test_a_journal_that_a_running_shadow_writes_to_is_passed_over(tmp_path: Path) -> None:
    running = Journal(tmp_path / "a-b.jsonl")
    running.add(note(1, at_us=OLD_US))
    assert drop_old(tmp_path, before_us=START_US) == 0
    running.add(note(2))
    running.close()
    assert noted(tmp_path / "a-b.jsonl") == [1, 2]


def test_a_person_is_taken_out_with_the_words_that_may_be_his(tmp_path: Path) -> None:
    path = tmp_path / "a-b.jsonl"
    write(path, note(1), note(2, customer=QIAO, text="好的"), note(3, customer=0), note(4, customer=0, text=""))
    assert forget_customer(tmp_path, LIN) == 2
    assert noted(path) == [2, 4]
    assert "谢谢" not in path.read_text("utf-8")


def test_nobody_is_forgotten_by_halves_while_a_shadow_runs(tmp_path: Path) -> None:
    running = Journal(tmp_path / "a-b.jsonl")
    running.add(note(1))
    with pytest.raises(ConfigError, match="running"):
        forget_customer(tmp_path, LIN)
    running.close()
    assert forget_customer(tmp_path, LIN) == 1


def test_two_shadows_do_not_write_to_one_journal(tmp_path: Path) -> None:
    first = Journal(tmp_path / "a-b.jsonl")
    with pytest.raises(ConfigError, match="another shadow"):
        Journal(tmp_path / "a-b.jsonl")
    first.close()


async def test_a_server_keeps_the_notes_short_by_itself(tmp_path: Path) -> None:
    write(tmp_path / "a-b.jsonl", note(1, at_us=OLD_US), note(2))
    keeping = asyncio.create_task(keep_short(tmp_path, FakeClock(START_US), days=90))
    async with asyncio.timeout(10):
        while (tmp_path / "a-b.jsonl").read_bytes().count(b"\n") > 1:
            await asyncio.sleep(0.01)
    keeping.cancel()
    assert noted(tmp_path / "a-b.jsonl") == [2]


async def test_a_file_that_is_no_journal_is_named_and_does_not_end_the_keeping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kefu.shadow.keeping._PAUSE_S", 0.01)
    strange = tmp_path / "a-a.jsonl"
    strange.write_bytes(b"what is this\n")
    write(tmp_path / "a-b.jsonl", note(1, at_us=OLD_US), note(2))
    with pytest.raises(ConfigError, match=r"a-a\.jsonl"):
        forget_customer(tmp_path, LIN)
    keeping = asyncio.create_task(keep_short(tmp_path, FakeClock(START_US), days=90))
    await asyncio.sleep(0.05)
    strange.unlink()
    async with asyncio.timeout(10):
        while (tmp_path / "a-b.jsonl").read_bytes().count(b"\n") > 1:
            await asyncio.sleep(0.01)
    keeping.cancel()


def test_the_command_tells_what_it_dropped(tmp_path: Path) -> None:
    write(tmp_path / "shadow" / "a-b.jsonl", note(1), note(2, customer=QIAO))
    ran = CliRunner().invoke(app, ["forget", "--customer", str(LIN), "--data", str(tmp_path)])
    assert ran.exit_code == 0 and "1 轮" in ran.output
    assert noted(tmp_path / "shadow" / "a-b.jsonl") == [2]


def test_notes_of_an_earlier_version_are_read_without_a_customer(tmp_path: Path) -> None:
    path = tmp_path / "a-b.jsonl"
    path.write_bytes(msgspec.json.encode({"turn_id": 1, "conversation_id": 2, "at_us": 3, "kind": "answer"}) + b"\n")
    assert noted(path) == [1]
