/** The texts of red packets and the wallet, in Chinese and English. */
import { lang } from "./texts.js";

/** @type {Record<string, [zh: string, en: string]>} */
const TEXTS = {
  "packet": ["红包", "Red packet"],
  "packet.line": ["[红包] {note}", "[Red packet] {note}"],
  "packet.note": ["恭喜发财，万事如意", "Good fortune to you"],
  "packet.open": ["领取红包", "Open it"],
  "packet.look": ["查看领取详情", "See who has opened it"],
  "packet.had": ["已领取", "Opened"],
  "packet.emptied": ["已被领完", "All gone"],
  "packet.refunded": ["已过期退回", "Returned"],
  "packet.from": ["{name}的红包", "From {name}"],
  "packet.go": ["开", "Open"],
  "packet.random": ["拼手气红包", "Random shares"],
  "packet.equal": ["普通红包", "Equal shares"],
  "packet.sent": ["已领 {n}/{all} 个，共 {total}", "{n} of {all} opened, {total} in all"],
  "packet.until": ["{at} 前未领完的，退回给发红包的人", "What nobody has opened by {at} goes back"],
  "packet.mine": ["您领到了", "You have got"],
  "packet.waits": ["等待对方领取", "Waits for the other side"],
  "packet.lucky": ["手气最佳", "Luckiest"],
  "packet.send": ["塞钱进红包", "Send it"],
  "packet.amount": ["总金额（元）", "In all (yuan)"],
  "packet.shares": ["红包个数", "Shares"],
  "packet.words": ["祝福语", "Wishes"],
  "packet.how": ["怎么分", "How it is split"],
  "packet.balance": ["零钱 {amount}", "Balance {amount}"],
  "packet.rule": ["每份 1 到 200 元，24 小时没领的退回零钱", "1 to 200 yuan a share; unopened money returns after 24 hours"],
  "close": ["关闭", "Close"],
  "notice.opened": ["{name}领取了{whose}红包", "{name} opened {whose} red packet"],
  "notice.yours": ["您的", "your"],
  "notice.own": ["自己的", "their own"],
  "notice.of": ["{name}的", "{name}'s"],
  "notice.you": ["您", "You"],
  "notice.last": ["，红包已被领完", ", the last share"],
  "notice.returned": ["红包超过 24 小时未领完，余下的钱已退回", "What nobody opened within 24 hours has gone back"],
  "wallet": ["钱包", "Wallet"],
  "wallet.balance": ["零钱余额", "Balance"],
  "wallet.more": ["只用来收发红包，每一笔都能在下面对上。", "For red packets; each movement is listed below."],
  "coupons": ["我的优惠券", "My coupons"],
  "coupons.off": ["立减 {amount}", "{amount} off"],
  "coupons.percent": ["减 {n}%", "{n}% off"],
  "coupons.about": ["{shop} · {until} 前有效 · 券号 {id}", "{shop} · until {until} · number {id}"],
  "coupons.issued": ["未使用", "Unused"],
  "coupons.redeemed": ["已使用", "Used"],
  "coupons.expired": ["已过期", "Over"],
  "wallet.moved": ["收支明细", "Movements"],
  "wallet.none": ["还没有收支", "Nothing yet"],
  "wallet.older": ["显示更多", "Show more"],
  "wallet.top_up": ["充值", "Paid in"],
  "wallet.packet_sent": ["发红包", "Red packet sent"],
  "wallet.packet_opened": ["领红包", "Red packet opened"],
  "wallet.packet_returned": ["红包退回", "Red packet returned"],
};

/** @param {string} key @param {Record<string, string | number>} [fields] */
export function money(key, fields = {}) {
  const text = TEXTS[key]?.[lang === "zh" ? 0 : 1];
  if (text === undefined) throw new Error(`no text is called ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(fields[name] ?? ""));
}
