"""A video template (拍同款): a video with its shots; whoever sees it may make his own from the same shots."""

from __future__ import annotations

from typing import Annotated

import msgspec

from messaging_core.errors import invalid
from messaging_core.messages.kinds.image import Measured
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import IdText, lines
from messaging_core.settings import Limits


class Shot(msgspec.Struct, frozen=True):
    """One shot: what to film, and how long, in milliseconds."""

    say: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    ms: Annotated[int, msgspec.Meta(ge=100, le=600_000)]


class Template(msgspec.Struct, frozen=True):
    """The title and 1 to 12 shots, together at most `limits.video_ms`."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    shots: Annotated[tuple[Shot, ...], msgspec.Meta(min_length=1, max_length=12)]


class Source(msgspec.Struct, frozen=True):
    """The message whose template is used again."""

    conversation_id: IdText
    seq: Annotated[int, msgspec.Meta(ge=1, le=2**62)]


class VideoTemplate(msgspec.Struct, frozen=True, omit_defaults=True):
    """The sender's own video, and either a new template or the message whose template it follows."""

    media_id: IdText
    poster_id: IdText | None = None
    template: Template | None = None
    same_as: Source | None = None


class StoredVideoTemplate(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """As the reader gets it: the template in full; `made_by` has made it first."""

    media_id: IdText
    poster_id: IdText | None = None
    template: Template
    same_as: Source | None = None
    made_by: IdText
    media: Measured


def check(body: VideoTemplate, limits: Limits) -> None:
    """Refuse a body with neither or both, and shots that are together too long."""
    if (body.template is None) == (body.same_as is None):
        raise invalid("wrong_form", "body.template", hint="exactly one of template and same_as")
    if body.template is not None and sum(shot.ms for shot in body.template.shots) > limits.video_ms:
        raise invalid("shots_too_long", "body.template.shots", limit=limits.video_ms)


def words(body: VideoTemplate) -> str:
    """Return title and shots of a new template; those of another's were looked at when he sent it."""
    if body.template is None:
        return ""
    return lines(body.template.title, *(shot.say for shot in body.template.shots))


KIND = kind(VideoTemplate, check=check, words=words, completed=True)
