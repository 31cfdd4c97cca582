"""A little city in the form of crosswoz: our own places, our own talks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TOWER, GARDEN, INN = "attraction:望江塔", "attraction:听雨园", "hotel:云栖酒店"
_TRIPLES = (
    (TOWER, "电话", "010-1111"), (TOWER, "评分", "4.5"), (TOWER, "周边酒店", INN), (TOWER, "周边酒店", "hotel:无此店"),
    (GARDEN, "电话", "010-2222"), (INN, "电话", "010-3333,010-4444"), (INN, "评分", "4.8"),
)  # fmt: skip
_WORDS = {
    "电话": ("电话是多少", "把电话给我", "联系电话有吗", "电话号码发我一下", "请问电话", "能告诉我电话吗"),
    "评分": ("评分是多少", "它的评分高吗", "评分怎么样", "请问评分几分", "帮我查一下评分", "评分有多少"),
}
_NOTHING = ("你好呀", "好的谢谢你", "再见了", "好的知道了", "谢谢你呀", "知道了再见")
Acts = Sequence[Sequence[str]]


def usr(text: str, *acts: Sequence[str]) -> dict[str, Any]:
    """A customer's turn."""
    return {"role": "usr", "text": text, "dialog_act": acts}


def sys(text: str, *acts: Sequence[str], **results: list[str]) -> dict[str, Any]:
    """A reply, with the places that it speaks of."""
    return {"role": "sys", "text": text, "dialog_act": acts, "db_results": results}


def dialogue(name: str, *turns: dict[str, Any]) -> dict[str, Any]:
    """A talk."""
    return {"dialogue_id": name, "turns": turns}


TESTED = (
    dialogue(
        "d1",
        usr("评分多少算高", ("Request", "景点", "评分", "")),
        sys("四分半以上", ("Inform", "景点", "评分", "4.5分")),
        usr("我要去望江塔", ("Inform", "景点", "名称", "望江塔")),
        sys("好的", ("General", "greet", "none", "none")),
        usr("电话是多少", ("Request", "景点", "电话", "")),
        sys("电话是010-1111", ("Inform", "景点", "电话", "0101111"), 景点=["望江塔"]),
    ),
    dialogue(
        "d2",
        usr("听雨园的评分是多少", ("Inform", "景点", "名称", "听雨园"), ("Request", "景点", "评分", "")),
        sys("没有评分", ("Inform", "景点", "评分", "无"), 景点=["听雨园"]),
    ),
)


def write_city(folder: Path, *, tested: Sequence[dict[str, Any]] = TESTED) -> Path:
    """Write the set below a folder of outside data and return that folder."""
    talks = [
        dialogue(
            f"v{number}",
            usr("我想去望江塔", ("Inform", "景点", "名称", "望江塔")),
            sys("好的"),
            *(usr(texts[number], ("Request", "景点", slot, "")) for slot, texts in _WORDS.items()),
            usr(_NOTHING[number]),
        )
        for number in range(len(_NOTHING))
    ]
    home = folder / "crosswoz"
    home.mkdir(parents=True, exist_ok=True)
    rows = ["head\trelation\ttail", *("\t".join(triple) for triple in _TRIPLES)]
    pack(home / "kg_triples.tsv.gz", rows)
    for part, dialogues in (("valid", talks), ("test", tested)):
        pack(home / f"dialogues.{part}.jsonl.gz", [json.dumps(one, ensure_ascii=False) for one in dialogues])
    return folder


def pack(path: Path, lines: Sequence[str]) -> None:
    """Write lines into a gzipped file."""
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
