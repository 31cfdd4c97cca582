/**
 * What a message holds, as elements: shared by the messenger's page and the widget, so it knows no page and no texts.
 * Everything that somebody wrote is set as text.
 */
import { h } from "./dom.js";
import { icon } from "./icons.js";

const LINK = /https?:\/\/[^\s<>"'，。！？；、）】》”’」』]+/g;
const yuan = new Intl.NumberFormat("zh-CN", { style: "currency", currency: "CNY" });

/** @param {number} fen */
export function price(fen) {
  return yuan.format(fen / 100);
}

/** Links become links, everything else stays text. @param {string} text @returns {(Node | string)[]} */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(text.slice(end, match.index), h("a", { href: match[0], target: "_blank", rel: "noopener noreferrer" }, match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}

/** @param {unknown} text @param {string} [more] class names */
export function bubble(text, more = "") {
  return h("div", { class: `bubble ${more}`.trim(), dir: "auto" }, ...linked(String(text ?? "")));
}

/** Only addresses of the web: a card of a stranger must not run anything. @param {unknown} url @param {string} base */
export function safeUrl(url, base) {
  if (typeof url !== "string" || url === "") return null;
  try {
    const parsed = new URL(url, base);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null; // not an address: the card is shown without a link
  }
}

/**
 * A card that opens the product's page.
 * @param {Record<string, any>} body of a `product_card`
 * @param {{view: string, base?: string, onOpen?: () => void}} how `view` is what the foot says, `base` where paths of
 *   the card begin
 */
export function productCard(body, { view, base = location.origin, onOpen = () => {} }) {
  const [url, image] = [safeUrl(body.url, base), safeUrl(body.image_url, base)];
  const picture = h("span", { class: "card-picture" }, icon("bag"));
  if (image !== null) {
    // The page's policy may block pictures of other hosts; the bag stays where none can be shown.
    const shown = h("img", { alt: "", loading: "lazy", width: 76, height: 76, on: { error: () => shown.remove() } });
    shown.src = image;
    picture.append(shown);
  }
  const inside = [
    h("span", { class: "card-main" }, picture, h("span", { class: "card-text" },
      h("span", { class: "card-title" }, String(body.title ?? "")),
      body.note ? h("span", { class: "card-note" }, String(body.note)) : null,
      Number.isSafeInteger(body.price_fen) ? h("span", { class: "card-price" }, price(body.price_fen)) : null)),
    url === null ? null : h("span", { class: "card-foot" }, view, icon("open")),
  ];
  if (url === null) return h("div", { class: "card" }, ...inside);
  return h("a", { class: "card", href: url, target: "_blank", rel: "noopener noreferrer", on: { click: onOpen } }, ...inside);
}

/**
 * A text with a few answers to press.
 * @param {Record<string, any>} body of a `choices`
 * @param {{answer: string | null, say: ((text: string) => void) | null}} how `answer` is what was said next; without
 *   `say` the buttons only show what there was to choose from
 */
export function choices(body, { answer, say }) {
  const buttons = (Array.isArray(body.choices) ? body.choices : []).map((choice) => {
    const [label, words] = [String(choice?.label ?? ""), String(choice?.say ?? "")];
    return h("button", {
      type: "button", class: `choice${answer === words ? " chosen" : ""}`, disabled: say === null,
      on: { click: () => say?.(words) },
    }, label);
  });
  return h("div", { class: "choices" }, bubble(body.text), h("div", { class: "choice-list" }, ...buttons));
}
