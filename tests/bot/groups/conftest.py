"""The shop of the worker's tests, with a worker for its communities besides."""

from tests.bot.worker.conftest import settings, shop

__all__ = ["settings", "shop"]
