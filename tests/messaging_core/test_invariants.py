"""Invariants of the messenger as state machines: hypothesis looks for a story that breaks them.

`HYPOTHESIS_PROFILE=long pytest tests/messaging_core/test_invariants.py` looks ninety times as long, at random,
`deep` three times.
"""

from __future__ import annotations

from tests.messaging_core.machines.conversations import ConversationMachine
from tests.messaging_core.machines.offering import OfferMachine
from tests.messaging_core.machines.running import run_machine
from tests.messaging_core.machines.service import ServiceMachine


def test_no_story_of_two_nodes_loses_doubles_reorders_or_leaks_a_message(database_url: str) -> None:
    examples = 14 if database_url.startswith("sqlite") else 4
    run_machine(ConversationMachine, url=database_url, examples=examples, steps=40)


def test_no_story_of_a_service_session_lets_a_late_bot_speak(database_url: str) -> None:
    examples = 14 if database_url.startswith("sqlite") else 4
    run_machine(ServiceMachine, url=database_url, examples=examples, steps=40)


def test_no_story_of_offers_and_reviewers_numbers_what_waits_twice_or_shows_it_early(database_url: str) -> None:
    examples = 14 if database_url.startswith("sqlite") else 4
    run_machine(OfferMachine, url=database_url, examples=examples, steps=40, days=20)
