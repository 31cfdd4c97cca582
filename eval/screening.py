"""`python -m eval.screening`: how many clean short messages a second the screening takes, with 50,000 words."""

from __future__ import annotations

import random
import time
from pathlib import Path

import psutil

import intents
from intents.loader import load_pack
from messaging_core.api import Screener, Word

_WORDS = 50_000
_SECONDS = 5.0


def main() -> None:
    """Draw words from the common characters, take the shipped pack's sentences as messages, and count."""
    words = draw_words(_WORDS, seed=1)
    process = psutil.Process()
    before, started = process.memory_info().rss, time.process_time()
    screener = Screener(Word(word, "drawn") for word in words)
    built_s, grown_mb = time.process_time() - started, (process.memory_info().rss - before) / 2**20
    texts = [text for text in _messages() if not screener.screen(text)]
    count, started = 0, time.process_time()
    while time.process_time() - started < _SECONDS:
        for text in texts:
            screener.screen(text)
        count += len(texts)
    rate = count / (time.process_time() - started)
    chars = sum(map(len, texts)) / len(texts)
    print(f"{_WORDS} words of 2 to 8 characters: built in {built_s:.1f} CPU s, {grown_mb:.0f} MB")
    print(f"{len(texts)} different clean messages of {chars:.1f} characters: {rate:,.0f} a CPU second (goal 200,000)")


def draw_words(count: int, *, seed: int) -> list[str]:
    """Return different words of 2 to 8 of the 3,755 commonest characters."""
    common = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    common = [char for char in common if char]
    chance, words = random.Random(seed), dict[str, None]()
    while len(words) < count:
        words["".join(chance.choices(common, k=chance.choice((2, 3, 3, 4, 4, 5, 6, 6, 7, 8))))] = None
    return list(words)


def _messages() -> list[str]:
    pack = load_pack(Path(str(intents.__path__[0])) / "packs" / "retail_zh")
    return [example.text for intent in pack.intents.values() for example in intent.examples]


if __name__ == "__main__":
    main()
