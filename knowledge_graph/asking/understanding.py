"""From a text to a question: mentions, the schema's words, amounts, and the few words of grammar that matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from knowledge_graph.asking.apart import find_apart
from knowledge_graph.asking.asks import signs_of
from knowledge_graph.asking.context import in_context
from knowledge_graph.asking.cues import Cue, cues_of
from knowledge_graph.asking.places import find_place
from knowledge_graph.asking.quantities import Quantity, find_quantities
from knowledge_graph.asking.question import AskedKind, Bound, Extreme, Question, Test
from knowledge_graph.asking.reading import BLANK as _BLANK
from knowledge_graph.asking.reading import Reading as _Reading
from knowledge_graph.asking.reading import nearby
from knowledge_graph.fold import fold
from knowledge_graph.linking.focus import back_mention
from knowledge_graph.model import Mention
from knowledge_graph.numerals import NUMBER
from knowledge_graph.schema import Schema

if TYPE_CHECKING:
    from knowledge_graph.graph import KnowledgeGraph

_COUNT = re.compile("几种|几款|多少种|多少款|几样|几类|(?:几个|多少个)(?!钟|小时|月|星期|礼拜|工作日|人)")
_COMPARE = re.compile("哪个|哪款|哪种|哪一个|哪一款|谁更|比较|对比|相比|区别|不同|不一样|差别|还是|[^不]更|比")
_YES_NO = re.compile("吗|么|嘛|是不是|算不算|属不属于|含不含|适不适合|能不能|对不对|有没有|可不可以")
_LIST = re.compile("有哪些|有什么|有啥|哪些|什么|推荐|有没有|列|都有|卖|想要|想买|找|来点|挑|有")
_NOT_BEFORE = re.compile(
    r"(?:不要|不想要|不含|不带|不是|不喝|不吃|不爱|不喜欢|除了|除去|排除|非|没有|别要|别|不)(?:太|有)?$"
)
_NOT_AFTER = re.compile(r"^(?:以外|之外|除外|的不要|不要)")
_ASKING = ("有没有", "是不是")
_SUPER = re.compile(r"(?:最|哪个|哪款|哪种|谁|更|比较)(?:为|更|最)?$")
_SAME = re.compile(r"(?:同|同一个?|同样|相同|一样|一个|一样的)(?:的)?$")
_GOES = "goes_with"
_PAIRED = re.compile(f"[配搭](?:着|上|个)?{_BLANK}|{_BLANK}(?:可以|能|适合|一般|应该)?[配搭]")
_SHARED = re.compile("区别|不同|不一样|差别|对比")
_FILLER = re.compile(
    "请问|你好|您好|你们|我们|我想|想问|问下|问一下|一下|给我|帮我|这个|那个|这款|那款|这种|那种|可以|能不能|能|可|是不是|有没有|"
    "有哪些|有什么|什么|哪些|哪个|哪款|哪种|多少|几种|几款|怎么|咋|如何|一种|一款|一个|一盒|一罐|一饼|一斤|一包|推荐|介绍|喜欢|"
    "具体|详细|大致|麻烦|告诉|发给|帮忙|顺便|方便|好的|嗯|全部|所有|现在|目前|今天|仓库|库里|整|出产|产的|出的|大概是|到底|究竟|第一|咱|啥|都有|以内|以上|左右|大概|预算|便宜|还有|或者|还是|适合|喝|用|买|卖|要|想|送|给|配|搭|比|跟|和|与|或|同|的|了|呢|吗|嘛|么|吧|啊|呀|哦|"
    "哈|您|你|我|他|她|它|是|有|在|都|也|就|还|又|再|更|最|很|太|点|些|种|款|个|茶|店|家|里|来|去|说|看|找|带|含|算|属于|属|哪|几|钱"
)
_ONE = re.compile("一[泡包袋只片颗粒枚饼盒罐件套支瓶条块杯台个斤]")
_SIZE = re.compile(
    f"{NUMBER}[泡包袋只片颗粒枚饼盒罐件套支瓶条块杯个克g]|[大小]?[礼罐袋盒饼瓶试散整]+[罐袋盒饼瓶饮装]?装?"
)
_ASKS = re.compile("多少|几|什么|怎么|啥|哪|咋|吗")
_VALUE = re.compile(
    r"(?:最好|大概|大约|控制)?[是在为要到有]?(?:最好|大概|大约|不超过|低于|高于)?[\d一二两三四五六七八九十百]+(?!下)|[是要]?免费的"
)
_BEFORE_CLASS = "的|什么|哪些|哪款|哪种"
_AFTER_CLASS = r"$|\W|里|中|当中|最|哪|有|多少|什么|怎么"
_NOT_WORD = re.compile(r"[\W_]+")
_UNREAD = 2
_NAMED = 0.5


def understand(graph: KnowledgeGraph, text: str, *, focus: Sequence[str] = ()) -> Question:
    """Return the question; of the kind `not_understood` when the text asks nothing that a graph can answer."""
    reading = _read(graph, text, focus)
    schema = reading.schema
    subjects = _subjects(reading)
    compared = bool(_COMPARE.search(reading.masked))
    spoken = [id for id in focus if _is_main(graph, id)]
    wanted = _wanted(graph, reading, focus)
    includes, excludes, without = _tests(reading)
    subjects = tuple(mention for mention in subjects if mention.candidates[0].node_id not in without)
    extreme, relative = _extreme(reading)
    target = _target(reading)
    question = Question(
        kind="not_understood",
        target=target,
        subjects=subjects,
        wanted=wanted,
        includes=includes,
        excludes=excludes,
        without=without,
        apart=reading.apart,
        apart_bounds=_bounds(schema, find_quantities(reading.apart)),
        bounds=_bounds(schema, reading.amounts),
        extreme=extreme,
        same=_same(reading),
        nth=reading.nth,
        plain=reading.masked,
    )
    unread = _unread(reading)
    question = replace(question, unread=unread)
    goes = bool(_PAIRED.search(reading.masked)) and (subjects or len(includes) > 1)
    if goes and _GOES in schema.predicates and _GOES not in wanted:
        question = replace(question, wanted=(_GOES, *wanted))
    if _GOES in question.wanted and subjects and not includes:
        question = replace(question, ending=_ending(reading))
    leans = not subjects and not includes and target in schema.mains and not without and len(unread) <= _UNREAD
    if len(schema.mains) > 1:
        placed = in_context(graph, question, reading, spoken)
        if placed is not None:
            return placed
    if leans and len(spoken) > 1 and compared and (extreme or wanted):
        question = replace(question, subjects=tuple(back_mention(graph, id) for id in spoken[:4]))
    elif leans and spoken and extreme and not wanted and not extreme.only:
        question = replace(question, subjects=(back_mention(graph, spoken[0]),), same=class_edges(schema))
    elif (leans and spoken and (wanted or _is_about_parts(question, schema)) and not (extreme and extreme.only)) or (
        not subjects and spoken and (includes or wanted) and len(unread) <= _UNREAD and not _LIST.search(reading.masked)
    ):
        question = replace(question, subjects=(back_mention(graph, spoken[0]),))
    kind = _kind(question, reading, compared=compared, relative=relative)
    if question.apart and kind in ("superlative", "path"):
        kind = "not_understood"  # which is the cheapest may hang on the size that is not wanted
    return replace(question, kind=kind)


def _wanted(graph: KnowledgeGraph, reading: _Reading, focus: Sequence[str]) -> tuple[str, ...]:
    """The predicates that are asked for: those that were learned by their chance, the others by the schema's words."""
    worded = dict.fromkeys((*(cue.name for cue in reading.cues if cue.role == "wanted"), *_around(reading)))
    if graph.asks is None:
        return tuple(worded)
    latest = graph.find_node(focus[0]) if focus else None
    signs = signs_of(
        reading.plain, reading.mentions, schema=reading.schema, about="" if latest is None else latest.kind
    )
    chances = graph.asks.chances(signs)
    named = {candidate.kind for mention in reading.mentions for candidate in mention.candidates}
    for name in chances:  # that a value of it is named speaks for a predicate, too: 有健身房吗
        unit = reading.schema.predicates[name].unit
        if unit in named - reading.schema.mains and chances[name] >= graph.asks.least * _NAMED:
            chances[name] = max(chances[name], graph.asks.least)
    likely = (name for name in sorted(chances, key=lambda name: -chances[name]) if chances[name] >= graph.asks.least)
    return tuple(dict.fromkeys((*likely, *(name for name in worded if name not in chances))))


def _kind(question: Question, reading: _Reading, *, compared: bool, relative: bool) -> AskedKind:
    subjects, masked = question.subjects, reading.masked
    narrowed = bool(question.includes or question.excludes or question.bounds or question.without)
    if relative and subjects:
        return "filter"
    if question.same and subjects:
        return "filter"
    if len(subjects) > 1 and compared:
        return "comparison"
    if not subjects and compared and _SHARED.search(masked) and len(question.includes) > 1:
        return "comparison"
    if _GOES in question.wanted and (subjects or question.includes):
        return "path" if len(question.wanted) > 1 or question.extreme is not None else "fits"
    if question.subjects and _selects(question, reading.schema):
        return "filter"
    if len(subjects) == 1 and question.includes and not _told(question) and (_YES_NO.search(masked) or "是" in masked):
        return "membership"
    if _COUNT.search(masked) and (narrowed or subjects or question.target != "") and "size" not in question.wanted:
        return "count"
    if question.extreme is not None and question.extreme.only and (not subjects or not compared or len(subjects) == 1):
        return "superlative"
    unread = len(question.unread) >= _UNREAD
    if subjects and question.wanted and _estranged(reading):
        return "not_understood"
    if subjects:
        return "attribute" if question.wanted or question.bounds or not unread else "not_understood"
    if unread and not (question.wanted or question.bounds or question.extreme):
        return "not_understood"
    if narrowed or question.target != reading.schema.main:
        return "filter"
    return "not_understood"


def _read(graph: KnowledgeGraph, text: str, focus: Sequence[str]) -> _Reading:
    mentions = graph.link(text, focus=focus)
    plain = fold(text)
    hidden = list(plain)
    for mention in mentions:
        hidden[mention.start : mention.end] = _BLANK * (mention.end - mention.start)
    place = find_place("".join(hidden), schema=graph.schema)
    if place is not None:  # its words ask nothing: 规格 in 第二个规格多少钱
        hidden[place.start : place.end] = " " * (place.end - place.start)
    apart = find_apart("".join(hidden))
    if apart is not None:  # nor do those for a size that is not wanted choose it
        hidden[apart.start() : apart.end()] = " " * (apart.end() - apart.start())
    masked = "".join(hidden)
    cues = tuple(cue for cue in cues_of(graph.schema).find(masked) if not _narrows(masked, cue))
    amounts = tuple(
        amount
        for amount in find_quantities(masked)
        if not any(cue.start < amount.end and amount.start < cue.end for cue in cues if cue.role == "wanted")
    )
    nth = None if place is None else place.number
    return _Reading(
        plain, masked, mentions, cues, amounts, graph.schema, nth, "" if apart is None else apart["size"]
    )  # fmt: skip


def _narrows(masked: str, cue: Cue) -> bool:
    """Whether a word is followed by its value, and so narrows the choice instead of asking: 评分4.5分以上的."""
    if cue.role != "wanted" or _ASKS.search(masked[cue.start : cue.end]):
        return False
    return bool(_VALUE.match(masked[cue.end :]))


def _subjects(reading: _Reading) -> tuple[Mention, ...]:
    """Mentions of the main kind and of its parts."""
    schema = reading.schema
    kinds = {*schema.mains, *(kind for kind, (_, whole) in schema.part_of.items() if whole in schema.mains)}
    chosen = [mention for mention in reading.mentions if mention.candidates[0].kind in kinds]
    other = [m for m in reading.mentions if m.candidates[0].kind == _target(reading) and m not in chosen]
    return tuple(chosen or (other if _target(reading) != schema.main else ()))


def _target(reading: _Reading) -> str:
    """The kind that is asked for: named by a word, or the main one."""
    for cue in reading.cues:
        if cue.role == "kind" and cue.name != reading.schema.main:
            return cue.name
    leading = {mention.candidates[0].kind for mention in reading.mentions}
    edges = {rule.unit for rule in reading.schema.predicates.values()}
    alone = [kind for kind in leading if kind not in edges and kind not in reading.schema.mains]
    return alone[0] if alone and len(leading) == 1 else reading.schema.main


def _tests(reading: _Reading) -> tuple[tuple[Test, ...], tuple[Test, ...], tuple[str, ...]]:
    """What must hold, what must not, and the nodes that are not wanted."""
    includes: list[Test] = []
    excludes: list[Test] = []
    without: list[str] = []
    for mention in reading.mentions:
        best = mention.candidates[0]
        before, after = reading.masked[: mention.start], reading.masked[mention.end :]
        negative = _denied(before) or (bool(_NOT_AFTER.search(after)) and not before.endswith(_ASKING))
        if best.kind in reading.schema.mains:
            if negative:
                without.append(best.node_id)
            continue
        predicate = _edge_to(best.kind, reading.schema)
        if predicate is not None:
            (excludes if negative else includes).append(Test(predicate, best.node_id))
    for cue in reading.cues:
        if cue.role == "value":
            (excludes if _denied(reading.masked[: cue.start]) else includes).append(Test(cue.name, cue.value))
    return tuple(dict.fromkeys(includes)), tuple(dict.fromkeys(excludes)), tuple(without)


def _denied(before: str) -> bool:
    """Whether the words before a value deny it; 有没有 and 是不是 only ask."""
    return bool(_NOT_BEFORE.search(before)) and not before.endswith(_ASKING)


def _edge_to(kind: str, schema: Schema) -> str | None:
    for name, rule in schema.predicates.items():
        if rule.unit == kind and schema.mains & set(rule.of):
            return name
    return None


def _extreme(reading: _Reading) -> tuple[Extreme | None, bool]:
    """The order that is asked for, and whether it is relative to a node (比大红袍便宜的)."""
    for cue in reading.cues:
        if cue.role not in ("more", "less"):
            continue
        before = reading.masked[: cue.start].rstrip(_BLANK + " ")
        only = bool(_SUPER.search(before))
        relative = before.endswith("比") and reading.masked[: cue.start].endswith(_BLANK)
        told = only or relative or len(reading.plain[cue.start : cue.end]) > 1 or reading.plain[cue.start] == "贵"
        if told:
            return Extreme(cue.name, cue.role == "more", only), relative
    return None, False


def _bounds(schema: Schema, amounts: Sequence[Quantity]) -> tuple[Bound, ...]:
    found: list[Bound] = []
    for amount in amounts:
        names = [name for name, rule in schema.predicates.items() if rule.unit == amount.unit]
        names.sort(key=lambda name: not (schema.predicates[name].size or schema.predicates[name].limit))
        if not names:
            continue
        rule = schema.predicates[names[0]]
        low, high = amount.low, amount.high
        if amount.exact and rule.limit and high is not None:
            low = None
        found.append(Bound(names[0], low, high))
    return tuple(found)


def _told(question: Question) -> bool:
    """Whether a number is asked for, so that words like 办公 only describe: 60包的办公装什么价."""
    return any(name in question.wanted for name in ("price", "stock"))


def _unread(reading: _Reading) -> str:
    """What no mention, word of the schema, amount or filler explains: it may change the question's meaning."""
    hidden = list(reading.masked)
    for cue in reading.cues:
        hidden[cue.start : cue.end] = _BLANK * (cue.end - cue.start)
    for amount in reading.amounts:
        hidden[amount.start : amount.end] = _BLANK * (amount.end - amount.start)
    left = "".join(hidden)
    for known in (_SHARED, _COMPARE, _COUNT, _ONE, _SIZE, _FILLER, _YES_NO, _NOT_WORD):
        left = known.sub("", left)
    return left


def _estranged(reading: _Reading) -> bool:
    """Whether unknown words stand right before what is asked, and so change it: 海拔 in 碧螺春的海拔多少米."""
    for cue in reading.cues:
        if cue.role != "wanted":
            continue
        hidden = list(reading.masked[: cue.start])
        for other in reading.cues:
            hidden[other.start : other.end] = _BLANK * len(hidden[other.start : other.end])
        before = "".join(hidden).rsplit(_BLANK, 1)[-1]
        left = before
        for known in (_SHARED, _COMPARE, _COUNT, _ONE, _SIZE, _FILLER, _YES_NO):
            left = known.sub("\x01", left)
        run = re.search(r"[\u3400-\u9fff]+$", left)
        if (
            run is not None
            and len(run[0]) >= _UNREAD
            and not any(amount.end > cue.start - 2 for amount in reading.amounts)
        ):
            return True
    return False


def _ending(reading: _Reading) -> str:
    """The ending that stands for all classes whose names have it: 茶 in 配这个壶的茶里最便宜的."""
    for rule in reading.schema.kinds.values():
        for ending in rule.drop_endings:
            if re.search(rf"(?:{_BEFORE_CLASS}){ending}(?:{_AFTER_CLASS})", reading.masked):
                return ending
    return ""


def class_edges(schema: Schema) -> tuple[str, ...]:
    """The edge that says what a main node is, the first that is required."""
    found = [n for n, r in schema.predicates.items() if schema.main in r.of and r.required and schema.is_edge(n)]
    return tuple(found[:1])


def _selects(question: Question, schema: Schema) -> bool:
    """Whether a bound is on the nodes themselves, so that it chooses among those of a name (2015年的老白茶)."""
    return any(schema.main in schema.predicates[bound.predicate].of for bound in question.bounds)


def _same(reading: _Reading) -> tuple[str, ...]:
    """Edges that must lead to the same node as the subject's: 和大红袍同产地的."""
    names = []
    for cue in reading.cues:
        if cue.role == "wanted" and _SAME.search(reading.masked[: cue.start].rstrip()):
            names.append(cue.name)
    for name, rule in reading.schema.predicates.items():
        if re.search(rf"(?:同一?个?|一个|相同){rule.label}", reading.masked) and name not in names:
            names.append(name)
    return tuple(dict.fromkeys(names))


def _is_main(graph: KnowledgeGraph, id: str) -> bool:
    node = graph.find_node(id)
    return node is not None and node.kind in graph.schema.mains


def _around(reading: _Reading) -> list[str]:
    """Edges to what lies around, by a word for nearness and one for a kind: 附近有什么好吃的."""
    near = nearby(reading.masked)
    if near is None:
        return []
    kinds = {cue.name for cue in reading.cues if cue.role == "kind" and cue.start >= near.end()}
    return [name for name, rule in reading.schema.predicates.items() if rule.around and rule.unit in kinds]


def _is_about_parts(question: Question, schema: Schema) -> bool:
    return question.nth is not None or any(schema.predicates[bound.predicate].size for bound in question.bounds)
