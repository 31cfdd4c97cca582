"""Answers to what is no question: emoji, pictures, cards, courtesies, attempts to reprogram the bot."""

from __future__ import annotations

from dataclasses import replace

from bot.decision import Evidence
from bot.dialogue.wish import Tracked
from bot.gather.cards import variant_words
from bot.gather.finding import Finding
from bot.gather.scene import Scene

# After these wishes a picture is proof that was asked for, and only a human can look at it.
_PROOF_WANTED = frozenset(
    ["bad_product_quality", "parcel_damaged", "wrong_item", "missing_item", "payment_failed", "coupon_use"]
)
_SAME_TALK_US = 1_800_000_000
_SAD_FACES = "😢😭😞😔😡😠🤬💢👿😤🙁☹😩😫👎"


async def without_words(tracked: Tracked, scene: Scene) -> Finding:
    """Answer a turn that has no words."""
    shape = tracked.reading.shape
    if shape == "card" and tracked.reading.card:
        products = await scene.view.products([tracked.reading.card])
        if products:
            product = products[0]
            words = "；".join(variant_words(variant) for variant in product.variants)
            return Finding(
                "fact",
                f"card:{product.product_id}",
                scene.wording.say("talk.card", name=product.name, variants=words),
                evidence=(Evidence("fact", f"fact:{product.product_id}/price", words, data={"at": product.source}),),
                grounds=(words, product.name),
                products=(product.product_id,),
            )
    if shape == "image":
        if _PROOF_WANTED.intersection(tracked.state.last_intents[:2]):
            return Finding("picture", "picture:proof", scene.wording.say("talk.image_human"), hand_off="intent")
        return _plain("picture", "talk.image", scene)
    if shape == "emoji":
        sad = any(face in scene.turn.text for face in _SAD_FACES)
        return _plain("emoji", "talk.sorry_face" if sad else "talk.emoji", scene)
    return _plain("no_words", "talk.nothing", scene)


def was_greeted(scene: Scene) -> bool:
    """Whether the bot has spoken in this talk already: a second welcome would sound as if it had not listened."""
    said = [line.at_us for line in scene.turn.history if line.origin == "bot"]
    return bool(said) and scene.turn.now_us - said[-1] <= _SAME_TALK_US


def greet_again(scene: Scene) -> Finding:
    """Answer a greeting after the welcome: by asking what it is about."""
    return _plain("intent_answer", "talk.greet_again", scene)


def displeased(scene: Scene) -> Finding:
    """Say sorry to who is not content; praise or thanks would mock him."""
    return replace(_plain("displeased", "talk.displeased", scene), offer_human=True)


def injection(scene: Scene) -> Finding:
    """Refuse to be reprogrammed."""
    return _plain("injection", "talk.injection", scene)


def english(scene: Scene) -> Finding:
    """Say in English that Chinese is answered best."""
    return _plain("english", "talk.english", scene)


def _plain(reason: str, key: str, scene: Scene) -> Finding:
    return Finding(reason, key, scene.wording.say(key), evidence=(Evidence("rule", f"rule:{reason}", ""),))
