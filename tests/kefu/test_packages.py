"""A stranger's package under one of our names stops the start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kefu.base.errors import ConfigError
from kefu.packages import check_packages


def test_our_own_packages_pass() -> None:
    check_packages()


def test_a_strangers_package_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "bot", raising=False)
    with pytest.raises(ConfigError, match="'bot' is not ours"):
        check_packages()
