"""`/settings/bot`: turn auto-reply on, say how the bot behaves, try it, see who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Request
from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.settings import BotSettings
from kefu.pages.bot_settings import view
from kefu.pages.bot_settings.form import FormError, read_form
from kefu.pages.staff.frame import bar, dress
from kefu.pages.staff.house import BotSide, SettingsVersion
from kefu.pages.staff.mount import KEY, Visit
from messaging_core.api import Desk, DeskSettings
from messaging_core.errors import CoreError

_BOUNDS = {"capacity": (1, 1000), "grace_s": (5, 86_400)}


class SettingsPage:
    """The settings page in one tab."""

    def __init__(self, bot: BotSide, desk: Desk, request: Request) -> None:
        self._bot = bot
        self._desk = desk
        self._request = request
        self._editable = desk.actor.staff_role in ("owner", "admin")
        self._versions: list[SettingsVersion] = []
        self._asked = 0

    @property
    def _current(self) -> BotSettings:
        return self._versions[0].settings

    def build(self) -> None:
        """Lay the page out."""
        dress(
            "/staff/static/desk/desk.css",
            "/staff/static/desk/side.css",
            "/staff/static/bot_settings/settings.css",
            script="/staff/static/bot_settings/settings.js",
        )
        self._client = ui.context.client
        with ui.element("div").classes("settings").props("id=settings-page") as root:
            ui.html(bar(self._request, self._desk.actor, "bot"), sanitize=False, tag="header").classes("bar")
            with ui.element("main").classes("columns"):
                with ui.element("div").classes("half"):
                    ui.html(
                        '<h1>机器人设置</h1><p class="lead">三步上线：打开开关，试问一句，保存。</p>', sanitize=False
                    )
                    self._form = ui.html(sanitize=False)
                    self._bar = ui.html(sanitize=False).classes("save-place")
                with ui.element("div").classes("half"):
                    ui.html(view.asking(), sanitize=False)
                    self._answer = ui.html(sanitize=False)
                    self._desk_card = ui.html(sanitize=False)
                    self._history = ui.html(sanitize=False)
        root.on("desk", self._on_told, js_handler="(e) => emit(e.detail)")

    async def start(self) -> None:
        """Show the settings in force."""
        await self._read()
        self._form.set_content(view.form(self._current, editable=self._editable))
        await self._show_desk()

    async def _read(self) -> None:
        self._versions = list(await self._bot.versions(enterprise_id=self._desk.enterprise_id))
        self._bar.set_content(view.bar(editable=self._editable, version=self._versions[0].version))
        self._history.set_content(view.history(self._versions, editable=self._editable))

    async def _show_desk(self) -> None:
        settings, seats = await self._desk.settings(), await self._desk.seats()
        self._desk_card.set_content(view.desk_card(settings, seats, editable=self._editable))

    async def _on_told(self, event: GenericEventArguments) -> None:
        told: Mapping[str, Any] = event.args if isinstance(event.args, dict) else {}
        commands = {"save": self._save, "ask": self._ask, "restore": self._restore, "save_desk": self._save_desk}
        command = commands.get(str(told.get("do")))
        if command is None:
            return
        with self._client:
            try:
                await command(told)
            except FormError as error:
                self._script("fault", error.field, error.text)
            except CoreError as refusal:
                self._script("toast", refusal.detail("zh"), True)

    async def _save(self, told: Mapping[str, Any]) -> None:
        settings = read_form(told, self._current)
        self._script("faultless")
        if settings == self._current and self._versions[0].version:
            self._script("toast", "没有修改，无需保存。", False)
            return
        await self._bot.save(self._desk.actor, settings)
        await self._read()
        self._script("saved")
        self._script("toast", f"已保存为第 {self._versions[0].version} 版，立即生效。", False)

    async def _ask(self, told: Mapping[str, Any]) -> None:
        question = str(told.get("question", "")).strip()[:500]
        if not question:
            return
        settings = read_form(told, self._current) if self._editable else self._current
        self._script("faultless")
        self._asked += 1
        ticket = self._asked
        self._answer.set_content('<div class="skeleton tall"></div>')
        try:
            preview = await self._bot.preview(self._desk.actor, settings, question)
        except CoreError as refusal:
            missing = refusal.code == "not_found"
            text = "机器人还没有训练好，训练完成后即可试问。" if missing else refusal.detail("zh")
            shown = view.no_answer(text)
        else:
            shown = view.answer(question, preview, name=settings.name)
        if ticket == self._asked:  # an answer that was overtaken by a newer question is not shown
            self._answer.set_content(shown)

    async def _restore(self, told: Mapping[str, Any]) -> None:
        """Bring an older version into the form; it is in force once it is saved."""
        found = [one for one in self._versions if str(one.version) == str(told.get("version"))]
        if found:
            # An own key each time: the same version may be brought in again after changes by hand.
            self._form.set_content("")
            self._form.set_content(view.form(found[0].settings, editable=self._editable))
            self._script("changed")
            self._script("toast", f"第 {found[0].version} 版已填入，保存后生效。", False)

    async def _save_desk(self, told: Mapping[str, Any]) -> None:
        numbers = {name: _whole(told, name, bounds) for name, bounds in _BOUNDS.items()}
        for seat in await self._desk.seats():
            name = f"capacity{seat.account_id}"
            own = _whole(told, name, (0, 1000)) if str(told.get(name, "")).strip() else None
            if own != seat.own_capacity:
                await self._desk.set_capacity(seat.account_id, own)
        await self._desk.change_settings(
            DeskSettings(
                auto_assign=bool(told.get("auto_assign")), capacity=numbers["capacity"], grace_s=numbers["grace_s"]
            )
        )
        self._script("faultless")
        await self._show_desk()
        self._script("toast", "接待设置已保存。", False)

    def _script(self, name: str, *arguments: Any) -> None:
        told = ", ".join(msgspec.json.encode(argument).decode() for argument in arguments)
        self._client.run_javascript(f"window.page && page.{name}({told})")


def _whole(told: Mapping[str, Any], name: str, bounds: tuple[int, int]) -> int:
    low, high = bounds
    text = str(told.get(name, "")).strip()
    if not text.isdecimal() or not low <= int(text) <= high:
        raise FormError(name if name in _BOUNDS else "capacity", f"请填写 {low} 到 {high} 之间的整数。")
    return int(text)


@ui.page("/settings/bot", title="机器人设置 · Kefu 客服")
async def settings_page(request: Request) -> None:
    """Build the page for whoever is logged in."""
    visit: Visit = request.scope[KEY]
    if visit.house.bot is None:
        ui.html('<p class="pad">这里没有机器人。</p>', sanitize=False)
        return
    page = SettingsPage(visit.house.bot, Desk(visit.house.core, visit.actor), request)
    page.build()
    await page.start()
