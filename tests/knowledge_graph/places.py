"""A small town: places of three kinds, which a conversation may be about at once."""

from __future__ import annotations

from knowledge_graph.asking.learn import Asked
from knowledge_graph.graph import KnowledgeGraph, graph_of
from knowledge_graph.records import FactRecord, NodeRecord, Record
from knowledge_graph.schema import packed_schema

TOWER, GARDEN, INN, LODGE, GRILL, BAR = "景:塔", "景:园", "店:云", "店:山", "馆:烤", "馆:吧"


def town() -> KnowledgeGraph:
    """Two sights, two hotels, two restaurants; the garden has no rating, a restaurant is called like a facility."""
    nodes = [
        (TOWER, "attraction", "望江塔"), (GARDEN, "attraction", "听雨园"), (INN, "hotel", "云栖酒店"),
        (LODGE, "hotel", "山居酒店"), (GRILL, "restaurant", "老街烤肉(乐家店)"), (BAR, "restaurant", "酒吧"),
    ]  # fmt: skip
    facts = [
        (TOWER, "phone", "010-1111"), (TOWER, "rating", "4.5"), (TOWER, "ticket", "20"),
        (GARDEN, "phone", "010-2222"), (GARDEN, "ticket", "0"), (INN, "phone", "010-3333"), (INN, "price", "300"),
        (INN, "rating", "4.8"), (INN, "metro", "江边站"), (TOWER, "metro", "塔下站"), (GRILL, "phone", "010-5555"),
        (GRILL, "rating", "4.1"), (TOWER, "near_hotels", INN), (INN, "near_restaurants", GRILL),
    ]  # fmt: skip
    held = ("健身房", "公共区域和部分房间提供wifi", "酒吧")
    records: list[Record] = [NodeRecord(id, kind, name, (), "town:1") for id, kind, name in nodes]
    records += [FactRecord(id, predicate, value, "town:2") for id, predicate, value in facts]
    records += [FactRecord(INN, "facilities", name, "town:3") for name in held]
    records += [FactRecord(LODGE, "facilities", name, "town:3") for name in ("行李寄存", "部分房间提供wifi")]
    return graph_of(records, packed_schema("places"))


def questions() -> list[Asked]:
    """What customers asked, and what they only told."""
    asked = {
        "rating": ("评分是多少", "它的评分高吗", "评分怎么样", "请问评分几分", "帮我查一下评分", "有多少分"),
        "phone": ("电话是多少", "把电话给我", "联系方式有吗", "电话号码发我一下", "请问电话", "能告诉我电话吗"),
        "facilities": ("有健身房吗", "有行李寄存吗", "提供酒吧服务吗", "有没有健身房", "是否有行李寄存", "有wifi吗"),
        "near_hotels": (
            "周边有酒店吗",
            "附近有什么酒店",
            "附近有住的地方吗",
            "周边酒店有哪些",
            "旁边有酒店吗",
            "附近住宿",
        ),
    }
    told = (
        "评分挺高的", "评分不错", "电话记下了", "好的谢谢你的服务", "就去这里吧", "我想找个评分4分以上的酒店",
        "我想住有健身房的酒店", "想在附近找个酒店住", "给我推荐一个评分5分的景点", "谢谢", "这个评分我很满意",
    )  # fmt: skip
    found = [Asked(text, (name,)) for name, texts in asked.items() for text in texts for _ in range(2)]
    return [*found, *(Asked(text) for text in told for _ in range(2))]
