/** What the picker offers: a few teas of the demo shop, as bodies of `product_card`. Prices in fen. */
import { lang } from "./texts.js";

/** @typedef {{product_id: string, title: string, price_fen: number, image_url: string, url: string, note: string}} Good */

/** @type {[id: string, zh: string, en: string, priceFen: number, noteZh: string, noteEn: string][]} */
const ROWS = [
  ["MT-1001", "明前西湖龙井 50g 罐装", "West Lake Longjing, first flush, 50 g", 26800,
    "清明前采的一芽一叶，豆香，鲜爽回甘。", "One bud, one leaf, picked before Qingming. Fresh, with a note of roasted beans."],
  ["MT-2001", "玻璃公道杯茶具三件套", "Glass tea set of three", 12900,
    "高硼硅玻璃，耐冷热，一壶两杯。", "Heat-proof glass: a pitcher and two cups."],
  ["MT-1204", "凤凰单丛鸭屎香 100g", "Phoenix Dancong Ya Shi Xiang, 100 g", 19800,
    "高扬花香，七泡有余香。", "High floral scent that lasts seven infusions."],
  ["MT-1302", "茉莉银针花茶 80g", "Jasmine Silver Needle, 80 g", 15800,
    "六窨一提，花香入水。", "Scented six times with fresh jasmine."],
  ["MT-1408", "陈年熟普小青柑 12颗装", "Aged Pu'er in green tangerine, 12 pieces", 8800,
    "新会青柑配五年陈熟普，一颗一杯。", "Five-year ripe Pu'er in a Xinhui tangerine, one for a cup."],
  ["MT-3001", "月茶中秋礼盒", "Moon Tea gift box", 36800,
    "四味好茶加一枚月亮茶饼。", "Four teas and a moon-shaped tea cake."],
];

/** @type {Good[]} */
export const goods = ROWS.map(([productId, zh, en, priceFen, noteZh, noteEn]) => ({
  product_id: productId,
  title: lang === "en" ? en : zh,
  price_fen: priceFen,
  image_url: `/static/goods/${productId}.svg`,
  url: `/static/goods.html#${productId}`,
  note: lang === "en" ? noteEn : noteZh,
}));
