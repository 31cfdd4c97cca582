"""What is wrong in the shop's data files: file, line, what, and the cure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kefu.base.errors import ConfigError
from kefu.base.texts import Lang
from kefu.texts import say

_SHOWN = 20


@dataclass(frozen=True, slots=True, order=True)
class ShopProblem:
    """One finding; `line` counts from 1."""

    file: str
    line: int
    code: str
    data: Mapping[str, object] = field(default_factory=dict, compare=False)

    def text(self, lang: Lang = "zh") -> str:
        """Return `file:line: what is wrong, and the cure`."""
        return f"{self.file}:{self.line}: {say(f'shop.{self.code}', lang, self.data)}"


class ShopDataError(ConfigError):
    """The shop's files cannot be taken; what is live stays. `problems` are in the order of files and lines."""

    def __init__(self, problems: list[ShopProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__(self.text("zh"))

    def text(self, lang: Lang) -> str:
        """Return all problems, one a line."""
        lines = [say("shop.broken", lang, {"count": len(self.problems)})]
        lines += [f"  {problem.text(lang)}" for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append("  " + say("shop.more", lang, {"count": len(self.problems) - _SHOWN}))
        return "\n".join(lines)


class Problems:
    """Collects findings while files are read, so that all are told at once."""

    def __init__(self) -> None:
        self.found: list[ShopProblem] = []

    def add(self, file: str, line: int, code: str, **data: object) -> None:
        """Note one."""
        self.found.append(ShopProblem(file, line, code, data))

    def check(self) -> None:
        """Raise ShopDataError when there are any."""
        if self.found:
            raise ShopDataError(self.found)
