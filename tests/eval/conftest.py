"""A service of somebody else, for the tests of targets and runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.eval.targets.service import serving


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """The address of a small real HTTP server."""
    with serving() as url:
        yield url
