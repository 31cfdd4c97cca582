"""`/desk`: one page for one agent. It hears of every event and shows what changed; it never asks in turns."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import structlog
from fastapi import Request
from nicegui import Client, ui
from nicegui.events import GenericEventArguments

from bot.shop import Product
from kefu.pages.desk import head_view, list_view, side_view, thread_view, words
from kefu.pages.desk.commands import COMMANDS
from kefu.pages.desk.dialogs import in_script
from kefu.pages.desk.knowing import know
from kefu.pages.desk.latest import Latest
from kefu.pages.desk.model import Board, Entry, Tab, to_entry
from kefu.pages.desk.said import Said
from kefu.pages.staff.frame import bar, dress
from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.html import esc
from kefu.pages.staff.mount import KEY, Visit
from messaging_core.api import Desk, Event
from messaging_core.errors import CoreError

log = structlog.get_logger("kefu.desk")
_FLUSH_S = 0.08
"""Changes that come closer together are shown together: a burst costs one rendering."""
_RETRY_S = 5.0
"""So long after a reading failed it is tried again."""
_CHANGES = ("message.edited", "message.recalled", "message.reacted")
"""Events that put a message in place of what stood there."""
THREAD_SHOWN = 50
THREAD_KEPT = 100
_EARLIER = '<button class="earlier" data-do="earlier">查看更早的消息</button>'
_TYPING_S = 6.0


class DeskPage:
    """The page of one agent in one tab."""

    def __init__(self, house: StaffHouse, desk: Desk, request: Request) -> None:
        self.house = house
        self.desk = desk
        self.agent_id = desk.actor.account_id
        self.manages = desk.actor.staff_role in ("owner", "admin")
        self.board = Board(agent_id=self.agent_id)
        self.tab: Tab = "queue"
        self.chosen: int | None = None
        self.catalogue: list[Product] = []
        self._request = request
        self._entry: Entry | None = None
        self._closed: list[Entry] = []
        self._names: dict[str, str] = {}
        self._dirty: set[int] = set()
        self._fresh: list[Mapping[str, Any]] = []
        self._changed: dict[int, Mapping[str, Any]] = {}
        """Messages of the open conversation that are not what they were, by `seq`."""
        self._items: list[tuple[int, ui.html]] = []
        """What the thread shows, by `seq`, without gaps."""
        self._said = Said(self.desk, None)
        self._oldest_seq = 2**62
        self._newest_seq = 0
        self._flushing: asyncio.TimerHandle | None = None
        self._ended = False
        self._refreshing = asyncio.Lock()
        """Held by whoever reads what the thread shows and puts it there: what comes meanwhile is shown after it."""
        self._reading: int | None = None
        """The session that is being read: what is said in it meanwhile may be missing in the answer."""
        self._top_readings, self._side_readings = Latest(), Latest()
        self.relabelling = asyncio.Lock()
        """Held by whoever reads the labels, changes them and writes them back."""
        self._typing_end: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- building --------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Lay the page out; what it shows comes right after."""
        dress("/staff/static/desk/desk.css", "/staff/static/desk/side.css", script="/staff/static/desk/desk.js")
        self.client: Client = ui.context.client
        with ui.element("div").classes("desk").props('id=desk data-pane="list"') as self._root:
            self._top = ui.html(sanitize=False, tag="header").classes("bar")
            with ui.element("aside").classes("pane list-pane").props('aria-label="会话"'):
                self._tabs = ui.html(sanitize=False)
                self._list = ui.html(sanitize=False).classes("list")
            with ui.element("main").classes("pane talk-pane"):
                self._head = ui.html(sanitize=False, tag="header").classes("head")
                with ui.element("div").classes("thread").props('id=thread role=log aria-label="对话" tabindex=0'):
                    self._before = ui.html(sanitize=False).classes("before")
                    self._thread = ui.element("div").classes("items")
                self._typing = ui.html(sanitize=False).classes("typing").props("aria-live=polite")
                self._composer = ui.html(sanitize=False).classes("composer")
            self._side = ui.html(sanitize=False, tag="aside").classes("pane side-pane").props('aria-label="顾客资料"')
        self._root.on("desk", self._on_desk, js_handler="(e) => emit(e.detail)")
        ui.html('<div class="connection-lost" role="status" hidden>连接中断，正在重新连接…</div>', sanitize=False)

    async def start(self) -> None:
        """Show what is there and begin to listen."""
        self._stop = self.house.watch.open(self.desk.actor, self)
        self.client.on_delete(self._end)
        seats = {seat.account_id: seat for seat in await self.desk.seats()}
        if seats[self.agent_id].status == "offline":
            await self.guard(self.desk.set_status("online"))
        await self.reload()
        self.tab = "mine" if self.board.mine() and not self.board.queue() else "queue"
        self.show_lists()
        await self.show_side(None)

    def _end(self) -> None:
        self._ended = True
        self._stop()
        for handle in (self._flushing, self._typing_end):
            if handle is not None:
                handle.cancel()

    # --- hearing (Watcher) -----------------------------------------------------------------------------------

    def on_event(self, event: Event) -> None:
        """See Watcher.on_event."""
        if event.kind == "message.sent" and event.message is not None:
            message = msgspec.json.decode(event.message)
            is_read = event.conversation_id == self.chosen
            if is_read:
                self._fresh.append(message)
            heard = self.board.hear(event.conversation_id, message, is_read=is_read)
            if not heard or event.conversation_id == self._reading:
                self._dirty.add(event.conversation_id)
        elif event.kind in _CHANGES and event.message is not None:
            message = msgspec.json.decode(event.message)
            if event.conversation_id == self.chosen:
                self._changed[message["seq"]] = message
            self.board.reword(event.conversation_id, message)
        elif event.kind.startswith("session."):
            self._dirty.add(event.conversation_id)
            if event.conversation_id == self.chosen:
                self._fresh.append(msgspec.json.decode(event.frame()))
        else:
            return
        self._flush_soon()

    def on_frame(self, conversation_id: int, frame: bytes) -> None:
        """See Watcher.on_frame."""
        if conversation_id != self.chosen or self._entry is None:
            return
        told = msgspec.json.decode(frame)
        if told.get("account_id") != str(self._entry.customer_id):
            return
        if told["type"] == "cursor":
            self.script(f"desk.seen({int(told['msg_no'])})")
        elif told["type"] == "typing":
            self._show_typing(on=bool(told["on"]))

    def on_cut(self, code: str) -> None:
        """See Watcher.on_cut."""
        # The door knows why; a server that stops is waited for.
        if code in ("token_revoked", "account_banned"):
            self.script("location.href = '/desk'")

    def _flush_soon(self) -> None:
        if self._flushing is None and not self._ended:
            loop = asyncio.get_running_loop()
            self._flushing = loop.call_later(_FLUSH_S, lambda: self.spawn(self._flush()))

    async def _flush(self) -> None:
        self._flushing = None
        async with self._refreshing:
            dirty, self._dirty = self._dirty, set()
            fresh: list[Mapping[str, Any]] = []
            try:
                await self._read_rows(dirty)
                fresh, self._fresh = self._fresh, []
                await self._said.learn(fresh)
            except Exception:
                self._dirty |= dirty
                self._fresh[:0] = fresh
                asyncio.get_running_loop().call_later(_RETRY_S, self._flush_soon)
                raise
            self._append(fresh)
            self._redraw()
            self.show_lists()
            if self.chosen in dirty:
                self.show_head()
            if dirty:
                await self.show_top()
        # The shop's system may be slow: what is said goes on meanwhile.
        if self.chosen in dirty:
            await self.show_side(self._entry)

    async def _read_rows(self, conversation_ids: Iterable[int]) -> None:
        for conversation_id in conversation_ids:
            self._reading = conversation_id
            try:
                row = await self.desk.row(conversation_id)
            finally:
                self._reading = None
            if row is not None:
                self.board.put(to_entry(row))
                if conversation_id == self.chosen:
                    self._entry = to_entry(row)

    # --- showing ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        """Read the whole board anew; what happens meanwhile is read after it."""
        async with self._refreshing:
            self.board.replace([to_entry(row) for row in await self.desk.board()])
            self._names = {str(seat.account_id): seat.name for seat in await self.desk.seats()}
        await self.show_top()

    async def show_top(self) -> None:
        """Show who the agent is, whether he works, and how much he has; of overlapping readings the last."""
        is_last = self._top_readings.begin()
        seats = {seat.account_id: seat for seat in await self.desk.seats()}
        if not is_last():
            return
        own = seats[self.agent_id]
        options = "".join(
            f'<option value="{status}"{" selected" if status == own.status else ""}>{name}</option>'
            for status, name in words.STATUS.items()
        )
        status = (
            f'<span class="load" title="接待中 / 上限">接待 <b>{own.load}</b>/{own.capacity}</span>'
            f'<label class="status {own.status}"><i class="dot {own.status}"></i><select data-change="status" '
            f'aria-label="我的状态">{options}</select></label>'
        )
        self._top.set_content(bar(self._request, self.desk.actor, "desk", middle=status))

    def show_lists(self) -> None:
        """Show the tabs and the list that is open."""
        entries = {"queue": self.board.queue, "mine": self.board.mine, "all": self.board.all}
        shown = entries[self.tab]() if self.tab in entries else self._closed
        self._tabs.set_content(list_view.tabs(self.board, self.tab))
        self._list.set_content(list_view.rows(shown, self.tab, chosen=self.chosen))
        if self.chosen is None:
            self._before.set_content(head_view.nothing_chosen(waiting=len(self.board.queue())))

    def show_head(self) -> None:
        """Show the customer, the steps and the composer as the session is now."""
        entry = self._entry
        online = entry is not None and self.desk.is_online(entry.customer_id)
        self._head.set_content(head_view.head(entry, agent_id=self.agent_id, manages=self.manages, online=online))
        self._composer.set_content(head_view.composer(entry, agent_id=self.agent_id))

    async def show_tab(self, tab: Tab) -> None:
        """Open one of the lists."""
        self.tab = tab
        if tab == "closed":
            self._closed = [to_entry(row) for row in await self.desk.closed()]
        self.show_lists()

    async def open(self, conversation_id: int) -> None:
        """Open a conversation: its head at once, then what was said, then what is known of its customer."""
        async with self._refreshing:
            row = await self.desk.row(conversation_id)
            if row is None:
                return
            self.chosen, self._entry, self._fresh, self._changed = conversation_id, to_entry(row), [], {}
            self._thread.clear()
            self._items, self._oldest_seq, self._newest_seq = [], 2**62, 0
            self._said = Said(self.desk, conversation_id)
            self._before.set_content('<div class="skeleton"></div><div class="skeleton tall"></div>')
            self._show_typing(on=False)
            self.show_head()
            self._side.set_content(side_view.side(self._entry, None))
            await self._show_page(self._entry)
        self.script("desk.opened()")
        self._read_all()
        self.show_lists()
        await self.show_side(self._entry)

    async def show_earlier(self) -> None:
        """Show one more page of the conversation above what is there."""
        async with self._refreshing:
            if self._entry is not None:
                await self._show_page(self._entry)

    async def _show_page(self, entry: Entry) -> None:
        talk = await self.desk.talk(entry.conversation_id, before_seq=self._oldest_seq, limit=THREAD_SHOWN)
        self._names.update({str(account_id): name for account_id, name in talk.names.items()})
        found = sorted([*talk.messages, *talk.steps], key=lambda frame: frame["seq"])
        await self._said.learn(found)
        first = self._oldest_seq == 2**62
        if talk.messages:
            self._oldest_seq = talk.messages[0]["seq"]
        self._newest_seq = max([self._newest_seq, *(frame["seq"] for frame in found)])
        with self._thread:
            made = [(frame["seq"], ui.html(self._item(frame), sanitize=False)) for frame in found]
        for place, (_, element) in enumerate(made):
            element.move(target_index=place)
        self._items = made + self._items
        if found or not first:
            self._before.set_content(_EARLIER if talk.more else "")
        else:
            self._before.set_content('<p class="faint pad">还没有消息。</p>')
        read = talk.read.get(entry.customer_id, 0)
        self.script(f"desk.seen({read})")

    def _append(self, frames: list[Mapping[str, Any]]) -> None:
        """Show what was said since; of a burst only the last THREAD_SHOWN, the rest is a press away."""
        new = [frame for frame in frames if frame["seq"] > self._newest_seq]
        if not new:
            return
        self._newest_seq = max(frame["seq"] for frame in new)
        # What is left out here is read again from the log when the agent asks for earlier messages.
        shown = new[-THREAD_SHOWN:]
        kept = THREAD_KEPT - len(shown) if len(shown) == len(new) else 0
        dropped = self._items[: max(0, len(self._items) - kept)]
        for _, old in dropped:
            old.delete()
        self._items = self._items[len(dropped) :]
        with self._thread:
            self._items += [(frame["seq"], ui.html(self._item(frame), sanitize=False)) for frame in shown]
        if dropped or len(shown) < len(new):
            self._oldest_seq = self._items[0][0]
            self._before.set_content(_EARLIER)
        elif len(self._items) == len(shown):
            self._before.set_content("")
        if any(frame.get("origin") == "person" for frame in new):
            self._show_typing(on=False)
        self._read_all()

    def _redraw(self) -> None:
        """Show what was edited, recalled or reacted to as it is now, where it stands and where it is quoted."""
        changed, self._changed = self._changed, {}
        self._said.change(changed)
        for seq, element in self._items:
            shown = self._said.shows(seq, changed)
            if shown is not None:
                element.set_content(self._item(shown))

    def _item(self, frame: Mapping[str, Any]) -> str:
        entry = self._entry
        name = entry.customer_name if entry is not None else ""
        known = self._said.messages
        return thread_view.item(frame, customer_name=name, names=self._names, load=self.desk.media_url, said=known)

    def _read_all(self) -> None:
        """Tell the customer that what is on the screen was read, where the agent has the session."""
        entry = self._entry
        if entry is not None and entry.agent_id == self.agent_id and entry.state == "agent":
            self.desk.read(entry.conversation_id, 2**31)
            self.board.mark_read(entry.conversation_id)

    def _show_typing(self, *, on: bool) -> None:
        if self._typing_end is not None:
            self._typing_end.cancel()
            self._typing_end = None
        name = esc(self._entry.customer_name) if self._entry is not None else ""
        self._typing.set_content(f"{name} 正在输入<i></i><i></i><i></i>" if on else "")
        if on:
            loop = asyncio.get_running_loop()
            self._typing_end = loop.call_later(_TYPING_S, lambda: self._show_typing(on=False))

    async def show_side(self, entry: Entry | None) -> None:
        """Show what is known of the customer; of readings that overlap, the one that began last."""
        is_last = self._side_readings.begin()
        known = await know(self.house, self.desk, entry) if entry is not None else None
        if is_last() and (entry is None or entry.conversation_id == self.chosen):
            self._side.set_content(side_view.side(entry, known))

    # --- acting ----------------------------------------------------------------------------------------------

    def about(self, told: Mapping[str, str]) -> Entry | None:
        """Return the session on which something was pressed; None when another has been opened meanwhile."""
        entry = self._entry
        return entry if entry is not None and told.get("conversation") == str(entry.conversation_id) else None

    async def _on_desk(self, event: GenericEventArguments) -> None:
        told = event.args if isinstance(event.args, dict) else {}
        command = COMMANDS.get(str(told.get("do")))
        if command is not None:
            with self.client:
                await self.guard(command(self, {str(key): str(value) for key, value in told.items()}))

    async def guard(self, work: Any) -> None:
        """Do something; a refusal is told in words."""
        try:
            await work
        except CoreError as refusal:
            self.toast(refusal.detail("zh"), wrong=True)

    def show_modal(self, name: str, html: str) -> None:
        """Open the dialog that was asked for, or fill it anew; nothing happens when it was closed meanwhile."""
        self.script(f"desk.show({in_script(name)}, {in_script(html)})")

    def show_found(self, html: str) -> None:
        """Replace what a search has found in the open dialog."""
        self.script(f"desk.found({in_script(html)})")

    def dismiss(self) -> None:
        """Close the dialog."""
        self.script("desk.shut()")

    def toast(self, text: str, *, wrong: bool = False) -> None:
        """Say something in passing."""
        self.script(f"desk.toast({in_script(text)}, {'true' if wrong else 'false'})")

    def script(self, code: str) -> None:
        """Run a line in the browser, once its script is there."""
        if self.client.has_socket_connection:
            self.client.run_javascript(f"window.desk && {code}")

    def spawn(self, work: Any) -> None:
        """Run a coroutine beside; its failure is logged and told."""
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(self._watched(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watched(self, work: Any) -> None:
        try:
            with contextlib.suppress(RuntimeError) if self.client.is_deleted else contextlib.nullcontext():
                await work
        except CoreError as refusal:
            self.toast(refusal.detail("zh"), wrong=True)
        except Exception as error:
            log.error("desk.page_failed", error=repr(error), exc_info=error)


@ui.page("/desk", title="客服工作台 · Kefu 客服")
async def desk_page(request: Request) -> None:
    """Build the page for whoever is logged in."""
    visit: Visit = request.scope[KEY]
    page = DeskPage(visit.house, Desk(visit.house.core, visit.actor), request)
    page.build()
    await page.start()
