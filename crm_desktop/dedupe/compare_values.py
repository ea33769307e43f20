"""Comparing dates, numbers, phones, e-mails, addresses and any other field of two records; see :mod:`compare`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from crm_desktop.core.text import fold
from crm_desktop.dedupe import normal
from crm_desktop.dedupe.compare import AREA, DIFFERENT, PART, SAME, SIMILAR, Comparator, Finding, Frequencies
from crm_desktop.dedupe.phonetic import sound
from crm_desktop.dedupe.words import FREE_MAIL


class DateComparator(Comparator):
    """A day: the same, one slip away (a digit, day and month swapped), or another."""

    role = "date"

    def __init__(self, field: str, weight: float = 1.0) -> None:
        super().__init__(field, weight)
        self._table = Frequencies(1 / 20_000)

    def prepare(self, record: dict[str, Any]) -> str | None:
        value = record.get(self.field)
        if isinstance(value, date):
            return value.strftime("%Y%m%d")
        bare = "".join(sign for sign in str(value or "") if sign.isdigit())
        return bare if 6 <= len(bare) <= 8 else None

    def learn(self, values: Sequence[Any], records: int) -> None:
        self._table.learn((one for one in values if one), max(records, 1))

    def compare(self, a: str, b: str) -> Finding:
        if a == b:
            return Finding(min(self._table.bits(a), 14.0), SAME)
        slips = OSA.distance(a, b, score_cutoff=2)
        if slips <= 1 or (len(a) == len(b) == 8 and a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]):
            return Finding(6.0, SIMILAR, 0.9)
        if slips == 2:
            return Finding(1.0, SIMILAR, 0.75)
        return Finding(-6.0, DIFFERENT, 0.0)


class CodeComparator(Comparator):
    """A number that belongs to one person or company: tax number, customer number. Two that differ speak against."""

    role = "code"

    def __init__(self, field: str, weight: float = 1.0, *, against: float = -9.0) -> None:
        super().__init__(field, weight)
        self._table = Frequencies(1e-6)
        self._against = against

    def prepare(self, record: dict[str, Any]) -> tuple[str, ...] | None:
        found = tuple(one for one in (normal.code(value) for value in normal.each(record.get(self.field))) if one)
        return found or None

    def learn(self, values: Sequence[Any], records: int) -> None:
        self._table.learn((one for several in values if several for one in several), max(records, 1))

    def set_counts(self, counts: dict[Any, int], records: int) -> None:
        """Counts of the numbers that are about to be compared."""
        self._table.set_counts(counts, records)

    def compare(self, a: tuple[str, ...], b: tuple[str, ...]) -> Finding:
        for one in a:
            if one in b:
                return Finding(self._table.bits(one) + 4.0, SAME)
        slips = min(OSA.distance(x, y, score_cutoff=3) for x in a for y in b)
        if slips == 1 and min(len(a[0]), len(b[0])) >= 6:
            return Finding(5.0, SIMILAR, 0.9)
        if self._against < -5 and a[0][:8] == b[0][:8] and len(a[0]) == len(b[0]) == 14:
            return Finding(-2.0, PART, 0.6)  # two branches of one company (CNPJ)
        long = min(len(a[0]), len(b[0])) >= 9  # a short number is soon mistyped beyond recognition
        return Finding((self._against if long else -4.0) if slips > 2 else -1.0, DIFFERENT, 0.0)


class SharedComparator(Comparator):
    """Phones or e-mails: any that both have. A household or an office may share them."""

    def __init__(self, field: str, weight: float = 1.0, *, email: bool = False) -> None:
        super().__init__(field, weight)
        self.role = "email" if email else "phone"
        self._key: Callable[[Any], str] = normal.email_key if email else normal.phone_key
        self._table = Frequencies(1e-6)

    def prepare(self, record: dict[str, Any]) -> tuple[str, ...] | None:
        found = {self._key(value) for value in normal.each(record.get(self.field))}
        found.discard("")
        return tuple(sorted(found)) or None

    def learn(self, values: Sequence[Any], records: int) -> None:
        self._table.learn((one for several in values if several for one in several), max(records, 1))

    def set_counts(self, counts: dict[Any, int], records: int) -> None:
        """Counts of the values that are about to be compared."""
        self._table.set_counts(counts, records)

    def compare(self, a: tuple[str, ...], b: tuple[str, ...]) -> Finding:
        best = -1.0
        personal = False
        for one in a:
            if one in b:
                bits = self._table.bits(one)
                own = self.role == "email" and not normal.is_shared_box(one)
                if bits > best:
                    best, personal = bits, own
        if best >= 0:
            return Finding(best + 3.0, SAME, 1.0, best) if personal and best > 4 else Finding(best, SAME, 1.0, best)
        if self.role == "email":
            return self._similar_email(a, b)
        return _REACH_APART

    def _similar_email(self, a: tuple[str, ...], b: tuple[str, ...]) -> Finding:
        for x in a:
            for y in b:
                if x[0] != y[0]:
                    continue
                box_x, box_y = x.partition("@")[0], y.partition("@")[0]
                if len(box_x) > 5 and (box_x == box_y or OSA.distance(x, y, score_cutoff=1) <= 1):
                    if not normal.is_shared_box(x):
                        return Finding(1.5, SIMILAR, 0.9)  # mostly the name once more
        return _REACH_APART


class PlaceComparator(Comparator):
    """An address: street and number, postcode, town, state. A household shares all of it."""

    role = "place"

    def __init__(self, field: str, weight: float = 1.0, *, company: bool = False) -> None:
        super().__init__(field, weight)
        self._house, self._street = Frequencies(1e-5), Frequencies(1e-3)
        self._postcode, self._city, self._region = Frequencies(1e-3), Frequencies(1 / 100), Frequencies(1 / 10)
        self._apart = 1.6 if company else 1.0

    def prepare(self, record: dict[str, Any]) -> normal.Place | None:
        return normal.place(
            record.get("street"), record.get("street2"), record.get("city"), record.get("region"),
            record.get("postcode"), record.get("street_number"),
        )  # fmt: skip

    def learn(self, values: Sequence[Any], records: int) -> None:
        known = [one for one in values if one is not None]
        size = max(records, 1)
        self._house.learn(((one.number, one.street) for one in known if one.street), size)
        self._street.learn((one.street for one in known if one.street), size)
        self._postcode.learn((one.postcode for one in known if one.postcode), size)
        self._city.learn((one.city for one in known if one.city), size)
        self._region.learn((one.region for one in known if one.region), size)

    def compare(self, a: normal.Place, b: normal.Place) -> Finding:
        line, how, ratio = self._line(a, b)
        area = self._area(a, b)
        if area < -2.4 * self._apart and line > 0 and a.postcode and b.postcode:
            line, how = 0.0, DIFFERENT  # a street of that name in another town
        if line > 0:
            bits = line + (0.5 * area if area > 0 else area)
        else:
            bits = line + area
        if area > 0 and how in ("", DIFFERENT):
            how = AREA
        elif not how:
            how = DIFFERENT if area < 0 else ""
        return Finding(bits, how, ratio, max(bits, 0.0))

    def _line(self, a: normal.Place, b: normal.Place) -> tuple[float, str, float]:
        if not a.street or not b.street:
            if a.number and a.number == b.number:
                return 1.0, "", 1.0
            return 0.0, "", 1.0
        near = 1.0 if a.street == b.street else max(
            fuzz.ratio(a.street, b.street), fuzz.token_sort_ratio(a.street, b.street)
        ) / 100  # fmt: skip
        if near < 0.78:
            a_join, b_join = a.street.replace(" ", ""), b.street.replace(" ", "")
            short, long = sorted((a_join, b_join), key=len)
            near = 0.85 if len(short) >= 5 and short in long else near
        if near >= 0.78:
            exact = self._street.bits(a.street, b.street) * (1.0 if near > 0.95 else 0.8)
            if a.number and b.number:
                if a.number == b.number:
                    bits = self._house.bits((a.number, a.street), (b.number, b.street))
                    return (bits if near > 0.95 else bits * 0.85), SAME if near > 0.95 else SIMILAR, near
                if OSA.distance(a.number, b.number) == 1:
                    return exact * 0.5, SIMILAR, near * 0.9
                return min(exact * 0.3, 2.0) - 2.0 * self._apart, PART, near * 0.8
            return exact * 0.8, SIMILAR, near
        if a.number and a.number == b.number:
            return -0.5 * self._apart, "", near
        return -2.2 * self._apart, DIFFERENT, near

    def _area(self, a: normal.Place, b: normal.Place) -> float:
        code = town = 0.0
        if a.postcode and b.postcode:
            if a.postcode == b.postcode:
                code = self._postcode.bits(a.postcode)
            elif OSA.distance(a.postcode, b.postcode, score_cutoff=1) <= 1:
                code = 0.5 * self._postcode.bits(a.postcode, b.postcode)
            else:
                code = -1.5
        if a.city and b.city:
            if a.city == b.city:
                town = self._city.bits(a.city)
            elif fuzz.ratio(a.city, b.city) >= 80:
                town = 0.8 * self._city.bits(a.city, b.city)
            elif a.city in b.city or b.city in a.city:  # New York City; but also Porto and Porto Alegre
                town = 0.3 * self._city.bits(a.city, b.city)
            else:
                town = -1.5 * self._apart
        if code > 0 and town > 0:
            return max(code, town) + 0.3 * min(code, town)
        if not code and not town and a.region and b.region:
            return self._region.bits(a.region) if a.region == b.region else -1.0
        if a.region and b.region and a.region != b.region and len(a.region) == len(b.region):
            return code + town - 0.7
        return code + town


_APART, _REACH_APART = Finding(0.0, DIFFERENT, 0.0), Finding(-0.7, DIFFERENT, 0.0)


class TextComparator(Comparator):
    """Any other field, compared the way a rule says: exactly, by similarity, by sound or by its first letters."""

    def __init__(self, field: str, how: str, weight: float = 1.0) -> None:
        super().__init__(field, weight)
        self._how, self._table = how, Frequencies(1 / 500)
        self.role = "text" if how == "similar" else "key"
        self._other = Finding(-2.5 if how == "similar" else -1.0, DIFFERENT, 0.0)

    def prepare(self, record: dict[str, Any]) -> tuple[str, ...] | None:
        found = []
        for value in normal.each(record.get(self.field)):
            text = normal.host(value) if self._how == "web" else normal.plain(value)
            if self._how == "sound":
                text = " ".join(sound(word) for word in text.split())
            elif self._how == "start":
                text = fold(text)[:5]
            if text and text not in FREE_MAIL:
                found.append(text)
        return tuple(found) or None

    def learn(self, values: Sequence[Any], records: int) -> None:
        self._table.learn((one for several in values if several for one in set(several)), max(records, 1))

    def set_counts(self, counts: dict[Any, int], records: int) -> None:
        """Counts of the values that are about to be compared."""
        self._table.set_counts(counts, records)

    def compare(self, a: tuple[str, ...], b: tuple[str, ...]) -> Finding:
        if len(a) == 1 == len(b):
            return self._compare_one(a[0], b[0])
        same = set(a) & set(b)
        if same:
            bits = min(sum(self._table.bits(one) for one in same), 16.0)
            return Finding(bits, SAME, 1.0, bits)
        if self._how == "similar":
            ratio = max(fuzz.token_sort_ratio(x, y) for x in a for y in b) / 100
            if ratio >= 0.85:
                bits = max(0.0, min(self._table.bits(one) for one in (*a, *b))) * 0.7
                return Finding(bits, SIMILAR, ratio, bits)
        return _APART

    def _compare_one(self, x: str, y: str) -> Finding:
        """The usual case, a field with one value."""
        if x == y:
            bits = min(self._table.bits(x), 16.0)
            return Finding(bits, SAME, 1.0, bits)
        if self._how == "similar":
            ratio = fuzz.token_sort_ratio(x, y, score_cutoff=85) / 100
            if ratio:
                bits = self._table.bits(x, y) * 0.7
                return Finding(bits, SIMILAR, ratio, bits)
        return self._other
