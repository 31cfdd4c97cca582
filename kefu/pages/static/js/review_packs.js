/** Emoji packs that wait for a reviewer, each with its pictures and the two answers. */
import { h } from "./dom.js";
import { t } from "./texts.js";

/**
 * @param {any[]} packs as `GET /v1/emoji-packs?whose=review` gives them
 * @param {{media: import("/client/kefu.js").KefuMedia, decide: (id: string, approve: boolean, reason: string) => void}} around
 */
export function packSheets(packs, around) {
  if (packs.length === 0) return h("p", { class: "empty" }, t("review.none"));
  return h("div", { class: "packs" }, ...packs.map((pack) => packSheet(pack, around)));
}

/** @param {any} pack @param {Parameters<typeof packSheets>[1]} around */
function packSheet({ id, name, emoji }, { media, decide }) {
  const reason = h("input", { type: "text", maxlength: 500, placeholder: t("review.packs.reason"), "aria-label": t("review.packs.reason") });
  return h("section", { class: "sheet", "data-pack": id }, h("h2", null, name),
    h("ul", { class: "pictures" }, ...emoji.map((/** @type {any} */ one) => h("li", null, picture(media, one), h("small", null, one.name)))),
    reason,
    h("div", { class: "acts" },
      h("button", { type: "button", class: "button", on: { click: () => decide(id, true, "") } }, t("review.packs.approve")),
      h("button", { type: "button", class: "button plain", on: { click: () => decide(id, false, reason.value.trim()) } }, t("review.packs.refuse"))));
}

/** @param {import("/client/kefu.js").KefuMedia} media @param {{media_id: string, name: string}} emoji */
function picture(media, { media_id: mediaId, name }) {
  const image = h("img", { alt: name, width: 72, height: 72 });
  media.link(mediaId).then((link) => link && image.setAttribute("src", link.url), () => {
    // Its name is there; a picture that does not come must not keep the pack from being refused.
  });
  return image;
}
