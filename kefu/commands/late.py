"""Groups of commands that are imported when somebody looks into them: the others start without their cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typer import Typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

Load = Callable[[], Typer]


class LateGroup(TyperGroup):
    """A group known by its name and one line of help until it is used."""

    def __init__(self, *, name: str, help: str, load: Load) -> None:
        super().__init__(name=name, help=help, no_args_is_help=True, rich_markup_mode=None)
        self._load = load
        self._loaded: TyperGroup | None = None

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the group's commands."""
        return self._group().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """Return one of the group's commands."""
        return self._group().get_command(ctx, cmd_name)  # type: ignore[return-value]

    def _group(self) -> TyperGroup:
        if self._loaded is None:
            self._loaded = get_group(self._load())
        return self._loaded
