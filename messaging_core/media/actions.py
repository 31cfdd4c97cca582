"""What can be done with uploads, each in one transaction; the bytes themselves are the keeper's."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import Connection

from kefu.base.clock import DAY_US, HOUR_US, SECOND_US
from messaging_core.errors import CoreError, not_found
from messaging_core.identity.policy import Actor
from messaging_core.kernel.jobs import Job, cancel_kind, has_kind, schedule
from messaging_core.kernel.notes import note_once
from messaging_core.kernel.unit import Unit
from messaging_core.media import policy, store
from messaging_core.media.measure import Checked
from messaging_core.media.policy import Reader

CLEAN = "media.clean"
_SECRET = "media:secret"
_AT_ONCE = 200


def begin(unit: Unit, actor: Actor, *, use: policy.Use, size: int) -> int:
    """Begin an upload of `size` bytes and return its id."""
    rules = unit.tools.settings.media
    open_now, today = store.count_open(unit.connection, actor.account_id, since_us=unit.now_us - DAY_US)
    policy.check_new(use, size, open_now=open_now, today_bytes=today, rules=rules)
    media_id = unit.new_id()
    store.insert_media(
        unit.connection,
        id=media_id,
        enterprise_id=actor.enterprise_id,
        account_id=actor.account_id,
        use=use,
        state="uploading",
        bytes=size,
        received=0,
        sha256=None,
        reason=None,
        created_at=unit.now_us,
        expires_at=unit.now_us + rules.upload_expires_h * HOUR_US,
    )
    return media_id


def get_own(connection: Connection, actor: Actor, media_id: int, *, lock: bool = False) -> store.MediaRow:
    """Return one's own upload; nobody is told of others'."""
    row = store.find_media(connection, media_id, lock=lock)
    if row is None or row.account_id != actor.account_id:
        raise not_found("upload")
    return row


def check_part(unit: Unit, actor: Actor, *, media_id: int, start: int, data: bytes) -> bool:
    """Return whether a part is to be kept: False for one that is there already. Refuses a gap and wrong sizes."""
    row = get_own(unit.connection, actor, media_id)
    part = store.find_part(unit.connection, media_id, start)
    if part is not None and part.sha256 == hashlib.sha256(data).hexdigest():
        return False
    if row.state != "uploading" or (start == row.received == row.bytes and not data):
        return False
    if start != row.received:
        raise CoreError("offset_mismatch", offset=row.received)
    policy.check_part(size=len(data), received=row.received, total=row.bytes, rules=unit.tools.settings.media)
    return True


def add_part(unit: Unit, actor: Actor, *, media_id: int, start: int, data: bytes, key: str) -> None:
    """Count a part whose bytes are kept under `key`; of two at one place the later one is refused."""
    row = get_own(unit.connection, actor, media_id, lock=True)
    if row.state != "uploading" or start != row.received:
        raise CoreError("offset_mismatch", offset=row.received)
    store.insert_part(
        unit.connection,
        media_id=media_id,
        start=start,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        key=key,
    )
    store.update_media(unit.connection, media_id, received=start + len(data))


def finish(unit: Unit, *, media_id: int, checked: Checked, key: str, thumb_key: str | None) -> None:
    """Make an upload ready; of bytes that are kept already the second copy is thrown away."""
    kept = store.find_blob(unit.connection, checked.sha256) or store.insert_blob(
        unit.connection,
        sha256=checked.sha256,
        key=key,
        thumb_key=thumb_key,
        bytes=checked.size,
        thumb_bytes=len(checked.thumbnail or b""),
        mime=checked.facts.mime,
        width=checked.facts.width,
        height=checked.facts.height,
        duration_ms=checked.facts.duration_ms,
        created_at=unit.now_us,
    )
    if not store.update_media(unit.connection, media_id, state="ready", sha256=checked.sha256):
        row = store.find_media(unit.connection, media_id)
        if row is not None and row.state == "ready":
            return  # another request has finished it, under the same keys
    if kept.key != key:
        store.throw_away(unit.connection, [one for one in (key, thumb_key) if one], now_us=unit.now_us)
    store.delete_parts(unit.connection, media_id, now_us=unit.now_us)


def refuse(unit: Unit, *, media_id: int, reason: str) -> None:
    """Note why an upload was refused, and throw its bytes away."""
    store.update_media(unit.connection, media_id, state="refused", reason=reason)
    store.delete_parts(unit.connection, media_id, now_us=unit.now_us)


def abandon(unit: Unit, actor: Actor, *, media_id: int) -> None:
    """Forget one's own upload that no message shows."""
    row = get_own(unit.connection, actor, media_id, lock=True)
    if row.state == "ready" and row.expires_at is None:
        raise CoreError("upload_in_use")
    store.delete_media(unit.connection, row, now_us=unit.now_us)


def start(unit: Unit) -> bytes:
    """Have the clean-up done from now on, once for the whole workspace; return the secret that signs addresses."""
    if not has_kind(unit.connection, CLEAN):
        schedule(unit, kind=CLEAN, run_at_us=unit.now_us + HOUR_US, payload={})
    return take_secret(unit)


def clean(unit: Unit, _job: Job | None = None) -> None:
    """Forget what was not finished or not sent in time, and come again in an hour, or at once if there is more."""
    rows = store.list_expired(unit.connection, now_us=unit.now_us, limit=_AT_ONCE)
    for row in rows:
        store.delete_media(unit.connection, row, now_us=unit.now_us)
    cancel_kind(unit.connection, CLEAN)  # one for the whole workspace, however many nodes have begun one
    pause_us = SECOND_US if len(rows) == _AT_ONCE else HOUR_US
    schedule(unit, kind=CLEAN, run_at_us=unit.now_us + pause_us, payload={})


# --- addresses for pages -----------------------------------------------------------------------------------------


def take_secret(unit: Unit) -> bytes:
    """Return the secret that signs addresses, the same on every node; made at the first start."""
    return bytes.fromhex(str(note_once(unit, _SECRET, {"secret": secrets.token_hex(32)})["secret"]))


def sign_link(secret: bytes, *, media_id: int, reader: Reader, expires_s: int) -> str:
    """Return the ticket that lets a page load one upload without a header, as one reader, until a time."""
    said = f"{expires_s}.{reader.account_id}.{reader.serves or 0}.{int(reader.reviews)}"
    mac = hmac.new(secret, f"{media_id}.{said}".encode(), hashlib.sha256).hexdigest()
    return f"{said}.{mac}"


def check_link(secret: bytes, ticket: str, *, media_id: int, now_us: int) -> Reader:
    """Return whose ticket it is; raise `unauthenticated` when it is not ours, for another upload, or over."""
    said, _, mac = ticket.rpartition(".")
    wanted = hmac.new(secret, f"{media_id}.{said}".encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), mac.encode("utf-8", "replace")):
        raise CoreError("unauthenticated")
    expires_s, account_id, serves, reviews = (int(part) for part in said.split("."))
    if expires_s * SECOND_US <= now_us:
        raise CoreError("unauthenticated")
    return Reader(account_id, serves or None, bool(reviews))
