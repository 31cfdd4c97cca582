"""Which province a place lies in: what shipping rules are written for."""

from __future__ import annotations

import re

_PROVINCES = {
    "北京": "海淀 朝阳区 通州",
    "上海": "浦东 徐汇 闵行",
    "天津": "",
    "重庆": "",
    "河北": "石家庄 唐山 保定 邯郸 秦皇岛 廊坊 沧州",
    "山西": "太原 大同 临汾",
    "辽宁": "沈阳 大连 鞍山 锦州",
    "吉林": "长春 延边",
    "黑龙江": "哈尔滨 大庆 齐齐哈尔 牡丹江",
    "江苏": "南京 苏州 无锡 常州 南通 徐州 扬州 盐城 连云港 昆山 宜兴",
    "浙江": "杭州 宁波 温州 嘉兴 绍兴 金华 义乌 台州 湖州 丽水",
    "安徽": "合肥 芜湖 蚌埠 安庆 黄山市 阜阳",
    "福建": "福州 厦门 泉州 漳州 莆田",
    "江西": "南昌 赣州 九江 上饶",
    "山东": "济南 青岛 烟台 潍坊 临沂 威海",
    "河南": "郑州 洛阳 开封 南阳 信阳市",
    "湖北": "武汉 宜昌 襄阳 荆州",
    "湖南": "长沙 株洲 湘潭 衡阳 岳阳市",
    "广东": "广州 深圳 佛山 东莞 珠海 中山 惠州 汕头 湛江 潮汕",
    "广西": "南宁 桂林 柳州 北海",
    "海南": "海口 三亚",
    "四川": "成都 绵阳 宜宾 德阳 甘孜 阿坝",
    "贵州": "贵阳 遵义",
    "云南": "昆明 大理 丽江 西双版纳",
    "陕西": "西安 咸阳 宝鸡 延安 汉中",
    "甘肃": "兰州 天水 酒泉 敦煌 张掖",
    "青海": "西宁 格尔木 玉树",
    "宁夏": "银川 固原",
    "新疆": "乌鲁木齐 喀什 伊犁 阿克苏 吐鲁番 哈密 库尔勒",
    "西藏": "拉萨 日喀则 林芝 那曲",
    "内蒙古": "内蒙 呼和浩特 呼市 包头 鄂尔多斯 赤峰 锡林郭勒 呼伦贝尔 通辽",
    "香港": "港岛 九龙 hongkong hong kong",
    "澳门": "macau macao",
    "台湾": "台北 高雄 台中",
    "东北": "",
    "江浙沪": "",
    "港澳": "",
    "海外": (
        "国外 外国 美国 加拿大 英国 德国 法国 日本 东京 大阪 韩国 首尔 新加坡 马来西亚 吉隆坡 泰国 澳洲 "
        "澳大利亚 悉尼 纽约 俄罗斯 意大利 欧洲 越南"
    ),
}
_PROVINCE_OF = {name: province for province, names in _PROVINCES.items() for name in (province, *names.split()) if name}
_PLACE = re.compile("|".join(sorted(map(re.escape, _PROVINCE_OF), key=len, reverse=True)))
# Places inside names of goods are not addresses.
_NOT_A_PLACE = re.compile("西湖龙井|云南白药|安徽黄山毛峰|新会|福建白茶|四川茉莉|云南(?:红茶|白茶|普洱|滇红)|杭州红茶")


def find_place(text: str) -> str | None:
    """Return the province (or 海外, 东北, 港澳 ...) of a normalised text's first place, None when there is none."""
    match = _PLACE.search(_NOT_A_PLACE.sub("", text))
    return _PROVINCE_OF[match[0]] if match else None
