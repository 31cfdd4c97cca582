"""Make the words that typed pinyin is read with: python -m bot.training.typed_words writes the file that is shipped."""

from __future__ import annotations

import re
import sys
from collections import Counter
from importlib import resources
from pathlib import Path

from pypinyin import lazy_pinyin

from bot.understanding.ngrams import words
from bot.understanding.normalise import normalise
from intents.loader import load_pack

_HAN = re.compile("^[\u3400-\u9fff]+$")
_LONGEST = 6
# A word of one character must be frequent to stand for its sound; a longer one is rarely mistaken.
_FEWEST_SINGLE = 3


def typed_words() -> list[tuple[str, str, int]]:
    """Return (syllables, word, count) of the template pack's words, the most frequent word for each sound."""
    counts: Counter[str] = Counter()
    with resources.as_file(resources.files("intents").joinpath("packs/retail_zh")) as folder:
        pack = load_pack(folder)
    for intent in pack.intents.values():
        for example in intent.examples:
            # Characters alone: what is typed in pinyin here must not be read with an older file.
            counts.update(word for word in words(normalise(re.sub("[A-Za-z]+", " ", example.text))) if _HAN.match(word))
    for terms in pack.lookups.values():
        counts.update(normalise(term) for term in terms if _HAN.match(term))
    best: dict[str, tuple[int, str]] = {}
    for word, count in counts.items():
        if len(word) > _LONGEST or (len(word) == 1 and count < _FEWEST_SINGLE):
            continue
        syllables = " ".join(lazy_pinyin(word)).replace("ü", "v")
        best[syllables] = max(best.get(syllables, (0, "")), (count, word))
    return sorted((syllables, word, count) for syllables, (count, word) in best.items())


def words_text() -> str:
    """Return the shipped file's text."""
    rows = "".join(f"{syllables}\t{word}\t{count}\n" for syllables, word, count in typed_words())
    return f"# Made by python -m bot.training.typed_words of our own template pack: syllables, word, count.\n{rows}"


def main() -> int:
    """Write the file beside the code that reads it; run it in a checkout."""
    target = Path(str(resources.files("bot.understanding").joinpath("typed_words.txt")))
    target.write_text(words_text(), encoding="utf-8")
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
