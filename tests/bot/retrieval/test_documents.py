"""Documents of all kinds become passages with headings and places; an index of them changes at once."""

from __future__ import annotations

import time
from pathlib import Path

import docx
import matplotlib.pyplot as plt
import pytest

from bot.conformance.vector_store import DIMENSION, unit_vectors
from bot.encoding.use import UseEncoder
from bot.retrieval.documents.fit import build_documents
from bot.retrieval.documents.index import DocumentHit, DocumentIndex
from bot.retrieval.documents.passage import Block, DocumentError, Passage
from bot.retrieval.documents.read import read_document
from bot.retrieval.documents.split import SplitSettings, split
from bot.understanding.normalise import normalise
from kefu.base.errors import ConfigError

MANUAL = """# 电陶炉手册

## 档位

一档保温，五档烧水。

## 故障代码

| 代码 | 怎么办 |
|---|---|
| E1 | 断电十分钟再开 |
| E2 | 等炉面冷却半小时 |
"""
PAGE = """<html><head><title>x</title></head><body><nav>首页</nav><h1>体验课</h1>
<h2>费用</h2><p>课程费每位 98 元。</p><script>var a = 1</script><h2>改期</h2>
<ul><li>可以免费改期一次<li>当天取消不退</ul>"""


def _passages(folder: Path, name: str, text: str, encoding: str = "utf-8") -> list[Passage]:
    path = folder / name
    path.write_text(text, encoding)
    return split(name, read_document(path))


@pytest.fixture(scope="module")
def index(encoder: UseEncoder, tmp_path_factory: pytest.TempPathFactory) -> DocumentIndex:
    folder = tmp_path_factory.mktemp("documents")
    passages = [*_passages(folder, "炉.md", MANUAL), *_passages(folder, "课.html", PAGE)]
    return build_documents(passages, encoder)


def _ask(index: DocumentIndex, text: str, encoder: UseEncoder) -> list[DocumentHit]:
    return index.search(text, encoder.encode([normalise(text)])[0], limit=2, threshold=0.0)


def test_markdown_keeps_headings_lines_and_table_rows_in_words(tmp_path: Path) -> None:
    passages = _passages(tmp_path, "炉.md", MANUAL)
    assert [(one.title, one.place) for one in passages] == [
        ("电陶炉手册 › 档位", "炉.md:5"),
        ("电陶炉手册 › 故障代码", "炉.md:11"),
    ]
    assert "代码：E2；怎么办：等炉面冷却半小时" in passages[1].text


def test_html_is_read_without_scripts_and_navigation_however_badly_it_is_closed(tmp_path: Path) -> None:
    passages = _passages(tmp_path, "课.html", PAGE)
    assert [(one.headings[-1], one.text, one.place) for one in passages] == [
        ("费用", "课程费每位 98 元。", "课.html:2"),
        ("改期", "可以免费改期一次\n当天取消不退", "课.html:3"),
    ]


def test_word_files_keep_their_headings_and_tables(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("退换说明", level=1)
    document.add_paragraph("签收后七天内可以退货。")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([*table.rows[0].cells, *table.rows[1].cells], ["项目", "期限", "茶具", "三天"], strict=True):
        cell.text = text
    document.save(str(tmp_path / "退换.docx"))
    blocks = list(read_document(tmp_path / "退换.docx"))
    assert [(one.text, one.level) for one in blocks] == [
        ("退换说明", 1),
        ("签收后七天内可以退货。", 0),
        ("项目：茶具；期限：三天", 0),
    ]


def test_pdf_pages_are_places_and_larger_letters_headings(tmp_path: Path) -> None:
    figure = plt.figure()
    figure.text(0.1, 0.9, "Stove manual", size=24)
    figure.text(0.1, 0.7, "Unplug the stove before cleaning it with a wet cloth.", size=10)
    figure.savefig(tmp_path / "stove.pdf")
    plt.close(figure)
    blocks = list(read_document(tmp_path / "stove.pdf"))
    assert [(one.level, one.place) for one in blocks] == [(1, "stove.pdf:page 1"), (0, "stove.pdf:page 1")]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
def test_tables_of_any_encoding_are_rows_in_words(tmp_path: Path, encoding: str) -> None:
    passages = _passages(tmp_path, "器物.csv", "名称,容量\n盖碗,150毫升\n", encoding)
    assert [(one.text, one.place) for one in passages] == [("名称：盖碗；容量：150毫升", "器物.csv:2")]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("坏.pdf", b"%PDF-1.4 not really", "PDF"),
        ("坏.docx", b"PK not really", "DOCX"),
        ("坏.csv", "名称,容量\n盖碗\n".encode(), "坏.csv:2"),
        ("公式.csv", "名称,容量\n盖碗,=A1*2\n".encode(), "公式.csv:2"),
        ("坏.md", b"# \xff\x00\xff", "坏.md:1"),
        ("坏.exe", b"", ".exe"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentError, match=word.replace(".", r"\.")):
        list(read_document(tmp_path / name))


def test_long_paragraphs_are_cut_at_sentences_and_repeats_are_kept_once() -> None:
    blocks = [Block("第一句话说完了。" * 40, "a:1"), Block("包邮的门槛写在商品页上，以商品页为准。", "a:2")] * 2
    passages = split("a", blocks, SplitSettings(most_chars=100))
    assert max(len(one.text) for one in passages) <= 100
    assert sum("包邮的门槛" in one.text for one in passages) == 1


def test_a_question_finds_the_passage_that_answers_and_strangers_find_none_that_is_sure(
    index: DocumentIndex, encoder: UseEncoder
) -> None:
    assert _ask(index, "电陶炉显示E2怎么办", encoder)[0].passage.place == "炉.md:11"
    assert _ask(index, "体验课多少钱", encoder)[0].passage.text == "课程费每位 98 元。"
    assert all(hit.confidence < index.settings.threshold for hit in _ask(index, "今天天气怎么样", encoder))


def test_documents_put_changed_and_removed_are_seen_at_once_and_rank_as_in_a_new_index(
    index: DocumentIndex, encoder: UseEncoder, tmp_path: Path
) -> None:
    new = _passages(tmp_path, "存.md", "# 代存茶\n\n整件代存第一年免费，从第二年起每年 60 元。\n")
    put = index.put("存.md", new, encoder)
    assert _ask(put, "代存一年多少钱", encoder)[0].passage.document == "存.md"
    changed = put.put("存.md", _passages(tmp_path, "存.md", "# 代存茶\n\n代存每年 80 元。\n"), encoder)
    assert "80" in _ask(changed, "代存一年多少钱", encoder)[0].passage.text
    assert all("60" not in one.text for one in changed.passages)
    gone = changed.remove("存.md", encoder)
    assert gone.documents == index.documents
    for question in ("E1怎么办", "能改期吗"):
        anew = [hit.passage.id for hit in _ask(gone.compacted(), question, encoder)]
        assert [hit.passage.id for hit in _ask(gone, question, encoder)] == anew


def test_an_artefact_answers_as_before_and_one_of_another_encoder_is_refused(
    index: DocumentIndex, encoder: UseEncoder, tmp_path: Path
) -> None:
    folder = index.save(tmp_path, encoder)
    again = DocumentIndex.load(folder, encoder)
    assert _ask(again, "E2怎么办", encoder) == _ask(index, "E2怎么办", encoder)

    class Other:
        id = "other"
        dimension = 512

        def encode(self, texts: object) -> object:
            raise AssertionError

    with pytest.raises(ConfigError):
        DocumentIndex.load(folder, Other())  # type: ignore[arg-type]
    (folder / "passages.json").write_text("[]")
    with pytest.raises(ConfigError, match="passages"):
        DocumentIndex.load(folder, encoder)


def test_one_document_among_thousands_of_passages_changes_within_a_second() -> None:
    class Quick:
        id, dimension = "quick", DIMENSION

        def encode(self, texts: list[str]) -> object:
            return unit_vectors(len(texts), seed=len(texts))

    many = [
        Passage(f"d{number // 20}.md", ("标题",), f"第{number}条说明文字", f"d:{number}") for number in range(2_000)
    ]
    index = DocumentIndex.build(many, Quick(), build_documents([], Quick()).settings)  # type: ignore[arg-type]
    began = time.process_time()
    changed = index.put("d3.md", [Passage("d3.md", ("标题",), "换成新的说明", "d:1")], Quick())  # type: ignore[arg-type]
    assert time.process_time() - began < 1.0
    assert len(changed) == 1_981
