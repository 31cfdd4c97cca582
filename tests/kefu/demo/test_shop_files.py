"""Whatever is wrong in the shop's files is told with its file, line and cure, all at once."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from kefu.base.texts import LANGS
from kefu.demo.shop.load import load_shop
from kefu.demo.shop.problems import ShopDataError
from kefu.texts import catalogue

SHOP = files("kefu") / "demo" / "shop_data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shop's files that a test may break, with a short FAQ for speed."""
    copied = Path(shutil.copytree(str(SHOP), tmp_path / "shop"))
    faq = (copied / "faq.yaml").read_text("utf-8").split("\n")[:35]
    (copied / "faq.yaml").write_text("\n".join(faq) + "\n", "utf-8")
    return copied


def change(folder: Path, file: str, line: int, old: str, new: str) -> None:
    """Replace a part of one line (from 1)."""
    rows = (folder / file).read_text("utf-8").split("\n")
    assert old in rows[line - 1], rows[line - 1]
    rows[line - 1] = rows[line - 1].replace(old, new, 1)
    (folder / file).write_text("\n".join(rows), "utf-8")


def findings(folder: Path) -> list[tuple[str, int, str]]:
    """Return (file, line, code) of everything that is wrong."""
    with pytest.raises(ShopDataError) as error:
        load_shop(folder)
    return [(one.file, one.line, one.code) for one in error.value.problems]


@pytest.mark.parametrize(
    ("file", "line", "old", "new", "code"),
    [
        ("variants.csv", 2, ",3200,", ",32.00,", "not_whole"),
        ("variants.csv", 2, ",3200,", ",0,", "too_small"),
        ("variants.csv", 2, ",60,", ",-1,", "too_small"),
        ("variants.csv", 3, "MT-1001-02", "MT-1001-01", "repeated"),
        ("variants.csv", 2, ",MT-1001,", ",MT-9999,", "unknown"),
        ("variants.csv", 2, ",60,30", ",60", "columns"),
        ("products.csv", 2, "明前西湖龙井", "", "empty"),
        ("products.csv", 2, ",medium,", ",much,", "not_choice"),
        ("products.csv", 2, "MT-2006|", "MT-9999|", "unknown"),
        ("products.csv", 2, "img/green.svg", "../policies.yaml", "picture"),
        ("orders.csv", 2, "2026-09-10T09:18:00+08:00", "2026-09-10 09:18", "not_time"),
        ("orders.csv", 2, ",delivered,", ",gone,", "not_choice"),
        ("orders.csv", 2, ",C1004,", ",C9999,", "unknown"),
        ("parcels.csv", 2, "15:02:00+08:00,2026-09-13", "15:02:00+08:00,soon", "not_date"),
        ("faq.yaml", 9, "{policy:same_day_cutoff}", "{policy:same_day_cut}", "placeholder"),
        ("faq.yaml", 12, "ship_weekend", "ship_when_today", "repeated"),
    ],
)
def test_a_fault_is_found_where_it_stands(folder: Path, file: str, line: int, old: str, new: str, code: str) -> None:
    change(folder, file, line, old, new)
    assert (file, line, code) in findings(folder)


def test_a_row_after_a_cell_of_several_lines_keeps_its_line(folder: Path) -> None:
    rows = (folder / "products.csv").read_text("utf-8").split("\n")
    rows[1] = rows[1].replace("清明前采的一芽一叶", '"清明前采的\n一芽一叶', 1).replace(",img/", '",img/', 1)
    rows[2] = rows[2].replace(",medium,", ",much,", 1)
    (folder / "products.csv").write_text("\n".join(rows), "utf-8")
    assert findings(folder) == [("products.csv", 4, "not_choice")]


def test_all_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    change(folder, "variants.csv", 2, ",3200,", ",x,")
    change(folder, "variants.csv", 9, ",", ",,")
    (folder / "returns.csv").unlink()
    assert {one[0] for one in findings(folder)} == {"variants.csv", "returns.csv"}


def test_yaml_that_cannot_be_parsed_names_its_line(folder: Path) -> None:
    change(folder, "policies.yaml", 66, "{name:", "{name: [")
    assert ("policies.yaml", "yaml") in {(one[0], one[2]) for one in findings(folder)}


def test_a_file_in_another_encoding_is_refused_with_the_cure(folder: Path) -> None:
    file = folder / "customers.csv"
    file.write_bytes(file.read_text("utf-8").encode("gb18030"))
    with pytest.raises(ShopDataError, match=r"customers\.csv:2: 不是 UTF-8 文本。请另存为 UTF-8"):
        load_shop(folder)


def test_the_catalogues_have_the_same_keys_and_places() -> None:
    zh, en = (catalogue(lang) for lang in LANGS)
    assert set(zh) == set(en)
