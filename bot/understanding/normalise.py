"""One spelling for texts that mean the same: width, case, script, emoji, and stuttered punctuation."""

from __future__ import annotations

import functools
import re
import unicodedata

import opencc

from bot.understanding.typed_pinyin import read_typed_pinyin

# Read no further: what a customer wants is said in the first lines, and cost must not grow with a pasted novel.
MAX_CHARS = 512
_MAX_RAW_CHARS = 4_096

_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff\u200d\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]+"
)
_INVISIBLE = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffc]")
_STUTTERED_MARK = re.compile(r"([^\w\s])\1+")
_STUTTERED_LETTER = re.compile(r"([^\W\d_])\1{2,}")
_SPACE = re.compile(r"\s+")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def normalise(text: str) -> str:
    """Return the spelling that models see; at most 512 characters, an empty string only for an empty text.

    Full-width becomes half-width, capitals small, traditional simplified, typed pinyin characters; emoji go unless
    there is nothing else; a mark said twice or more is said once, a letter three times or more twice; digits are
    never touched.
    """
    text = text[:_MAX_RAW_CHARS]
    plain = _INVISIBLE.sub(" ", unicodedata.normalize("NFKC", text)).lower()
    without_emoji = _EMOJI.sub(" ", plain)
    if without_emoji.strip():
        plain = without_emoji
    if _HAN.search(plain):
        plain = _simplifier().convert(plain)
    plain = read_typed_pinyin(plain)
    plain = _STUTTERED_LETTER.sub(r"\1\1", _STUTTERED_MARK.sub(r"\1", plain))
    return _SPACE.sub(" ", plain).strip()[:MAX_CHARS] or text.strip()[:MAX_CHARS]


@functools.cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
