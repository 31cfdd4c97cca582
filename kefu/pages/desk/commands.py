"""What an agent can press on the desk: each command by the name that its button carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kefu.pages.desk import dialogs
from kefu.pages.desk.card_commands import CARD_COMMANDS, Command, Told
from kefu.pages.desk.model import TABS
from messaging_core.errors import CoreError

if TYPE_CHECKING:
    from kefu.pages.desk.page import DeskPage

_LABELS = {"session": "session", "customer": "customer"}


async def _tab(page: DeskPage, told: Told) -> None:
    for tab in TABS:
        if tab == told.get("tab"):
            await page.show_tab(tab)


async def _open(page: DeskPage, told: Told) -> None:
    await page.open(int(told["conversation"]))


async def _earlier(page: DeskPage, told: Told) -> None:
    await page.show_earlier()


async def _status(page: DeskPage, told: Told) -> None:
    status = next((status for status in ("online", "away", "offline") if status == told.get("value")), "online")
    await page.desk.set_status(status)  # type: ignore[arg-type]
    await page.show_top()


async def _take(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None:
        await page.desk.take(entry.session_id)
        await page.show_tab("mine")


async def _hand_back(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None:
        await page.desk.hand_back(entry.session_id)
        page.toast("已交还机器人")


async def _transfer(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None:
        seats = await page.desk.seats()
        page.show_modal("transfer", dialogs.transfer(seats, agent_id=page.agent_id, holder_id=entry.agent_id))


async def _transfer_to(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None:
        agent = told.get("agent", "")
        await page.desk.transfer(entry.session_id, int(agent) if agent else None)
        page.dismiss()
        page.toast("已转接" if agent else "已放回排队")


async def _close(page: DeskPage, told: Told) -> None:
    page.show_modal("close", dialogs.confirm_close())


async def _close_now(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    page.dismiss()
    if entry is not None:
        await page.desk.close(entry.session_id)
        page.toast("会话已结束")


async def _send(page: DeskPage, told: Told) -> None:
    conversation_id, text = int(told["conversation"]), told.get("text", "").strip()
    if not text:
        return
    try:
        await page.desk.send(
            conversation_id,
            kind="text",
            body={"text": text},
            client_msg_id=told.get("key") or None,
            reply_to=int(told["reply"]) if told.get("reply") else None,
        )
    except CoreError:
        page.script("desk.unsent()")
        raise
    page.script(f"desk.sent({dialogs.in_script(told.get('key', ''))})")


async def _recall(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None:
        await page.desk.recall(entry.conversation_id, int(told["seq"]))


async def _type(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None and entry.agent_id == page.agent_id and entry.state == "agent":
        page.desk.type(entry.conversation_id, on=told.get("on") == "true")


async def _phrases(page: DeskPage, told: Told) -> None:
    page.show_modal("phrases", dialogs.phrases(await page.desk.phrases(), manages=page.manages))


async def _slash(page: DeskPage, told: Told) -> None:
    """Offer the phrases that fit what stands after the slash."""
    wanted = told.get("text", "").lower()
    rows = [row for row in await page.desk.phrases() if wanted in f"{row.title}\n{row.text}".lower()]
    page.script(f"desk.offer({dialogs.offered(rows)}, {dialogs.in_script(told.get('text', ''))})")


async def _add_phrase(page: DeskPage, told: Told) -> None:
    await page.desk.add_phrase(title=told["title"], text=told["text"], shared=told.get("shared") == "1")
    await _phrases(page, told)


async def _unphrase(page: DeskPage, told: Told) -> None:
    await page.desk.delete_phrase(int(told["phrase"]))
    await _phrases(page, told)


async def _label(page: DeskPage, told: Told) -> None:
    await _relabel(page, told, add=told.get("label", "").strip()[:30])


async def _unlabel(page: DeskPage, told: Told) -> None:
    await _relabel(page, told, remove=told.get("label", ""))


async def _relabel(page: DeskPage, told: Told, *, add: str = "", remove: str = "") -> None:
    entry = page.about(told)
    subject = _LABELS.get(told.get("subject", ""))
    if entry is None or subject is None:
        return
    async with page.relabelling:
        file = await page.desk.file(entry.session_id)
        present = file.session_labels if subject == "session" else file.customer_labels
        wanted = [label for label in present if label != remove] + ([add] if add else [])
        await page.desk.put_labels(entry.session_id, subject, wanted)  # type: ignore[arg-type]
    await page.show_side(entry)


async def _note(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None and told.get("text", "").strip():
        await page.desk.add_note(entry.session_id, told["text"][:2000])
        await page.show_side(entry)


async def _unnote(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None:
        await page.desk.delete_note(int(told["note"]))
        await page.show_side(entry)


COMMANDS: dict[str, Command] = {
    "tab": _tab,
    "open": _open,
    "earlier": _earlier,
    "status": _status,
    "take": _take,
    "hand_back": _hand_back,
    "transfer": _transfer,
    "transfer_to": _transfer_to,
    "close": _close,
    "close_now": _close_now,
    "send": _send,
    "recall": _recall,
    "type": _type,
    **CARD_COMMANDS,
    "phrases": _phrases,
    "slash": _slash,
    "add_phrase": _add_phrase,
    "unphrase": _unphrase,
    "label": _label,
    "unlabel": _unlabel,
    "note": _note,
    "unnote": _unnote,
}
