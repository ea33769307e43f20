"""Phones, profiles, addresses and documents of a record in words: a label and a text each, for cards and for paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crm_desktop.core import formats
from crm_desktop.core.addresses import format_address
from crm_desktop.core.entities import Entity
from crm_desktop.core.i18n import _
from crm_desktop.core.identifiers import format_identifier
from crm_desktop.core.phones import format_phone
from crm_desktop.core.reach import network_of, profile_text
from ui.records.shown import choice_of, choice_text

Row = Mapping[str, Any]
SHOWN_CHILDREN = ("points", "addresses", "identifiers")
_ADDRESS = ("street", "street2", "district", "city", "region", "postcode", "country")
_WITH_COUNTRY = ("passport", "licence", "other", "rut", "dni")
_SAID_BY_LABEL = ("mobile", "fax")


def sorted_rows(rows: Iterable[Row]) -> list[Row]:
    """The rows, those of one kind together, the one that is used first before the others."""
    given = list(rows)
    kinds = list(dict.fromkeys(row.get("kind") for row in given))
    return sorted(given, key=lambda row: (kinds.index(row.get("kind")), not row.get("is_primary"), row["id"]))


def address_lines(row: Row) -> list[str]:
    """The lines of an address in the order of its country."""
    return format_address(**{name: row[name] for name in _ADDRESS})


def words_of(spec: Entity, name: str, row: Row) -> tuple[str, str]:
    """The label and the text of a row of ``points``, ``addresses`` or ``identifiers``."""
    if name == "points":
        return _point(spec, row)
    if name == "addresses":
        return _labelled(spec, name, _("Address"), row["label"]), ", ".join(address_lines(row))
    label, value = _word(spec, name, "kind", row["kind"]), str(row["value"] or "")
    country = formats.country_name(row["country"]) if row["kind"] in _WITH_COUNTRY else ""
    if country:
        label = _("{kind}, {label}").format(kind=label, label=country)
    return label, value if row["unchecked"] else format_identifier(row["kind"], value, row["country"])


def reach_lines(spec: Entity, children: Mapping[str, Iterable[Row]]) -> list[tuple[str, str]]:
    """Everything of a record as (label, text), for a document."""
    return [
        words_of(spec, child.name, row)
        for child in spec.children
        if child.name in SHOWN_CHILDREN
        for row in sorted_rows(children.get(child.name, ()))
    ]


def _point(spec: Entity, row: Row) -> tuple[str, str]:
    kind, value = str(row["kind"]), str(row["value"] or "")
    network = network_of(value) if kind in ("messenger", "social") else None
    label = network.name if network else _word(spec, "points", "kind", kind)
    if kind == "phone":
        if row["label"] in _SAID_BY_LABEL:
            label = _word(spec, "points", "label", row["label"])
        text = format_phone(value, formats.default_country())
    elif network:
        text = profile_text(value).partition(" · ")[2] or network.name
    else:
        text = value if kind == "email" else profile_text(value)
    said = None if kind == "phone" and row["label"] in _SAID_BY_LABEL else row["label"]
    return _labelled(spec, "points", label, said), text


def _labelled(spec: Entity, child: str, kind: str, label: str | None) -> str:
    if not label:
        return kind
    return _("{kind}, {label}").format(kind=kind, label=_word(spec, child, "label", label).lower())


def _word(spec: Entity, child: str, name: str, key: str | None) -> str:
    fields = next(one.fields for one in spec.children if one.name == child)
    field = next(one for one in fields if one.name == name)
    choice = choice_of(field, key)
    return choice_text(field, choice) if choice else str(key or "")
