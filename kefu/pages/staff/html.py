"""Small parts of pages as HTML: everything that came from people goes through `esc`."""

from __future__ import annotations

from html import escape

_ICONS = {
    "queue": '<path d="M4 6h16M4 12h10M4 18h7"/><circle cx="18.5" cy="16.5" r="3.5"/><path d="M18.5 15v1.7l1 .8"/>',
    "chat": '<path d="M20 11.5a7.5 7.5 0 0 1-11 6.6L4 19.5l1.4-4.6A7.5 7.5 0 1 1 20 11.5Z"/>',
    "all": '<rect x="4" y="4" width="7" height="7" rx="2"/><rect x="13" y="4" width="7" height="7" rx="2"/>'
    '<rect x="4" y="13" width="7" height="7" rx="2"/><rect x="13" y="13" width="7" height="7" rx="2"/>',
    "send": '<path d="m5 12 14-7-4.5 14-3-5.5z"/>',
    "card": '<path d="M6 8h12l1 12H5z"/><path d="M9 8V6.5a3 3 0 0 1 6 0V8"/>',
    "coupon": '<path d="M4 7h16v3.500a1.500 1.500 0 0 0 0 3V17H4v-3.500a1.500 1.500 0 0 0 0-3zM14 7v10"/>',
    "offer": '<path d="M4 10v4h3l7 4V6l-7 4zM17.5 9a4 4 0 0 1 0 6"/>',
    "order": '<path d="M6 4h12v16l-3-2-3 2-3-2-3 2z"/><path d="M9 9h6M9 13h4"/>',
    "program": '<rect x="4" y="4" width="16" height="16" rx="5"/>'
    '<path d="M12 9v4.500a2.500 2.500 0 1 1-2.500-2.500h5"/>',
    "phrase": '<path d="m13 3-8 11h6l-1 7 8-11h-6z"/>',
    "back": '<path d="M15 5 8 12l7 7"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "swap": '<path d="M4 8h13m-3.5-3.5L17 8l-3.5 3.5M20 16H7m3.5 3.5L7 16l3.5-3.5"/>',
    "bot": '<rect x="5" y="8" width="14" height="11" rx="4"/>'
    '<path d="M12 8V4.5M9.5 13v1M14.5 13v1M2.5 13v2M21.5 13v2"/>',
    "hand": '<circle cx="12" cy="8" r="3.8"/><path d="M4.5 20c.7-4 3.7-6 7.5-6s6.8 2 7.5 6"/>',
    "end": '<circle cx="12" cy="12" r="8"/><path d="m8.5 12.2 2.5 2.5 4.5-5"/>',
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4 20c1-4 4-6 8-6s7 2 8 6"/>',
    "settings": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/>'
    '<circle cx="15" cy="7" r="2.2"/><circle cx="9" cy="17" r="2.2"/>',
    "out": '<path d="M14 5H7a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h7M11 12h9m-3-3.5 3.5 3.5-3.5 3.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "search": '<circle cx="11" cy="11" r="6"/><path d="m16 16 4 4"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8v.1"/>',
    "trash": '<path d="M5 7h14M10 4h4M7 7l1 13h8l1-13"/>',
    "star": '<path d="m12 4 2.5 5.2 5.600.7-4.100 3.900 1 5.600-5-2.8-5 2.8 1-5.600L3.900 9.900l5.600-.7z"/>',
    "history": '<path d="M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 1.8"/>',
    "play": '<path d="M8 5v14l11-7z"/>',
    "leaf": '<path d="M5 19C5 9 11 5 20 4c0 10-4 15-11 15-1.5 0-3-.5-4-1.5M5 19c2-5 5-8 9-10"/>',
}


def esc(text: object) -> str:
    """Return a text that is safe in HTML, in attributes too."""
    return escape(str(text), quote=True)


def icon(name: str, *, label: str = "") -> str:
    """Return an icon; with a label it speaks to screen readers."""
    spoken = f'role="img" aria-label="{esc(label)}"' if label else 'aria-hidden="true"'
    return f'<svg class="icon" viewBox="0 0 24 24" {spoken}>{_ICONS[name]}</svg>'


def avatar(name: str, key: int, *, small: bool = False) -> str:
    """Return the first letter of a name on one of eight tones, the same for the same key."""
    letter = esc(name.strip()[:1] or "客")
    return f'<span class="avatar{" avatar-small" if small else ""} tone-{key % 8}" aria-hidden="true">{letter}</span>'


def yuan(fen: int) -> str:
    """Return money in fen as yuan: `¥268`, `¥12.50`."""
    return f"¥{fen // 100}" if fen % 100 == 0 else f"¥{fen / 100:.2f}"


def empty(icon_name: str, title: str, text: str = "") -> str:
    """Return what stands where there is nothing."""
    more = f"<p>{esc(text)}</p>" if text else ""
    return f'<div class="empty">{icon(icon_name)}<h3>{esc(title)}</h3>{more}</div>'
