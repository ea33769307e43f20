"""The kinds of fields that an office can make, in its words."""

from __future__ import annotations

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_, _

FORMULA, ROLL_UP = "formula", "roll_up"
KINDS: tuple[tuple[str, str, str], ...] = (
    (Kind.TEXT.value, N_("Text"), "ph.text-t"),
    (Kind.LONG_TEXT.value, N_("Long text"), "ph.article"),
    (Kind.INTEGER.value, N_("Whole number"), "ph.hash"),
    (Kind.NUMBER.value, N_("Number"), "ph.hash"),
    (Kind.MONEY.value, N_("Money"), "ph.currency-circle-dollar"),
    (Kind.PERCENT.value, N_("Percent"), "ph.percent"),
    (Kind.DATE.value, N_("Date"), "ph.calendar-blank"),
    (Kind.DATETIME.value, N_("Date and time"), "ph.clock"),
    (Kind.BOOL.value, N_("Yes or no"), "ph.check-square"),
    (Kind.CHOICE.value, N_("One of several"), "ph.list-bullets"),
    (Kind.CHOICES.value, N_("Several choices"), "ph.check-square-offset"),
    (Kind.LINK.value, N_("Link to a record"), "ph.link"),
    (Kind.USER.value, N_("Person of the office"), "ph.user"),
    (Kind.PHONE.value, N_("Phone"), "ph.phone"),
    (Kind.EMAIL.value, N_("E-mail"), "ph.envelope-simple"),
    (Kind.URL.value, N_("Web address"), "ph.globe"),
    (Kind.TAX_ID.value, N_("Tax number"), "ph.identification-card"),
    (Kind.COUNTRY.value, N_("Country"), "ph.flag"),
    (Kind.CURRENCY.value, N_("Currency"), "ph.money"),
    (Kind.TIMEZONE.value, N_("Time zone"), "ph.globe-hemisphere-west"),
    (FORMULA, N_("Formula"), "ph.math-operations"),
    (ROLL_UP, N_("Roll-up of linked records"), "ph.calculator"),
)
"""(what it is called in the program, its words, its icon)."""
RESULTS = tuple(
    one for one in KINDS
    if one[0] in (Kind.NUMBER, Kind.INTEGER, Kind.MONEY, Kind.PERCENT, Kind.TEXT, Kind.DATE, Kind.BOOL)
)  # fmt: skip
"""What a formula can give."""


def sort_of(field: Field) -> str:
    """What a field is called in ``KINDS``."""
    if field.computed and field.custom:
        return ROLL_UP if field.roll_up is not None else FORMULA
    return field.kind.value


def words_of(sort: str) -> str:
    """The words of a kind."""
    return next((_(text) for key, text, _icon in KINDS if key == sort), sort)


def icon_of(sort: str) -> str:
    """The icon of a kind."""
    return next((icon for key, _text, icon in KINDS if key == sort), "ph.text-t")
