"""What a merged record said that the record it went into does not say: nothing of it is lost, so a card can show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.types import column_type, from_json
from crm_desktop.records.merge_log import MergedRecord
from crm_desktop.records.merge_plan import ADDRESS, comparable
from crm_desktop.records.queries import Record, resolve_links

_ADDRESS = Field(ADDRESS, N_("Address"), Kind.TEXT)


def kept_values(
    database: Database, connection: sa.Connection, record: Record, one: MergedRecord, fields: Sequence[Field]
) -> list[tuple[Field, Any]]:
    """The fields of a merged record, with its values, that the record it went into does not say now.

    E-mails, phones and addresses that came over with it are not among them. Links are ``Link``.
    """
    said = {comparable(row.get("value")) for row in record.children.get("points", ())}
    values: dict[str, Any] = {}
    chosen = []
    for field in fields:
        if field.name in one.values:
            value = from_json(column_type(field.kind), one.values[field.name])
            now = comparable(record.values.get(field.name))
            if comparable(value) != now and not (field.child and comparable(value) in said):
                values[field.name] = value
                chosen.append(field)
    resolve_links(database.schema, connection, [field for field in chosen if field.kind in LINK_KINDS], [values])
    found = [(field, values[field.name]) for field in chosen if values[field.name] not in (None, "", False)]
    whole = str(one.values.get(ADDRESS) or "")
    streets = [str(row.get("street") or "") for row in record.children.get("addresses", ())]
    if whole and not any(street and street in whole for street in streets):
        found.append((_ADDRESS, ", ".join(whole.splitlines())))
    return found
