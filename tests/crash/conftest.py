"""Crash tests start their servers the quick way."""

from __future__ import annotations

import pytest

from tests.support import forked


@pytest.fixture(autouse=True)
def _quick_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.crash.node.launch", forked.launch)
