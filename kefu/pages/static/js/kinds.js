/**
 * Pictures, videos and cards as elements, for the messenger's page and the widget. Everything that somebody wrote is set
 * as text, addresses are opened only when they are of the web, and bytes come by the short-lived addresses of the server.
 *
 * @typedef {object} Surroundings
 * @property {string} lang
 * @property {string} base where the paths of cards begin
 * @property {import("/client/media.js").KefuMedia} media
 * @property {(text: string) => void} [say] left out for one's own messages
 * @property {(error: unknown) => void} fail
 * @property {((body: Record<string, any>) => void) | null} [remake] 拍同款
 */
import { bubble, price, safeUrl } from "./cards.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { cardWithButtons } from "./button_card.js";
import { kindTexts } from "./kind_texts.js";

const WIDEST = 280;
const HIGHEST = 340;

/**
 * @param {{kind: string, body: Record<string, any>, place: {conversationId: string, seq: number} | null}} message
 * @param {Surroundings} around
 * @returns {HTMLElement | null} null for kinds that are not ours
 */
export function kindElement({ kind, body, place }, around) {
  const t = kindTexts(around.lang);
  switch (kind) {
    case "emoji": return h("div", { class: "big-emoji", role: "img", "aria-label": body.emoji }, String(body.emoji ?? ""));
    case "brand_emoji": return picture(body, around, { label: String(body.name ?? t("emoji")), small: true });
    case "image": return withNote(picture(body, around, { label: t("image") }), body);
    case "gif": return picture(body, around, { label: t("gif"), full: true });
    case "video": return withNote(film(body, around), body);
    case "video_template": return template(body, around);
    case "link": return link(body, around);
    case "coupon_card": return coupon(body, around);
    case "order_card": return order(body, around);
    case "mini_program": return program(body, around);
    case "system_notice": return notice(body, around);
    case "card": return cardWithButtons(body, place, around);
    default: return null;
  }
}

/** @param {HTMLElement} element @param {Record<string, any>} body */
function withNote(element, body) {
  return body.note ? h("div", { class: "noted" }, element, bubble(body.note)) : element;
}

/** The box a picture will fill: it is there before the picture, so that nothing jumps. @param {any} element @param {any} media @param {boolean} [small] */
function sized(element, media, small = false) {
  const [width, height] = [Number(media?.width) || 4, Number(media?.height) || 3];
  const shrink = Math.min((small ? 120 : WIDEST) / width, (small ? 120 : HIGHEST) / height, small || !media ? Infinity : 1);
  element.style.width = `${Math.max(48, Math.round(width * shrink))}px`;
  element.style.aspectRatio = `${width} / ${height}`;
  return element;
}

/** @param {Record<string, any>} body @param {Surroundings} around @param {{label: string, small?: boolean, full?: boolean}} how */
function picture(body, around, { label, small = false, full = false }) {
  const t = kindTexts(around.lang);
  const shown = h("img", { alt: label, loading: "lazy", decoding: "async" });
  const box = sized(h("button", { type: "button", class: `picture${small ? " small" : ""}`, "aria-label": t("image.open") }, shown), body.media, small);
  const gone = () => box.replaceWith(h("div", { class: "bubble bubble-unknown" }, t("media.gone")));
  around.media.link(body.media_id).then((found) => {
    if (found === null) gone();
    else shown.src = full ? found.url : found.thumb_url ?? found.url;
  }, gone);
  shown.addEventListener("load", () => box.classList.add("is-there"));
  if (!small) box.addEventListener("click", () => void enlarge(box, body.media_id, label, around));
  return box;
}

/** @param {HTMLElement} from @param {string} id @param {string} label @param {Surroundings} around */
async function enlarge(from, id, label, around) {
  const found = await around.media.link(id).catch(() => null);
  if (found === null) return;
  const box = h("dialog", { class: "lightbox", "aria-label": label }, h("img", { alt: label, src: found.url }),
    h("button", { type: "button", class: "icon-button", "aria-label": kindTexts(around.lang)("attach.cancel") }, icon("close")));
  box.addEventListener("click", () => box.close());
  box.addEventListener("close", () => box.remove());
  const root = from.getRootNode();
  (root instanceof ShadowRoot ? root : document.body).append(box);
  box.showModal();
}

/** @param {Record<string, any>} body @param {Surroundings} around */
function film(body, around) {
  const seconds = Math.ceil((body.media?.duration_ms ?? 0) / 1000);
  const label = kindTexts(around.lang)("video", { n: seconds });
  const shown = sized(h("video", { class: "film", controls: true, playsinline: true, preload: "none", "aria-label": label }), body.media);
  if (!body.media) return shown;
  const ask = async () => {
    const [film_, poster] = await Promise.all([around.media.link(body.media_id), body.poster_id ? around.media.link(body.poster_id) : null]);
    if (film_ === null) return void shown.replaceWith(h("div", { class: "bubble bubble-unknown" }, kindTexts(around.lang)("media.gone")));
    if (poster) shown.poster = poster.thumb_url ?? poster.url;
    else shown.preload = "metadata";
    shown.src = film_.url;
    return undefined;
  };
  ask().catch(around.fail);
  // After some minutes the address is over: the next press gets a new one and goes on where it was.
  shown.addEventListener("error", () => {
    if (shown.dataset.again) return;
    shown.dataset.again = "yes";
    ask().catch(around.fail);
  });
  return shown;
}

/** @param {Record<string, any>} body @param {Surroundings} around */
function template(body, around) {
  const t = kindTexts(around.lang);
  const { title = "", shots = [] } = body.template ?? {};
  return h("div", { class: "card template" }, film(body, around),
    h("div", { class: "card-body" },
      h("span", { class: "card-title" }, String(title), body.same_as ? h("small", null, ` · ${t("template.same")}`) : null),
      h("ol", null, ...shots.map((/** @type {any} */ shot, /** @type {number} */ n) => h("li", null, t("template.shot", { n: n + 1, say: shot.say, s: shot.ms / 1000 }))))),
    around.remake ? h("button", { type: "button", class: "card-press", on: { click: () => around.remake?.(body) } }, t("template")) : null);
}

/** @param {unknown} url @param {Surroundings} around @param {string} name of the class @param {...any} children */
function opening(url, around, name, ...children) {
  const address = safeUrl(url, around.base);
  if (address === null) return h("div", { class: `card ${name}` }, ...children);
  return h("a", { class: `card ${name}`, href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** @param {Record<string, any>} body @param {Surroundings} around */
function link(body, around) {
  const t = kindTexts(around.lang);
  const address = safeUrl(body.url, around.base);
  const host = address === null ? String(body.url) : new URL(address).host;
  return opening(body.url, around, "link-card",
    h("span", { class: "card-body" },
      body.note ? h("span", { class: "card-said" }, String(body.note)) : null,
      h("span", { class: "card-title" }, String(body.preview?.title ?? body.url)),
      body.preview?.description ? h("span", { class: "card-note" }, String(body.preview.description)) : null),
    // The true host, whatever the page calls itself.
    h("span", { class: "card-foot" }, h("span", null, host), h("span", { class: "sr-only" }, t("link.open")), icon("open")));
}

/** @param {Record<string, any>} body @param {Surroundings} around */
function coupon(body, around) {
  const t = kindTexts(around.lang);
  const over = body.expires_at && Date.parse(body.expires_at) <= Date.now();
  const worth = Number.isSafeInteger(body.amount_fen) ? t("coupon.off", { amount: price(body.amount_fen) }) : t("coupon.percent", { n: body.percent });
  const until = body.expires_at ? t("coupon.until", { time: shortTime(body.expires_at, around.lang) }) : "";
  return opening(over ? "" : body.url, around, `coupon${over ? " is-over" : ""}`,
    h("span", { class: "coupon-worth" }, worth),
    h("span", { class: "card-body" }, h("span", { class: "card-title" }, String(body.title ?? "")),
      h("span", { class: "card-note" }, [body.min_spend_fen ? t("coupon.from", { amount: price(body.min_spend_fen) }) : t("coupon.any"), over ? t("coupon.over") : until].filter(Boolean).join(" · ")),
      body.note ? h("span", { class: "card-note" }, String(body.note)) : null),
    body.url && !over ? h("span", { class: "card-foot" }, t("coupon.use"), icon("open")) : null);
}

/** @param {Record<string, any>} body @param {Surroundings} around */
function order(body, around) {
  const t = kindTexts(around.lang);
  const offer = (body.status ?? "to_buy") === "to_buy";
  const image = safeUrl(body.image_url, around.base);
  const place = h("span", { class: "card-picture" }, icon("bag"));
  if (image !== null) {
    const shown = h("img", { alt: "", loading: "lazy", width: 76, height: 76, on: { error: () => shown.remove() } });
    shown.src = image;
    place.append(shown);
  }
  return opening(body.url, around, "order",
    h("span", { class: "card-head" }, h("span", null, offer ? "" : t("order", { id: body.order_id })), h("b", null, t(`order.${body.status ?? "to_buy"}`))),
    h("span", { class: "card-main" }, place, h("span", { class: "card-text" },
      h("span", { class: "card-title" }, String(body.title ?? "")),
      h("span", { class: "card-note" }, [t("order.count", { n: body.quantity ?? 1 }), body.note].filter(Boolean).join(" · ")),
      Number.isSafeInteger(body.total_fen) ? h("span", { class: "card-price" }, price(body.total_fen)) : null)),
    body.url ? h("span", { class: "card-foot" }, t(offer ? "order.buy" : "order.view"), icon("open")) : null);
}

/** @param {Record<string, any>} body @param {Surroundings} around */
function program(body, around) {
  const t = kindTexts(around.lang);
  return opening(body.url, around, "program",
    h("span", { class: "card-head" }, h("span", null, `${t("mini")} · ${body.name ?? ""}`)),
    h("span", { class: "card-body" }, h("span", { class: "card-title" }, String(body.title ?? "")), body.note ? h("span", { class: "card-note" }, String(body.note)) : null),
    body.url ? h("span", { class: "card-foot" }, t("mini.open"), icon("open")) : null);
}

/** @param {Record<string, any>} body @param {Surroundings} around */
function notice(body, around) {
  const t = kindTexts(around.lang);
  return opening(body.url, around, `system-notice level-${body.level === "warning" ? "warning" : "info"}`,
    h("span", { class: "card-body" }, h("span", { class: "card-title" }, icon("alert"), String(body.title ?? "")), body.text ? h("span", null, String(body.text)) : null),
    body.url ? h("span", { class: "card-foot" }, t("notice.more"), icon("open")) : null);
}

/** @param {string} at @param {string} lang */
function shortTime(at, lang) {
  return new Intl.DateTimeFormat(lang === "en" ? "en" : "zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}
