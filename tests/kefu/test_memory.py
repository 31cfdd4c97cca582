"""What the server holds in memory, and when it collects its garbage."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kefu import memory


@pytest.fixture
def collector() -> Iterator[None]:
    """The collector as it was, afterwards."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("collector")
def test_new_objects_no_longer_bring_about_a_full_collection() -> None:
    memory.settle()
    before = gc.get_stats()[2]["collections"]
    kept = [[number] for number in range(1_000_000)]
    assert gc.get_stats()[2]["collections"] == before
    assert len(kept) == 1_000_000


@pytest.mark.parametrize(
    ("used_s", "late_s", "waited_s", "wanted"),
    [
        (0.001, 0.001, 1.0, True),
        (0.3, 0.001, 1.0, False),
        (0.001, 0.2, 1.0, False),
        (0.3, 0.001, 1700.0, False),
        (0.3, 0.001, 1801.0, True),
    ],
)
def test_garbage_is_collected_in_a_quiet_second_or_after_half_an_hour(
    used_s: float, late_s: float, waited_s: float, wanted: bool
) -> None:
    assert memory.is_time(used_s=used_s, late_s=late_s, waited_s=waited_s) is wanted


def test_what_only_training_needs_is_not_loaded_to_serve() -> None:
    code = "import sys, kefu.serve; print(*sorted({'sklearn', 'scipy.optimize', 'torch'} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
