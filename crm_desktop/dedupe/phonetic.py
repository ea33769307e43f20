"""How names sound: one key for Portuguese, Spanish and English spellings of a surname or a given name."""

from __future__ import annotations

import re
from functools import lru_cache

_RULES = (
    (r"^(h)", ""), (r"^(wr|kn|gn|pn)", "n"), (r"ph", "f"), (r"ç", "s"), (r"sch", "x"), (r"(ch|sh|tch)", "x"),
    (r"(lh|ll|gl(?=i))", "l"), (r"(nh|gn|ny)", "n"), (r"qu(?=[ei])", "k"), (r"gu(?=[ei])", "g"), (r"ck", "k"), (r"q", "k"),
    (r"g(?=[eiy])", "j"), (r"sc(?=[eiy])", "s"), (r"c(?=[eiy])", "s"), (r"c", "k"), (r"w", "v"), (r"z", "s"), (r"x", "s"),
    (r"th", "t"), (r"y", "i"), (r"h", ""), (r"[bp](?=$)", ""), (r"v", "b"), (r"j", "i"), (r"m(?=[^aeiou]|$)", "n"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), to) for pattern, to in _RULES)
_TWICE = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"(?<!^)[aeiou]+")


@lru_cache(maxsize=262_144)
def sound(word: str) -> str:
    """A short key that spellings of the same sound share: "souza" and "sousa", "smith" and "smyth", "felipe" and "phelippe".

    Args:
        word: one folded word, as :func:`crm_desktop.core.text.fold` gives it.

    Returns:
        its first sound and its consonants; the word itself where it has digits or fewer than three letters.
    """
    if len(word) < 3 or not word.isalpha():
        return word
    for pattern, to in _COMPILED:
        word = pattern.sub(to, word)
    word = _VOWELS.sub("", _TWICE.sub(r"\1", word))
    return _TWICE.sub(r"\1", word)[:6] or "?"
