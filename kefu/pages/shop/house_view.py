"""The enterprise's page as HTML: coupons, staff, standing, keys; everything people wrote goes through `esc`."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.pages.shop.parts import field, hidden, section, step, time
from kefu.pages.staff.html import avatar, esc, yuan
from messaging_core.api import CommunityLine, CouponLine, KeyLine, Standing, Worker

ROLES = {"owner": "店主", "admin": "管理员", "agent": "客服", "analyst": "数据分析", "trainer": "机器人训练师"}
SCOPES = {
    "orders": "上报订单",
    "read_orders": "查看订单",
    "coupons": "管理和核销优惠券",
    "issue_coupons": "发优惠券",
    "insight": "查看归因数据",
    "read_staff": "查看团队",
}
_ASKED = {"pending": ("审核中", "chip-wait"), "approved": ("已通过", "chip-agent"), "refused": ("未通过", "mood-hot")}


def coupons(found: Sequence[CouponLine], *, csrf: str, manages: bool) -> str:
    """Return the coupons with what became of them, and the forms that make and redeem one."""
    rows = "".join(_coupon(one, csrf=csrf, manages=manages) for one in found)
    table = f'<ul class="rows">{rows}</ul>' if rows else '<p class="faint">还没有优惠券。</p>'
    if not manages:
        return section("优惠券", "客服在会话里点“优惠券”就能发给顾客。", table)
    new = (
        f'<details><summary>新建优惠券</summary><form method="post" class="grid">{hidden(csrf, "coupon")}'
        f"{field('title', '名称', 'maxlength=60 required placeholder=新客立减')}"
        f"{field('yuan', '减多少元', 'type=number min=0.01 step=0.01 placeholder=20')}"
        f"{field('percent', '或减百分之几', 'type=number min=1 max=99 placeholder=15')}"
        f"{field('least', '满多少元可用', 'type=number min=0 step=0.01 value=0')}"
        f"{field('days', '几天内有效', 'type=number min=1 max=365 value=30 required')}"
        f"{field('total', '一共发多少张（空着不限）', 'type=number min=1')}"
        '<button class="button">新建</button></form></details>'
    )
    use = (
        f'<details><summary>核销</summary><form method="post" class="grid">{hidden(csrf, "redeem")}'
        f"{field('grant', '顾客出示的券号', 'required inputmode=numeric')}"
        f"{field('order', '订单号', 'required maxlength=100')}"
        f"{field('yuan', '订单金额（元）', 'type=number min=0.01 step=0.01 required')}"
        '<button class="button">核销</button></form></details>'
    )
    lead = "客服在会话里点“优惠券”就能发给顾客。设为预置的那张，顾客打开客服窗口时自动送上，每人每天最多一张。"
    return section("优惠券", lead, f"{table}{new}{use}")


def _coupon(one: CouponLine, *, csrf: str, manages: bool) -> str:
    worth = f"立减 {yuan(one.amount_fen)}" if one.amount_fen is not None else f"减 {one.percent}%"
    least = f"满 {yuan(one.min_spend_fen)}" if one.min_spend_fen else "无门槛"
    total = f" / {one.total}" if one.total is not None else ""
    state = "" if one.live else '<span class="chip">已停发</span>'
    ready = '<span class="chip chip-agent">预置</span>' if one.preloaded else ""
    steps = ""
    if manages and one.live:
        act, text = ("unpreload", "取消预置") if one.preloaded else ("preload", "设为预置")
        steps = step(csrf, act, one.id, text) + step(csrf, "close", one.id, "停发", sure=f"停发“{one.title}”？")
    return (
        f'<li data-coupon="{one.id}"><div><b>{esc(one.title)}</b> {ready}{state}<small>{worth} · {least} · '
        f"{time(one.ends_at)} 前有效 · 已发 {one.issued}{total}，已用 {one.redeemed}</small></div>{steps}</li>"
    )


def communities(found: Sequence[CommunityLine], *, csrf: str, limit: int, chat: str) -> str:
    """Return the communities and the form that makes one; each is run on the chat page, whose address is `chat`."""
    rows = "".join(_community(one, limit=limit, chat=chat) for one in found)
    table = f'<ul class="rows">{rows}</ul>' if rows else '<p class="faint">还没有社群。</p>'
    form = (
        f'<form method="post" class="line">{hidden(csrf, "community")}<input name="title" required maxlength="60" '
        'placeholder="新社群的名字" aria-label="新社群的名字"><button class="button">建社群</button></form>'
    )
    lead = (
        f"最多 {limit} 人，可以有机器人、欢迎语和仅管理员发言。建好后您是群主，打开后在“会话设置”里管理、发邀请链接。"
    )
    return section("社群", lead, f"{table}{form}")


def _community(one: CommunityLine, *, limit: int, chat: str) -> str:
    way = (
        f'<a class="button plain" href="{esc(chat)}#{one.id}" target="_blank" rel="noopener">打开</a>'
        if one.inside
        else '<span class="faint">您不在群里</span>'
    )
    owner = f"群主 {esc(one.owner)} · " if one.owner else ""
    return (
        f'<li data-community="{one.id}"><div><b>{esc(one.title)}</b><small>{owner}{one.members} / {limit} 人 · '
        f"{time(one.created_at)} 建立</small></div>{way}</li>"
    )


def team(found: Sequence[Worker], *, csrf: str, manages: bool, own_id: int) -> str:
    """Return the staff with their roles."""
    rows = "".join(_worker(one, csrf=csrf, manages=manages and one.account_id != own_id) for one in found)
    new = (
        f'<form method="post" class="line">{hidden(csrf, "hire")}<input name="login" required minlength="3" '
        'maxlength="64" placeholder="对方的登录名" aria-label="对方的登录名" autocapitalize="off">'
        f'{_roles("agent")}<button class="button">加入</button></form>'
        if manages
        else ""
    )
    return section(
        "团队", "店主、管理员管店铺；客服接待顾客；分析和训练只看数据、调机器人。", f'<ul class="rows">{rows}</ul>{new}'
    )


def _worker(one: Worker, *, csrf: str, manages: bool) -> str:
    steps = (
        f'<form method="post" class="inline">{hidden(csrf, "role")}<input type="hidden" name="id" '
        f'value="{one.account_id}">{_roles(one.role)}<button class="button plain">改</button></form>'
        + step(csrf, "fire", one.account_id, "移出", sure=f"把{one.name}移出团队？")
        if manages
        else f'<span class="chip">{ROLES[one.role]}</span>'
    )
    return f"<li>{avatar(one.name, one.account_id, small=True)}<div><b>{esc(one.name)}</b></div>{steps}</li>"


def _roles(chosen: str) -> str:
    options = "".join(
        f'<option value="{role}"{" selected" if role == chosen else ""}>{name}</option>' for role, name in ROLES.items()
    )
    return f'<select name="role" aria-label="角色">{options}</select>'


def standing(found: Standing, *, csrf: str, manages: bool) -> str:
    """Return verification and terms."""
    asked = "".join(
        f"<li><div><b>{esc('、'.join(documents))}</b><small>{esc(reason)}</small></div>"
        f'<span class="chip {_ASKED[state][1]}">{_ASKED[state][0]}</span></li>'
        for documents, state, reason in found.asked
    )
    waits = any(state == "pending" for _, state, _ in found.asked)
    form = (
        f'<form method="post" class="line">{hidden(csrf, "verify")}<input name="documents" required maxlength="200" '
        'placeholder="证明材料，用、隔开：营业执照、商标注册证" aria-label="证明材料">'
        '<button class="button">申请认证</button></form>'
        if manages and not found.verified and not waits
        else ""
    )
    mark = '<span class="chip chip-agent">已认证</span>' if found.verified else '<span class="chip">未认证</span>'
    verified = section(
        f"企业认证（蓝 V）{mark}",
        "认证后才能开客服台、接机器人、群发和导出。",
        f'<ul class="rows">{asked}</ul>{form}' if asked or form else "",
    )
    agreed = found.accepted_version == found.terms_version
    accept = step(csrf, "accept", found.terms_version, "我已阅读并同意", strong=True) if manages and not agreed else ""
    mark = '<span class="chip chip-agent">已同意</span>' if agreed else '<span class="chip mood-hot">待同意</span>'
    text = f'<pre class="terms">{esc(found.terms_text)}</pre>'
    text = f"<details><summary>第 {found.terms_version} 版全文</summary>{text}</details>"
    lead = "同意之前，企业不能发消息；公约更新后需要重新同意。"
    return verified + section(f"绿色沟通公约{mark}", lead, f"{text}{accept}")


def keys(found: Sequence[KeyLine], *, csrf: str, fresh: str = "") -> str:
    """Return the API keys; `fresh` is one that was just made and is shown this once."""
    rows = "".join(_key(one, csrf) for one in found)
    boxes = "".join(
        f'<label><input type="checkbox" name="scope_{scope}" value="1"><span>{name}</span></label>'
        for scope, name in SCOPES.items()
    )
    new = (
        f'<details><summary>新建密钥</summary><form method="post" class="grid">{hidden(csrf, "key")}'
        f"{field('label', '用途', 'maxlength=100 required placeholder=订单系统')}"
        f'<fieldset class="scopes">{boxes}</fieldset>'
        '<button class="button">新建</button></form></details>'
    )
    shown = (
        f'<p class="fresh" role="status">新密钥只显示这一次，请立即保存：<code>{esc(fresh)}</code></p>' if fresh else ""
    )
    table = f'<ul class="rows">{rows}</ul>' if rows else '<p class="faint">还没有密钥。</p>'
    return section("API 密钥", "给店铺自己的系统用：上报订单、发券、核销。密钥只有勾选的权限。", f"{shown}{table}{new}")


def _key(one: KeyLine, csrf: str) -> str:
    scopes = "、".join(SCOPES.get(scope, scope) for scope in one.scopes)
    end = step(csrf, "unkey", one.id, "停用", sure="停用后立即失效，确定？")
    label = esc(one.label or "未命名")
    return f"<li><div><b>{label}</b><small>{scopes} · 建于 {time(one.created_at)}</small></div>{end}</li>"
