"""Uploads over HTTP, by the project's own client: parts, resuming, who may load what, and what is forgotten."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from PIL import Image

from messaging_core.api import Core, SendRequest, create_group, open_direct, open_service, take
from messaging_core.app import create_app
from messaging_core.client import ApiError, HttpApi
from messaging_core.client.http_media import Upload
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError
from messaging_core.media import store
from messaging_core.media.routes import read_range
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import Sent
from tests.support.cast import Cast
from tests.support.clock import FakeClock
from tests.support.videos import make_mp4

Door = Callable[[str], HttpApi]


@pytest_asyncio.fixture
async def door(core: Core, cast: Cast) -> AsyncIterator[Door]:
    """The HTTP client of anybody in the cast."""
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport) as http:
        yield lambda name: HttpApi("http://kefu.test", cast.tokens[name], client=http)


def picture(shade: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 80, 80)).save(out, "PNG")
    return out.getvalue()


async def upload(api: HttpApi, data: bytes, use: str = "image") -> str:
    return (await api.upload(io.BytesIO(data), use)).id


async def say(core: Core, cast: Cast, name: str, place: int, kind: str, body: Any, *, key: str = "m1") -> Any:
    raw = read_body(kind, 1, msgspec.json.encode(body), core.settings.limits)
    nobody = lambda _request, _outcome: None  # noqa: E731
    outcome = await core.send(SendRequest(cast[name], place, key, kind, 1, raw, nobody))
    if isinstance(outcome, CoreError):
        raise outcome
    return outcome


async def direct(core: Core, cast: Cast) -> int:
    return await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))


async def refused(work: Any) -> str:
    with pytest.raises((ApiError, CoreError)) as refusal:
        await work
    return str(refusal.value.code)


async def test_a_picture_is_uploaded_sent_and_seen_by_the_other_side_only(core: Core, cast: Cast, door: Door) -> None:
    place = await direct(core, cast)
    media_id = await upload(door("lin"), picture())
    assert await refused(door("mi").load_media(media_id)) == "not_found"
    await say(core, cast, "lin", place, "image", {"media_id": media_id, "note": "新茶"})
    message = (await door("mi").messages(str(place)))[0]
    assert message.body["media"]["width"] == 64 and message.body["note"] == "新茶"
    assert Image.open(io.BytesIO(await door("mi").load_media(media_id))).size == (64, 48)
    assert Image.open(io.BytesIO(await door("mi").load_media(media_id, thumb=True))).format == "WEBP"
    assert await refused(door("gray").load_media(media_id)) == "not_found"


async def test_an_upload_goes_on_where_it_stopped_and_every_part_can_be_repeated(
    core: Core, cast: Cast, door: Door
) -> None:
    data = make_mp4(5_000) + bytes(200_000)
    api = door("lin")
    begun = await api.begin_upload("video", len(data), idempotency_key="k")
    assert (await api.begin_upload("video", len(data), idempotency_key="k")).id == begun.id
    first = data[:100_000]
    assert (await api.add_part(begun.id, 0, first)).offset == 100_000
    assert (await api.add_part(begun.id, 0, first)).offset == 100_000
    assert await refused(api.add_part(begun.id, 0, b"x" * 100_000)) == "offset_mismatch"
    assert await refused(api.add_part(begun.id, 150_000, data[150_000:])) == "offset_mismatch"
    assert await refused(api.add_part(begun.id, 100_000, b"tiny")) == "invalid_request"
    assert await refused(api.add_part(begun.id, 100_000, data)) == "invalid_request"
    heard: list[int] = []
    done = await api.upload(io.BytesIO(data), "video", resume=begun.id, progress=lambda have, _all: heard.append(have))
    assert (done.state, heard[-1]) == ("ready", len(data))
    assert done.media is not None and done.media.duration_ms == 5_000
    assert (await api.add_part(begun.id, 100_000, data[100_000:])).state == "ready"


async def test_of_two_that_bring_the_same_part_at_once_one_counts(core: Core, cast: Cast, door: Door) -> None:
    data = picture()
    begun = await door("lin").begin_upload("image", len(data))
    outcomes = await asyncio.gather(
        *(door("lin").add_part(begun.id, 0, data) for _ in range(4)), return_exceptions=True
    )
    for one in outcomes:
        assert one.code == "offset_mismatch" if isinstance(one, ApiError) else isinstance(one, Upload)
    assert (await door("lin").upload_state(begun.id)).state == "ready"
    await core.media.empty_trash()
    assert len(files(core)) == 2


def files(core: Core) -> list[Path]:
    return [path for path in (core.settings.data / "media").rglob("*") if path.is_file()]


async def test_what_is_refused_says_why_again_and_leaves_nothing_behind(core: Core, cast: Cast, door: Door) -> None:
    data = b"<svg onload=alert(1)>"
    begun = await door("lin").begin_upload("image", len(data))
    for _ in range(2):
        with pytest.raises(ApiError) as refusal:
            await door("lin").add_part(begun.id, 0, data)
        assert (refusal.value.code, refusal.value.data["reason"]) == ("upload_refused", "not_this_type")
    assert not files(core)
    place = await direct(core, cast)
    assert await refused(say(core, cast, "lin", place, "image", {"media_id": begun.id})) == "not_found"


async def test_the_same_bytes_are_kept_once_and_a_hash_opens_nothing(core: Core, cast: Cast, door: Door) -> None:
    one, other = await upload(door("lin"), picture()), await upload(door("gray"), picture())
    assert one != other and len(files(core)) == 2
    assert await refused(door("gray").load_media(one)) == "not_found"
    await door("lin").abandon_upload(one)
    assert Image.open(io.BytesIO(await door("gray").load_media(other))).size == (64, 48)
    await door("gray").abandon_upload(other)
    assert not files(core)


async def test_who_joins_later_or_has_left_sees_no_picture_of_another_time(core: Core, cast: Cast, door: Door) -> None:
    group = await core.run(lambda unit: create_group(unit, cast["lin"], title="茶", member_ids=[cast.id("mi")]))
    media_id = await upload(door("lin"), picture())
    await say(core, cast, "lin", group, "image", {"media_id": media_id})
    await door("lin").add_members(str(group), [str(cast.id("gray"))])
    assert await refused(door("gray").load_media(media_id)) == "not_found"
    await door("mi").remove_member(str(group), str(cast.id("mi")))
    assert await refused(door("mi").load_media(media_id)) == "not_found"


async def test_a_picture_can_be_passed_on_by_who_sees_it_and_by_nobody_else(core: Core, cast: Cast, door: Door) -> None:
    place = await direct(core, cast)
    media_id = await upload(door("lin"), picture())
    await say(core, cast, "lin", place, "image", {"media_id": media_id})
    with_gray = await core.run(lambda unit: open_direct(unit, cast["mi"], account_id=cast.id("gray")))
    assert await refused(say(core, cast, "gray", with_gray, "image", {"media_id": media_id})) == "not_found"
    await say(core, cast, "mi", with_gray, "image", {"media_id": media_id})
    assert await door("gray").load_media(media_id)


async def test_the_same_send_again_is_the_same_message_though_the_server_has_added_to_it(
    core: Core, cast: Cast, door: Door
) -> None:
    place = await direct(core, cast)
    media_id, other = await upload(door("lin"), picture()), await upload(door("lin"), picture(9))
    first: Sent = await say(core, cast, "lin", place, "image", {"media_id": media_id})
    again: Sent = await say(core, cast, "lin", place, "image", {"media_id": media_id})
    assert again.duplicate and again.seq == first.seq
    assert await refused(say(core, cast, "lin", place, "image", {"media_id": other})) == "client_msg_id_reused"


async def test_an_agent_of_the_enterprise_sees_what_a_customer_has_sent(core: Core, cast: Cast, door: Door) -> None:
    service = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    media_id = await upload(door("lin"), picture())
    await say(core, cast, "lin", service, "image", {"media_id": media_id})
    assert await door("zhou").load_media(media_id)
    assert await refused(door("mi").load_media(media_id)) == "not_found"


async def test_what_is_not_sent_in_time_is_forgotten_and_what_is_sent_stays(
    core: Core, cast: Cast, door: Door, clock: FakeClock
) -> None:
    place = await direct(core, cast)
    sent, orphan = await upload(door("lin"), picture()), await upload(door("lin"), picture(9))
    await door("lin").begin_upload("image", 1000)
    await say(core, cast, "lin", place, "image", {"media_id": sent})
    clock.advance(seconds=25 * 3600)
    assert await core.jobs.run_due() == 1
    await core.media.empty_trash()
    assert await refused(door("lin").upload_state(orphan)) == "not_found"
    assert await door("mi").load_media(sent)
    assert len(files(core)) == 2
    assert await refused(door("lin").abandon_upload(sent)) == "upload_in_use"


async def test_a_recalled_picture_is_loaded_by_nobody_else_and_then_forgotten(
    core: Core, cast: Cast, door: Door, clock: FakeClock
) -> None:
    place = await direct(core, cast)
    media_id = await upload(door("lin"), picture())
    sent: Sent = await say(core, cast, "lin", place, "image", {"media_id": media_id})
    await core.run(lambda unit: store.forget_uses(unit.connection, place, sent.seq, now_us=unit.now_us))
    assert await refused(door("mi").load_media(media_id)) == "not_found"
    clock.advance(seconds=2 * 3600)
    await core.jobs.run_due()
    assert await refused(door("lin").load_media(media_id)) == "not_found"


async def test_an_account_can_neither_bring_too_much_a_day_nor_begin_too_many(
    core: Core, cast: Cast, door: Door
) -> None:
    rules = core.settings.media
    for _ in range(rules.uploads_open):
        await door("lin").begin_upload("video", 1_000_000)
    assert await refused(door("lin").begin_upload("video", 1)) == "too_many_uploads"
    assert await refused(door("mi").begin_upload("image", rules.image_bytes + 1)) == "too_large"
    begun = [await door("mi").begin_upload("video", rules.video_bytes) for _ in range(10)]
    assert len(begun) == 10
    assert await refused(door("mi").begin_upload("video", 1)) == "upload_quota"


# --- loading -------------------------------------------------------------------------------------------------------


async def test_a_page_loads_by_a_ticket_for_some_minutes_and_only_what_it_is_for(
    core: Core, cast: Cast, door: Door, clock: FakeClock
) -> None:
    one, other = await upload(door("lin"), picture()), await upload(door("lin"), picture(9))
    (link,) = await door("lin").media_links([one, "999"])
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as page:
        answer = await page.get(link.url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert (await page.get(link.thumb_url or "")).headers["content-type"] == "image/webp"
        assert (await page.get(link.url.replace(one, other))).status_code == 401
        assert (await page.get(link.url[:-1] + "x")).status_code == 401
        assert (await page.get(f"/v1/media/{one}")).status_code == 401
        clock.advance(seconds=core.settings.media.link_expires_s + 1)
        assert (await page.get(link.url)).status_code == 401


async def test_no_browser_takes_an_upload_for_anything_but_a_picture_or_a_video(
    core: Core, cast: Cast, door: Door
) -> None:
    media_id = await upload(door("lin"), picture())
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test", headers=cast.auth("lin")) as page:
        answer = await page.get(f"/v1/media/{media_id}")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["content-disposition"] == "inline"


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=10-", 206, (10, None)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=0-999999999", 206, (0, None)),
        ("bytes=999999999-", 416, None),
        ("bytes=9-3", 416, None),
        ("bytes=1-2,5-6", 200, (0, None)),
        ("lines=1", 200, (0, None)),
    ],
)
def test_which_part_of_a_video_a_player_gets(asked: str, status: int, span: tuple[int, int | None] | None) -> None:
    if status == 416:
        with pytest.raises(CoreError) as refusal:
            read_range(asked, 1000)
        assert refusal.value.code == "range_not_there"
        return
    found = read_range(asked, 1000)
    assert (found is None) == (status == 200)
    if span is not None and found is not None:
        assert range(1000)[found[0] : found[1]] == range(1000)[span[0] : span[1]]


async def test_a_video_is_loaded_in_ranges(core: Core, cast: Cast, door: Door) -> None:
    data = make_mp4(5_000)
    media_id = await upload(door("lin"), data, "video")
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test", headers=cast.auth("lin")) as page:
        whole = await page.get(f"/v1/media/{media_id}")
        part = await page.get(f"/v1/media/{media_id}", headers={"Range": "bytes=10-19"})
    assert (whole.status_code, whole.content) == (200, data)
    assert (part.status_code, part.content) == (206, data[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(data)}"


# --- templates, packs, cards ---------------------------------------------------------------------------------------


async def test_the_other_side_makes_its_own_video_from_the_same_template(core: Core, cast: Cast, door: Door) -> None:
    place = await direct(core, cast)
    template = {"title": "泡茶", "shots": [{"say": "倒茶", "ms": 5000}]}
    video, other = [await upload(door(name), make_mp4(5_000), "video") for name in ("lin", "mi")]
    first = await say(core, cast, "lin", place, "video_template", {"media_id": video, "template": template})
    same = {"media_id": other, "same_as": {"conversation_id": str(place), "seq": first.seq}}
    await say(core, cast, "mi", place, "video_template", same)
    body = (await door("lin").messages(str(place)))[0].body
    assert (body["template"], body["made_by"]) == (template, str(cast.id("lin")))
    with_gray = await core.run(lambda unit: open_direct(unit, cast["gray"], account_id=cast.id("mi")))
    theirs = await upload(door("gray"), make_mp4(5_000), "video")
    stolen = {"media_id": theirs, "same_as": {"conversation_id": str(place), "seq": first.seq}}
    assert await refused(say(core, cast, "gray", with_gray, "video_template", stolen)) == "not_found"


async def test_only_an_approved_pack_is_seen_and_sent(core: Core, cast: Cast, door: Door) -> None:
    place = await direct(core, cast)
    boss, operator = door("boss"), door("operator")
    pack = await boss.create_emoji_pack("月茶表情")
    assert await refused(boss.submit_emoji_pack(pack.id)) == "invalid_request"
    media_id = await upload(boss, picture(), "emoji")
    (emoji,) = (await boss.add_emoji(pack.id, name="喝茶", media_id=media_id)).emoji
    body = {"pack_id": pack.id, "emoji_id": emoji.id}
    assert await refused(say(core, cast, "lin", place, "brand_emoji", body)) == "not_found"
    assert await refused(door("lin").emoji_pack(pack.id)) == "not_found"
    await boss.submit_emoji_pack(pack.id)
    assert await refused(boss.remove_emoji(pack.id, emoji.id)) == "wrong_pack_state"
    assert await refused(door("boss").review_emoji_pack(pack.id, approve=True)) == "forbidden"
    assert [one.id for one in (await operator.emoji_packs(whose="review")).items] == [pack.id]
    assert await operator.load_media(media_id)
    assert (await operator.review_emoji_pack(pack.id, approve=False, reason="有二维码")).reason == "有二维码"
    await boss.submit_emoji_pack(pack.id)
    await operator.review_emoji_pack(pack.id, approve=True)
    assert [one.id for one in (await door("lin").emoji_packs()).items] == [pack.id]
    await say(core, cast, "lin", place, "brand_emoji", body)
    assert (await door("mi").messages(str(place)))[0].body["name"] == "喝茶"
    assert await door("gray").load_media(media_id)
    await boss.withdraw_emoji_pack(pack.id)
    assert await refused(say(core, cast, "lin", place, "brand_emoji", body, key="m2")) == "not_found"
    assert await door("mi").load_media(media_id), "what was said stays"
    assert await refused(door("gray").load_media(media_id)) == "not_found"


async def test_a_limited_offer_is_pressed_until_it_ends_and_details_are_left_with_consent(
    core: Core, cast: Cast, door: Door, clock: FakeClock
) -> None:
    service = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    session = (await core.read(lambda c: desk.find_open(c, [service])))[service]
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session.id))
    end = "2026-11-22T09:00:00Z"
    form = {"fields": [{"key": "phone", "label": "手机", "kind": "phone"}], "consent": "仅用于回访"}
    card = {
        "title": "限时福利",
        "buttons": [
            {"key": "go", "label": "抢", "act": "open", "url": "https://moontea.example/sale", "expires_at": end},
            {"key": "leave", "label": "预约", "act": "form", "form": form},
        ],
    }
    sent = await say(core, cast, "qiao", service, "card", card)
    place, lin = str(service), door("lin")
    assert (await lin.press_button(place, sent.seq, "go")).url == "https://moontea.example/sale"
    await lin.press_button(place, sent.seq, "go")
    assert await refused(door("mi").press_button(place, sent.seq, "go")) == "not_a_member"
    assert await refused(lin.press_button(place, sent.seq, "gone")) == "not_found"
    phone = {"phone": "13800000000"}
    assert await refused(lin.leave_details(place, sent.seq, "leave", phone, consent=False)) == "invalid_request"
    lead = await lin.leave_details(place, sent.seq, "leave", phone, consent=True)
    assert (await lin.leave_details(place, sent.seq, "leave", phone, consent=True)).id == lead.id
    other = {"phone": "13900000000"}
    assert await refused(lin.leave_details(place, sent.seq, "leave", other, consent=True)) == "already_exists"
    (listed,) = (await door("zhou").leads()).items
    assert (listed.answers, listed.consent, listed.account_name) == (phone, "仅用于回访", "林小姐")
    assert [(one.button, one.people) for one in await door("qiao").presses(place, sent.seq)] == [
        ("go", 1),
        ("leave", 1),
    ]
    assert await refused(lin.leads()) == "forbidden"
    clock.advance(seconds=24 * 3600)
    assert await refused(lin.press_button(place, sent.seq, "go")) == "button_expired"
    assert await refused(door("mi").withdraw_lead(lead.id)) == "not_found"
    await lin.withdraw_lead(lead.id)
    assert not (await door("zhou").leads()).items
