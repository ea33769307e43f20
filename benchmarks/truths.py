"""Files of people and businesses whose duplicates are known, read without the columns that give them away."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import Any

from crm_desktop.dedupe.engine import Pair, find_pairs
from crm_desktop.dedupe.groups import join_pairs
from crm_desktop.dedupe.rules import SCAN, default_rule


@dataclass
class Truth:
    """A file: its records, whose is whose, and by which rule they are compared.

    Attributes:
        owners: for each record, the person or business it is.
        sides: how many of the first records are the other file, 0 where there is one file.
    """

    name: str
    entity: str
    records: list[dict[str, Any]]
    owners: list[str]
    sides: int = 0


@dataclass(frozen=True)
class Quality:
    """What came out: pairs that are right, found and true, counted after groups are closed."""

    right: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        """The share of the found pairs that are true."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that were found."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            yield {str(key).strip(): (value or "").strip() for key, value in row.items() if key}


def febrl(path: Path, *, number: bool = False) -> Truth:
    """A FEBRL file: "rec-7-org" and "rec-7-dup-0" are one person. ``number`` leaves the social security number in."""
    records, owners = [], []
    for row in _rows(path):
        owners.append(row["rec_id"].split("-")[1])
        records.append({
            "first_name": row["given_name"], "last_name": row["surname"], "birthday": row["date_of_birth"],
            "street": f"{row['street_number']} {row['address_1']}".strip(), "street2": row["address_2"],
            "city": row["suburb"], "region": row["state"], "postcode": row["postcode"],
        })  # fmt: skip
        if number:
            records[-1]["tax_id"] = row["soc_sec_id"]
    return Truth(path.stem + (" with number" if number else ""), "contact", records, owners)


def _business(row: dict[str, str]) -> dict[str, Any]:
    known = {"name": "name", "address": "street", "city": "city", "zip": "postcode", "phone": "phone"}
    return {ours: row[theirs] for theirs, ours in known.items() if row.get(theirs)}


def restaurants(path: Path, other: Path | None = None) -> Truth:
    """Restaurants of two guides, in one file or in two to be linked."""
    rows = list(_rows(path))
    more = list(_rows(other)) if other else []
    owners = [row["unique_id"].strip("' ") for row in rows + more]
    name = "restaurants" if other is None else "restaurants, two files"
    return Truth(name, "company", [_business(row) for row in rows + more], owners, len(rows) if other else 0)


def patstat(names: Path, truth: Path) -> Truth:
    """Applicants of patents: cleaned names with the inventors they share, the truth by hand from Leuven."""
    owner = {row["person_id"]: row["leuven_id"] for row in _rows(truth)}
    records, owners = [], []
    for row in _rows(names):
        if row["person_id"] in owner:
            people = [" ".join(one.split()) for one in row["Coauthor"].split("**") if one.strip()]
            records.append({"name": row["Name"], "people": people})
            owners.append(owner[row["person_id"]])
    return Truth("patstat", "company", records, owners)


def known_truths(folder: Path) -> list[Truth]:
    """Every file of a folder whose truth this program can read."""
    found: list[Truth] = []
    readers: tuple[tuple[str, Callable[[Path], Iterable[Truth]]], ...] = (
        ("febrl*.csv", lambda path: (febrl(path), febrl(path, number=True))),
        ("restaurants_*clusters.csv", lambda path: (restaurants(path),)),
        ("restaurants_side1.csv", lambda path: (restaurants(path, path.with_name("restaurants_side2.csv")),)),
        ("patstat_names.csv", lambda path: (patstat(path, path.with_name("patstat_truth_leuven.csv")),)),
    )
    for pattern, read in readers:
        for path in sorted(folder.glob(pattern)):
            found += read(path)
    return found


def search(truth: Truth) -> list[Pair]:
    """The pairs that the default rule finds."""
    return find_pairs(truth.records, default_rule(truth.entity, SCAN), sides=truth.sides)


def judge(truth: Truth, pairs: Iterable[Pair], least: int) -> Quality:
    """Pairwise precision and recall of what scores at least so much; in one file after groups are closed."""
    chosen = [(pair.first, pair.second, pair.score) for pair in pairs if pair.score >= least]
    owners = truth.owners
    if truth.sides:
        right = sum(owners[a] == owners[b] for a, b, _score in chosen)
        left, others = Counter(owners[: truth.sides]), Counter(owners[truth.sides :])
        return Quality(right, len(chosen), sum(count * others[owner] for owner, count in left.items()))
    found = right = 0
    for members, _best in join_pairs(chosen):
        found += comb(len(members), 2)
        right += sum(comb(count, 2) for count in Counter(owners[one] for one in members).values())
    return Quality(right, found, sum(comb(count, 2) for count in Counter(owners).values()))


def same_text(truth: Truth) -> Quality:
    """What comparing whole texts finds: the baseline."""
    seen: dict[str, int] = {}
    pairs = []
    for index, record in enumerate(truth.records):
        text = repr([value for name, value in sorted(record.items()) if name != "people"]).lower()
        if text in seen:
            pairs.append(Pair(seen[text], index, 100, ()))
        seen[text] = index
    return judge(truth, pairs, 0)
