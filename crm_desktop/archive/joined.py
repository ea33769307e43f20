"""What joins a customer to other records, as relationships and further companies do: in words, each with a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_desktop.archive import html, said
from crm_desktop.archive.linked import ToRecord
from crm_desktop.core.i18n import translate
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema
from crm_desktop.records.references import plural_of

_LEFT_OUT = ("created_at", "created_by", "updated_at", "updated_by")
Joined = tuple[Mapping[str, Any], str, int, str, bool]
"""A row, the type, id and title of the other side, and whether that one points here."""


def joined_list(
    schema: Schema, name: str, rows: Sequence[Joined], own: str, to_record: ToRecord
) -> tuple[str, int, str]:  # fmt: skip
    """Heading, number and list of the rows of one joining table; ``own`` is what the customer is called."""
    fields = [
        column.info["field"].but(name=column.name) for column in Base.metadata.tables[name].columns
        if "field" in column.info and not column.name.endswith(("_id", "_entity")) and column.name not in _LEFT_OUT
    ]  # fmt: skip
    lines = []
    for values, kind, identity, title, points_here in rows:
        told = [said.value(one, values[one.name]) for one in fields if said.is_filled(values[one.name])]
        about = html.text(" · ".join(told))
        other = to_record(kind, identity, title or str(identity))
        # from one to the other: what the second is to the first
        line = f"{other} – {about}: {html.own(own)}" if points_here else (f"{about}: {other}" if about else other)
        lines.append(f"<li>{line}</li>\n")
    return translate(plural_of(schema, name)), len(rows), f'<ul class="plain">\n{"".join(lines)}</ul>\n'
