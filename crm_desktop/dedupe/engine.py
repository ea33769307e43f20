"""The search for duplicates over plain records: blocking, comparing, scoring. Knows no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import exp, log, log2
from typing import Any, NamedTuple

from crm_desktop.core.jobs import Progress
from crm_desktop.dedupe.blocking import Blocks
from crm_desktop.dedupe.compare import AREA, BACKGROUND, DIFFERENT, PART, SAME, SIMILAR, Comparator, Finding
from crm_desktop.dedupe.rules import Rule

Reason = tuple[str, str, float]
"""(field, how: "same", "similar", "part", "area", "different"; how similar 0 to 1)."""


class Pair(NamedTuple):
    """Two records that may be the same: their places in the file, the score, and what speaks for and against it."""

    first: int
    second: int
    score: int
    reasons: tuple[Reason, ...]


def score_of(bits: float) -> float:
    """The score 0–100 of so many bits of evidence beyond even odds: 0 bits give 70, 5 bits (32 to 1) give 90."""
    return 100 / (1 + exp(-(0.8473 + 0.27 * bits)))


def bits_for(score: float) -> float:
    """The evidence that a score stands for; the inverse of :func:`score_of`."""
    share = min(max(score, 1.0), 99.0) / 100
    return (log(share / (1 - share)) - 0.8473) / 0.27


ENOUGH = 1.5
"""Bits from which a field that agrees counts as something of its own beside the name."""

_TELLING = ("person", "company", "date", "code", "email")
"""What tells one person or company from the others; the rest a household or an office shares."""


class Scorer:
    """Scores pairs by a rule.

    Args:
        records: how many there are to choose from; the more, the more evidence is asked for.
    """

    def __init__(self, rule: Rule, records: int, comparators: Sequence[Comparator] | None = None) -> None:
        self.rule = rule
        made = comparators if comparators is not None else rule.comparators()
        self.comparators = sorted(made, key=lambda one: one.role not in _TELLING)
        self.prior = -log2(max(records, BACKGROUND)) - 1.0
        for one in self.comparators:
            one.prior = self.prior
        self._person = any(one.role == "person" for one in self.comparators)
        self._telling = sum(one.role in _TELLING for one in self.comparators)
        self._shared_most = 0.5 - self.prior
        self._name_most = 4.0 - self.prior  # a name alone is no proof, however rare
        self._look_bits = bits_for(rule.look_from) - 0.01
        self._least = self._look_bits - 0.5

    def prepare(self, record: Mapping[str, Any]) -> list[Any]:
        """The comparable values of a record, one for each comparator."""
        return [one.prepare(dict(record)) for one in self.comparators]

    def score(
        self, a: Sequence[Any], b: Sequence[Any], *, whole: bool = True
    ) -> tuple[int, list[tuple[Comparator, Finding]]]:
        """The score of two prepared records and what was found.

        Args:
            whole: go to the end also where the score cannot reach ``rule.look_from`` any more; 0 otherwise.
        """
        own = shared = 0.0
        found: list[tuple[Comparator, Finding]] = []
        for position, one in enumerate(self.comparators):
            if position == self._telling and not whole and own < self._least:
                return 0, found  # what is shared makes at most even odds
            x, y = a[position], b[position]
            if x is None or y is None:
                continue
            finding = one.compare(x, y)
            if finding.how:
                found.append((one, finding))
                own += (finding.bits - finding.shared) * one.weight
                shared += finding.shared * one.weight
        shared = min(shared, self._shared_most)
        if self._person and own + shared > self._name_most and not _beyond_name(found):
            own = self._name_most - shared + sum(min(finding.bits, 0.0) for _one, finding in found)
        total = self.prior + own + shared
        if not whole and total < self._look_bits:
            return 0, found
        return int(min(score_of(total), self._most(found))), found

    def _most(self, found: Sequence[tuple[Comparator, Finding]]) -> float:
        """The highest score that what was found allows."""
        most = 100.0
        for_it = 0
        proof = any(one.role == "code" and finding.how == SAME for one, finding in found)
        below_same = 100.0 if proof else min(self.rule.same_from, 90) - 1.0
        for one, (bits, how, _ratio, _shared) in found:
            if how == DIFFERENT:
                if one.role == "code" and bits < -8:
                    most = min(most, 60.0)
                elif one.role in ("person", "date") or (one.role == "company" and bits < -3):
                    # twins, couples, father and son, neighbours
                    most = min(most, below_same)
            elif one.role == "person" and how == PART:
                most = min(most, below_same)  # the other surname differs
            elif bits > ENOUGH and how != AREA and not (one.role == "email" and how == SIMILAR):
                for_it += 1
        if for_it < 2 and self._person:
            most = min(most, below_same)  # one thing alone never is enough for a person
        return most


def _beyond_name(found: Sequence[tuple[Comparator, Finding]]) -> bool:
    """Whether anything but the name speaks for a pair; the same town or a mail made of the name does not count."""
    return any(
        one.role != "person" and finding.bits > ENOUGH and finding.how in (SAME, PART, SIMILAR)
        and not (one.role == "email" and finding.how == SIMILAR)
        for one, finding in found
    )  # fmt: skip


def find_pairs(
    records: Sequence[Mapping[str, Any]], rule: Rule, progress: Progress | None = None, *, sides: int = 0
) -> list[Pair]:
    """The pairs of a file that score at least ``rule.look_from``, best first.

    Args:
        records: fields by name; values may be lists where a field has several.
        sides: where above 0, the first ``sides`` records are one file and the rest another, and only pairs across count.

    Raises:
        Cancelled: by ``progress``.
    """
    scorer = Scorer(rule, len(records))
    columns: list[list[Any]] = [[one.prepare(dict(record)) for record in records] for one in scorer.comparators]
    return list(score_columns(scorer, columns, len(records), progress, sides=sides))


def score_columns(
    scorer: Scorer, columns: Sequence[Sequence[Any]], size: int, progress: Progress | None = None, *, sides: int = 0,
    skip: Callable[[int, int], bool] | None = None,
) -> Iterator[Pair]:  # fmt: skip
    """Compare prepared records, held in columns; pairs come in the order of the first record."""
    for one, column in zip(scorer.comparators, columns, strict=True):
        one.learn(column, size)
    blocks = Blocks(scorer.comparators, columns, size)
    rows = list(zip(*columns, strict=True))
    least = scorer.rule.look_from
    for index in range(size):
        if progress is not None and index % 500 == 0:
            progress.update(index, size)
        for other in blocks.partners(index):
            if sides and (index < sides) == (other < sides):
                continue
            score, found = scorer.score(rows[index], rows[other], whole=False)
            if score >= least and not (skip and skip(index, other)):
                yield Pair(index, other, score, reasons_of(found))


def reasons_of(found: Sequence[tuple[Comparator, Finding]]) -> tuple[Reason, ...]:
    """What was found, the weightiest first."""
    ordered = sorted(found, key=lambda one: -one[1].bits * one[0].weight)
    return tuple((one.field, finding.how, round(finding.ratio, 2)) for one, finding in ordered)
