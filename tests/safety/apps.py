"""The application whose doors are tried: the messenger with the bot's routes, as the product serves them."""

from __future__ import annotations

from fastapi import FastAPI

from bot.routes import add_bot
from messaging_core.api import Core
from messaging_core.app import create_app
from tests.bot.worker.deciders import Deciding


def whole_app(core: Core) -> FastAPI:
    """Return the application; its bot says again what it hears."""
    app = create_app(core)
    add_bot(app, lambda _enterprise_id: Deciding())
    return app
