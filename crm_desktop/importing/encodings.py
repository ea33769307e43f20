"""Which encoding a text file is in: strict UTF-8 first, then how plausible the letters look."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

from crm_desktop.core.i18n import N_
from crm_desktop.importing.table import Evidence

LENIENT = "mixed-windows"
"""Error handler: bytes that the encoding does not know are read as Windows-1252, so that nothing is lost."""

NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "iso8859-1": "ISO-8859-1",
    "iso8859-15": "ISO-8859-15",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
    "cp437": "DOS 437",
    "cp1250": "Windows-1250",
    "iso8859-2": "ISO-8859-2",
    "cp852": "DOS 852",
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "cp866": "DOS 866",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "shift_jis": "Shift JIS",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "euc_kr": "EUC-KR",
}
"""The encodings offered to a person, with the names people know them by."""

_WESTERN = "ãçéáíóúõâêôàñ"
_WESTERN_RARE = "üöäèìòùëïîûåøæßœÿ"
_CENTRAL = "ąćęłńóśźżáčďěéíňřšťúůýžăâîșțőűöü"
_TURKISH = "ğışöüçâ"
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ"
_GREEK = "αοιετσνρπκυλςμδγηωχάέίόύήώθφβξζψ"
_CYRILLIC_COMMON = frozenset("оеаинтсрвлкмдпуяы")
_LETTERS: dict[str, tuple[str, str, float]] = {
    "cp1252": (_WESTERN, _WESTERN_RARE, 0.12),
    "iso8859-15": (_WESTERN, _WESTERN_RARE, 0.0),
    "mac_roman": (_WESTERN, _WESTERN_RARE, 0.0),
    "cp850": (_WESTERN, _WESTERN_RARE, 0.04),
    "cp437": (_WESTERN, _WESTERN_RARE, -0.02),
    "cp1250": (_CENTRAL, "", -0.05),
    "iso8859-2": (_CENTRAL, "", -0.06),
    "cp852": (_CENTRAL, "", -0.07),
    "cp1254": (_TURKISH, _WESTERN, -0.1),
    "cp1251": (_CYRILLIC, "", 0.0),
    "koi8_r": (_CYRILLIC, "", -0.05),
    "cp866": (_CYRILLIC, "", -0.05),
    "cp1253": (_GREEK, "", -0.05),
}
_MULTIBYTE = ("shift_jis", "gb18030", "big5", "euc_kr")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CONTEXT = re.compile(rb"(?s)(.{0,2})([\x80-\xff]+)(.{0,2})")
_UTF8_RUN = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True)
class EncodingGuess:
    """A codec name, how sure (0..1), and why."""

    encoding: str
    confidence: float
    evidence: Evidence


def _lenient(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        bad = error.object[error.start : error.end]
        return bad.decode("cp1252", "replace").replace("�", "?"), error.end
    raise error


codecs.register_error(LENIENT, _lenient)


def guess_encoding(sample: bytes) -> EncodingGuess:
    """Decide from a sample (whole file, or pieces that begin and end anywhere)."""
    for bom, name in ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig")):
        if sample.startswith(bom):
            return EncodingGuess(name, 1.0, Evidence(N_("The file says so in its first bytes")))
    if sample[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return EncodingGuess("utf-16", 1.0, Evidence(N_("The file says so in its first bytes")))
    if wide := _without_bom(sample):
        return EncodingGuess(wide, 0.95, Evidence(N_("Every second byte is zero")))
    high = sum(len(run) for run in _HIGH_RUN.findall(sample))
    if not high:
        return EncodingGuess("utf-8", 1.0, Evidence(N_("Only unaccented letters: any encoding reads it")))
    pairs = _UTF8_RUN.findall(sample)
    valid = sum(len(pair) for pair in pairs)
    if high - valid <= 6 and _decodes(sample, "utf-8"):
        return EncodingGuess("utf-8", 0.99, Evidence(N_("{n} accented letters, all valid UTF-8"), {"n": len(pairs)}))
    if valid >= 8 * max(1, high - valid):
        params = {"n": len(pairs), "bad": high - valid}
        return EncodingGuess(
            "utf-8", 0.9, Evidence(N_("{n} letters are UTF-8; {bad} stray bytes are read as Windows-1252"), params)
        )
    return _single_byte(sample)


def choose_encoding(sample: bytes, said: str, usual: str) -> EncodingGuess:
    """Decide between what a file says about itself and how its letters look.

    Args:
        sample: only texts with letters beyond ASCII.
        said: the encoding that the file names; "" where it names none.
        usual: what old programs write that name none, where the letters leave it open.
    """
    if not sample or sample.isascii():
        return EncodingGuess(said or usual, 0.5, Evidence(N_("Only unaccented letters: any encoding reads it")))
    guess = guess_encoding(sample)
    if guess.encoding.startswith("utf"):
        return guess
    contexts = Counter((m[1], m[2], m[3]) for m in _CONTEXT.finditer(sample[:400_000]))
    total = sum(len(run) * n for (_, run, _), n in contexts.items())
    best = _score(guess.encoding, contexts) / total if guess.encoding in _LETTERS else 2.0
    few = sum(contexts.values()) < 6
    for name, slack in ((said, 6.0 if few else 1.5), (usual, 0.25)):
        try:
            if name and _score(name, contexts) / total >= best - slack:
                return EncodingGuess(
                    name, 0.9, replace(guess.evidence, params={**guess.evidence.params, "name": NAMES.get(name, name)})
                )
        except LookupError:
            continue
    return guess


def _without_bom(sample: bytes) -> str:
    if len(sample) < 4 or b"\0" not in sample[:4000]:
        return ""
    head = sample[: len(sample[:8000]) // 2 * 2]
    even, odd = head[0::2].count(0) / (len(head) / 2), head[1::2].count(0) / (len(head) / 2)
    if odd > 0.3 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 and odd < 0.1 else ""


def _decodes(sample: bytes, encoding: str) -> bool:
    """Whether a sample decodes but for a character cut at its end."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte(sample: bytes) -> EncodingGuess:
    contexts = Counter((m[1], m[2], m[3]) for m in _CONTEXT.finditer(sample[:400_000]))
    total = sum(len(run) * n for (_, run, _), n in contexts.items())
    scores = {name: _score(name, contexts) / total for name in _LETTERS}
    long_runs = sum(len(run) * n for (_, run, _), n in contexts.items() if len(run) >= 2)
    glued = sum(n for (left, _r, right), n in contexts.items() if left[-1:].isalpha() or right[:1].isalpha())
    if long_runs > 0.5 * total and glued < 0.4 * sum(contexts.values()):
        for name in _MULTIBYTE:
            if (score := _score_ideographs(sample[:100_000], name)) is not None:
                scores[name] = score
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    best, score = ranked[0]
    text = sample[:50_000].decode(best, "replace")
    second = next((other for name, other in ranked[1:] if sample[:50_000].decode(name, "replace") != text), -1.0)
    letters = sum(contexts.values())
    confidence = max(0.3, min(0.97, 0.5 + (score - second) + 0.1 * score))
    evidence = Evidence(N_("{n} accented letters make words when read as {name}"), {"n": letters, "name": NAMES[best]})
    return EncodingGuess(best, round(confidence, 2), evidence)


def _score(name: str, contexts: Counter[tuple[bytes, bytes, bytes]]) -> float:
    usual, rare, bias = _LETTERS.get(name, (_WESTERN, _WESTERN_RARE, 0.0))
    score = 0.0
    for (before, run, after), n in contexts.items():
        score += n * _score_run(name, usual, rare, before, run, after)
    return score + bias * sum(contexts.values())


@lru_cache(maxsize=100_000)
def _score_run(name: str, usual: str, rare: str, before: bytes, run: bytes, after: bytes) -> float:
    try:
        text = run.decode(name)
    except UnicodeDecodeError:
        return -4.0 * len(run)
    left, right = before.decode("ascii", "replace"), after.decode("ascii", "replace")
    whole = left + text + right
    score = 0.0
    for position, char in enumerate(text, len(left)):
        previous = whole[position - 1] if position else " "
        following = whole[position + 1] if position + 1 < len(whole) else " "
        score += _score_char(char, previous, following, usual, rare)
    if len(text) >= 3 and usual[0] == "ã":
        score -= 1.0 * len(text)
    return score


def _score_char(char: str, previous: str, following: str, usual: str, rare: str) -> float:
    if char.isalpha() and char not in "ªº":
        low = char.lower()
        value = 2.0 if low in usual else 1.0 if low in rare else -0.5
        if low in "çñõ" and not _fits(low, previous.lower(), following.lower()):
            value = -1.0
        if char.islower() and previous.isupper() and following.isupper():
            return -1.5
        if char.isupper() and (previous.islower() or (following.islower() and previous.isalpha())):
            return -2.5
        if usual is _CYRILLIC or usual is _GREEK:
            if (previous.isascii() and previous.isalpha()) or (following.isascii() and following.isalpha()):
                return -2.5
            value = (
                2.0
                if low in _CYRILLIC_COMMON or usual is _GREEK and low in usual[:18]
                else 1.0
                if low in usual
                else -0.5
            )
        elif not (previous.isalpha() or following.isalpha()):
            value *= 0.3
        return value
    return _score_sign(char, previous, following)


def _fits(letter: str, previous: str, following: str) -> bool:
    """Whether a letter stands where Portuguese, Spanish and French put it."""
    if letter == "ç":
        return following in "aouãõáóâôíúüé " or not following.isalpha()
    if letter == "ñ":
        return following in "aeiouáéíóú" or not (previous.isalpha() and following.isalpha())
    return following in "esinm" or not following.isalpha()


def _score_sign(char: str, previous: str, following: str) -> float:
    if char in "ºª°":
        return 1.5 if previous.isdigit() or previous in "nN. " or (char == "ª" and previous.isalpha()) else -1.5
    if char in "€£":
        return (
            1.5
            if following.isdigit() or previous.isdigit() or not (previous.isalpha() or following.isalpha())
            else -2.0
        )
    if char in "–—“”‘’…•":
        return 1.0
    if char in "¿¡":
        return 1.0 if following.isalpha() and not previous.isalpha() else -1.5
    if char == "\xa0":
        return 0.3
    if char in "«»²³½¼¾®©™§·×±":
        return 0.3 if not (previous.isalpha() and following.isalpha()) else -2.0
    if "\x80" <= char <= "\x9f":
        return -4.0
    return -2.0


def _score_ideographs(sample: bytes, name: str) -> float | None:
    if not _decodes(sample, name):
        return None
    text = [c for c in codecs.getincrementaldecoder(name)().decode(sample) if ord(c) > 127]
    if not text:
        return None
    kana = sum(0x3040 <= ord(c) <= 0x30FF or 0xAC00 <= ord(c) <= 0xD7A3 for c in text) / len(text)
    # the characters people use have these lead bytes (GB 2312 level 1, Big5 level 1, JIS level 1)
    low, high = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "shift_jis": (0x82, 0x97), "euc_kr": (0xB0, 0xC8)}[name]
    usual = sum(low <= c.encode(name)[0] <= high for c in text) / len(text)
    return 2.4 * usual + 0.3 * kana - 0.5
