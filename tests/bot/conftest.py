"""A small shop's sentences, one encoder for all tests, and one model trained on them."""

from __future__ import annotations

import pytest

from bot.encoding.use import UseEncoder
from bot.training.example import TrainingExample
from bot.training.train import Trained, train
from bot.understanding.hybrid import Understander

SENTENCES: dict[str | None, tuple[str, ...]] = {
    "ship_time": (
        "什么时候发货", "今天能发出来吗", "多久可以寄出", "几天能到", "下单了怎么还没发", "现在拍什么时候寄",
        "发货要等几天",
        "我的茶寄了没有", "明天能送到吗", "周末发不发货", "仓库几点截单", "快递几号能到我这",
    ),
    "return_goods": (
        "我想退货", "不喜欢可以退吗", "怎么申请退货", "拆开了还能退不", "退回去要自己出钱吗",
        "七天无理由怎么弄", "买错了想退",
        "东西不对我要退", "退货地址发我一下", "这个不想要了退了吧", "能退款退货吗", "退货流程是什么",
    ),
    "price": (
        "这个多少钱", "龙井一斤什么价", "有没有便宜点的", "价格能优惠吗", "一盒几块", "现在买打折不",
        "太贵了便宜点", "白茶饼怎么卖",
        "大红袍价钱多少", "两盒一起什么价", "报个价", "最低多少能拿",
    ),
    "human": (
        "转人工", "我要找真人", "叫客服来", "人工服务", "别用机器人跟我说话", "找个活人", "请接人工客服",
        "我要和人聊", "有没有真人在",
        "让你们经理来", "换人工", "人呢",
    ),
    None: (
        "明天会下雨吗", "帮我写一段代码", "一加一等于几", "附近哪家火锅好吃", "姚明多高", "国足赢了吗",
        "头疼该挂哪个科",
        "推荐个好看的电视剧", "房贷利率是多少", "太阳为什么从东边升起", "这道数学题怎么做", "打车去机场多少钱",
        "怎么做红烧肉",
        "给我讲个历史故事", "特斯拉续航多少", "翻译一下这句英文", "身份证丢了怎么办", "股票涨了没有",
        "高铁几点开", "手机屏幕碎了去哪修",
        "王者荣耀哪个英雄厉害", "狗狗不吃饭怎么回事",
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def examples() -> list[TrainingExample]:
    """The sentences as rows with places."""
    return [
        TrainingExample(text, intent, f"shop.yml:{line}")
        for intent, texts in SENTENCES.items()
        for line, text in enumerate(texts, start=1)
    ]


@pytest.fixture(scope="session")
def encoder() -> UseEncoder:
    """The real default encoder."""
    return UseEncoder()


@pytest.fixture(scope="session")
def trained(examples: list[TrainingExample], encoder: UseEncoder) -> Trained:
    """A model of the sentences."""
    return train(examples, encoder)


@pytest.fixture(scope="session")
def understander(trained: Trained, encoder: UseEncoder) -> Understander:
    """A reader with that model."""
    return Understander(trained.model, encoder)
