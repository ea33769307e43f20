"""Comparing one field of two records: how many bits of evidence it gives that they are the same (Fellegi and Sunter 1969).

Agreement on a value counts log2(1/u) bits, where u is how often a random record has that value: learned from the data at
hand, so that a switchboard number, a frequent name or a placeholder counts little and a rare one much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log2
from typing import Any, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Indel, JaroWinkler

from crm_desktop.dedupe import normal
from crm_desktop.dedupe.phonetic import sound
from crm_desktop.dedupe.words import GENERIC

BACKGROUND = 1_000
"""Records of nobody's office that small offices are filled up with: ten contacts say little about how names spread."""

SAME, SIMILAR, PART, AREA, DIFFERENT = "same", "similar", "part", "area", "different"


class Finding(NamedTuple):
    """What comparing one field said.

    Attributes:
        bits: evidence; negative speaks against.
        how: SAME, SIMILAR, PART, AREA (the same town, another street) or DIFFERENT, "" where it says nothing.
        ratio: how similar, 0 to 1.
        shared: bits among ``bits`` that a household or an office shares, and that do not tell persons apart.
    """

    bits: float
    how: str = ""
    ratio: float = 1.0
    shared: float = 0.0


NOTHING = Finding(0.0)


class Frequencies:
    """How often values occur, with a background for small numbers."""

    def __init__(self, usual: float) -> None:
        self._usual = usual
        self._counts: Counter[Any] = Counter()
        self._size = BACKGROUND
        self._known: dict[int, float] = {}

    def learn(self, values: Iterable[Any], records: int) -> None:
        """Count the values of so many records."""
        self._counts.update(values)
        self._add(records)

    def set_counts(self, counts: dict[Any, int], records: int) -> None:
        """Take counts that were made elsewhere, for the few values that matter."""
        self._counts.update(counts)
        self._add(records)

    def _add(self, records: int) -> None:
        self._size = max(records, BACKGROUND)
        self._fill = self._usual * max(BACKGROUND - records, 0)
        self._known.clear()

    def count(self, value: Any) -> int:
        """How many records have a value."""
        return self._counts.get(value, 0)

    def bits(self, value: Any, other: Any = None) -> float:
        """The evidence of agreeing on a value; of two spellings the more frequent counts."""
        count = self._counts.get(value, 0)
        if other is not None:
            count = max(count, self._counts.get(other, 0))
        found = self._known.get(count)
        if found is None:
            u = (max(count - 2, 0) + 0.5 + self._fill) / self._size
            found = self._known[count] = max(0.0, -log2(min(u, 1.0)))
        return found


class Comparator:
    """Compares one field, or a few that belong together."""

    role = "other"

    def __init__(self, field: str, weight: float = 1.0) -> None:
        self.field = field
        self.weight = weight
        self.prior = -10.0

    def prepare(self, record: dict[str, Any]) -> Any:
        """The comparable value of a record, None where it has none."""
        raise NotImplementedError

    def learn(self, values: Sequence[Any], records: int) -> None:
        """Learn how often values occur."""
        raise NotImplementedError

    def set_counts(self, counts: dict[Any, int], records: int) -> None:
        """Take counts of the values that matter, made elsewhere. For comparators of single values."""
        raise NotImplementedError

    def compare(self, a: Any, b: Any) -> Finding:
        """Compare two prepared values, neither None."""
        raise NotImplementedError


def _near(a: str, b: str) -> bool:
    """Whether two words are one with a slip of the finger."""
    size = min(len(a), len(b))
    if size < 3:
        return False
    allowed = 1 if size < 7 else 2
    return OSA.distance(a, b, score_cutoff=allowed) <= allowed


class PersonComparator(Comparator):
    """The name of a person: given names and surnames, short forms, initials, typos, sounds, and the two swapped."""

    role = "person"

    def __init__(self, field: str, weight: float = 1.0) -> None:
        super().__init__(field, weight)
        self._first, self._last = Frequencies(1 / 300), Frequencies(1 / 1000)
        self._cache: dict[tuple[tuple[str, ...], tuple[str, ...], bool], tuple[float, str, float]] = {}

    def prepare(self, record: dict[str, Any]) -> normal.PersonName | None:
        given = record.get("first_name"), record.get("last_name")
        return normal.person_name(*given, record.get(self.field), record.get("suffix"))

    def learn(self, values: Sequence[Any], records: int) -> None:
        known = [one for one in values if one is not None]
        self._first.learn((word for one in known for word in one.first), max(records, 1))
        self._last.learn((word for one in known for word in one.last), max(records, 1))

    def compare(self, a: normal.PersonName, b: normal.PersonName) -> Finding:
        if len(a.first) != len(b.first) and a.last and b.last:
            a, b = _parted_alike(a, b)
        first = self._part(a.first, b.first, given=True)
        last = self._part(a.last, b.last, given=False)
        if first[1] == DIFFERENT or last[1] == DIFFERENT:
            turned = self._turned(a, b)
            if turned is not None:
                first, last = turned
        bits = first[0] + last[0]
        if a.suffix != b.suffix:
            bits -= 10.0 if a.suffix and b.suffix else 4.0
        parts = [one for one in (first, last) if one[1]]
        if not parts:
            return NOTHING
        ratio = sum(one[2] for one in parts) / len(parts)
        hows = {one[1] for one in parts}
        how = next((one for one in (DIFFERENT, PART, SIMILAR) if one in hows), SAME)
        if a.suffix != b.suffix and how == SAME:
            how = PART
        return Finding(bits, how, ratio, max(last[0], 0.0))

    def _turned(
        self, a: normal.PersonName, b: normal.PersonName
    ) -> tuple[tuple[float, str, float], tuple[float, str, float]] | None:
        """The same words on the other side: surname first, or all of the name in one field."""
        one = self._part(a.first, b.last, given=False)
        other = self._part(a.last, b.first, given=True)
        if one[1] in (SAME, SIMILAR) and other[1] in (SAME, SIMILAR):
            return (other[0] - 0.5, other[1], other[2]), (one[0] - 0.5, one[1], one[2])
        if a.first + a.last == b.first + b.last:
            return (max(one[0], other[0], 4.0), SAME, 1.0), (2.0, SAME, 1.0)
        if one[1] in (SAME, SIMILAR) or other[1] in (SAME, SIMILAR):  # half of it stands on the other side
            return (-3.5, DIFFERENT, 0.5), (-1.5, PART, 0.5)
        return None

    def _part(self, a: tuple[str, ...], b: tuple[str, ...], *, given: bool) -> tuple[float, str, float]:
        if not a or not b:
            return 0.0, "", 1.0
        key = (a, b, given)
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) > 400_000:
                self._cache.clear()
            found = self._cache[key] = self._compare_part(a, b, given)
        return found

    def _compare_part(self, a: tuple[str, ...], b: tuple[str, ...], given: bool) -> tuple[float, str, float]:
        table = self._first if given else self._last
        if a == b:
            return min(sum(table.bits(word) for word in a), 18.0), SAME, 1.0
        joined_a, joined_b = "".join(a), "".join(b)
        if joined_a == joined_b:
            return 8.0, SAME, 1.0
        best, how, ratio = 0.0, "", 0.0
        for x in a:
            for y in b:
                bits, kind, near = self._word(x, y, table, given)
                if bits > best:
                    best, how, ratio = bits, kind, near
        if how:
            if len(a) > 1 and len(b) > 1:  # two surnames each, and only one of them is the same
                rest = _second(a, b)
                return (best + 3.0, SIMILAR, 0.9) if rest else (best - 7.0, PART, 0.6)
            whole = len(a) == len(b)
            return (best, how, ratio) if whole else (best - 0.7, SIMILAR, max(0.85, ratio - 0.1))
        near = Indel.normalized_similarity(joined_a, joined_b)
        if not (joined_a.isalpha() and joined_b.isalpha()):
            near = min(near, 0.5)
        elif near >= 0.8 or (len(joined_a) > 4 and _near(joined_a, joined_b)):
            return max(0.0, min(5.0, table.bits(joined_a, joined_b) * 0.6)), SIMILAR, near
        if near >= 0.6:
            return -2.0, DIFFERENT, near
        return (-5.5 if given else -5.0), DIFFERENT, near

    def _word(self, x: str, y: str, table: Frequencies, given: bool) -> tuple[float, str, float]:
        if x == y:
            return table.bits(x), SAME, 1.0
        if len(x) == 1 or len(y) == 1:
            return (1.2, SIMILAR, 0.8) if x[0] == y[0] else (0.0, "", 0.0)
        if not (x.isalpha() and y.isalpha()):
            return 0.0, "", 0.0  # another number is another name
        if given and normal.share_nickname(x, y):
            return table.bits(x, y) * 0.7, SIMILAR, 0.9
        close = JaroWinkler.similarity(x, y)
        if close < 0.6:
            return 0.0, "", 0.0
        if _near(x, y):
            return table.bits(x, y) * 0.75, SIMILAR, close
        if close > 0.72 and sound(x) == sound(y):
            return table.bits(x, y) * 0.6, SIMILAR, 0.85
        if min(len(x), len(y)) >= 3 and (x.startswith(y) or y.startswith(x)):
            return table.bits(x, y) * 0.5, SIMILAR, 0.85
        return (table.bits(x, y) * 0.5, SIMILAR, close) if close >= 0.88 else (0.0, "", 0.0)


def _parted_alike(a: normal.PersonName, b: normal.PersonName) -> tuple[normal.PersonName, normal.PersonName]:
    """Two names of as many words, parted at the same place: "Ana Lima | Reis" and "Ana | Lima Reis" are one name."""
    mine, theirs = a.first + a.last, b.first + b.last
    if len(mine) != len(theirs) or not (a.first and b.first):
        return a, b
    given = min(len(a.first), len(b.first))
    return (
        normal.PersonName(mine[:given], mine[given:], a.suffix),
        normal.PersonName(theirs[:given], theirs[given:], b.suffix),
    )


def _second(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether two words or more of the shorter are in the longer."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return sum(any(x == y or _near(x, y) for y in long) for x in short) >= 2


class CompanyComparator(Comparator):
    """The name of a company: words without legal form, the rarer the weightier; typos; one name inside another."""

    role = "company"

    def __init__(self, field: str, weight: float = 1.0) -> None:
        super().__init__(field, weight)
        self._words = Frequencies(1 / 500)
        self._names = Frequencies(1 / 2000)
        self._cache: dict[tuple[str, str], Finding] = {}
        self._weights: dict[str, float] = {}

    def prepare(self, record: dict[str, Any]) -> normal.CompanyName | None:
        return normal.company_name(record.get(self.field))

    def learn(self, values: Sequence[Any], records: int) -> None:
        names = {one for one in values if one is not None}
        self._words.learn((word for one in names for word in set(one.words)), max(len(names), 1))

    def bits_of(self, word: str) -> float:
        """What agreeing on a word is worth."""
        from_count = self._words.bits(word)
        return min(from_count, 3.0) if word in GENERIC else from_count

    def compare(self, a: normal.CompanyName, b: normal.CompanyName) -> Finding:
        key = (a.compact, b.compact) if a.compact < b.compact else (b.compact, a.compact)
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) > 400_000:
                self._cache.clear()
            found = self._cache[key] = self._compare(a, b)
        return found

    def _compare(self, a: normal.CompanyName, b: normal.CompanyName) -> Finding:
        enough = -self.prior  # what a name must give to make "same or not" even
        if a.numbers != b.numbers and a.numbers and b.numbers:
            return Finding(-3.0, DIFFERENT, 0.5)
        telling = len(a.compact) >= 4 or len(b.compact) >= 4
        if a.compact == b.compact or sorted(a.words) == sorted(b.words):
            worth = min(sum(self.bits_of(word) for word in a.words), enough + 5.0)
            return Finding(max(worth, enough + 2.5) if telling else max(worth, enough - 1), SAME)
        size = min(len(a.compact), len(b.compact))
        slips = 1 if size < 12 else 2 if size < 18 else 3
        typo = size >= 5 and OSA.distance(a.compact, b.compact, score_cutoff=slips) <= slips
        if typo:
            return Finding(
                enough + (0.8 if size > 6 else -0.5), SIMILAR, Indel.normalized_similarity(a.compact, b.compact)
            )
        return self._by_words(a, b, enough)

    def _by_words(self, a: normal.CompanyName, b: normal.CompanyName, enough: float) -> Finding:
        if fuzz.token_set_ratio(a.text, b.text, score_cutoff=50) < 50:
            return Finding(-8.0, DIFFERENT, 0.3)
        matched, rest_a, rest_b = self._match(a.words, b.words)
        if not matched:
            near = Indel.normalized_similarity(a.compact, b.compact)
            if near >= 0.75:
                return Finding(enough - 4.0, SIMILAR, near)
            return Finding(-8.0, DIFFERENT, near)
        ratio = 2 * matched / (2 * matched + rest_a + rest_b)
        less = min(rest_a, rest_b)
        if less < 0.5:  # one name is inside the other
            bits = min(matched, enough) + (0.3 if max(rest_a, rest_b) < matched else -2.0)
            return Finding(bits, PART if ratio < 0.8 else SIMILAR, ratio)
        if ratio >= 0.75:
            return Finding(min(matched, enough) - 0.5 - 0.7 * less, SIMILAR, ratio)
        if ratio >= 0.5:
            return Finding(min(matched * 0.5, enough - 5.0), PART, ratio)
        return Finding(-4.0, DIFFERENT, ratio)

    def _match(self, a: tuple[str, ...], b: tuple[str, ...]) -> tuple[float, float, float]:
        """(bits of the words that both have, bits of the rest of each)."""
        left = list(b)
        matched = rest = 0.0
        for word in a:
            found = word if word in left else next((one for one in left if _alike(word, one)), None)
            if found is None:
                rest += self._weight(word)
                continue
            left.remove(found)
            matched += min(self._weight(word), self._weight(found)) * (1.0 if found == word else 0.85)
        return matched, rest, sum(self._weight(word) for word in left)

    def _weight(self, word: str) -> float:
        found = self._weights.get(word)
        if found is None:
            found = self._weights[word] = max(0.3, self.bits_of(word))
        return found


def _alike(x: str, y: str) -> bool:
    if len(x) < 4 or len(y) < 4:
        return False
    return x.startswith(y) or y.startswith(x) or (abs(len(x) - len(y)) <= 2 and _near(x, y))
