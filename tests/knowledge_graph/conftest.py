"""One graph of the demo shop for all tests that only read it."""

from __future__ import annotations

import pytest

from knowledge_graph.graph import KnowledgeGraph
from tests.knowledge_graph.moon_tea import moon_tea


@pytest.fixture(scope="session")
def tea() -> KnowledgeGraph:
    return moon_tea()
