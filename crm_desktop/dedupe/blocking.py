"""Which pairs are worth comparing: records that share a key, so that a hundred thousand need no ten billion comparisons."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from crm_desktop.dedupe import normal
from crm_desktop.dedupe.compare import Comparator
from crm_desktop.dedupe.phonetic import sound
from crm_desktop.dedupe.words import FREE_MAIL, GENERIC

MOST = 30
"""Members of a block that are all compared with each other; in a larger one each is compared with its neighbours."""

BESIDE = 2
"""How many records before and after it, in the order of all names, each is compared with: there typos stand."""

WINDOW = 6
"""How many neighbours, in the order of names, a record of a large block is compared with."""


def person_keys(name: normal.PersonName) -> Iterator[tuple[Any, ...]]:
    """Keys of a name: the sounds of a given name and a surname, in any order."""
    given = [sound(word) for word in name.first[:2]]
    family = [sound(word) for word in (*name.last[:1], *name.last[1:][-1:])]
    for x in given or [""]:
        for y in family or [""]:
            yield ("n", x, y) if x <= y else ("n", y, x)


def company_keys(name: normal.CompanyName, counts: Counter[str] | None = None) -> Iterator[tuple[Any, ...]]:
    """Keys of a company: its start and end in one piece, and its two most telling words."""
    yield ("c", name.compact[:6])
    yield ("ce", name.compact[-6:])
    telling = [word for word in name.words if word not in GENERIC and len(word) > 1] or list(name.words)
    if counts is not None:
        telling.sort(key=lambda word: counts[word])
    else:
        telling.sort(key=len, reverse=True)
    for word in telling[:3]:
        yield ("cw", sound(word))


def place_keys(place: normal.Place) -> Iterator[tuple[Any, ...]]:
    """Keys of an address."""
    start = place.street.replace(" ", "")[:4]
    if place.number and place.postcode:
        yield ("pn", place.postcode, place.number)
    if place.number and start:
        yield ("sn", start, place.number)
    if start and place.postcode:
        yield ("sp", place.street.replace(" ", "")[:7], place.postcode)


def keys_of(prepared: dict[str, Any], counts: Counter[str] | None = None) -> Iterator[tuple[Any, ...]]:
    """The keys of one record.

    Args:
        prepared: comparable values by role.
        counts: how many names have each word of a company's name, where that is known.
    """
    person, company, place = prepared.get("person"), prepared.get("company"), prepared.get("place")
    for role in ("phone", "email", "code", "key"):
        for value in prepared.get(role) or ():
            yield (role, value)
    if company is not None:
        yield from company_keys(company, counts)
    if place is not None:
        yield from place_keys(place)
    if person is None:
        return
    yield from person_keys(person)
    first = sound(person.first[0]) if person.first else ""
    last = sound(person.last[-1]) if person.last else ""
    day = prepared.get("date")
    if day:
        yield ("d", day)
        yield ("dl", day[:4], last, day[4:6])
        yield ("df", day[4:], first)
    if place is not None and place.postcode:
        yield ("lp", last, place.postcode)
        yield ("fp", first, place.postcode)
    for email in prepared.get("email") or ():
        box, _at, domain = email.partition("@")
        if len(box) > 5 and not normal.is_shared_box(email):
            yield ("eb", box)
        if domain not in FREE_MAIL:
            yield ("ed", domain, last)


_SEVERAL = ("code", "phone", "email", "key")


class Blocks:
    """The records of a file by their keys.

    Args:
        comparators: with their prepared values; roles decide the keys.
    """

    def __init__(self, comparators: Sequence[Comparator], columns: Sequence[Sequence[Any]], size: int) -> None:
        self._size = size
        self._order = _sort_texts(comparators, columns, size)
        self._members: list[list[int]] = []
        self._of_record: list[array[int]] = [array("l") for _ in range(size)]
        self._beside: list[tuple[array[int], array[int]]] = []
        self._fill(comparators, columns)

    def _fill(self, comparators: Sequence[Comparator], columns: Sequence[Sequence[Any]]) -> None:
        counts = _word_counts(comparators, columns)
        by_key: defaultdict[int, list[int]] = defaultdict(list)
        for index in range(self._size):
            prepared: dict[str, Any] = {}
            for one, column in zip(comparators, columns, strict=True):
                value = column[index]
                if value is not None:
                    known = prepared.get(one.role)
                    if one.role == "key":
                        value = tuple((one.field, text) for text in value)
                    prepared[one.role] = known + value if known is not None and one.role in _SEVERAL else value
            for key in {hash(key) for key in keys_of(prepared, counts)}:
                by_key[key].append(index)
        for members in by_key.values():
            if len(members) > 1:
                self._add(members)
        by_key.clear()
        for texts in self._order:
            ordered = array("l", sorted((index for index in range(self._size) if texts[index]), key=texts.__getitem__))
            places = array("l", [-1]) * self._size
            for place, index in enumerate(ordered):
                places[index] = place
            self._beside.append((ordered, places))
        self._order = []

    def _add(self, members: list[int]) -> None:
        if len(members) <= MOST:
            number = len(self._members)
            self._members.append(members)
            for index in members:
                self._of_record[index].append(number)
            return
        for texts in self._order[:2]:
            self._neighbours(sorted(members, key=texts.__getitem__), WINDOW)

    def _neighbours(self, ordered: Sequence[int], window: int) -> None:
        """Overlapping small blocks stand for "each with its next ones"."""
        step = max(1, window // 2)
        for start in range(0, max(1, len(ordered) - step), step):
            members = list(ordered[start : start + window])
            number = len(self._members)
            self._members.append(members)
            for index in members:
                self._of_record[index].append(number)

    def partners(self, index: int) -> set[int]:
        """The records after this one in the file that share a key with it."""
        found: set[int] = set()
        for number in self._of_record[index]:
            found.update(self._members[number])
        for ordered, places in self._beside:
            place = places[index]
            if place >= 0:
                found.update(ordered[max(place - BESIDE, 0) : place + BESIDE + 1])
        return {other for other in found if other > index}


def _word_counts(comparators: Sequence[Comparator], columns: Sequence[Sequence[Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one, column in zip(comparators, columns, strict=True):
        if one.role == "company":
            for name in {value for value in column if value is not None}:
                counts.update(set(name.words))
    return counts


def _sort_texts(comparators: Sequence[Comparator], columns: Sequence[Sequence[Any]], size: int) -> list[list[str]]:
    """Two ways to put the records in order so that typos stand side by side: name first, and name and address turned."""
    front: list[str] = [""] * size
    back: list[str] = [""] * size
    for one, column in zip(comparators, columns, strict=True):
        for index, value in enumerate(column):
            if value is None:
                continue
            if one.role == "person":
                front[index] = "".join(value.last) + "".join(value.first) + front[index]
                back[index] = "".join(value.first) + "".join(value.last) + back[index]
            elif one.role == "company":
                front[index] = value.compact + front[index]
                back[index] = value.compact[::-1] + back[index]
            elif one.role == "place":
                front[index] += value.street
                back[index] += value.postcode + value.street
            elif one.role == "date":
                front[index] += value
                back[index] += value
    return [front, back]
