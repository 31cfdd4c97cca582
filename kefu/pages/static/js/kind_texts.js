/** The texts of pictures, videos and cards, in Chinese and English: the messenger's page and the widget share them. */

/** @type {Record<string, [zh: string, en: string]>} */
const TEXTS = {
  "attach": ["图片或视频", "Picture or video"],
  "attach.title": ["发送前看一眼", "Before it is sent"],
  "attach.note": ["说点什么（可不填）", "Say something (or not)"],
  "attach.send": ["发送", "Send"],
  "attach.cancel": ["取消", "Cancel"],
  "attach.progress": ["已上传 {n}%", "{n}% uploaded"],
  "attach.checking": ["正在检查…", "Checking…"],
  "attach.remove": ["不发了", "Do not send"],
  "attach.type": ["只能发图片、GIF 和 15 秒以内的视频。", "Only pictures, GIFs and videos of at most 15 seconds."],
  "attach.long": ["视频有 {n} 秒，最长 15 秒，请剪短一些。", "The video has {n} seconds, at most 15: please make it shorter."],
  "emoji": ["表情", "Emoji"],
  "emoji.all": ["常用", "Common"],
  "image": ["图片", "Picture"],
  "image.open": ["查看大图", "Show it large"],
  "gif": ["动图", "GIF"],
  "video": ["视频，{n} 秒", "Video, {n} s"],
  "media.gone": ["内容已不可查看", "It can no longer be seen"],
  "template": ["拍同款", "Make one like this"],
  "template.shot": ["第 {n} 步 · {say} · {s} 秒", "{n}. {say} · {s} s"],
  "template.make": ["做成模板，让对方拍同款", "Make it a template to be filmed again"],
  "template.title": ["模板名称", "What it is called"],
  "template.shots": ["每一步拍什么", "What to film, step by step"],
  "template.shots.hint": ["一行一步，后面写秒数，如：\n开盖闻香 3\n冲泡出汤 5", "A step a line, then its seconds:\nOpen the tin 3\nPour 5"],
  "template.same": ["和对方同款", "from the same template"],
  "link.open": ["打开链接", "Open the link"],
  "coupon.off": ["立减 {amount}", "{amount} off"],
  "coupon.percent": ["减 {n}%", "{n}% off"],
  "coupon.from": ["满 {amount} 可用", "from {amount} on"],
  "coupon.any": ["无门槛", "on anything"],
  "coupon.until": ["{time} 前有效", "until {time}"],
  "coupon.over": ["已过期", "over"],
  "coupon.use": ["去使用", "Use it"],
  "order": ["订单 {id}", "Order {id}"],
  "order.count": ["共 {n} 件", "{n} in all"],
  "order.buy": ["去购买", "Buy it"],
  "order.view": ["查看订单", "Show the order"],
  "order.to_buy": ["待下单", "not ordered yet"],
  "order.unpaid": ["待付款", "to be paid"],
  "order.paid": ["已付款", "paid"],
  "order.shipped": ["已发货", "on its way"],
  "order.completed": ["已完成", "completed"],
  "order.refunding": ["退款中", "being refunded"],
  "order.refunded": ["已退款", "refunded"],
  "order.closed": ["已关闭", "closed"],
  "mini": ["小程序", "Mini-program"],
  "mini.open": ["打开小程序", "Open it"],
  "notice.more": ["了解更多", "Read on"],
  "button.left": ["还剩 {time}", "{time} left"],
  "button.over": ["已结束", "It is over"],
  "form.send": ["提交", "Submit"],
  "form.done": ["已提交，谢谢", "Submitted, thank you"],
  "form.must": ["必填", "required"],
  "form.choose": ["请选择", "Please choose"],
};

/**
 * @param {string} lang `zh` or `en`
 * @returns {(key: string, values?: Record<string, string | number>) => string}
 */
export function kindTexts(lang) {
  const place = lang === "en" ? 1 : 0;
  return (key, values = {}) => {
    const text = TEXTS[key]?.[place] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  };
}

/** What a list shows of a message, null for kinds that are not ours. @param {string} kind @param {Record<string, any>} body @param {string} lang */
export function kindLine(kind, body, lang) {
  const t = kindTexts(lang);
  const words = (/** @type {unknown} */ text) => String(text ?? "").replace(/\s+/g, " ");
  switch (kind) {
    case "image": return `[${t("image")}] ${words(body.note)}`.trim();
    case "gif": return `[${t("gif")}]`;
    case "video": return `[${t("video", { n: Math.ceil((body.media?.duration_ms ?? 0) / 1000) })}] ${words(body.note)}`.trim();
    case "video_template": return `[${t("template")}] ${words(body.template?.title)}`.trim();
    case "emoji": return words(body.emoji);
    case "brand_emoji": return `[${words(body.name) || t("emoji")}]`;
    case "link": return `🔗 ${words(body.note || body.preview?.title || body.url)}`;
    case "order_card": case "coupon_card": case "mini_program": case "card": case "system_notice": return `[${words(body.title)}]`;
    default: return null;
  }
}
