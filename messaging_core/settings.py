"""Every number and switch of the messenger: default, unit, effect. The environment is read here and nowhere else.

A nested field is set by `KEFU_<GROUP>__<FIELD>`, as in `KEFU_LIMITS__FRAMES_PER_S=50`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from kefu.base.errors import ConfigError

_PREFIX = "KEFU_"


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Group):
    """Guards against floods; each refusal names its limit."""

    frame_bytes: int = Field(65_536, description="largest WebSocket frame and HTTP body, bytes")
    text_chars: int = Field(5_000, description="longest text message, code points")
    video_ms: int = Field(15_000, description="longest short video, inclusive, milliseconds")
    frames_per_s: float = Field(50.0, description="frames a second from one connection, sustained")
    frames_burst: int = Field(100, description="frames at once from one connection")
    requests_per_s: float = Field(50.0, description="HTTP requests a second from one account or address, sustained")
    requests_burst: int = Field(200, description="HTTP requests at once from one account or address")
    connections_per_account: int = Field(20, description="live WebSockets of one account on one node")
    connections_per_address: int = Field(500, description="live WebSockets from one address on one node")
    sends_in_flight: int = Field(
        256, description="frames of one connection that wait for their answer; it is not read from beyond"
    )
    pending_sends: int = Field(20_000, description="sends of all connections that wait; beyond it: overloaded")
    send_buffer_bytes: int = Field(1_048_576, description="bytes a slow reader may lag before it is cut off")
    request_arrival_s: float = Field(15.0, description="time an HTTP request has to arrive whole, seconds")
    hello_timeout_s: float = Field(10.0, description="time a new connection has for its hello, seconds")
    welcome_conversations: int = Field(100, description="conversations in the welcome frame")
    watched_accounts: int = Field(500, description="accounts whose presence one connection may watch")
    visitors_per_hour: int = Field(60, description="anonymous visitors from one address in an hour")


class Accounts(_Group):
    """Sign-up, passwords, log-ins, contacts."""

    sign_up: bool = Field(True, description="people may make accounts themselves")
    password_chars: int = Field(8, description="shortest password, characters")
    argon2_memory_kib: int = Field(19_456, description="memory of one password hash, KiB")
    argon2_passes: int = Field(2, description="passes of one password hash over its memory")
    argon2_lanes: int = Field(1, description="threads of one password hash")
    password_threads: int = Field(2, description="passwords hashed at once on one node")
    password_waiting: int = Field(200, description="passwords that wait for their hash; beyond it: overloaded")
    log_ins_per_account: int = Field(20, description="tries to log in to one account in an hour, right or wrong")
    log_ins_per_address: int = Field(100, description="tries to log in from one address in an hour")
    sign_ups_per_address: int = Field(30, description="accounts made from one address in an hour")
    last_seen_s: float = Field(300.0, description="how exactly a device's or key's last use is kept, seconds")
    follows: int = Field(5_000, description="accounts that one account may follow")
    listed: int = Field(5_000, description="accounts on one blacklist or whitelist")
    contact_groups: int = Field(100, description="contact groups of one account")
    contact_group_members: int = Field(500, description="members of one contact group")
    silences: int = Field(50, description="do-not-disturb intervals of one account")
    look_ups_per_hour: int = Field(
        60, description="people that one account may look up by their log-in name in an hour"
    )


class Groups(_Group):
    """Sizes of groups (members include the owner)."""

    ordinary_members: int = Field(200, description="members of an ordinary group")
    ordinary_invites: int = Field(50, description="members invited when an ordinary group is made")
    community_members: int = Field(500, description="members of an enterprise community")
    community_invites: int = Field(500, description="members invited when a community is made")
    silence_max_h: int = Field(720, description="longest silence of a member or a group, hours")
    link_days: int = Field(7, description="days an invite link is good for unless said otherwise")
    links: int = Field(50, description="invite links of one group that are good at once")
    waiting: int = Field(500, description="people who may wait to be let in")
    pins: int = Field(10, description="pinned messages of one group")
    notice_chars: int = Field(2_000, description="longest notice or welcome, code points")
    bot_wait_s: int = Field(60, description="seconds a question stays unanswered before a group's bot may speak")
    bot_replies: int = Field(3, description="messages a bot may send in answer to one message of a group")
    bot_look_back: int = Field(50, description="messages after a question that are looked at for an answer of a human")


class Messages(_Group):
    """What can be done to messages that stand, and how long."""

    recall_s: int = Field(120, description="time in which a sender may recall a message, seconds")
    agent_recall_h: int = Field(24, description="hours in which a desk's agents may recall what their side said")
    admin_recall_h: int = Field(24, description="hours in which a group's admins may recall a member's message")
    edit_s: int = Field(900, description="time in which a sender may edit a text, seconds; 0: never")
    mentions: int = Field(50, description="members that one message may call by name")
    reaction_kinds: int = Field(20, description="different emoji under one message")
    reactions_each: int = Field(3, description="emoji of one member under one message")
    forward: int = Field(100, description="messages forwarded at once, singly or as one card")
    forward_bytes: int = Field(48_000, description="size of a merged card, bytes of JSON")
    draft_chars: int = Field(5_000, description="longest draft that is kept, code points")


class RedPackets(_Group):
    """Red packets; money in fen."""

    share_min_fen: int = Field(100, description="smallest share, fen")
    share_max_fen: int = Field(20_000, description="largest share, fen")
    shares: int = Field(100, description="most shares of one red packet")
    expires_h: int = Field(24, description="hours until what nobody opened goes back")


class Orders(_Group):
    """What led to an order."""

    attribution_h: int = Field(72, description="hours after which a card or an answer has led to no order any more")
    commission_bp: int = Field(0, description="commission on what an agent or bot led to, in 1/10,000 of the total")


class Safety(_Group):
    """Rules against harassment; each refusal names its rule. Rules: see `kefu settings` and protocol.md."""

    daily_cap: int = Field(200, description="direct messages a person may send on one business day", ge=1)
    hourly: int = Field(50, description="direct messages in the sliding window before level 1", ge=1, le=500)
    window_s: float = Field(3600, description="sliding window of level 1, seconds", gt=0)
    slow_pace_s: float = Field(60, description="level 1: seconds between two messages", gt=0)
    group_messages: int = Field(30, description="messages of one member to one group in its window", ge=1, le=500)
    group_window_s: float = Field(60, description="window of the group rate, seconds", gt=0)
    fold_messages: int = Field(10, description="messages of one sender in the fold window that fold him", ge=1, le=500)
    fold_window_s: float = Field(300, description="window of folding, seconds", gt=0)
    reporters: int = Field(3, description="level 2: distinct reporters, besides a confirmed violation", ge=1)
    report_days: int = Field(7, description="days a report counts", ge=1)
    freeze_h: int = Field(24, description="level 2: hours without sending", ge=1)
    credit_low: int = Field(60, description="credit score below which a person's limits shrink", ge=0, le=100)
    credit_low_share: float = Field(0.5, description="what is left of the limits then, share", gt=0, le=1)
    credit_violation: int = Field(-20, description="credit entry for a confirmed violation, points", le=0)
    credit_ban: int = Field(-100, description="credit entry for a ban, points", le=0)
    credit_false_report: int = Field(-2, description="credit entry for a report dismissed as made up, points", le=0)
    abuse_score: float = Field(0.7, description="learned abuse score, 0..1, from which a message is held", ge=0, le=1)
    time_zone: str = Field("Asia/Shanghai", description="zone of the business day where an account has none")
    appeal_url: str = Field("/chat#appeal", description="where refusals send people who want to appeal")
    words_file: str = Field("", description="file of words that hold messages, beside the shipped ones; empty: none")
    shadow: str = Field("", description="rules that only note whom they would sanction, separated by blanks")
    off: str = Field("", description="rules that sleep, separated by blanks")


class Marketing(_Group):
    """Messages that offer goods unprompted."""

    quiet_from_h: int = Field(22, description="local hour at which quiet hours begin", ge=0, le=23)
    quiet_to_h: int = Field(8, description="local hour at which quiet hours end", ge=0, le=23)
    jitter_s: int = Field(900, description="what waited for the morning goes out within this time, seconds", ge=0)
    reply_window_h: int = Field(24, description="hours after a customer's message in which a card is a reply", ge=0)
    per_day: int = Field(1, description="marketing messages a day from one enterprise to one recipient", ge=0)


class Media(_Group):
    """Uploads: what each use may bring, and where the bytes are kept."""

    store: str = Field("", description="s3://bucket/prefix for an S3-compatible store; empty: the workspace folder")
    s3_endpoint: str = Field("", description="http(s)://host:port of the S3-compatible store")
    s3_region: str = Field("us-east-1", description="region that S3 requests are signed for")
    s3_access_key: str = Field("", description="access key of the store")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="secret key of the store")
    s3_timeout_s: float = Field(30.0, description="time the store has to answer one request, seconds")
    image_bytes: int = Field(10_485_760, description="largest image, bytes")
    image_pixels: int = Field(40_000_000, description="largest image, pixels; asked before it is decoded")
    gif_bytes: int = Field(10_485_760, description="largest GIF, bytes")
    gif_pixels: int = Field(4_000_000, description="largest GIF, pixels of one frame")
    gif_frames: int = Field(500, description="frames of a GIF")
    video_bytes: int = Field(52_428_800, description="largest short video, bytes")
    video_pixels: int = Field(9_000_000, description="largest short video, pixels of one frame")
    duration_slack_ms: int = Field(
        1_000, description="how far a video's own word on its length may be off before it is refused, milliseconds"
    )
    emoji_bytes: int = Field(524_288, description="largest picture of an emoji pack, bytes")
    emoji_pixels: int = Field(262_144, description="largest picture of an emoji pack, pixels")
    pack_emoji: int = Field(60, description="pictures of one emoji pack")
    thumb_px: int = Field(480, description="longer side of a thumbnail, pixels")
    part_bytes: int = Field(1_048_576, description="largest part of an upload, bytes")
    part_min_bytes: int = Field(65_536, description="smallest part that is not the last, bytes")
    uploads_open: int = Field(20, description="unfinished uploads of one account")
    day_bytes: int = Field(524_288_000, description="bytes one account may upload in 24 hours")
    upload_expires_h: int = Field(24, description="hours an upload has to be finished, and then to be sent")
    checks_at_once: int = Field(2, description="uploads that one node measures at the same time")
    link_expires_s: int = Field(300, description="life of the address under which a page loads a picture, seconds")


class Links(_Group):
    """Previews of links, which the server fetches itself."""

    previews: bool = Field(False, description="fetch previews; needs a way out to the internet")
    private_hosts: bool = Field(False, description="fetch from private and loopback addresses too; for tests only")
    timeout_s: float = Field(5.0, description="time for one preview, redirects included, seconds")
    page_bytes: int = Field(524_288, description="most that is read of a page, bytes")
    redirects: int = Field(3, description="redirects that are followed, each checked like the first address")
    keep_h: int = Field(24, description="hours a preview is used again before the page is asked anew")


class Delivery(_Group):
    """How events reach sockets, subscribers and webhooks."""

    sweep_s: float = Field(5.0, description="period of the sweep that heals lost wake-ups, seconds")
    replay_page: int = Field(500, description="events read at once while a client catches up")
    subscriber_retries: int = Field(5, description="tries before an event is parked for the operator")
    subscriber_backoff_s: float = Field(0.5, description="first pause between tries, doubled each time, seconds")
    webhook_timeout_s: float = Field(10.0, description="time a webhook has to answer, seconds")
    webhook_private_hosts: bool = Field(False, description="webhooks may call private and loopback addresses")
    presence_ttl_s: float = Field(60.0, description="time after which another node's presence is forgotten, seconds")


class Copies(_Group):
    """Copies of what people wrote that lie outside the database."""

    days: int = Field(90, description="days that notes with people's words are kept in the workspace folder", ge=1)


class Settings(_Group):
    """The whole tree. Unknown keys are refused."""

    data: Path = Field(Path("data"), description="the workspace folder")
    database: str = Field("", description="SQLAlchemy URL; empty: SQLite in the workspace folder")
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        "FULL", description="FULL: acknowledged survives power loss. NORMAL: survives kill -9 only, faster"
    )
    postgres_pool: int = Field(8, description="connections to PostgreSQL held by one node")
    broker: str = Field("", description="nats://host:port for many nodes; empty: in process")
    node: int = Field(-1, description="number of this node, 0..1023; -1: taken by itself", ge=-1, le=1023)
    trusted_proxies: str = Field("", description="addresses whose X-Forwarded-For is believed, comma separated")
    log_format: Literal["console", "json"] = Field("console", description="console for people, json for machines")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severity that is logged")
    limits: Limits = Field(Limits(), description="guards against floods")
    accounts: Accounts = Field(Accounts(), description="sign-up, passwords, log-ins, contacts")
    groups: Groups = Field(Groups(), description="sizes of groups")
    messages: Messages = Field(Messages(), description="recall, edit, mentions, reactions, forwarding")
    red_packets: RedPackets = Field(RedPackets(), description="red packets")
    orders: Orders = Field(Orders(), description="what led to an order")
    safety: Safety = Field(Safety(), description="rules against harassment")
    marketing: Marketing = Field(Marketing(), description="messages that offer goods unprompted")
    media: Media = Field(Media(), description="uploads of pictures and videos")
    links: Links = Field(Links(), description="previews of links")
    copies: Copies = Field(Copies(), description="copies of what people wrote outside the database")
    delivery: Delivery = Field(Delivery(), description="events, subscribers, webhooks")

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL in force."""
        return self.database or f"sqlite:///{self.data / 'kefu.db'}"

    @property
    def is_sqlite(self) -> bool:
        """Return whether the embedded database is used."""
        return self.database_url.startswith("sqlite")


def load_settings(environ: dict[str, str] | None = None, **overrides: object) -> Settings:
    """Return the settings from the environment, with `overrides` on top; raise ConfigError for what is wrong.

    `None` overrides are passed over, so a command line can hand in its options as they are.
    """
    tree: dict[str, object] = {}
    for name, value in sorted((os.environ if environ is None else environ).items()):
        if not name.startswith(_PREFIX) or name.startswith("KEFU_BENCH_") or name.startswith("KEFU_TEST_"):
            continue
        group, _, field = name.removeprefix(_PREFIX).lower().partition("__")
        if field:
            below = tree.setdefault(group, {})
            if not isinstance(below, dict):
                raise ConfigError(f"{name}: {group} 是一个值，不是一组 · is a single value, not a group of settings")
            below[field] = value
        else:
            tree[group] = value
    tree.update({key: value for key, value in overrides.items() if value is not None})
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        place = _PREFIX + "__".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(
            f"{place}: 设置不对，kefu settings 列出全部 · wrong setting: {first['msg']}; `kefu settings` lists all"
        ) from error
