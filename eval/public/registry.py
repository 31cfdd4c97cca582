"""Which outside sets can be read, and by which protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from eval.errors import SuiteError
from eval.public.crosswoz import crosswoz_turns
from eval.public.dialogue_sets import cold_rows, jddc_turns, service_neutral, uss_turns
from eval.public.intent_sets import clinc_test, labelled
from eval.public.lastfm import lastfm_links, lastfm_users
from eval.public.pairs import epidemic_entries, epidemic_queries, lcqmc_entries, lcqmc_queries
from eval.public.rows import Given, Row
from eval.public.stack import stack_entries, stack_queries

Reader = Callable[[Path, Mapping[str, Any]], Iterable[Row]]

READERS: dict[str, Reader] = {
    "labelled": labelled,
    "jddc_turns": jddc_turns,
    "cold_rows": cold_rows,
    "service_neutral": service_neutral,
    "uss_turns": uss_turns,
    "lastfm_users": lastfm_users,
    "lastfm_links": lastfm_links,
    "clinc_test": clinc_test,
    "lcqmc_queries": lcqmc_queries,
    "lcqmc_entries": lcqmc_entries,
    "epidemic_queries": epidemic_queries,
    "epidemic_entries": epidemic_entries,
    "crosswoz_turns": crosswoz_turns,
    "stack_queries": stack_queries,
    "stack_entries": stack_entries,
}


def read_public(name: str, folder: Path, options: Mapping[str, Any], *, place: str) -> Iterable[Row]:
    """Return the rows of a set; raise SuiteError for a reader that is not there.

    An option that the reader needs and nobody gave is told with `place`; what is wrong in a file with its file:line.
    """
    if name not in READERS:
        raise SuiteError("unknown_set", place=place, name=name, known=", ".join(sorted(READERS)))
    return READERS[name](folder, Given(dict(options), place))
