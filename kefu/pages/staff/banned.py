"""What an agent finds at the door whose account the platform has banned: the rule, until when, and where to appeal."""

from __future__ import annotations

from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.html import esc
from messaging_core.api import Actor, appeal_ban
from messaging_core.errors import CoreError

BANNED = "account_banned"
_CHARS = 1000
_SAID = {
    "sent": "申诉已提交，审核人员会尽快处理。申诉通过后，您就能像以前一样登录。",
    "already_exists": "您已经申诉过了，结果出来之前请耐心等待；每次封禁只能申诉一次。",
    "empty": "请写下您的理由。",
}


async def find_refusal(house: StaffHouse, secret: str | None) -> CoreError | None:
    """Return why a token that is right lets nobody in: its account is banned; None: that is not the reason."""
    try:
        await house.core.authenticate(secret or "")
    except CoreError as refusal:
        return refusal if refusal.code == BANNED else None
    return None


async def notice(house: StaffHouse, secret: str | None, *, csrf: str, appealed: str) -> str:
    """Return what the log-in page says to somebody banned; with the form when his device still knows him."""
    refusal = await find_refusal(house, secret)
    if refusal is None:
        return '<p class="wrong" role="alert">这个账号已被平台封禁，无法登录；如有异议，请在原来登录的设备上申诉。</p>'
    said = f'<p class="said" role="status">{_SAID[appealed]}</p>' if appealed in _SAID else ""
    form = (
        '<form method="post" action="/staff/appeal" class="token appeal">'
        f'<input type="hidden" name="csrf" value="{esc(csrf)}"><label for="appeal">申诉理由</label>'
        f'<textarea id="appeal" name="text" rows="4" maxlength="{_CHARS}" required></textarea>'
        '<button class="button">提交申诉</button></form>'
    )
    done = appealed in ("sent", "already_exists")
    text = "这个账号因违法内容或欺诈，经人工确认后被平台封禁（第三级处置），不能登录和使用，没有期限。"
    if not done:
        text += "如果您认为弄错了，可以在这里申诉，由审核人员重新核对。"
    return f'<p class="wrong" role="alert">{text}</p>{said}{"" if done else form}'


async def appeal(house: StaffHouse, secret: str, text: str) -> str:
    """Appeal against the ban of a token's account and return which of `notice`'s words is the answer."""
    if not text.strip():
        return "empty"
    try:
        actor: Actor = await house.core.authenticate(secret, banned_too=True)
        await house.core.run(lambda unit: appeal_ban(unit, actor, text=text.strip()[:_CHARS]))
    except CoreError as refusal:
        return refusal.code
    return "sent"
