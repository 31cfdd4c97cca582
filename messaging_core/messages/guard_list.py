"""The guards of the send path, in the order in which they are asked; the first word against a message decides."""

from __future__ import annotations

from messaging_core.commerce.card_guard import load_cards
from messaging_core.commerce.goods_guard import load_goods
from messaging_core.conversations import etiquette, speaking
from messaging_core.delivery.marketing import MarketingGuard
from messaging_core.identity.privacy_guard import load_privacy
from messaging_core.identity.terms_guard import load_terms
from messaging_core.messages import quoting
from messaging_core.messages.guards import Load
from messaging_core.safety.limits import DirectGuard, GroupGuard, StandingGuard
from messaging_core.safety.screen_guard import ScreenGuard

GUARDS: tuple[Load, ...] = (
    StandingGuard.load,
    speaking.load,
    etiquette.load,
    load_terms,
    load_privacy,
    quoting.load,
    load_cards,
    load_goods,
    DirectGuard.load,
    GroupGuard.load,
    ScreenGuard.load,
    MarketingGuard.load,
)

# Other words for a message that stands: what would hold or refuse them as a new message does so here, too.
EDIT_GUARDS: tuple[Load, ...] = (StandingGuard.load, speaking.load, load_terms, ScreenGuard.load)
