"""A core with small pauses for the plug-in door's tests."""

from __future__ import annotations

import pytest

from messaging_core.settings import Settings
from tests.messaging_core.integrations.helpers import quick


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Three tries, 10 ms apart; the sweep runs when a test calls it; webhooks may call this machine."""
    return quick(settings, webhook_private_hosts=True, webhook_timeout_s=10.0)
