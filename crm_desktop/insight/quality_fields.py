"""Computed fields by which lists find doubtful records: values that cannot be right, companies without people."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.numbers import Expressions
from crm_desktop.core import formats
from crm_desktop.core.fields import LISTS_ONLY, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base

_HIDDEN: dict[str, Any] = {
    "in_list": False, "in_form": False, "importable": False, "system": True, "computed": True, "section": LISTS_ONLY,
    "width": 110,
}  # fmt: skip
CHECK_FIELDS = (
    Field("phone_invalid", N_("Invalid phone"), Kind.BOOL, help=N_("A phone that is no complete number."), **_HIDDEN),
    Field("email_invalid", N_("Invalid e-mail"), Kind.BOOL, help=N_("An address that no mail can reach."), **_HIDDEN),
    Field("tax_invalid", N_("Invalid tax number"), Kind.BOOL,
          help=N_("The check digits are wrong; looked at once a day."), **_HIDDEN),
    Field("postcode_invalid", N_("Invalid postcode"), Kind.BOOL,
          help=N_("A postcode of another length than its country has."), **_HIDDEN),
)  # fmt: skip
PEOPLE = Field("people_count", N_("People (count)"), Kind.INTEGER, help=N_("How many contacts work there."), **_HIDDEN)
CHECKED = ("contact", "company")
TAX_MEASURE = "tax_id"

_POSTCODES: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...] = (
    (("BR",), (8,)),
    (("US",), (5, 9)),
    (("PT",), (4, 7)),
    (("AT", "AU", "BE", "BG", "CH", "DK", "HU", "LU", "NO", "NZ", "SI"), (4,)),
    (("DE", "ES", "FI", "FR", "IT", "MX", "PE", "SE", "UY", "GR", "CZ", "SK", "PL", "TR"), (5,)),
    (("CO", "CN", "IN", "RO", "EC"), (6,)),
    (("CL", "JP"), (7,)),
)
"""How many digits the postcodes of a country have (Universal Postal Union); countries with letters are not judged."""


def bad_phone(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a stored phone is no E.164 number: what cannot be read as one is stored as it was typed."""
    rest = sa.func.ltrim(value, "+0123456789")
    whole = value.like("+%") & ((rest == "") | rest.like(";ext=%")) & (sa.func.length(value) >= 8)
    return ~whole


def bad_email(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a stored e-mail cannot be one: no "@" and dot after it, two "@", blanks, commas."""
    wrong = [value.like(pattern) for pattern in ("% %", "%@%@%", "%,%", "%;%", "%..%", "%.", "%@.%")]
    return sa.or_(~value.like("%_@_%._%"), *wrong)


def bad_postcode(postcode: sa.ColumnElement[Any], country: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a postcode has letters or another length than its country's; without a country, the office's counts."""
    bare = sa.func.replace(sa.func.replace(sa.func.replace(postcode, "-", ""), " ", ""), ".", "")
    letters = sa.func.ltrim(bare, "0123456789") != ""
    code = sa.func.coalesce(country, formats.default_country())
    judged = [
        code.in_(countries) & (letters | sa.func.length(bare).not_in(lengths)) for countries, lengths in _POSTCODES
    ]
    return (bare != "") & sa.or_(*judged)


def _with_point(kind: str, bad: Any) -> Any:
    def expression(table: sa.FromClause) -> sa.ColumnElement[bool]:
        point = Base.metadata.tables["contact_point"].alias()
        chosen = (point.c.owner_id == table.c.id) & (point.c.kind == kind) & bad(point.c.value)
        return sa.exists().where(chosen).correlate(table)

    return expression


def _postcode_invalid(table: sa.FromClause) -> sa.ColumnElement[bool]:
    address = Base.metadata.tables["address"].alias()
    chosen = (address.c.owner_id == table.c.id) & bad_postcode(address.c.postcode, address.c.country)
    return sa.exists().where(chosen).correlate(table)


def _tax_invalid(table: sa.FromClause) -> sa.ColumnElement[bool]:
    flag = Base.metadata.tables["quality_flag"].alias()
    same = (flag.c.record_id == table.c.id) & (flag.c.measure == TAX_MEASURE) & (flag.c.value == table.c.tax_id)
    return sa.exists().where(same).correlate(table)


def _people(table: sa.FromClause) -> sa.ColumnElement[int]:
    contact = Base.metadata.tables["contact"].alias()
    counted = sa.select(sa.func.count()).select_from(contact).where(contact.c.company_id == table.c.id)
    return counted.correlate(table).scalar_subquery()


EXPRESSIONS: Expressions = {("company", PEOPLE.name): _people}
for _name in CHECKED:
    EXPRESSIONS |= {
        (_name, "phone_invalid"): _with_point("phone", bad_phone),
        (_name, "email_invalid"): _with_point("email", bad_email),
        (_name, "postcode_invalid"): _postcode_invalid,
        (_name, "tax_invalid"): _tax_invalid,
    }
