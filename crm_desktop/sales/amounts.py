"""Sums of deals: added up in SQL, weighted exactly, never across currencies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import formats
from crm_desktop.db.base import Base
from crm_desktop.sales.computed import probability

_QUANTUM = Decimal("0.0001")


@dataclass(frozen=True)
class Amount:
    """What deals in one currency are worth together."""

    currency: str
    count: int
    total: Decimal
    weighted: Decimal


@dataclass(frozen=True)
class Sum:
    """The sum of deals that share the values ``key`` and a probability, as SQL gives it."""

    key: tuple[Any, ...]
    currency: str
    count: int
    total: Decimal
    probability: Decimal


def sums(connection: sa.Connection, keys: Sequence[sa.ColumnElement[Any]], where: sa.ColumnElement[bool]) -> list[Sum]:
    """The sums of the deals that a condition chooses, by ``keys``, currency and probability."""
    deal = Base.metadata.tables["deal"]
    currency = sa.func.coalesce(deal.c.currency, formats.default_currency())
    inner = (
        sa.select(
            *(key.label(f"k{i}") for i, key in enumerate(keys)), currency.label("currency"), deal.c.amount,
            probability(deal).label("probability"),
        )
        .where(where)
        .subquery()
    )  # fmt: skip
    groups = [inner.c[f"k{i}"] for i in range(len(keys))]
    statement = sa.select(
        *groups, inner.c.currency, inner.c.probability, sa.func.count(), sa.func.sum(inner.c.amount)
    ).group_by(*groups, inner.c.currency, inner.c.probability)  # fmt: skip
    return [
        Sum(tuple(row[: len(keys)]), row[-4], row[-2], row[-1] or Decimal(0), row[-3] or Decimal(0))
        for row in connection.execute(statement)
    ]


def amounts(parts: Iterable[Sum], main: str = "") -> tuple[Amount, ...]:
    """The sums joined by currency: ``main`` (the office's own where empty) first, then by count."""
    main = main or formats.default_currency()
    found: dict[str, tuple[int, Decimal, Decimal]] = {}
    for part in parts:
        count, total, weighted = found.get(part.currency, (0, Decimal(0), Decimal(0)))
        found[part.currency] = (
            count + part.count, total + part.total, weighted + part.total * part.probability / 100
        )  # fmt: skip
    ordered = sorted(found, key=lambda currency: (currency != main, -found[currency][0], currency))
    return tuple(
        Amount(currency, found[currency][0], found[currency][1],
               found[currency][2].quantize(_QUANTUM, rounding=ROUND_HALF_UP))
        for currency in ordered
    )  # fmt: skip


def main_amount(parts: Sequence[Amount], currency: str) -> Amount:
    """The amount in one currency; zero where there is none in it."""
    nothing = Amount(currency, 0, Decimal(0), Decimal(0))
    return next((part for part in parts if part.currency == currency), nothing)


def main_currency(parts: Sequence[Amount], wanted: str | None = None) -> str:
    """The currency to show first: the wanted one (the office's own where None), or another where nothing is in it."""
    main = wanted or formats.default_currency()
    return main if not parts or any(part.currency == main for part in parts) else parts[0].currency
