"""What the server adds to messages that show uploads: whose they are it checks, what they are it has measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from messaging_core.conversations.reading import check_reader
from messaging_core.errors import CoreError, invalid, not_found
from messaging_core.kernel.unit import Unit
from messaging_core.media import packs_store, store
from messaging_core.media.policy import reader_of
from messaging_core.messages.completing import Completed, Completion
from messaging_core.messages.kinds import brand_emoji, gif, image, merged, video, video_template
from messaging_core.messages.model import SendRequest
from messaging_core.messages.reading_store import find_message

Body = TypeVar("Body")
_encode = msgspec.json.Encoder().encode
_Found = dict[int, store.MediaRow]


def complete_images(unit: Unit, requests: Sequence[SendRequest]) -> list[Completion]:
    """Add the facts of the picture."""

    def one(_request: SendRequest, body: image.Image, found: _Found) -> Completed:
        row = _take(found, body.media_id, "image")
        stored = image.StoredImage(body.media_id, body.note, media=_measured(row))
        return Completed(_encode(stored), (row.id,))

    return _each(unit, requests, image.Image, lambda body: [body.media_id], one)


def complete_gifs(unit: Unit, requests: Sequence[SendRequest]) -> list[Completion]:
    """Add the facts of the moving picture."""

    def one(_request: SendRequest, body: gif.Gif, found: _Found) -> Completed:
        row = _take(found, body.media_id, "gif")
        return Completed(_encode(gif.StoredGif(body.media_id, media=_measured(row))), (row.id,))

    return _each(unit, requests, gif.Gif, lambda body: [body.media_id], one)


def complete_videos(unit: Unit, requests: Sequence[SendRequest]) -> list[Completion]:
    """Add the facts of the video; its poster must be an image."""

    def one(_request: SendRequest, body: video.Video, found: _Found) -> Completed:
        row = _take(found, body.media_id, "video")
        poster = _poster(found, body.poster_id)
        stored = video.StoredVideo(body.media_id, body.poster_id, body.note, media=_measured(row))
        return Completed(_encode(stored), (row.id, *poster))

    return _each(unit, requests, video.Video, lambda body: [body.media_id, body.poster_id], one)


def complete_templates(unit: Unit, requests: Sequence[SendRequest]) -> list[Completion]:
    """Add the facts of the video, and of a template that is used again its shots and its maker."""

    def one(request: SendRequest, body: video_template.VideoTemplate, found: _Found) -> Completed:
        row = _take(found, body.media_id, "video")
        poster = _poster(found, body.poster_id)
        template, made_by = body.template, str(request.actor.account_id)
        if body.same_as is not None:
            template, made_by = _find_template(unit, request, body.same_as)
        assert template is not None
        stored = video_template.StoredVideoTemplate(
            media_id=body.media_id,
            poster_id=body.poster_id,
            template=template,
            same_as=body.same_as,
            made_by=made_by,
            media=_measured(row),
        )
        return Completed(_encode(stored), (row.id, *poster))

    return _each(unit, requests, video_template.VideoTemplate, lambda body: [body.media_id, body.poster_id], one)


def complete_brand_emoji(unit: Unit, requests: Sequence[SendRequest]) -> list[Completion]:
    """Add name and picture of an emoji; one whose pack is not approved, or no longer, is not found."""
    bodies = [msgspec.json.decode(request.body, type=brand_emoji.BrandEmoji) for request in requests]
    sendable = packs_store.find_sendable(unit.connection, [int(body.emoji_id) for body in bodies])
    pictures = {row.id: row for row in store.list_ready(unit.connection, [row.media_id for row in sendable.values()])}
    completions: list[Completion] = []
    for body in bodies:
        row = sendable.get(int(body.emoji_id))
        if row is None or str(row.pack_id) != body.pack_id or row.media_id not in pictures:
            completions.append(not_found("emoji"))
            continue
        stored = brand_emoji.StoredBrandEmoji(
            body.pack_id,
            body.emoji_id,
            name=row.name,
            media_id=str(row.media_id),
            media=_measured(pictures[row.media_id]),
        )
        completions.append(Completed(_encode(stored), (row.media_id,)))
    return completions


class _Shown(msgspec.Struct):
    media_id: str | None = None
    poster_id: str | None = None


def complete_merged(unit: Unit, requests: Sequence[SendRequest]) -> list[Completion]:
    """Add nothing; the uploads of the messages that were merged are shown by the card from now on."""

    def one(request: SendRequest, _body: merged.Merged, found: _Found) -> Completed:
        return Completed(request.body, tuple(found))

    return _each(unit, requests, merged.Merged, _shown_in, one)


def _shown_in(body: merged.Merged) -> list[str | None]:
    shown = [msgspec.json.decode(item.body, type=_Shown) for item in body.items]
    return [id_ for one in shown for id_ in (one.media_id, one.poster_id)]


def _each(
    unit: Unit,
    requests: Sequence[SendRequest],
    form: type[Body],
    ids_of: Callable[[Body], list[str | None]],
    one: Callable[[SendRequest, Body, _Found], Completed],
) -> list[Completion]:
    bodies = [msgspec.json.decode(request.body, type=form) for request in requests]
    wanted = [[int(text) for text in ids_of(body) if text is not None] for body in bodies]
    ready = {row.id: row for row in store.list_ready(unit.connection, sorted({id_ for ids in wanted for id_ in ids}))}
    completions: list[Completion] = []
    for request, body, ids in zip(requests, bodies, wanted, strict=True):
        try:
            completions.append(one(request, body, _allowed(unit, request, ids, ready)))
        except CoreError as refusal:
            completions.append(refusal)
    return completions


def _allowed(unit: Unit, request: SendRequest, ids: list[int], ready: _Found) -> _Found:
    """Return those uploads that the sender may show: his own, and what he may load himself (he passes it on)."""
    found = {id_: ready[id_] for id_ in ids if id_ in ready}
    foreign = [id_ for id_, row in found.items() if row.account_id != request.actor.account_id]
    if foreign:
        readable = {row.id for row in store.list_readable(unit.connection, foreign, reader_of(request.actor))}
        found = {id_: row for id_, row in found.items() if id_ not in foreign or id_ in readable}
    return found


def _take(found: _Found, media_id: str, use: str) -> store.MediaRow:
    row = found.get(int(media_id))
    if row is None:
        raise not_found("upload")
    if row.use != use:
        raise invalid("wrong_choice", "body.media_id", limit=use)
    return row


def _poster(found: _Found, poster_id: str | None) -> tuple[int, ...]:
    return (_take(found, poster_id, "image").id,) if poster_id is not None else ()


def _find_template(
    unit: Unit, request: SendRequest, source: video_template.Source
) -> tuple[video_template.Template, str]:
    """Return the template of a message that the sender may read, and who has made it first."""
    try:
        from_seq, _ = check_reader(unit.connection, request.actor, int(source.conversation_id))
    except CoreError as refusal:
        raise not_found("message") from refusal
    row = find_message(unit.connection, int(source.conversation_id), source.seq, viewer=request.actor.account_id)
    if row is None or source.seq < from_seq or row.deleted_seq is not None or row.kind != "video_template":
        raise not_found("message")
    stored = msgspec.json.decode(row.body, type=video_template.StoredVideoTemplate)
    return stored.template, stored.made_by


def _measured(row: store.MediaRow) -> image.Measured:
    return image.Measured(row.mime, row.kept_bytes, row.width, row.height, row.duration_ms)
