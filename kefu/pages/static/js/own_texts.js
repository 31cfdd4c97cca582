/** The texts of the panel of one's own: privacy, do-not-disturb, contacts, devices, refusals. */
import { hasText, lang, t } from "./texts.js";

/** @type {Record<string, [zh: string, en: string]>} */
const TEXTS = {
  "title": ["设置与隐私", "Settings and privacy"],
  "close": ["关闭", "Close"],
  "tab.privacy": ["隐私", "Privacy"],
  "tab.silence": ["免打扰", "Do not disturb"],
  "tab.contacts": ["联系人", "Contacts"],
  "tab.wallet": ["钱包", "Wallet"],
  "tab.devices": ["设备", "Devices"],
  "tab.record": ["申诉", "Appeals"],
  "save": ["保存", "Save"],
  "cancel": ["取消", "Cancel"],
  "remove": ["移除", "Remove"],
  "remove.who": ["移除{name}", "Remove {name}"],
  "choose": ["选择联系人…", "Choose somebody…"],
  "add": ["添加", "Add"],
  "nobody": ["还没有人", "Nobody yet"],
  "more": ["显示更多", "Show more"],

  "who": ["谁可以给我发消息", "Who may message me"],
  "who.more": ["黑名单里的人始终不能，白名单里的人始终可以。", "Those you block never may, those you always allow always may."],
  "who.everyone": ["所有人", "Everybody"],
  "who.followers": ["关注我的人", "My followers"],
  "who.mutual": ["互相关注的人", "Those who follow me and whom I follow"],
  "who.groups": ["指定分组里的联系人", "Chosen contact groups"],
  "who.groups.none": ["还没有分组，先到“联系人”里建一个。", "There is no group yet: make one under Contacts."],
  "findable": ["允许别人用登录名找到我", "Others may find me by my log-in name"],
  "blacklist": ["黑名单", "Blocked"],
  "blacklist.more": ["对方发不了消息给您，也不会知道原因。", "They cannot write to you, and are not told why."],
  "whitelist": ["白名单", "Always allowed"],
  "whitelist.more": ["不管上面怎么选，这些人都能给您发消息。", "They may write to you whatever is chosen above."],

  "alerts": ["怎么提醒", "How you are notified"],
  "alerts.more": ["只管这个浏览器。免打扰时段、静音的会话和营销消息都不响；系统消息在顶部显示，不能关闭。", "In this browser. Nothing sounds during do-not-disturb, in muted conversations, or for offers; system messages show at the top, always."],
  "alerts.sound": ["声音", "Sound"],
  "alerts.flash": ["网页标题闪动", "The title flashes"],
  "alerts.desktop": ["桌面通知", "Desktop notification"],
  "alerts.try": ["试听", "Listen"],
  "alerts.cannot": ["这个浏览器不能显示桌面通知", "This browser shows no notifications"],
  "alerts.refused": ["浏览器没有允许通知，请在地址栏的网站设置里打开", "The browser does not allow notifications: allow them in its site settings"],
  "silence.now": ["现在免打扰，到 {until} 为止", "Silent now, until {until}"],
  "silence.not": ["现在会正常提醒", "You are notified now"],
  "silence.zone": ["按{zone}。消息照常送达，只是不响；特别关注的人照样提醒。", "In {zone}. Messages arrive, only silently; special follows still ring through."],
  "silence.add": ["添加时段", "Add an interval"],
  "silence.add.day": ["给{day}添加时段", "Add an interval on {day}"],
  "silence.from": ["开始", "From"],
  "silence.to": ["结束", "To"],
  "silence.next": ["次日 ", "next day "],
  "silence.all": ["用于每天", "Use for every day"],
  "silence.none": ["不限", "None"],
  "silence.remove": ["删除{day} {time}", "Remove {day} {time}"],
  "silence.nights": ["每晚 22:00 – 次日 08:00", "Nights, 22:00 – 08:00"],
  "silence.clear": ["全部清除", "Clear all"],

  "find": ["按登录名找人", "Find somebody by log-in name"],
  "find.go": ["查找", "Find"],
  "find.none": ["没有找到，或对方不允许被找到", "Nobody found, or not to be found"],
  "following": ["我关注的", "I follow"],
  "following.none": ["还没有关注任何人", "You follow nobody yet"],
  "followers": ["关注我的", "My followers"],
  "followers.none": ["还没有人关注您", "Nobody follows you yet"],
  "known": ["可能认识的人", "People you know"],
  "follow": ["关注", "Follow"],
  "follow.back": ["回关", "Follow back"],
  "unfollow": ["取消关注", "Unfollow"],
  "unfollow.sure": ["不再关注{name}？", "Unfollow {name}?"],
  "mutual": ["互相关注", "Mutual"],
  "special": ["特别关注", "Special"],
  "special.on": ["特别关注{name}", "Follow {name} specially"],
  "special.more": ["点星标设为特别关注：免打扰时也会提醒。", "The star makes a follow special: it rings through do-not-disturb."],
  "sort": ["给{name}分组", "Sort {name} into groups"],
  "groups": ["分组", "Groups"],
  "groups.none": ["还没有分组", "No groups yet"],
  "group.new": ["新分组的名字", "Name of a new group"],
  "group.make": ["新建", "Make"],
  "group.people": ["{n} 人", "{n} people"],
  "group.rename": ["改名", "Rename"],
  "group.name": ["分组名", "Group name"],
  "group.remove": ["删除分组", "Remove group"],
  "group.remove.sure": ["删除分组“{name}”？里面的联系人会保留。", "Remove the group “{name}”? Its members stay contacts."],

  "devices.more": ["登录着这个账号的设备。看到不认识的，立即让它退出。", "Where this account is logged in. End whatever you do not know."],
  "device": ["未命名设备", "Unnamed device"],
  "device.current": ["本机", "This device"],
  "device.online": ["在线", "Online"],
  "device.seen": ["最近使用 {at}", "Last used {at}"],
  "device.since": ["{at} 登录", "Logged in {at}"],
  "device.staff": ["客服身份", "As staff"],
  "device.end": ["退出", "Log out"],
  "device.end.who": ["让{name}退出", "Log {name} out"],
  "device.end.sure": ["让“{name}”退出登录？", "Log “{name}” out?"],
  "devices.end": ["退出其他全部设备", "Log out all other devices"],
  "devices.end.sure": ["其他设备都要重新登录，确定吗？", "All other devices have to log in again. Sure?"],
  "devices.ended": ["已退出 {n} 台设备", "{n} devices logged out"],

  "score": ["信用分", "Credit"],
  "score.good": ["状态良好，没有限制", "In good standing, nothing is limited"],
  "score.low": ["信用分偏低，可发送的数量减少", "Credit is low, the limits are smaller"],
  "score.frozen": ["发送已冻结，{at} 解除", "Sending is frozen until {at}"],
  "score.banned": ["账号已被平台封禁", "Banned on the platform"],
  "used.daily": ["今天发给个人", "Sent to people today"],
  "used.hourly": ["近一小时", "In the last hour"],
  "used.of": ["{used} / {limit} 条", "{used} of {limit}"],
  "kept": ["没有送达的消息", "Messages not delivered"],
  "kept.none": ["所有消息都已送达", "Everything was delivered"],
  "kept.held": ["审核中", "Under review"],
  "kept.queued": ["{at} 送达", "Delivered {at}"],
  "kept.refused": ["审核未通过", "Refused by a reviewer"],
  "kept.recalled": ["已撤回", "Taken back"],
  "kept.takeback": ["撤回", "Take back"],
  "sanctions": ["限制记录", "Limits met"],
  "sanctions.none": ["没有被限制过", "No limit was met"],
  "sanction.until": ["{at} 解除", "until {at}"],
  "sanction.hits": ["{n} 次", "{n} times"],
  "sanction.over": ["已撤销", "Overturned"],
  "appeals": ["我的申诉", "My appeals"],
  "appeals.none": ["还没有申诉过", "No appeals yet"],
  "appeal": ["申诉", "Appeal"],
  "appeal.title": ["申诉", "Appeal"],
  "appeal.about": ["针对：{what}", "About: {what}"],
  "appeal.text": ["为什么觉得判错了", "Why it was wrong"],
  "appeal.hint": ["由人工复核，每件事可以申诉一次，结果显示在“设置与隐私”的申诉里。", "A human looks again; once for each case. The outcome is shown under Settings and privacy."],
  "appeal.send": ["提交申诉", "Send"],
  "appeal.sent": ["申诉已提交，等待人工复核", "Sent; a human will look at it"],
  "appeal.open": ["复核中", "Being looked at"],
  "appeal.grant": ["申诉通过", "Granted"],
  "appeal.reject": ["维持原判", "Rejected"],
  "appeal.withdrawn": ["已撤回", "Withdrawn"],
  "refused": ["审核未通过：{rule}", "Refused by a reviewer: {rule}"],

  "peer": ["和{name}的关系", "You and {name}"],
  "peer.follow": ["关注", "Follow"],
  "peer.special": ["特别关注（免打扰时也提醒）", "Special follow (rings through do-not-disturb)"],
  "peer.blacklist": ["加入黑名单（不能给我发消息）", "Block (may not message me)"],
  "peer.whitelist": ["加入白名单（始终可以给我发消息）", "Always allow to message me"],
  "settings": ["设置与隐私", "Settings and privacy"],
};

const DAYS = [["周一", "Monday"], ["周二", "Tuesday"], ["周三", "Wednesday"], ["周四", "Thursday"], ["周五", "Friday"], ["周六", "Saturday"], ["周日", "Sunday"]];

/** @param {string} key @param {Record<string, string | number>} [places] */
export function own(key, places = {}) {
  const text = TEXTS[key]?.[lang === "zh" ? 0 : 1];
  if (text === undefined) throw new Error(`no text is called ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(places[name] ?? ""));
}

/** @param {string} rule as the server calls it */
export function ruleName(rule) {
  return hasText(`review.rule.${rule}`) ? t(`review.rule.${rule}`) : rule;
}

/** @param {number} weekday 1 is Monday */
export function dayOfWeek(weekday) {
  return DAYS[weekday - 1][lang === "zh" ? 0 : 1];
}
