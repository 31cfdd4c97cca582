"""Our packages have plain names: make sure that the ones imported are ours."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import kefu.base
from kefu.base.errors import ConfigError

_OURS = ("messaging_core", "bot", "knowledge_graph", "intents", "eval")


def check_packages() -> None:
    """Refuse to start when another distribution's package stands in the place of one of ours."""
    home = Path(str(kefu.base.__file__)).parents[2]
    for name in _OURS:
        spec = find_spec(name)
        where = Path(str(spec.origin)).parents[1] if spec is not None and spec.origin else None
        if where != home:
            raise ConfigError(
                f"{name!r} 被 {where} 里的同名包占了，请把 kefu 装进单独的环境"
                f" · the package {name!r} is not ours: install kefu into an environment of its own"
            )
