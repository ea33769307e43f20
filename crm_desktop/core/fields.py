"""Fields: what a record is made of, declared once and read by forms, lists, filters, imports, history and rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a field holds. The Python value that belongs to it is given in brackets."""

    TEXT = "text"  # one line [str]
    LONG_TEXT = "long_text"  # several lines [str]
    INTEGER = "integer"  # [int]
    NUMBER = "number"  # [Decimal], four places
    MONEY = "money"  # [Decimal], four places; currency in the record's field ``currency``
    PERCENT = "percent"  # [Decimal] 0–100, four places
    DATE = "date"  # [date]
    DATETIME = "datetime"  # an instant [aware datetime in UTC]
    LOCAL_DATETIME = "local_datetime"  # wall time of an appointment [naive datetime]
    BOOL = "bool"  # [bool]
    CHOICE = "choice"  # the key of one of ``choices`` [str]
    CHOICES = "choices"  # keys of several ``choices`` [list[str]], custom fields only
    LINK = "link"  # another record [int id] of entity ``target``
    USER = "user"  # a user [int id]
    PHONE = "phone"  # E.164 [str]
    EMAIL = "email"  # [str]
    URL = "url"  # [str]
    TAX_ID = "tax_id"  # CPF, CNPJ, NIF, VAT ... compact [str]
    COUNTRY = "country"  # ISO 3166 alpha-2 [str]
    CURRENCY = "currency"  # ISO 4217 [str]
    TIMEZONE = "timezone"  # IANA name [str]
    JSON = "json"  # anything that JSON can say; never shown in a form


NUMERIC_KINDS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.PERCENT})
TEXT_KINDS = frozenset(
    {Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.EMAIL, Kind.URL, Kind.TAX_ID, Kind.COUNTRY, Kind.CURRENCY,
     Kind.TIMEZONE, Kind.CHOICE}
)  # fmt: skip
LINK_KINDS = frozenset({Kind.LINK, Kind.USER})
DATE_KINDS = frozenset({Kind.DATE, Kind.DATETIME, Kind.LOCAL_DATETIME})
LISTS_ONLY = "lists"
"""The section of computed fields that answer questions of lists and filters; cards and details leave them out."""


@dataclass(frozen=True)
class Choice:
    """One allowed value of a choice field: the stored key, its label (``N_``), an optional colour hue 1–8."""

    key: str
    label: str
    hue: int = 8


@dataclass(frozen=True)
class Field:
    """One field of a record type.

    ``name`` is the column's name (or ``custom.key`` for a custom field). Labels are source texts to be
    translated when shown, except those of custom fields, which the office wrote itself (``custom`` is true).
    ``aliases`` are spellings of spreadsheet headers in en, pt and es, folded when compared.
    ``sensitive`` fields are hidden from people without the right to them.
    ``computed`` fields have no column: ``expression`` names the SQL expression registered by their feature.
    ``system`` fields are kept by the program (created, changed) and cannot be edited.
    """

    name: str
    label: str
    kind: Kind
    section: str = ""
    required: bool = False
    searchable: bool = False
    in_list: bool = False
    in_form: bool = True
    importable: bool = True
    sensitive: bool = False
    unique: bool = False
    system: bool = False
    custom: bool = False
    computed: bool = False
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    target: str = ""
    help: str = ""
    default: Any = None
    max_length: int = 0
    width: int = 140
    sort_by: str = ""
    forward: bool = False
    """It never goes back by itself: a merge keeps the last of the ``choices`` that any of the records has, or yes."""
    part_of: str = ""
    """The field that holds the whole of which this is a part, as the last name of the name: a merge takes them together."""
    child: str = ""
    """For a field that stands for a row of a child table: "points.email", "addresses.city"."""
    hidden: bool = False
    """The office does not use it: it is in no form, list, filter or import; its values stay."""
    visible_when: Any = field(default=None, hash=False, repr=False)
    """A ``filters.Filter``: forms show the field only for records that it lets through."""
    required_when: Any = field(default=None, hash=False, repr=False)
    """A ``filters.Filter``: the field is needed for records that it lets through."""
    formula: Any = field(default=None, hash=False, repr=False)
    """The checked ``formulas.Formula`` that gives the values of a computed field of the office."""
    roll_up: Any = field(default=None, hash=False, repr=False)
    """The ``roll_ups.RollUp`` that gives them from records that link here."""

    @property
    def sort_column(self) -> str:
        """The column that sorts this field: a folded key where there is one."""
        return self.sort_by or self.name

    def choice_label(self, key: str | None) -> str:
        """The label (source text) of a stored choice key; the key itself where it is unknown."""
        return next((choice.label for choice in self.choices if choice.key == key), key or "")

    def but(self, **changes: Any) -> Field:
        """A copy with some attributes changed."""
        return replace(self, **changes)


def by_name(fields: Sequence[Field]) -> dict[str, Field]:
    """Fields by their names."""
    return {field.name: field for field in fields}
