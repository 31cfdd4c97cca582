"""The desk's Chinese words for codes: reasons, acts, kinds of evidence, states of orders and parcels."""

from __future__ import annotations

STATE = {"bot": "机器人接待", "queued": "排队中", "agent": "人工接待", "closed": "已结束"}
STATUS = {"online": "在线", "away": "小憩", "offline": "离线"}
REASON = {
    "human_wish": "顾客要求人工",
    "complaint": "投诉",
    "anger": "情绪激动",
    "misses": "多次未能解答",
    "loop": "反复同一回答",
    "error": "机器人出错",
    "intent": "需人工办理",
    "hours": "机器人非服务时段",
    "settings": "机器人未开启",
    "transfer": "同事转出",
    "agent_offline": "客服离线退回",
    "": "等待接待",
}
MOOD = {"anger": "mood-hot", "complaint": "mood-hot", "misses": "mood-warm", "loop": "mood-warm", "error": "mood-warm"}
ACT = {"reply": "直接回答", "clarify": "反问澄清", "recommend": "推荐商品", "hand_off": "转人工", "silent": "保持沉默"}
WHY = {
    "fact": "商品事实",
    "recommendation": "按需求推荐",
    "recommendation_none": "没有合适的可推荐",
    "faq": "常见问题",
    "faq_close": "几个常见问题相近",
    "document": "店铺文档",
    "intent_answer": "固定答案",
    "promotion_over": "活动已结束",
    "order": "订单事实",
    "order_unknown": "查不到这笔订单",
    "not_linked": "账号没有关联订单",
    "account": "会员资料",
    "action": "办理订单",
    "action_refused": "办理没有成功",
    "left_alone": "顾客说先不办",
    "asks_back": "问清楚再答",
    "two_close": "两个意思相近",
    "products_close": "几款商品相近",
    "orders_close": "几笔订单都可能",
    "not_understood": "没有听懂",
    "out_of_scope": "不是店里的事",
    "not_sold": "店里没有这样东西",
    "not_held": "资料里没有这一项",
    "courtesy": "客气话",
    "displeased": "顾客不满意",
    "injection": "想改机器人的规矩",
    "english": "说的是英文",
    "picture": "发来图片",
    "emoji": "只有表情",
    "no_words": "没有文字",
    "already_queued": "已在排队",
    "queued": "排队中，不插话",
    "queue_told": "告知排队",
    "agent": "人工接待中，不插话",
    "closed": "会话已结束",
    "recalled": "消息已撤回",
    "overtaken_queued": "已转去排队",
    "overtaken_assigned": "同事已接入",
    "overtaken_handed_back": "会话刚交还",
    "overtaken_closed": "会话已结束",
    "unbacked_number": "数字没有依据，未发出",
    "screening": "回复没有通过审核",
    "refused": "回复没能发出",
    "late": "超时",
    "shop_down": "店铺系统没有回应",
    "stage_failed": "处理出错",
    "failed": "处理出错",
    "hours": "非服务时段",
    "error": "出错",
}
EVIDENCE = {
    "utterance": "相似语料",
    "faq": "常见问题",
    "document": "店铺文档",
    "fact": "商品事实",
    "order": "订单",
    "recommendation": "推荐理由",
    "cue": "情绪线索",
    "rule": "规则",
    "threshold": "阈值",
    "error": "出错",
}
STEP = {
    "session.opened": "会话开始",
    "session.queued": "转人工，排队等待",
    "session.assigned": "{agent} 接入会话",
    "session.handed_back": "会话交还机器人",
    "session.closed": "会话已结束",
}
ORDER = {
    "unpaid": "待付款",
    "paid": "待发货",
    "packed": "已打包",
    "partially_shipped": "部分发货",
    "shipped": "运输中",
    "delivered": "已签收",
    "completed": "已完成",
    "cancelled": "已取消",
    "return_requested": "申请退货",
    "returned": "已退货",
    "refunded": "已退款",
}
ORDER_CARD = {
    "to_buy": "待下单",
    "unpaid": "待付款",
    "paid": "已付款",
    "shipped": "已发货",
    "completed": "已完成",
    "refunding": "退款中",
    "refunded": "已退款",
    "closed": "已关闭",
}
"""States of an order card, as the messenger knows them; ORDER are the shop's own."""
PARCEL = {
    "label_created": "待揽收",
    "created": "待揽收",
    "picked_up": "已揽收",
    "in_transit": "运输中",
    "out_for_delivery": "派送中",
    "delivered": "已签收",
    "exception": "异常",
    "delayed": "延误",
    "lost": "丢失",
    "stalled": "停滞",
    "returned": "已退回",
    "rejected": "已拒收",
}
RETURN = {
    "refund_only": "仅退款",
    "return": "退货退款",
    "exchange": "换货",
    "requested": "待审核",
    "approved": "已同意",
    "received": "已收货",
    "refunded": "已退款",
    "rejected": "已拒绝",
}


def reason(code: str) -> str:
    """Return why a human is wanted; a customer's own words stand as they are."""
    return REASON.get(code, code)


def why(code: str) -> str:
    """Return why the bot acted as it did; a handoff is told by its reason."""
    return WHY.get(code) or reason(code)


def mood(code: str) -> str:
    """Return the mark of a mood, or nothing."""
    return MOOD.get(code, "")
