"""The HTTP calls about pictures, videos, emoji packs, cards and links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from .errors import ApiError
from .http_transport import HttpTransport

_PART_BYTES = 262_144


class Measured(Struct, frozen=True, kw_only=True, gc=False):
    """What the server has found in the bytes of an upload."""

    mime: str
    bytes: int
    width: int
    height: int
    duration_ms: int | None = None


class Upload(Struct, frozen=True, kw_only=True):
    """An upload: `state` is `uploading`, `ready` or `refused` (then `reason` says why)."""

    id: str
    use: str
    state: str
    bytes: int
    offset: int
    part_bytes: int
    expires_at: datetime | None = None
    reason: str | None = None
    media: Measured | None = None


class MediaLink(Struct, frozen=True, kw_only=True):
    """Addresses (paths of the server) that a page loads without a header until `expires_at`."""

    id: str
    url: str
    expires_at: datetime
    thumb_url: str | None = None


class Emoji(Struct, frozen=True, kw_only=True, gc=False):
    """One picture of a pack."""

    id: str
    name: str
    media_id: str


class EmojiPack(Struct, frozen=True, kw_only=True):
    """An emoji pack: `state` is `draft`, `in_review`, `approved` or `refused` (then `reason` says why)."""

    id: str
    enterprise_id: str
    name: str
    state: str
    emoji: list[Emoji]
    created_at: datetime
    reason: str = ""
    reviewed_at: datetime | None = None


class EmojiPacks(Struct, frozen=True, kw_only=True):
    """A page of emoji packs."""

    items: list[EmojiPack]
    next_cursor: str | None = None


class Pressed(Struct, frozen=True, kw_only=True, gc=False):
    """What a card's button does: `act` is `open` (a `url`), `say` or `form`."""

    act: str
    url: str = ""
    say: str = ""


class ButtonCount(Struct, frozen=True, kw_only=True, gc=False):
    """How many people have pressed a button."""

    button: str
    people: int


class Lead(Struct, frozen=True, kw_only=True):
    """What a person has left, and the words he agreed to, when."""

    id: str
    conversation_id: str
    seq: int
    button: str
    account_id: str
    account_name: str
    answers: dict[str, str]
    consent: str
    consented_at: datetime


class Leads(Struct, frozen=True, kw_only=True):
    """A page of leads, newest first."""

    items: list[Lead]
    next_cursor: str | None = None


class LinkPreview(Struct, frozen=True, kw_only=True, gc=False):
    """What a page says of itself."""

    title: str
    description: str = ""
    site: str = ""


class _UploadBox(Struct):
    upload: Upload


class _Links(Struct):
    items: list[MediaLink]


class _PackBox(Struct):
    pack: EmojiPack


class _LeadBox(Struct):
    lead: Lead


class _Presses(Struct):
    items: list[ButtonCount]


class _PreviewBox(Struct):
    preview: LinkPreview | None = None


class MediaCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def begin_upload(self, use: str, size: int, *, idempotency_key: str | None = None) -> Upload:
        """Begin an upload of `size` bytes; `use` is `image`, `gif`, `video` or `emoji`."""
        body = {"use": use, "bytes": size}
        box = await self._http.request(_UploadBox, "POST", "/v1/uploads", body=body, idempotency_key=idempotency_key)
        return box.upload

    async def upload_state(self, upload_id: str) -> Upload:
        """Return how far one's own upload is."""
        return (await self._http.request(_UploadBox, "GET", f"/v1/uploads/{upload_id}")).upload

    async def add_part(self, upload_id: str, offset: int, data: bytes) -> Upload:
        """Bring the part that begins at `offset`; the same once more changes nothing."""
        path = f"/v1/uploads/{upload_id}"
        return (await self._http.request(_UploadBox, "PATCH", path, query={"offset": offset}, content=data)).upload

    async def abandon_upload(self, upload_id: str) -> None:
        """Forget one's own upload that no message shows."""
        await self._http.request(type(None), "DELETE", f"/v1/uploads/{upload_id}")

    async def upload(
        self,
        source: Path | BinaryIO,
        use: str,
        *,
        resume: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Upload:
        """Upload a file in parts and return it, ready to be sent as `media_id`.

        Args:
            resume: the id of an upload that was begun before; it goes on where the server has it.
            progress: hears (bytes the server has, bytes in all) after each part.
        """
        if isinstance(source, Path):
            with source.open("rb") as file:
                return await self._upload(file, use, resume, progress)
        return await self._upload(source, use, resume, progress)

    async def _upload(
        self, file: BinaryIO, use: str, resume: str | None, progress: Callable[[int, int], None] | None
    ) -> Upload:
        size = file.seek(0, 2)
        state = await (self.upload_state(resume) if resume is not None else self.begin_upload(use, size))
        while state.state == "uploading":
            file.seek(state.offset)
            part = file.read(min(_PART_BYTES, state.part_bytes))
            try:
                state = await self.add_part(state.id, state.offset, part)
            except ApiError as refusal:
                if refusal.code != "offset_mismatch":
                    raise
                state = await self.upload_state(state.id)
            if progress is not None:
                progress(state.offset, size)
        return state

    async def media_links(self, media_ids: list[str]) -> list[MediaLink]:
        """Return addresses for uploads that one may load; the others are left out."""
        return (await self._http.request(_Links, "POST", "/v1/media/links", body={"ids": media_ids})).items

    async def load_media(self, media_id: str, *, thumb: bool = False) -> bytes:
        """Return the bytes of an upload, or of its thumbnail."""
        query = {"variant": "thumb"} if thumb else None
        return await self._http.load(f"/v1/media/{media_id}", query=query)

    async def emoji_packs(
        self, *, whose: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> EmojiPacks:
        """Return the packs that everybody may send; `whose="own"` one's enterprise's, `"review"` those that wait."""
        query = {"whose": whose, "limit": limit, "cursor": cursor}
        return await self._http.request(EmojiPacks, "GET", "/v1/emoji-packs", query=query)

    async def emoji_pack(self, pack_id: str) -> EmojiPack:
        """Return a pack."""
        return (await self._http.request(_PackBox, "GET", f"/v1/emoji-packs/{pack_id}")).pack

    async def create_emoji_pack(self, name: str, *, idempotency_key: str | None = None) -> EmojiPack:
        """Make a pack of one's enterprise."""
        path, body = "/v1/emoji-packs", {"name": name}
        return (await self._http.request(_PackBox, "POST", path, body=body, idempotency_key=idempotency_key)).pack

    async def add_emoji(
        self, pack_id: str, *, name: str, media_id: str, idempotency_key: str | None = None
    ) -> EmojiPack:
        """Put an upload of the use `emoji` into a pack."""
        path, body = f"/v1/emoji-packs/{pack_id}/emoji", {"name": name, "media_id": media_id}
        return (await self._http.request(_PackBox, "POST", path, body=body, idempotency_key=idempotency_key)).pack

    async def remove_emoji(self, pack_id: str, emoji_id: str) -> None:
        """Take a picture out of a pack."""
        await self._http.request(type(None), "DELETE", f"/v1/emoji-packs/{pack_id}/emoji/{emoji_id}")

    async def submit_emoji_pack(self, pack_id: str) -> EmojiPack:
        """Lay a pack before a reviewer."""
        return (await self._http.request(_PackBox, "POST", f"/v1/emoji-packs/{pack_id}/submit")).pack

    async def withdraw_emoji_pack(self, pack_id: str) -> EmojiPack:
        """Take a pack back: nobody can send it any more."""
        return (await self._http.request(_PackBox, "POST", f"/v1/emoji-packs/{pack_id}/withdraw")).pack

    async def review_emoji_pack(self, pack_id: str, *, approve: bool, reason: str = "") -> EmojiPack:
        """Approve a pack, or refuse it with a reason. The operator's right."""
        path, body = f"/v1/operator/emoji-packs/{pack_id}/review", {"approve": approve, "reason": reason}
        return (await self._http.request(_PackBox, "POST", path, body=body)).pack

    async def press_button(self, conversation_id: str, seq: int, button: str) -> Pressed:
        """Press a card's button; one that is over is refused with `button_expired`."""
        path = f"/v1/conversations/{conversation_id}/messages/{seq}/press"
        return await self._http.request(Pressed, "POST", path, body={"button": button})

    async def presses(self, conversation_id: str, seq: int) -> list[ButtonCount]:
        """Return how many people have pressed each button of one's enterprise's card."""
        path = f"/v1/conversations/{conversation_id}/messages/{seq}/presses"
        return (await self._http.request(_Presses, "GET", path)).items

    async def leave_details(
        self, conversation_id: str, seq: int, button: str, answers: dict[str, str], *, consent: bool
    ) -> Lead:
        """Fill in a card's form; without consent it is refused."""
        path = f"/v1/conversations/{conversation_id}/messages/{seq}/lead"
        body = {"button": button, "answers": answers, "consent": consent}
        return (await self._http.request(_LeadBox, "POST", path, body=body)).lead

    async def leads(self, *, limit: int | None = None, cursor: str | None = None) -> Leads:
        """Return what people have left with one's enterprise."""
        return await self._http.request(Leads, "GET", "/v1/leads", query={"limit": limit, "cursor": cursor})

    async def withdraw_lead(self, lead_id: str) -> None:
        """Forget what was left: the right of who left it, and of the enterprise's managers."""
        await self._http.request(type(None), "DELETE", f"/v1/leads/{lead_id}")

    async def link_preview(self, url: str) -> LinkPreview | None:
        """Return what a page says of itself, as the server reads it; None when it says nothing."""
        return (await self._http.request(_PreviewBox, "POST", "/v1/link-previews", body={"url": url})).preview
