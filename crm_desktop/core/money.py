"""Money: exact decimals with four places, kept as integers of ten-thousandths."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

SCALE = 10_000
_CENT = Decimal("0.01")
_QUANTUM = Decimal("0.0001")


def to_units(amount: Decimal | int | float | str) -> int:
    """The integer of ten-thousandths that stores an amount; rounds half up at the fourth place."""
    if isinstance(amount, float):
        amount = repr(amount)
    return int((Decimal(amount) * SCALE).to_integral_value(rounding=ROUND_HALF_UP))


def from_units(units: int) -> Decimal:
    """The amount that an integer of ten-thousandths stands for."""
    return (Decimal(units) / SCALE).quantize(_QUANTUM)


def round_cents(amount: Decimal) -> Decimal:
    """The amount rounded half up to two places, as printed."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
