/** The page behind a product card of the demo. */
import { price } from "./cards.js";
import { byId, h } from "./dom.js";
import { goods } from "./goods.js";
import { fillTexts, t } from "./texts.js";

function draw() {
  const good = goods.find(({ product_id: productId }) => productId === location.hash.slice(1));
  document.title = `${good?.title ?? t("goods.gone")} · Kefu`;
  byId("good").replaceChildren(...(good === undefined ? [h("p", { class: "gone" }, t("goods.gone"))] : [
    h("img", { src: good.image_url, alt: "", width: 320, height: 320 }),
    h("div", null, h("h1", null, good.title), h("p", { class: "card-price" }, price(good.price_fen)), h("p", null, good.note),
      h("p", { class: "quiet" }, t("goods.demo"))),
  ]));
}

fillTexts();
window.addEventListener("hashchange", draw);
draw();
