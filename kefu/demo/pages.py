"""The demo shop's own site: all goods, a page for each, and the widget by its one tag. Rendered on the server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bot.shop import Customer, Product
from kefu.demo.people import House

_LABELS = {
    "origin": "产地",
    "year": "年份",
    "season": "采摘",
    "roast": "工艺",
    "caffeine": "咖啡因",
    "brew_temp_c": "水温",
    "brew_seconds": "头泡",
    "fits": "适合",
}
_CAFFEINE = {"none": "无", "low": "低", "medium": "中等", "high": "较高"}
_FEW = 10
_QUESTIONS = ("今天下单什么时候发货？", "明前西湖龙井多少钱？", "有什么推荐的绿茶？")


def home(products: Sequence[Product], customers: Sequence[Customer], house: House) -> str:
    """Return the page with all goods by category."""
    kinds: dict[str, list[Product]] = {}
    for product in products:
        kinds.setdefault(product.category, []).append(product)
    links = "".join(f'<a href="#{escape(kind)}">{escape(kind)}</a>' for kind in kinds)
    sections = "".join(
        f'<section class="kind" id="{escape(kind)}"><h2>{escape(kind)}</h2>'
        f'<div class="goods">{_tiles(own)}</div></section>'
        for kind, own in kinds.items()
    )
    body = (
        '<section class="hero"><h1><span>忙完一天，</span><span>月亮上来的时候，</span><span>泡一杯茶。</span></h1>'
        f"<p>杭州的小茶店，自己跑产地。{len(products)} 款茶与茶具，有问题点右下角，小月随时在。</p></section>"
        f'<nav class="kinds" aria-label="分类">{links}</nav>{sections}'
    )
    return _page("月茶 Moon Tea", body, customers, house)


def product_page(product: Product, beside: Sequence[Product], customers: Sequence[Customer], house: House) -> str:
    """Return the page of one product; `beside` is what is often bought with it."""
    taste = product.attributes.get("taste", ())
    tags = "".join(f"<li>{escape(word)}</li>" for word in (product.series, *taste))
    sizes = "".join(
        f"<tr{'' if one.stock else ' class=none'}><td>{escape(one.label)}</td><td>{_yuan(one.price_fen)}</td>"
        f"<td>{_stock(one.stock)}</td></tr>"
        for one in product.variants
    )
    facts = "".join(
        f"<dt>{label}</dt><dd>{escape(_attribute(name, product.attributes[name]))}</dd>"
        for name, label in _LABELS.items()
        if name in product.attributes
    )
    near = (
        f'<section class="beside"><h2>常一起买</h2><div class="goods">{_tiles(beside)}</div></section>'
        if beside
        else ""
    )
    body = (
        f'<nav class="trail"><a href="/demo/">月茶</a> › <a href="/demo/#{escape(product.category)}">'
        f"{escape(product.category)}</a></nav>"
        f'<article class="product"><img src="{escape(product.image_url)}" alt="{escape(product.category)}" width="480" '
        f'height="480"><div><h1>{escape(product.name)}</h1><ul class="tags">{tags}</ul>'
        f'<p class="story">{escape(product.description)}</p><table class="sizes"><tbody>{sizes}</tbody></table>'
        f'<dl class="facts">{facts}</dl></div></article>{near}'
    )
    return _page(f"{product.name} · 月茶", body, customers, house)


def gone_page(customers: Sequence[Customer], house: House) -> str:
    """Return the page of a product that there is not."""
    return _page(
        "月茶 Moon Tea",
        '<p class="gone">这件商品已经下架了。<br><a href="/demo/">看看别的茶 ›</a></p>',
        customers,
        house,
    )


def _page(title: str, body: str, customers: Sequence[Customer], house: House) -> str:
    options = "".join(
        f'<option value="{house.customers[one.customer_id]}" data-customer="{escape(one.customer_id)}">'
        f"{escape(one.name)} · {escape(one.level)}</option>"
        for one in customers
        if one.customer_id in house.customers
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/demo/static/shop.css">'
        f'<script type="module" src="/widget/kefu.js" data-site-key="{escape(house.site_key)}" data-theme="light" '
        f'data-questions="{escape("|".join(_QUESTIONS))}"></script>'
        '<script type="module" src="/demo/static/shop.js"></script></head><body>'
        '<header class="bar"><div><a class="name" href="/demo/"><i></i>月茶</a><label class="who"><span>逛店的人</span>'
        f'<select id="who" aria-label="逛店的人"><option value="">访客</option>{options}</select></label>'
        "</div></header>"
        f'<main class="page">{body}<p class="foot">演示店铺：商品、顾客和订单都是虚构的。</p></main></body></html>'
    )


def _tiles(products: Iterable[Product]) -> str:
    return "".join(_tile(product) for product in products)


def _tile(product: Product) -> str:
    taste = "、".join(product.attributes.get("taste", ()))
    several = "<small> 起</small>" if len(product.variants) > 1 else ""
    on_sale = [one.price_fen for one in product.variants if one.stock] or [one.price_fen for one in product.variants]
    sold_out = "" if any(one.stock for one in product.variants) else "<small> · 缺货</small>"
    return (
        f'<a class="good" href="{escape(product.url)}"><img src="{escape(product.image_url)}" alt="" loading="lazy" '
        f'width="240" height="180"><div><b>{escape(product.name)}</b><small>{escape(taste or product.series)}</small>'
        f"<em>{_yuan(min(on_sale))}{several}{sold_out}</em></div></a>"
    )


def _yuan(fen: int) -> str:
    return f"¥{fen // 100}" if fen % 100 == 0 else f"¥{fen / 100:.2f}"


def _stock(stock: int) -> str:
    return "缺货" if stock == 0 else f"仅剩 {stock} 件" if stock <= _FEW else "有货"


def _attribute(name: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return "、".join(value)
    if name == "caffeine":
        return _CAFFEINE.get(value, value)
    return {"brew_temp_c": f"{value}℃", "brew_seconds": f"{value} 秒", "year": f"{value} 年"}.get(name, value)
