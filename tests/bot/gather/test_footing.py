"""How firm the ground is on which a wish is answered."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.wish import Asked, Wish
from bot.gather.bounds import AFTER_CALL, USUAL
from bot.gather.footing import find_footing
from bot.retrieval.faq import FaqHit
from bot.understanding.understanding import Understanding


def _asked(plain: str = "运费要多少钱呢", *, confidence: float, in_scope: float = 1.0) -> Asked:
    vector: Any = None  # nobody here looks at it
    understanding = Understanding("shipping_fee", confidence, in_scope, 0.5, "clarify", (), ())
    return Asked(Wish(plain, understanding, vector), "shipping_fee", confidence)


def _hits(first: float, second: float = 0.1) -> list[FaqHit]:
    return [FaqHit(f"F{place}", one, "", 0.5, 0.5, None, 0.5) for place, one in enumerate((first, second))]


def test_after_a_call_the_same_words_must_be_surer() -> None:
    asked, hits = _asked(confidence=0.9), _hits(0.75)
    usual = find_footing(asked, hits, USUAL, leans=False, english=False)
    later = find_footing(asked, hits, AFTER_CALL, leans=False, english=False)
    assert usual.own and usual.entry and not later.own and not later.entry
    assert usual.sure and later.sure


@pytest.mark.parametrize(
    ("confidence", "first", "second", "leads"),
    [
        (0.9, 0.3, 0.1, True),  # a sure intent and a clear lead
        (0.9, 0.3, 0.25, False),  # no lead
        (0.9, 0.2, 0.1, False),  # hardly likely
        (0.5, 0.3, 0.01, False),  # the intent speaks for it too weakly
        (0.5, 0.4, 0.01, True),  # all others vanish beside it, and the text is surely ours
        (0.4, 0.4, 0.01, False),  # the intent is not read at all
    ],
)
def test_an_unsure_entry_answers_only_with_a_lead(confidence: float, first: float, second: float, leads: bool) -> None:
    assert (
        find_footing(_asked(confidence=confidence), _hits(first, second), USUAL, leans=False, english=False).leads
        is leads
    )


def test_a_short_text_asks_for_its_whole_subject() -> None:
    asked, hits = _asked("运费", confidence=0.9), _hits(0.9)
    footing = find_footing(asked, hits, USUAL, leans=False, english=False)
    assert not footing.entry and not footing.leads and footing.own


def test_foreign_words_need_a_likely_intent() -> None:
    assert not find_footing(_asked(confidence=0.5, in_scope=0.09), [], USUAL, leans=False, english=False).ours
    assert not find_footing(_asked(confidence=0.9, in_scope=0.09), [], USUAL, leans=False, english=False).ours
    assert find_footing(_asked(confidence=0.9, in_scope=0.16), [], USUAL, leans=False, english=False).ours


def test_an_entry_that_rules_alone_is_surer_where_the_text_may_not_be_ours_and_never_does_after_a_call() -> None:
    asked = _asked(confidence=0.5, in_scope=0.7)
    assert not find_footing(asked, _hits(0.4, 0.01), USUAL, leans=False, english=False).leads
    assert find_footing(asked, _hits(0.55, 0.01), USUAL, leans=False, english=False).leads
    assert not find_footing(asked, _hits(0.55, 0.01), AFTER_CALL, leans=False, english=False).leads


def test_what_leans_on_something_else_is_no_question_by_itself() -> None:
    footing = find_footing(_asked(confidence=0.9), _hits(0.9), USUAL, leans=True, english=False)
    assert footing.ours and footing.sure and not (footing.own or footing.entry or footing.leads)
