"""HTTP: previews of links."""

from __future__ import annotations

from fastapi import APIRouter, Response

from messaging_core.links import actions
from messaging_core.transport.answers import Answer
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Url

router = APIRouter(prefix="/v1", tags=["links"])


class WantedPreview(Body):
    """Which page."""

    url: Url


class PreviewAnswer(Answer):
    """What a page says of itself."""

    title: str
    description: str
    site: str


class OnePreview(Answer):
    """A preview; None when the page says nothing."""

    preview: PreviewAnswer | None


@router.post("/link-previews", response_model=OnePreview)
async def get_preview(core: CoreDep, _actor: ChatActor, body: WantedPreview) -> Response:
    """Return what a page says of itself."""
    found = await actions.get_preview(core, body.url)
    shown = None
    if found is not None:
        shown = {"title": found.title, "description": found.description, "site": found.site}
    return json_response({"preview": shown})
