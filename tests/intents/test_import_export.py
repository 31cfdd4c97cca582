"""Rasa folders, nlp.js corpora and FAQ tables come in; a Rasa project goes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from intents.imported import Imported, ImportRefusedError, write_outputs
from intents.loader import load_pack
from intents.model import Entity, Slot
from intents.nlpjs import import_nlpjs
from intents.rasa import export_rasa, import_rasa
from intents.sheets import import_sheet
from tests.intents.reading import codes, texts
from tests.intents.test_folders import write

NLU = '# 我们的意图\nversion: "3.1"\nnlu:\n- intent: hi  # 问好\n  examples: |\n    - 你好\n'
DOMAIN = 'version: "3.1"\nintents:\n- hi\nresponses:\n  utter_hi:\n  - text: 您好\nsession_config: {}\n'


def landed(made: Imported, target: Path) -> list[str]:
    """Write what was made, and return its names."""
    write_outputs(made.outputs, target)
    return [output.name for output in made.outputs]


def test_a_rasa_project_comes_in_unchanged(tmp_path: Path) -> None:
    source = write(
        tmp_path / "rasa",
        {
            "data/nlu.yml": NLU,
            "data/stories.yml": "stories:\n- story: s\n  steps: []\n",
            "domain.yml": DOMAIN,
            "config.yml": "language: zh\npipeline: [{name: x}]\n",
            "endpoints.yml": "action_endpoint:\n  url: ${URL}\n",
        },
    )
    made = import_rasa(source)
    assert landed(made, tmp_path / "out") == ["data/nlu.yml", "domain.yml"]
    assert (tmp_path / "out/data/nlu.yml").read_text("utf-8") == NLU
    assert made.problems == ()
    read = load_pack(tmp_path / "out")
    assert texts(read, "hi") == ["你好"] and list(read.responses) == ["utter_hi"]


def test_a_rasa_file_with_a_fault_comes_in_as_far_as_it_is_right(tmp_path: Path) -> None:
    source = write(tmp_path / "rasa", {"nlu.yml": NLU + "\t- kaputt\n"})
    made = import_rasa(source)
    assert [one.code for one in made.problems] == ["yaml_tab"]
    landed(made, tmp_path / "out")
    read = load_pack(tmp_path / "out")
    assert (texts(read, "hi"), codes(read)) == (["你好"], [])


def test_a_folder_without_training_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError):
        import_rasa(write(tmp_path / "rasa", {"config.yml": "language: zh\n"}))


def test_a_rasa_project_goes_out_with_domain_and_comments(tmp_path: Path) -> None:
    text = NLU + (
        "- intent: faq/价格\n  examples: |\n"
        '    - 从[京]{"entity": "city", "role": "from"}到[沪]{"entity": "city", "role": "to"}\n'
        "- lookup: tea\n  examples: |\n    - 龙井\n"
    )
    source = write(tmp_path / "ours", {"a.yml": text})
    made = export_rasa(source)
    assert landed(made, tmp_path / "out") == ["data/a.yml", "domain.yml"]
    assert (tmp_path / "out/data/a.yml").read_text("utf-8") == text
    assert (tmp_path / "out/domain.yml").read_text("utf-8") == (
        'version: "3.1"\n\nintents:\n- hi\n- faq\n\nentities:\n- tea\n- city:\n    roles:\n    - from\n    - to\n'
    )
    assert import_rasa(tmp_path / "out").pack.intents == load_pack(source).intents


def test_nothing_is_written_when_a_target_exists(tmp_path: Path) -> None:
    made = export_rasa(write(tmp_path / "ours", {"a.yml": NLU}))
    write(tmp_path / "out", {"domain.yml": "mine"})
    with pytest.raises(FileExistsError):
        write_outputs(made.outputs, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").rglob("*")] == ["domain.yml"]
    write_outputs(made.outputs, tmp_path / "out", overwrite=True)
    assert (tmp_path / "out/domain.yml").read_text("utf-8") != "mine"


def corpus(tmp_path: Path, value: object) -> Path:
    """Write an nlp.js corpus."""
    path = tmp_path / "corpus.json"
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def test_an_nlpjs_corpus_comes_in_with_answers_entities_and_slots(tmp_path: Path) -> None:
    made = import_nlpjs(
        corpus(
            tmp_path,
            {
                "name": "shop",
                "locale": "zh-cn",
                "data": [
                    {
                        "intent": "ask price",
                        "utterances": ["@tea 多少钱", "多少钱", "多少钱", "写信给 a@b.cn"],
                        "tests": ["几块钱"],
                        "answers": ["一百", {"answer": "两百"}, {"answer": "三百", "opts": "tea === 'a'"}],
                        "slotFilling": {"tea": {"mandatory": True, "question": "哪一款？"}, "x": {"question": "?"}},
                    },
                    {"intent": "None", "utterances": ["[a](b)"]},
                    {"utterances": ["谁"]},
                ],
                "entities": {
                    "tea": {"options": {"longjing": ["龙井", "西湖龙井"]}},
                    "no": {"regex": {"zh": "/\\d{4}/gi"}},
                },
            },
        )
    )
    landed(made, tmp_path / "out")
    read = load_pack(tmp_path / "out")
    price = read.intents["ask_price"]
    assert [one.text for one in price.examples] == ["龙井 多少钱", "多少钱", "写信给 a@b.cn"]
    assert price.examples[0].entities == (Entity(0, 2, "tea", "longjing"),)
    assert price.about.slots == (Slot("tea", "哪一款？"),)
    assert [one.text for one in read.responses["utter_ask_price"].variants] == ["一百", "两百"]
    assert read.synonyms == {"龙井": "longjing", "西湖龙井": "longjing"}
    assert read.lookups == {"tea": ("龙井", "西湖龙井")}
    assert [(one.name, one.pattern) for one in read.patterns] == [("no", r"\d{4}")]
    assert texts(read, "out_of_scope") == ["[a] (b)"] and "None" not in read.intents
    assert sorted(one.code for one in made.problems) == [
        "import_condition",
        "import_name",
        "import_name",
        "import_no_intent",
    ]


@pytest.mark.parametrize(
    ("text", "code"), [("{", "import_json"), ("[]", "import_no_corpus"), ("[" * 99999, "import_json")]
)
def test_a_json_that_is_no_corpus_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportRefusedError) as refused:
        import_nlpjs(path)
    assert refused.value.problem.code == code


def sheet(tmp_path: Path, text: str, encoding: str = "utf-8-sig", name: str = "faq.csv") -> Path:
    """Write a CSV file."""
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8-sig", ","), ("utf-8", ";"), ("gb18030", ","), ("utf-16", "\t")])
def test_a_table_comes_in_whatever_its_encoding_and_separator(tmp_path: Path, encoding: str, sign: str) -> None:
    rows = [
        ["问题", "意图", "答复"],
        ["多少钱", "ask_price", "看款式"],
        ["贵吗", "ask_price", "看款式"],
        ["你好", "greet", ""],
    ]
    made = import_sheet(sheet(tmp_path, "\r\n".join(sign.join(row) for row in rows), encoding))
    assert landed(made, tmp_path / "out") == ["faq.yml"]
    read = load_pack(tmp_path / "out")
    assert (texts(read, "ask_price"), texts(read, "greet")) == (["多少钱", "贵吗"], ["你好"])
    assert [one.text for one in read.responses["utter_ask_price"].variants] == ["看款式"]
    assert made.problems == ()


def test_without_intents_each_answer_becomes_one_with_its_similar_questions(tmp_path: Path) -> None:
    made = import_sheet(
        sheet(tmp_path, "标准问,相似问,答案\n几天到？,多久到|啥时候到；快吗,三天\n几天到,,五天\n能退吗,,能\n")
    )
    assert list(made.pack.intents) == ["faq/几天到", "faq/几天到_2", "faq/能退吗"]
    assert texts(made.pack, "faq/几天到") == ["几天到？", "多久到", "啥时候到", "快吗"]
    assert [one.text for one in made.pack.responses["utter_faq/能退吗"].variants] == ["能"]


def test_an_intent_with_several_answers_is_split_so_that_no_question_gets_a_wrong_one(tmp_path: Path) -> None:
    made = import_sheet(sheet(tmp_path, "question,intent,answer\nhow long,shipping,3 days\nhow much,shipping,5 yuan\n"))
    assert texts(made.pack, "shipping/how_long") == ["how long"]
    assert [one.text for one in made.pack.responses["utter_shipping/how_much"].variants] == ["5 yuan"]
    assert [one.code for one in made.problems] == ["import_split"]


def test_rows_that_lack_something_are_told_with_their_line(tmp_path: Path) -> None:
    made = import_sheet(sheet(tmp_path, '问题,意图,答复\n"一\n二",a,\n,b,好\n三,,\n\n' + "长" * 20_000 + ",c,\n"))
    assert texts(made.pack, "a") == ["一", "二"]
    assert [(one.code, one.place.line) for one in made.problems] == [
        ("import_no_text", 4),
        ("import_no_intent", 5),
        ("import_row_long", 7),
    ]
    assert all(one.lost for one in made.problems)


def test_an_excel_table_comes_in_and_merged_cells_speak_for_all_their_rows(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    for row in (["问题", "意图", "答复"], ["多少钱", "ask_price", 100], ["贵吗", None, None], ["你好", "greet", None]):
        page.append(row)
    page.merge_cells("B2:B3")
    page.merge_cells("C2:C3")
    book.save(tmp_path / "faq.xlsx")
    made = import_sheet(tmp_path / "faq.xlsx")
    assert (texts(made.pack, "ask_price"), texts(made.pack, "greet")) == (["多少钱", "贵吗"], ["你好"])
    assert [one.text for one in made.pack.responses["utter_ask_price"].variants] == ["100"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("faq.csv", "a,b\n1,2\n", "import_columns"),
        ("faq.csv", "", "import_columns"),
        ("faq.xlsx", "no archive", "import_table"),
        ("faq.csv", '问题,意图\n"' + "x" * 200_000 + '",a\n', "import_table"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, name: str, text: str, code: str) -> None:
    with pytest.raises(ImportRefusedError) as refused:
        import_sheet(sheet(tmp_path, text, "utf-8", name))
    assert refused.value.problem.code == code
