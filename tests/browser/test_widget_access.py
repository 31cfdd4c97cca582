"""The widget for everybody: keyboard, screen reader, phone, both languages, legible, and safe from what is written."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.widget_visitor import OpenVisitor
from tests.browser.widget_world import Agent, Site, WidgetShop

pytestmark = pytest.mark.browser


def test_everything_can_be_done_by_keyboard(visit: OpenVisitor) -> None:
    lin = visit()
    keyboard = lin.page.keyboard
    focused = "document.querySelector('kefu-widget').shadowRoot.activeElement?.className ?? ''"
    lin.page.focus("#first")
    keyboard.press("Tab")
    assert "launcher" in lin.page.evaluate(focused)
    keyboard.press("Enter")
    expect(lin.find("textarea")).to_be_focused()
    expect(lin.find(".state-bot")).to_be_visible()
    keyboard.type("龙井多少钱")
    keyboard.press("Enter")
    expect(lin.find(".choice")).to_have_count(3)
    for _ in range(25):  # the focus goes round in the panel
        keyboard.press("Tab")
        assert lin.page.evaluate("document.activeElement.localName") == "kefu-widget"
        assert "launcher" not in lin.page.evaluate(focused)
    lin.find("textarea").focus()
    while "choice" not in lin.page.evaluate(focused):
        keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(lin.find(".own .bubble").last).to_have_text("转人工")
    keyboard.press("Escape")
    expect(lin.find(".panel")).to_be_hidden()
    assert "launcher" in lin.page.evaluate(focused)


def test_screen_readers_find_a_named_dialog_a_live_log_and_no_nameless_control(visit: OpenVisitor) -> None:
    lin = visit().open()
    lin.say("有什么推荐的绿茶")
    expect(lin.find(".card")).to_have_count(1)
    expect(lin.page.get_by_role("dialog", name="月茶客服")).to_be_visible()
    expect(lin.page.get_by_role("log", name="对话")).to_have_attribute("aria-live", "polite")
    nameless = lin.page.evaluate("""() => {
        const root = document.querySelector("kefu-widget").shadowRoot;
        return [...root.querySelectorAll("button, a, textarea, [role=dialog], [tabindex='0']")].filter((each) => {
            const titled = root.getElementById(each.getAttribute("aria-labelledby") ?? "")?.textContent;
            return each.checkVisibility() && !(each.getAttribute("aria-label") || titled || each.textContent).trim();
        }).map((each) => each.outerHTML);
    }""")
    assert nameless == []


def test_what_anybody_writes_never_becomes_markup(visit: OpenVisitor, agent: Agent) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><b>粗</b> javascript:alert(1) https://example.org/a"
    lin = visit().open()
    lin.say(attack)
    expect(lin.find(".from-bot .bubble")).to_have_text(f"您说的是“{attack}”。")
    agent.step("take")
    agent.say("", kind="choices", body={"text": attack, "choices": [{"label": "<b>好</b>", "say": "<i>好</i>"}]})
    agent.say(
        "", key="card", kind="product_card", body={"product_id": "1", "title": attack, "note": "<script>1</script>"}
    )
    expect(lin.find(".card-title")).to_have_text(attack)
    lin.find(".choice").click()
    expect(lin.find(".own .bubble").last).to_have_text("<i>好</i>")
    expect(lin.find(".log").locator("img, b, i, script")).to_have_count(0)
    assert lin.page.title() == "另一家网站"
    assert {link.get_attribute("href") for link in lin.find(".bubble a").all()} == {"https://example.org/a"}
    hostile = {"title": "免费", "url": "javascript:alert(1)", "image_url": "data:text/html,x"}
    shown = lin.page.evaluate(
        """async (body) => { const root = document.querySelector("kefu-widget");
        const { visit } = await root._load();
        const { productCard } = await import(visit.baseUrl + "/static/js/cards.js");
        return productCard(body, { view: "", base: visit.baseUrl }).outerHTML; }""",
        hostile,
    )
    assert "href" not in shown
    assert "src=" not in shown


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_the_panel_fills_the_screen_and_the_page_behind_stays_still(visit: OpenVisitor, width: int) -> None:
    lin = visit(width=width, has_touch=True, is_mobile=True)
    lin.find(".launcher").tap()
    expect(lin.find(".state-bot")).to_be_visible()
    expect(lin.find("textarea")).not_to_be_focused()
    lin.say("超长单词" + "a" * 300)
    lin.say("有什么推荐的绿茶")
    expect(lin.find(".card")).to_have_count(1)
    box = lin.find(".panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": width, "height": 844}
    wide = lin.find(".scroller").evaluate("(box) => box.scrollWidth - box.clientWidth")
    assert wide == 0, "scrolls sideways"
    assert lin.page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"
    expect(lin.find(".launcher")).to_be_hidden()
    lin.find(".close").tap()
    expect(lin.find(".panel")).to_be_hidden()
    assert lin.page.evaluate("getComputedStyle(document.documentElement).overflow") == "visible"
    expect(lin.find(".launcher")).to_be_visible()


def test_it_speaks_english_where_the_page_asks_for_it(
    visit: OpenVisitor, shop: WidgetShop, sites: tuple[Site, Site]
) -> None:
    sites[0].embed(shop, 'data-lang="en"')
    lin = visit()
    lin.page.get_by_role("button", name="Chat with us").click()
    expect(lin.find(".state")).to_have_text("Assistant online")
    lin.say("Hello")
    expect(lin.find(".origin-bot")).to_have_text("AI-generated")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_of_it_can_be_read(visit: OpenVisitor, agent: Agent, scheme: str) -> None:
    lin = visit(color_scheme=scheme, reduced_motion="reduce").open()
    lin.say("龙井多少钱")
    expect(lin.find(".choice")).to_have_count(3)
    lin.find(".choice").first.click()
    expect(lin.find(".card")).to_have_count(1)
    lin.find(".human").click()
    agent.step("take")
    agent.say("我来了")
    expect(lin.find(".from-agent")).to_have_count(1)
    faint = lin.page.evaluate(CONTRAST)
    assert faint == []
    assert lin.find(".panel").evaluate("(panel) => getComputedStyle(panel).animationName") == "none"


# The contrast of each text with the nearest ground behind it, as WCAG 2 counts it; AA asks for 4.5.
CONTRAST = """() => {
    const root = document.querySelector("kefu-widget").shadowRoot;
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const paint = (colours) => {
        canvas.clearRect(0, 0, 1, 1);
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const grounds = (element) => {
        const found = [];
        for (let each = element; each; each = each.parentElement) found.unshift(getComputedStyle(each).backgroundColor);
        return found;
    };
    const light = (rgb) => rgb.map((each) => each / 255)
        .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
        .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
    const faint = [];
    for (const element of root.querySelectorAll(".panel *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility() || element.closest(".sr-only, :disabled")) continue;
        const under = grounds(element);
        const [ground, ink] = [light(paint(under)), light(paint([...under, getComputedStyle(element).color]))];
        const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
        if (contrast < 4.5) faint.push(`${element.className}: ${element.textContent} ${contrast.toFixed(2)}`);
    }
    return faint;
}"""
