"""What other packages may use of the messenger inside the same process; everything else goes over the wire.

`Core.run(lambda unit: ...)` runs actions in one transaction and tells their events after the commit.
"""

from __future__ import annotations

from messaging_core.cards.book import LeadBook, LeadLine
from messaging_core.commerce.coupon_book import CouponBook, CouponLine
from messaging_core.commerce.order_book import OrderBook, OrderLine
from messaging_core.commerce.orders import Share, ToldOrder
from messaging_core.commerce.wallet import top_up
from messaging_core.conversations.actions import add_members, create_group, open_direct, remove_member
from messaging_core.conversations.communities import Communities, CommunityLine
from messaging_core.core import Core
from messaging_core.desk.actions import close, hand_back, open_service, request_agent, take, transfer
from messaging_core.desk.agents_store import DeskSettings
from messaging_core.desk.board import BoardRow, Talk
from messaging_core.desk.desk import Desk
from messaging_core.desk.notebook import File
from messaging_core.desk.policy import Seat, Status
from messaging_core.desk.watch import DeskWatch, Watcher
from messaging_core.identity import staff_door
from messaging_core.identity.actions import (
    Issued,
    authenticate,
    create_account,
    create_enterprise,
    issue_token,
    put_staff,
    rename_bot,
    set_bot,
)
from messaging_core.identity.office import KeyLine, Office, Standing, Worker
from messaging_core.identity.policy import Actor, check_manages, check_right
from messaging_core.identity.standing import accept_terms
from messaging_core.integrations.subscriber import CommunitySubscriber, Delivery, ServiceSubscriber, Subscriber
from messaging_core.kernel.event_log import MESSAGE_SENT, Event
from messaging_core.kernel.notes import read_note, write_note
from messaging_core.kernel.schema import NAMING, AnyRow, Id
from messaging_core.kernel.unit import Unit
from messaging_core.media.shelf import EmojiShelf, Pack
from messaging_core.messages.actions import send_batch
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import Quote, SendRequest, Sent
from messaging_core.messages.reading_store import list_before, list_events
from messaging_core.reading import (
    ServiceSession,
    find_bot,
    find_message_words,
    find_names,
    find_session,
    is_member,
    lock_conversation,
)
from messaging_core.safety.abuse import Head as AbuseHead
from messaging_core.safety.abuse import HeadFile as AbuseFile
from messaging_core.safety.abuse import fit_file as fit_abuse
from messaging_core.safety.actions import appeal_ban
from messaging_core.safety.screening import Screener, Word
from messaging_core.settings import Limits
from messaging_core.transport.answers import PROBLEMS, Answer
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, PathId, TimeText, before

__all__ = [
    "MESSAGE_SENT",
    "NAMING",
    "PROBLEMS",
    "AbuseFile",
    "AbuseHead",
    "Actor",
    "Answer",
    "AnyRow",
    "BoardRow",
    "Body",
    "ChatActor",
    "Communities",
    "CommunityLine",
    "CommunitySubscriber",
    "Core",
    "CoreDep",
    "CouponBook",
    "CouponLine",
    "Cursor",
    "Delivery",
    "Desk",
    "DeskSettings",
    "DeskWatch",
    "EmojiShelf",
    "Event",
    "File",
    "Id",
    "IdText",
    "Issued",
    "KeyLine",
    "LeadBook",
    "LeadLine",
    "Limit",
    "Limits",
    "Office",
    "OrderBook",
    "OrderLine",
    "Pack",
    "PathId",
    "Quote",
    "Screener",
    "Seat",
    "SendRequest",
    "Sent",
    "ServiceSession",
    "ServiceSubscriber",
    "Share",
    "Standing",
    "Status",
    "Subscriber",
    "Talk",
    "TimeText",
    "ToldOrder",
    "Unit",
    "Watcher",
    "Word",
    "Worker",
    "accept_terms",
    "add_members",
    "appeal_ban",
    "authenticate",
    "before",
    "check_manages",
    "check_right",
    "close",
    "create_account",
    "create_enterprise",
    "create_group",
    "find_bot",
    "find_message_words",
    "find_names",
    "find_session",
    "fit_abuse",
    "hand_back",
    "is_member",
    "issue_token",
    "json_response",
    "list_before",
    "list_events",
    "lock_conversation",
    "open_direct",
    "open_service",
    "put_staff",
    "read_body",
    "read_note",
    "remove_member",
    "rename_bot",
    "request_agent",
    "send_batch",
    "set_bot",
    "staff_door",
    "take",
    "top_up",
    "transfer",
    "write_note",
]
