"""The Python client of protocol 1: typed, async; reconnects, resumes, and keeps what could not be sent yet.

It needs msgspec, websockets and httpx, and nothing else of this project: copy the folder into yours if you like.
"""

from .backoff import Backoff
from .client import KefuClient
from .errors import (
    ApiError,
    ClientClosed,
    ClientError,
    ConnectionLost,
    NetworkError,
    OutboxCorrupt,
    OutboxFull,
    ProtocolError,
    SlowReader,
)
from .feed import Disconnected, Heard, Subscription
from .frames import (
    Ack,
    Closing,
    ConversationAdded,
    ErrorFrame,
    Event,
    Own,
    PeerTyping,
    Pending,
    Presence,
    Quote,
    ReadCursor,
    Synced,
    UnknownFrame,
    Waiting,
    Welcome,
)
from .http import HttpApi
from .http_acts import Forwarded, Readers, Version
from .http_groups import Act, Ban, GroupSettings, Invitation, InviteLink, JoinRequest
from .http_own import Unread
from .models import Account, Conversation, GroupView, Member, Message, OwnView, Page, ReplyTo, ServiceSession
from .replica import Applied, Replica
from .webhooks import WebhookReceiver, WebhookRefused

__all__ = [
    "Account",
    "Ack",
    "Act",
    "ApiError",
    "Applied",
    "Backoff",
    "Ban",
    "ClientClosed",
    "ClientError",
    "Closing",
    "ConnectionLost",
    "Conversation",
    "ConversationAdded",
    "Disconnected",
    "ErrorFrame",
    "Event",
    "Forwarded",
    "GroupSettings",
    "GroupView",
    "Heard",
    "HttpApi",
    "Invitation",
    "InviteLink",
    "JoinRequest",
    "KefuClient",
    "Member",
    "Message",
    "NetworkError",
    "OutboxCorrupt",
    "OutboxFull",
    "Own",
    "OwnView",
    "Page",
    "PeerTyping",
    "Pending",
    "Presence",
    "ProtocolError",
    "Quote",
    "ReadCursor",
    "Readers",
    "Replica",
    "ReplyTo",
    "ServiceSession",
    "SlowReader",
    "Subscription",
    "Synced",
    "UnknownFrame",
    "Unread",
    "Version",
    "Waiting",
    "WebhookReceiver",
    "WebhookRefused",
    "Welcome",
]
