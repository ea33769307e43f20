"""Which passwords are refused, and a plain hint at how easily one would be guessed.

What is refused follows NIST SP 800-63B, 5.1.1.2: a least length, no rules about kinds of letters, and nothing that is
among the first that anybody tries.
"""

from __future__ import annotations

import math
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold

SHORTEST, LONGEST = 8, 256
_FAIR, _STRONG = 40.0, 72.0
"""Bits: what a few words or ten mixed letters have, and what nobody guesses with a stolen file."""
_SIZES = ((str.islower, 26), (str.isupper, 26), (str.isdigit, 10))
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop")
_FIRST_TRIED = frozenset(
    """
    password passw0rd password1 passwort senha123 minhasenha mudar123 trocar123 brasil123 flamengo corinthians palmeiras
    contrasena contrasenia clave123 admin123 administrator administrador welcome1 welcome123 bemvindo bienvenido letmein1
    iloveyou teamo123 sunshine princess football baseball superman batman123 dragon123 monkey123 master123 changeme
    computer internet whatever trustno1 starwars pokemon1 futebol1 futbol123 familia1 deusefiel jesuscristo office123
    """.split()
)


@dataclass(frozen=True)
class Strength:
    """How good a password is: 0 (refused) to 3, and a sentence about it (a source text)."""

    level: int
    hint: str


_WEAK = Strength(1, N_("Easy to guess. Add a word or two that have nothing to do with each other."))
_FAIR_ONE = Strength(2, N_("Good. One more word makes it strong."))
_STRONG_ONE = Strength(3, N_("Strong."))


def normal(password: str) -> str:
    """The password as it is hashed: the same whatever keyboard and system wrote its accents (RFC 8265, OpaqueString)."""
    text = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in password)
    return unicodedata.normalize("NFC", text)


def refuse_bad(password: str, about: Iterable[str] = ()) -> None:
    """Refuse a password that must not be chosen.

    Args:
        about: what belongs to the person: name, login, e-mail.

    Raises:
        FieldError: of the field "password"; the sentence does not hold the password.
    """
    text = normal(password)
    if len(text) < SHORTEST:
        raise FieldError("password", N_("Use at least {n} characters; a few words are easiest to keep."), n=SHORTEST)
    if len(text) > LONGEST:
        raise FieldError("password", N_("Use at most {n} characters."), n=LONGEST)
    plain = fold(text).replace(" ", "")
    if plain in {fold(word).replace(" ", "") for word in about if word}:
        raise FieldError("password", N_("This is your own name. Choose something that others cannot guess."))
    if plain in _FIRST_TRIED or len(set(plain)) <= 2 or _is_run(plain):
        raise FieldError("password", N_("This is among the first that anybody would try. Choose another one."))


def strength(password: str, about: Iterable[str] = ()) -> Strength:
    """How good a password is, told while it is typed. Arguments as in :func:`refuse_bad`."""
    known = tuple(about)
    try:
        refuse_bad(password, known)
    except FieldError as error:
        return Strength(0, error.message)
    bits = _bits(normal(password), known)
    if bits < _FAIR:
        return _WEAK
    return _FAIR_ONE if bits < _STRONG else _STRONG_ONE


def suggest() -> str:
    """A first password that is easy to tell on the telephone and hard to guess: about 52 bits."""
    syllables = ["".join(secrets.choice(part) for part in ("bdfgklmnprstvz", "aeiou")) for _place in range(6)]
    words = ["".join(syllables[at : at + 2]) for at in (0, 2, 4)]
    return "-".join([*words, str(secrets.randbelow(9000) + 1000)])


def _is_run(text: str) -> bool:
    """Whether it only follows the keys or the alphabet ("12345678", "qwertyui")."""
    return any(text in run + run or text in (run + run)[::-1] for run in _RUNS)


def _bits(text: str, about: Iterable[str]) -> float:
    """A careful guess at the entropy: letters that repeat or follow one another, and known words, count little."""
    low = fold(text)
    for word in {
        part for one in about for part in fold(one).replace("@", " ").replace(".", " ").split()
    } | _FIRST_TRIED:
        if len(word) > 3 and word in low:
            at = low.index(word)
            low, text = low.replace(word, "*", 1), text[:at] + "*" + text[at + len(word) :]
    pool = sum(size for kind, size in _SIZES if any(kind(letter) for letter in text))
    pool += 33 if any(not letter.isalnum() for letter in text) else 0
    steps = [abs(ord(b) - ord(a)) for a, b in pairwise(low)]
    counted = 1 + sum(0.25 if step <= 1 else 1.0 for step in steps)
    # words of a language hold less than random letters: about half of it (Shannon 1951)
    per_letter = math.log2(max(pool, 2)) * (0.62 if text.replace(" ", "").isalpha() else 0.85)
    return counted * per_letter
