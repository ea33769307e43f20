"""Settings of the whole office: its name and address, currency, country, deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import formats
from crm_desktop.core.errors import SettingChanged
from crm_desktop.core.i18n import N_
from crm_desktop.core.office_settings import NamedSetting
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import settled

_FIRST_ROWS = 7230411907
NAME, ADDRESS, CURRENCY, COUNTRY = "name", "address", "currency", "country"
SETTINGS = (
    NamedSetting(NAME, N_("Name of the office")), NamedSetting(ADDRESS, N_("Address line on printed pages")),
    NamedSetting(COUNTRY, N_("Country"), formats.country_name), NamedSetting(CURRENCY, N_("Currency")),
    NamedSetting("phone", N_("Phone")), NamedSetting("email", N_("E-mail")), NamedSetting("website", N_("Website")),
    NamedSetting("tax_id", N_("Tax number")), NamedSetting("tagline", N_("Description")),
)  # fmt: skip


def read_settings(connection: sa.Connection) -> dict[str, Any]:
    """Every setting of the office by key."""
    table = Base.metadata.tables["office_setting"]
    return {key: value for key, value in connection.execute(sa.select(table.c.key, table.c.value))}


def _known(uow: UnitOfWork, values: Mapping[str, Any]) -> dict[str, Any]:
    """The rows that are there, which nobody else can change before this transaction ends."""
    table = Base.metadata.tables["office_setting"]
    asked = sa.select(table).where(table.c.key.in_(list(values))).order_by(table.c.id).with_for_update()
    return {row.key: row for row in uow.connection.execute(asked)}


def save_settings(uow: UnitOfWork, values: Mapping[str, Any], *, seen: Mapping[str, Any] | None = None) -> None:
    """Keep settings; None removes one. What is the same already is left alone.

    Args:
        seen: the settings that whoever changes them saw; what a colleague changed since then stays.

    Raises:
        SettingChanged: a colleague changed the same one meanwhile.
    """
    known = _known(uow, values)
    if not uow.database.sqlite and any(key not in known and value is not None for key, value in values.items()):
        # a row that is not there cannot be locked: two who make the first one take turns
        uow.connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FIRST_ROWS})
        known = _known(uow, values)
    if seen is not None:
        stored = {key: known[key].value if key in known else None for key in values}
        try:
            values = settled.merged(uow, "office_setting", stored, values, seen)
        except SettingChanged as error:
            row = known.get(next(iter(error.fields)))
            last = settled.last_change(uow, "office_setting", row.id if row is not None else None, ("value",))
            error.who, error.at = last.who, last.at
            raise
    for key, value in values.items():
        row = known.get(key)
        if row is None:
            if value is not None:
                uow.insert("office_setting", {"key": key, "value": value})
        elif value is None:
            uow.delete("office_setting", [row.id])
        elif row.value != value:
            uow.update("office_setting", row.id, {"value": value})
