/** One's wallet: the balance and each movement. */
import { KefuWallet } from "/client/kefu.js";
import { price } from "./cards.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { money } from "./money_texts.js";
import { nothing, pill, section } from "./own_parts.js";
import { clockTime, dayName } from "./time.js";

const PAGE = 20;

/** @param {import("./own_panel.js").Around} around @returns {Promise<Node[]>} */
export async function walletTab({ http }) {
  const wallet = new KefuWallet(http);
  const [{ balance_fen: balance, items, next_cursor: next }, coupons] = await Promise.all([wallet.wallet({ limit: PAGE }), wallet.coupons()]);
  const list = h("ul", { class: "own-card own-rows", "data-list": "wallet" }, ...items.map(entryRow));
  const older = (/** @type {string | null} */ cursor) => cursor && pill("older", money("wallet.older"), async () => {
    const page = await wallet.wallet({ limit: PAGE, cursor });
    list.append(...page.items.map(entryRow));
    place.replaceChildren(older(page.next_cursor) ?? "");
  });
  const place = h("div", null, older(next) ?? "");
  return [
    h("div", { class: "own-card own-score" }, h("span", { class: "own-number" }, h("b", null, price(balance))), h("div", null, h("p", null, money("wallet.balance")), h("span", { class: "own-more" }, money("wallet.more")))),
    coupons.length > 0 ? section(money("coupons"), null, h("ul", { class: "own-card own-rows", "data-list": "coupons" }, ...coupons.map(couponRow))) : "",
    section(money("wallet.moved"), null, items.length > 0 ? list : nothing(money("wallet.none")), place),
  ];
}

/** @param {any} coupon */
function couponRow({ id, title, enterprise, amount_fen: fen, percent, ends_at: until, state }) {
  const worth = fen === null ? money("coupons.percent", { n: percent }) : money("coupons.off", { amount: price(fen) });
  return h("li", { class: "own-row" }, h("span", { class: "person-text" }, h("span", { class: "title" }, `${title} · ${worth}`),
    h("span", { class: "about" }, money("coupons.about", { shop: enterprise, until: `${dayName(until)} ${clockTime(until)}`, id }))),
  h("span", { class: "own-tag" }, money(`coupons.${state}`)));
}

/** @param {import("/client/wallet.js").Wallet["items"][number]} entry */
function entryRow({ kind, amount_fen: fen, at }) {
  return h("li", { class: "own-row" }, h("span", { class: "own-mark" }, icon(kind === "top_up" ? "plus" : "packet")),
    h("span", { class: "person-text" }, h("span", { class: "title" }, money(`wallet.${kind}`)), h("span", { class: "about" }, `${dayName(at)} ${clockTime(at)}`)),
    h("b", { class: fen > 0 ? "money-in" : "" }, `${fen > 0 ? "+" : ""}${price(fen)}`));
}
