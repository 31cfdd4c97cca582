"""The demo shop's bot, as the pipeline's tests have it."""

from __future__ import annotations

from tests.bot.pipeline.conftest import *  # noqa: F403 - fixtures are found by name
