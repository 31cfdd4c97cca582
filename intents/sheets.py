"""Import of FAQ tables: CSV and Excel with questions, intents and answers, headed in Chinese or English."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from intents.imported import Collector, Imported, ImportRefusedError, Output, one_line
from intents.merge import merge_files
from intents.model import Place
from intents.problems import Problem, sort_problems
from intents.tables import Row, read_table
from intents.writer import write_file

_HEADS = {
    "question": {
        "问题",
        "问法",
        "提问",
        "标准问",
        "标准问题",
        "标准问法",
        "用户问题",
        "顾客问题",
        "question",
        "questions",
        "utterance",
        "text",
        "query",
    },
    "similar": {
        "相似问",
        "相似问法",
        "相似问题",
        "其他问法",
        "扩展问",
        "扩展问法",
        "similar",
        "similar questions",
        "variants",
        "alternatives",
    },
    "intent": {"意图", "意图名", "意图名称", "分类", "类别", "intent", "label", "category"},
    "answer": {"答案", "答复", "回答", "回复", "标准答案", "answer", "answers", "response", "reply"},
}


@dataclass(frozen=True, slots=True)
class _Faq:
    """One row: all its wordings of the question, its intent (empty when none) and its answer."""

    line: int
    questions: tuple[str, ...]
    intent: str
    answer: str


def import_sheet(path: Path) -> Imported:
    """Read a table. Without an intent column each answer becomes `faq/<question>`.

    An intent whose rows have different answers is split by them, so that no question gets another one's answer.
    Raises ImportRefusedError when the file cannot be opened or has no column of questions.
    """
    rows = read_table(path)
    collector = Collector(path.name)
    faqs = _read_rows(collector, rows)
    by_intent: dict[str, list[_Faq]] = defaultdict(list)
    for faq in faqs:
        by_intent[faq.intent].append(faq)
    for intent, group in by_intent.items():
        _add_intent(collector, intent, group)
    content = collector.finish()
    read = merge_files([content])
    output = Output(f"{path.stem}.yml", write_file(content).encode())
    return Imported((output,), read, sort_problems([*collector.problems, *read.problems]))


def _columns(rows: list[Row], file: str) -> dict[str, int]:
    head = rows[0].cells if rows else ()
    found: dict[str, int] = {}
    for index, cell in enumerate(head):
        bare = re.sub(r"[\s_]+", " ", cell.strip().lower())
        for kind, names in _HEADS.items():
            if bare in names:
                found.setdefault(kind, index)
    if "question" not in found or not {"intent", "answer"} & set(found):
        shown = ", ".join(cell for cell in head if cell) or "?"
        raise ImportRefusedError(Problem("import_columns", Place(file, 1, 1), {"columns": shown[:200]}))
    return found


def _read_rows(collector: Collector, rows: list[Row]) -> list[_Faq]:
    columns = _columns(rows, collector.file)
    faqs: list[_Faq] = []
    for row in rows[1:]:
        cells = {kind: row.cells[at].strip() if at < len(row.cells) else "" for kind, at in columns.items()}
        if not any(row.cells):
            continue
        # One wording a line in the question's cell; the cell of similar ones also parts them by | or ；.
        questions = [one_line(text) for text in cells["question"].split("\n")]
        questions += [one_line(text) for text in re.split(r"[\n|；;]", cells.get("similar", ""))]
        questions = [text for text in dict.fromkeys(questions) if text]
        intent, answer = one_line(cells.get("intent", "")), cells.get("answer", "")
        if not questions:
            collector.report("import_no_text", row.line, columns["question"] + 1)
        elif not intent and not answer:
            collector.report("import_no_intent", row.line, columns.get("intent", columns["question"]) + 1)
        else:
            faqs.append(_Faq(row.line, tuple(questions), intent, answer))
    return faqs


def _add_intent(collector: Collector, intent: str, group: list[_Faq]) -> None:
    answers = list(dict.fromkeys(faq.answer for faq in group if faq.answer))
    base = collector.name(intent, group[0].line) if intent else "faq"
    names = {"": base}
    if not intent or len(answers) > 1:
        used: set[str] = set()
        for answer in answers:
            first = next(faq for faq in group if faq.answer == answer)
            names[answer] = f"{base.replace('/', '_')}/{_key(first.questions[0], used)}"
        if intent:
            collector.report("import_split", group[0].line, name=base, new=names[answers[0]])
    for faq in group:
        name = names.get(faq.answer, base)
        for question in faq.questions:
            collector.example(name, question, faq.line)
        collector.answer(name, faq.answer)


def _key(question: str, used: set[str]) -> str:
    """Return a short name made of a question that no other answer has."""
    key = re.sub(r"\W+", "_", question).strip("_")[:24] or "q"
    number, unique = 2, key
    while unique in used:
        unique, number = f"{key}_{number}", number + 1
    used.add(unique)
    return unique
