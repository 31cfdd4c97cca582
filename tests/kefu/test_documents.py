"""Documents of a workspace: all that is wrong is told at once, and adopted wordings join the shop's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.shop import FaqAnswer
from kefu.adopting import adopted_file, read_adopted, with_adopted
from kefu.base.errors import ConfigError
from kefu.documents import Refused, find_files, read_files
from kefu.ledger import ledger_filter
from messaging_core.settings import Settings


def test_every_document_that_cannot_be_read_is_named_and_none_is_taken(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# 保养\n\n用软布擦。\n", "utf-8")
    (tmp_path / "bad.csv").write_text("a,b\n1\n", "utf-8")
    (tmp_path / "worse.pdf").write_bytes(b"no")
    (tmp_path / ".hidden.md").write_text("x", "utf-8")
    (tmp_path / "picture.png").write_bytes(b"x")
    files = find_files([tmp_path])
    assert [file.name for file in files] == ["bad.csv", "good.md", "worse.pdf"]
    with pytest.raises(Refused) as refused:
        read_files(files)
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["bad.csv", "worse.pdf"]


def test_two_documents_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.md").write_text("文字", "utf-8")
    with pytest.raises(Refused, match=r"same\.md"):
        read_files(find_files([tmp_path]))


def test_adopted_wordings_join_their_entry_and_a_broken_line_is_named(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert read_adopted(settings) == {}
    adopted_file(settings).write_text('{"faq_id": "ship", "text": "啥时候走"}\n', "utf-8")
    faq = (FaqAnswer("ship", "什么时候发货？", ("几时发",), "当天", "shipping", "faq.yaml:1"),)
    (entry,) = with_adopted(faq, read_adopted(settings))
    assert entry.variants == ("几时发", "啥时候走")
    with adopted_file(settings).open("a", encoding="utf-8") as file:
        file.write("no json\n")
    with pytest.raises(ConfigError, match=r"adopted\.jsonl:2"):
        read_adopted(settings)


def test_a_filter_of_the_ledger_that_is_no_number_or_time_is_refused() -> None:
    assert ledger_filter({"customer_id": "7", "kind": None}).customer_id == 7
    for wrong in ({"customer_id": "Lin"}, {"since": "yesterday"}):
        with pytest.raises(ConfigError):
            ledger_filter(wrong)
