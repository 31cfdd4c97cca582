"""The kinds whose bodies the server completes, each by the room that knows what is missing."""

from __future__ import annotations

from messaging_core.links.in_messages import complete_links
from messaging_core.media import in_messages as media
from messaging_core.messages.completing import Completer
from messaging_core.messages.kinds import merged

COMPLETERS: dict[tuple[str, int], Completer] = {
    ("image", 1): media.complete_images,
    ("gif", 1): media.complete_gifs,
    ("video", 1): media.complete_videos,
    ("video_template", 1): media.complete_templates,
    ("brand_emoji", 1): media.complete_brand_emoji,
    (merged.KIND, 1): media.complete_merged,
    ("link", 1): complete_links,
}
