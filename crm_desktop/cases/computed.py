"""Numbers that follow from cases."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.cases.case import OPEN_STATUSES
from crm_desktop.contacts.numbers import Expressions
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base

CUSTOMER_FIELDS = (
    Field("open_cases", N_("Open cases"), Kind.INTEGER, in_list=True, in_form=False, importable=False, system=True,
          computed=True, width=90),
)  # fmt: skip


def open_cases(table: sa.Table) -> sa.ColumnElement[int]:
    """How many cases of a customer are open."""
    case = Base.metadata.tables["case_file"].alias()
    statement = sa.select(sa.func.count()).select_from(case)
    return statement.where(
        case.c[f"{table.name}_id"] == table.c.id, case.c.status.in_(OPEN_STATUSES)
    ).correlate(table).scalar_subquery()  # fmt: skip


EXPRESSIONS: Expressions = {("contact", "open_cases"): open_cases, ("company", "open_cases"): open_cases}
