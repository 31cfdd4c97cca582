"""The rules between people for tests that talk faster than people may; those of the rules themselves keep the usual."""

from __future__ import annotations

from messaging_core.settings import Safety

_FREE = {
    "daily_cap": 10**9,
    "window_s": 1e-9,
    "group_window_s": 1e-9,
    "fold_window_s": 1e-9,
}  # 1e-9: no window, even where the clock stands

TALKATIVE = Safety.model_validate(_FREE)
FREE = {f"KEFU_SAFETY__{name.upper()}": str(value) for name, value in _FREE.items()}
"""The same for a server of its own."""
