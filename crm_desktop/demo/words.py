"""The word lists of the sample office, read once, and ways to choose from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, TypeVar

from crm_desktop.core import paths
from crm_desktop.core.text import fold

T = TypeVar("T")
Named = tuple[str, str]
"""A word and its folded form."""

COUNTRIES = {"pt": "BR", "pp": "PT", "es": "ES", "en": "US"}
"""People's word list to their country; "pp" is Portuguese as in Portugal."""
LANGUAGES = {"pt": "pt-BR", "pp": "pt-PT", "es": "es-ES", "en": "en-US"}
SHARES = {"pt": 70, "pp": 8, "es": 12, "en": 10}


@lru_cache(maxsize=16)
def load(name: str) -> Any:
    """The content of one JSON file of the sample office."""
    return json.loads((paths.resources() / "demo" / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class City:
    """A real city with its area code and some of its postcodes."""

    name: str
    region: str
    area: str
    postcodes: tuple[str, ...]
    districts: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """What people and companies of one country are made of."""

    key: str
    country: str
    language: str
    first: tuple[tuple[Named, ...], tuple[Named, ...]]
    """Names of women, names of men."""
    last: tuple[Named, ...]
    cities: tuple[City, ...]
    streets: tuple[str, ...]
    nouns: tuple[Named, ...]
    adjectives: tuple[Named, ...]
    order: str
    suffixes: tuple[str, ...]
    heads: tuple[tuple[str, tuple[str, ...]], ...]
    """(industry, first words of a company's name)."""
    titles: tuple[str, ...]
    texts: dict[str, Any]


@lru_cache(maxsize=4)
def words_of(key: str) -> Words:
    """The words of one country."""
    names, places, companies = load("names")[key], load("places"), load("companies")
    spoken = "pt" if key == "pp" else key
    own = companies[spoken]
    return Words(
        key=key, country=COUNTRIES[key], language=LANGUAGES[key],
        first=(_named(names["f"]), _named(names["m"])), last=_named(names["last"]),
        cities=tuple(city for row in places[COUNTRIES[key]] for city in _cities(*row)),
        streets=tuple(places["streets"][key]), nouns=_named(own["noun"]), adjectives=_named(own["adj"]),
        order=own["order"], suffixes=tuple(own["suffix"]),
        heads=tuple((industry, tuple(by[spoken])) for industry, by in companies["heads"].items()),
        titles=tuple(companies["titles"][spoken]), texts=load("texts")[spoken],
    )  # fmt: skip


def _named(words: list[str]) -> tuple[Named, ...]:
    return tuple((word, fold(word)) for word in words)


def deck(shares: dict[str, int]) -> tuple[str, ...]:
    """Keys as often as their share says, to draw from."""
    return tuple(key for key, share in shares.items() for _ in range(share))


def one_of(rng: Random, items: Sequence[T]) -> T:
    """One of the items; four times as fast as ``rng.choice``."""
    return items[int(rng.random() * len(items))]


def _cities(name: str, region: str, area: str, mask: str, weight: int, districts: list[str]) -> list[City]:
    """A city as often as its weight says. In a mask of postcodes # is any digit."""
    rng = Random(name)
    postcodes = tuple("".join(rng.choice("0123456789") if c == "#" else c for c in mask) for _ in range(60))
    return [City(name, region, area, postcodes, tuple(districts))] * weight
