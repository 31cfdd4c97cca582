"""All tables of the core on one MetaData: importing this module fills it."""

from __future__ import annotations

from messaging_core.cards import store as cards
from messaging_core.commerce import coupons_store as commerce_coupons
from messaging_core.commerce import orders_store as commerce_orders
from messaging_core.commerce import store as commerce
from messaging_core.conversations import audit, groups_store, invites_store, own_store
from messaging_core.conversations import store as conversations
from messaging_core.delivery import marketing_store, pending_store
from messaging_core.desk import agents_store as desk_agents
from messaging_core.desk import notebook_store as desk_notebook
from messaging_core.desk import store as desk
from messaging_core.identity import contacts_store as identity_contacts
from messaging_core.identity import logins_store as identity_logins
from messaging_core.identity import privacy_store as identity_privacy
from messaging_core.identity import standing_store as identity_standing
from messaging_core.identity import store as identity
from messaging_core.integrations import store as integrations
from messaging_core.kernel import event_log, jobs, notes
from messaging_core.kernel.schema import metadata
from messaging_core.links import store as links
from messaging_core.media import packs_store as emoji_packs
from messaging_core.media import store as media
from messaging_core.messages import changes_store, personal_store
from messaging_core.messages import store as messages
from messaging_core.safety import cases_store
from messaging_core.safety import store as safety
from messaging_core.transport import idempotency

__all__ = [
    "audit",
    "cards",
    "cases_store",
    "changes_store",
    "commerce",
    "commerce_coupons",
    "commerce_orders",
    "conversations",
    "desk",
    "desk_agents",
    "desk_notebook",
    "emoji_packs",
    "event_log",
    "groups_store",
    "idempotency",
    "identity",
    "identity_contacts",
    "identity_logins",
    "identity_privacy",
    "identity_standing",
    "integrations",
    "invites_store",
    "jobs",
    "links",
    "marketing_store",
    "media",
    "messages",
    "metadata",
    "notes",
    "own_store",
    "pending_store",
    "personal_store",
    "safety",
]
