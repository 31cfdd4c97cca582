/** The texts of the operator's sections about enterprises and notices, in Chinese and English. */
import { lang } from "./texts.js";

/** @type {Record<string, [zh: string, en: string]>} */
const TEXTS = {
  "houses": ["企业", "Enterprises"],
  "houses.lead": ["开通一家企业，同时定下第一位店主：要么都成，要么都不成。", "Open an enterprise together with its first owner: both or none."],
  "house.name": ["企业名称", "Name of the enterprise"],
  "house.verified": ["已核实资质，直接认证（蓝V）", "Its papers are checked: verify it at once"],
  "owner.who": ["店主", "Owner"],
  "owner.new": ["新建一个人", "A new person"],
  "owner.known": ["已有账号的人", "Somebody with an account"],
  "owner.name": ["店主姓名", "The owner's name"],
  "owner.login": ["登录名", "Log-in name"],
  "owner.login.hint": ["3–64 位字母、数字或 _ . + - @", "3 to 64 of a-z 0-9 _ . + - @"],
  "owner.password": ["初始密码", "First password"],
  "house.open": ["开通企业", "Open the enterprise"],
  "next.title": ["“{name}”已开通，请把下面的步骤告诉店主", "“{name}” is open. Tell its owner these steps"],
  "next.login": ["用登录名 {login} 登录店铺设置：", "Log in to the shop's settings as {login}:"],
  "next.password": ["在个人页改掉初始密码：", "Change the first password on one's own page:"],
  "next.terms": ["在店铺设置里同意《绿色沟通公约》，同意之前企业不能发消息。", "Accept the terms there: before that the enterprise sends nothing."],
  "next.verify": ["在店铺设置里申请认证，认证后才能用工作台和机器人。", "Ask to be verified there: desk and bot come with it."],
  "next.desk": ["在客服工作台接待顾客：", "Serve customers at the desk:"],
  "next.bot": ["在机器人设置里打开自动回复：", "Turn the bot on in its settings:"],
  "next.close": ["知道了", "Done"],
  "house.none": ["还没有企业。", "No enterprise yet."],
  "house.is.verified": ["已认证", "Verified"],
  "house.is.plain": ["未认证", "Not verified"],
  "house.owners": ["店主：{names}", "Owner: {names}"],
  "house.ownerless": ["没有店主", "No owner"],
  "house.accepted": ["已同意公约", "Terms accepted"],
  "house.unaccepted": ["未同意现行公约，不能发消息", "Present terms not accepted: it cannot send"],
  "house.since": ["{date} 开通", "since {date}"],
  "house.verify": ["认证", "Verify"],
  "house.unverify": ["取消认证", "Take the mark back"],
  "house.unverify.sure": ["取消“{name}”的认证？它的工作台和机器人随即停用。", "Take the mark of “{name}” back? Its desk and bot stop."],
  "house.more": ["更多企业", "More enterprises"],
  "notices": ["系统通知", "System notices"],
  "notices.lead": ["以平台的名义发，在对方聊天页顶部显示，不能关闭；对方免打扰时不弹出，只计未读。", "Sent in the platform's name: a bar on top of the chat that nobody can turn off; during do-not-disturb it comes in silence."],
  "notice.to": ["发给", "To"],
  "notice.person": ["一个人", "One person"],
  "notice.staff": ["{name}的全体员工", "All staff of {name}"],
  "notice.who": ["登录名或账号编号", "Log-in name or account number"],
  "notice.title": ["标题", "Title"],
  "notice.text": ["正文（可不填）", "Text (optional)"],
  "notice.url": ["了解更多的网址（可不填）", "Address to read on (optional)"],
  "notice.level": ["程度", "How serious"],
  "notice.info": ["一般", "Information"],
  "notice.warning": ["重要", "Warning"],
  "notice.send": ["发送通知", "Send the notice"],
  "notice.sure": ["给{name}的全体员工发送“{title}”？发出后不能撤回。", "Send “{title}” to all staff of {name}? It cannot be taken back."],
  "notice.done": ["已发出，共 {n} 人。", "Sent to {n}."],
};

/** @param {string} key @param {Record<string, string | number>} [fields] */
export function ot(key, fields = {}) {
  const text = TEXTS[key]?.[lang === "zh" ? 0 : 1] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(fields[name] ?? ""));
}
