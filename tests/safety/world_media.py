"""The world's uploads, its emoji pack, and its community with a card."""

from __future__ import annotations

import io

import msgspec
from PIL import Image

from messaging_core.api import Core, SendRequest, Sent, Unit, create_group
from messaging_core.cards.actions import leave_details
from messaging_core.identity.policy import Actor
from messaging_core.media import actions, packs, store
from messaging_core.media.policy import Use
from tests.support.cast import Cast

_CARD = {
    "title": "限时福利",
    "buttons": [
        {"key": "go", "label": "去看看", "act": "open", "url": "https://moontea.example/sale"},
        {
            "key": "leave",
            "label": "预约",
            "act": "form",
            "form": {"fields": [{"key": "phone", "label": "手机", "kind": "phone"}], "consent": "仅用于回访"},
        },
    ],
}


async def add_media(core: Core, cast: Cast, ids: dict[str, str]) -> None:
    """Add what `media_rows.py` names."""
    ids["media"] = await _upload(core, cast["lin"], "image", shade=10)
    ids["emoji_media"] = await _upload(core, cast["boss"], "emoji", shade=20)
    community = await core.run(
        lambda unit: create_group(
            unit, cast["qiao"], title="月茶会", member_ids=[cast.id("lin"), cast.id("mi")],
            enterprise_id=cast.enterprise_id,
        )
    )  # fmt: skip
    card = await core.send(
        SendRequest(cast["qiao"], community, "card", "card", 1, msgspec.json.encode(_CARD), lambda *_: None)
    )
    assert isinstance(card, Sent)

    def rest(unit: Unit) -> None:
        ids["upload"] = str(actions.begin(unit, cast["lin"], use="image", size=100_000))
        # Without a message, which other rows do not expect.
        store.insert_uses(unit.connection, [(int(ids["media"]), int(ids["direct"]), 1)])
        pack = packs.create_pack(unit, cast["boss"], name="月茶表情")
        emoji = packs.add_emoji(unit, cast["boss"], pack_id=pack, media_id=int(ids["emoji_media"]), name="喝茶")
        packs.submit(unit, cast["boss"], pack_id=pack)
        lead = leave_details(
            unit, cast["lin"], conversation_id=community, seq=card.seq, key="leave",
            answers={"phone": "13800000000"}, consent=True,
        )  # fmt: skip
        ids.update(
            community=str(community), card_seq=str(card.seq), pack=str(pack), brand_emoji=str(emoji), lead=str(lead)
        )

    await core.run(rest)


async def _upload(core: Core, actor: Actor, use: Use, *, shade: int) -> str:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(out, "PNG")
    media_id = await core.run(lambda unit: actions.begin(unit, actor, use=use, size=len(out.getvalue())))
    await core.media.take_part(actor, media_id=media_id, start=0, data=out.getvalue())
    return str(media_id)
