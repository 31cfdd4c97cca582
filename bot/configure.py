"""Turning an enterprise's bot on and off: the settings' next version, and the account that it speaks as."""

from __future__ import annotations

from bot.settings import BotSettings
from bot.settings_check import check_settings
from bot.turns.settings_store import StoredSettings, find_settings, insert_settings
from messaging_core.api import Actor, Unit, check_manages, create_account, find_bot, rename_bot, set_bot


def put_settings(unit: Unit, actor: Actor | None, *, enterprise_id: int, settings: BotSettings) -> StoredSettings:
    """Store the settings as the next version and return it; versions before it stay. `actor` None: at set-up.

    With `auto_reply` the enterprise gets a bot account if it has none, and sessions open with the bot. Without it
    they open in the queue; a session that the bot still has goes there with the customer's next message. An account
    that the enterprise has chosen itself is used and never put away.
    """
    if actor is not None:
        check_manages(actor, enterprise_id)
    check_settings(settings)
    before = find_settings(unit.connection, enterprise_id)
    current = find_bot(unit.connection, enterprise_id)
    bot_id = current or before.bot_account_id
    if settings.auto_reply:
        if bot_id is None:
            bot_id = create_account(unit, None, name=settings.name, kind="bot", enterprise_id=enterprise_id)
        if current is None:
            set_bot(unit, None, enterprise_id=enterprise_id, bot_account_id=bot_id)
    elif current is not None and before.settings.auto_reply:
        set_bot(unit, None, enterprise_id=enterprise_id, bot_account_id=None)
    if settings.auto_reply and bot_id is not None:
        rename_bot(unit, None, enterprise_id=enterprise_id, bot_account_id=bot_id, name=settings.name)
    stored = StoredSettings(
        version=before.version + 1,
        settings=settings,
        bot_account_id=bot_id if settings.auto_reply else before.bot_account_id,
        author_id=actor.account_id if actor is not None else None,
        at_us=unit.now_us,
    )
    insert_settings(unit.connection, enterprise_id, stored)
    return stored
