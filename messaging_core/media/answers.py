"""What the media routes answer, for `/openapi.json`."""

from __future__ import annotations

from typing import Literal

from messaging_core.transport.answers import Answer, Count, Id, Time


class Measured(Answer):
    """What the server has found in the bytes; `duration_ms` of moving pictures."""

    mime: str
    bytes: Count
    width: Count
    height: Count
    duration_ms: Count | None


class Upload(Answer):
    """An upload: `offset` is where the next part begins; `media` once it is `ready`, `reason` when it was refused."""

    id: Id
    use: Literal["image", "gif", "video", "emoji"]
    state: Literal["uploading", "ready", "refused"]
    bytes: Count
    offset: Count
    part_bytes: Count
    expires_at: Time | None
    reason: str | None
    media: Measured | None


class OneUpload(Answer):
    """An upload."""

    upload: Upload


class Link(Answer):
    """Addresses under which a page may load an upload, without a header, until `expires_at`."""

    id: Id
    url: str
    thumb_url: str | None
    expires_at: Time


class Links(Answer):
    """Addresses; what one may not load is left out."""

    items: list[Link]


class Emoji(Answer):
    """One picture of a pack."""

    id: Id
    name: str
    media_id: Id


class Pack(Answer):
    """An emoji pack; `reason` says why a reviewer has refused it."""

    id: Id
    enterprise_id: Id
    name: str
    state: Literal["draft", "in_review", "approved", "refused"]
    reason: str
    created_at: Time
    reviewed_at: Time | None
    emoji: list[Emoji]


class OnePack(Answer):
    """An emoji pack."""

    pack: Pack


class Packs(Answer):
    """A page of emoji packs, newest first."""

    items: list[Pack]
    next_cursor: str | None
