"""What is wrong in a file: where, what, and how to put it right, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from intents.model import Json, Place
from intents.texts import say
from kefu.base.texts import Lang

Severity = Literal["error", "warning", "note"]
_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}
EXCERPT = 80

# Everything that is not an error. `lost` marks warnings where something the trainer wrote is not used.
_WARNINGS = {
    "answer_date",
    "answer_price",
    "entity_two_names",
    "intent_tiny",
    "nearly_in_two",
    "personal_data",
    "same_in_two",
    "suite_leak",
    "blank_line",
    "button_untitled",
    "comment_line",
    "duplicate_example",
    "empty_example",
    "empty_item",
    "examples_empty",
    "examples_folded",
    "handoff_unknown",
    "import_answer_only",
    "metadata_conflict",
    "metadata_shape",
    "near_miss_unknown",
    "response_repeated",
    "synonym_conflict",
    "version_old",
    "version_odd",
}
_LOST = {
    "dash_deeper",
    "dash_missing",
    "import_condition",
    "import_no_intent",
    "import_no_text",
    "import_row_long",
    "name_empty",
    "no_kind",
    "version_new",
}
_NOTES = {
    "entity_unmarked",
    "imbalance",
    "label_suspect",
    "lookup_cut",
    "nearer_to_other",
    "too_many_to_compare",
    "annotation_list_empty",
    "annotation_unread",
    "bracket_full_width",
    "import_name",
    "import_split",
    "name_spaces",
    "section_ignored",
    "nothing_here",
    "space_kept",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding at one place; `excerpt` is what stands there, `data` fills the places of the texts."""

    code: str
    place: Place
    data: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""

    @property
    def severity(self) -> Severity:
        """`error`: Rasa would reject the file; `warning`: look at it; `note`: good to know."""
        if self.code in _NOTES:
            return "note"
        return "warning" if self.code in _WARNINGS or self.code in _LOST else "error"

    @property
    def lost(self) -> bool:
        """Whether something that was written is not used; a check then fails even without an error."""
        return self.code in _LOST or self.severity == "error"

    def text(self, lang: Lang = "zh") -> str:
        """Return what is wrong, in words."""
        return say(f"problem.{self.code}", lang, self.data)

    def cure(self, lang: Lang = "zh") -> str:
        """Return what to do about it."""
        return say(f"cure.{self.code}", lang, self.data)

    def as_json(self, lang: Lang = "zh") -> dict[str, Json]:
        """Return the finding as one flat object for `--format json`."""
        return {
            "severity": self.severity,
            "code": self.code,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "text": self.text(lang),
            "cure": self.cure(lang),
            "excerpt": self.excerpt,
            "lost": self.lost,
        }


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the findings by file and position, each once, errors first where several stand at one place."""
    unique = {(one.place, one.code, tuple(sorted(one.data.items()))): one for one in problems}
    return tuple(sorted(unique.values(), key=lambda one: (one.place, _RANK[one.severity], one.code)))


def has_errors(problems: Iterable[Problem]) -> bool:
    """Tell whether something is wrong enough that a pack must not go live."""
    return any(one.severity == "error" for one in problems)
