/** Every text of the widget in Chinese and English. `{name}` marks a place to fill. */

/** @type {Record<string, [zh: string, en: string]>} */
const TEXTS = {
  "launcher.open": ["联系客服", "Chat with us"],
  "launcher.unread": ["联系客服，{n} 条未读消息", "Chat with us, {n} unread"],
  "launcher.failed": ["客服窗口没有加载出来，请再点一次", "The chat did not load. Press again"],
  "panel.title": ["{shop}客服", "{shop}"],
  "panel.plain": ["在线客服", "Customer service"],
  "panel.close": ["收起客服窗口", "Close the chat"],
  "panel.log": ["对话", "Conversation"],
  "state.bot": ["智能客服在线", "Assistant online"],
  "state.queued": ["正在排队等候人工客服", "Waiting for an agent"],
  "state.next": ["正在排队，下一位就是您", "You are next in the queue"],
  "state.before": ["正在排队，前面还有 {count} 位", "Waiting: {count} before you"],
  "state.agent": ["{name} 正在为您服务", "{name} is helping you"],
  "state.closed": ["本次服务已结束，发消息可再次咨询", "Ended. Write to start again"],
  "state.typing": ["正在输入…", "typing…"],
  "state.connecting": ["正在连接…", "Connecting…"],
  "human.ask": ["转人工", "Agent"],
  "human.label": ["转人工客服", "Talk to a human agent"],
  "human.waiting": ["排队中", "Waiting"],
  "intro.hello": ["您好，欢迎光临", "Hello and welcome"],
  "intro.more": [
    "商品、订单、物流、退换货都可以问我；需要时随时为您转接人工客服。",
    "Ask me about products, orders, delivery or returns. A human agent is one press away.",
  ],
  "suggestions": ["您是不是想问", "Did you mean to ask"],
  "intro.questions": ["大家常问", "People often ask"],
  "older.loading": ["正在读取更早的消息…", "Loading earlier messages…"],
  "unread.mark": ["以下是新消息", "New messages"],
  "end.to": ["回到最新消息", "To the latest message"],
  "end.new": ["{n} 条新消息", "{n} new"],
  "card.view": ["查看商品", "View product"],
  "kind.unknown": ["[这条消息暂时无法显示]", "[This message cannot be shown]"],
  "said.recalled": ["消息已撤回", "Recalled"],
  "said.deleted": ["您删除了这条消息", "You deleted this message"],
  "said.gone": ["原消息已不可见", "It can no longer be seen"],
  "said.edited": ["已编辑", "edited"],
  "said.merged": ["{n} 条", "{n} messages"],
  "origin.bot": ["AI 生成", "AI-generated"],
  "origin.bot.name": ["智能客服", "Assistant"],
  "origin.agent": ["人工客服", "Agent"],
  "origin.system": ["系统", "System"],
  "rate.up": ["有帮助", "Helpful"],
  "rate.down": ["没帮助", "Not helpful"],
  "rate.failed": ["评价没有提交成功，请稍后再试", "Your rating was not saved. Please try again"],
  "notice.queued": ["正在为您转接人工客服，请稍候", "Connecting you to an agent, please wait"],
  "notice.assigned": ["人工客服 {name} 已接入，为您服务", "{name} has joined to help you"],
  "notice.handed_back": ["人工服务已结束，智能客服继续为您服务", "The agent has left, the assistant goes on helping you"],
  "notice.closed": ["本次服务已结束，感谢您的咨询", "This conversation has ended. Thank you"],
  "compose.label": ["输入您的问题", "Write your question"],
  "compose.send": ["发送", "Send"],
  "compose.left": ["还能输入 {n} 个字", "{n} characters left"],
  "compose.over": ["超出 {n} 个字", "{n} characters too many"],
  "sent.waiting": ["等待发送", "Waiting"],
  "sent.sending": ["发送中", "Sending"],
  "sent.sent": ["已送达", "Sent"],
  "sent.read": ["已送达", "Sent"],
  "sent.held": ["审核中", "Under review"],
  "sent.queued": ["稍后送达", "Delivered later"],
  "sent.refused": ["未发送", "Not sent"],
  "sent.again": ["重发", "Send again"],
  "sent.discard": ["删除", "Discard"],
  "link.lost": ["连接已断开，{s} 秒后重试，期间写的消息会自动补发", "Connection lost, next try in {s} s. What you write is sent then"],
  "link.offline": ["网络不可用，写下的消息会在恢复后自动发送", "No network. What you write is sent when it is back"],
  "link.connecting": ["正在重新连接…", "Connecting again…"],
  "link.retry": ["立即重试", "Try now"],
  "link.back": ["已恢复连接", "Connected again"],
  "fail.key": ["客服暂时无法使用，请稍后再试或联系店铺", "Customer service is not available here. Please contact the shop"],
  "fail.signed.out": ["登录已失效，请刷新页面重新登录", "You are signed out. Please reload the page and sign in"],
  "fail.network": ["网络不通，请稍后再试", "The network does not answer. Please try again"],
  "fail.long": ["这条消息太长，最多 {n} 个字", "This message is too long: at most {n} characters"],
  "fail.other": ["出了点问题（{code}），请稍后再试", "Something went wrong ({code}). Please try again"],
  "account.ask": ["登录或注册，换设备也能看到这段对话", "Log in or sign up to keep this conversation on every device"],
  "account.login": ["登录名（手机号或邮箱）", "Login name (phone or e-mail)"],
  "account.password": ["密码（至少 8 位）", "Password (8 characters or more)"],
  "account.log-in": ["登录", "Log in"],
  "account.sign-up": ["注册", "Sign up"],
  "account.known": ["已登录：{name}", "Logged in as {name}"],
  "account.leave": ["退出登录", "Log out"],
  "offers": ["优惠消息", "Offers"],
  "offers.want": ["接收这家店的优惠和活动消息", "Get this shop's offers"],
  "offers.more": [
    "默认不收。开启后，店铺可以主动发来优惠和活动，次数和时段都有限制；随时可以关掉，不影响您咨询。",
    "Off unless you turn it on. The shop may then send you offers on its own, within limits of number and hours. Turn it off at any time: your questions are answered either way.",
  ],
  "offers.mark": ["店铺优惠消息", "An offer of the shop"],
  "offers.stop": ["不再接收", "No more of these"],
  "offers.stopped": ["已不再接收优惠消息", "You get no more offers"],
  "offers.again": ["重新接收", "Get them again"],
  "foot.ai": ["智能客服的回答由 AI 生成，请以商品页与订单信息为准", "The assistant's answers are AI-generated; product pages and orders prevail"],
  "day.today": ["今天", "Today"],
  "day.yesterday": ["昨天", "Yesterday"],
};

/** @typedef {(key: string, places?: Record<string, string | number>) => string} Translate */

/** @param {"zh" | "en"} lang @returns {Translate} */
export function translator(lang) {
  return (key, places = {}) => {
    const text = TEXTS[key]?.[lang === "en" ? 1 : 0];
    if (text === undefined) throw new Error(`no text is called ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => String(places[name] ?? ""));
  };
}

/**
 * What went wrong, in the server's words where there are any.
 * @param {Translate} t
 * @param {{code: string, detail: string, data: Record<string, any>}} error a KefuError
 */
export function errorText(t, { code, detail, data }) {
  if (code === "network") return t("fail.network");
  if (code === "message_too_long" || code === "too_large") return t("fail.long", { n: data.limit ?? "" });
  return detail && code !== "bad_server_frame" ? detail : t("fail.other", { code });
}
