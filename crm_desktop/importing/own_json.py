"""The JSON files that this program writes, as the table that the same records would be; see ``exporting/json_file.py``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_desktop.importing.named_table import NamedTable
from crm_desktop.importing.table import Row
from crm_desktop.records import compound

_MARK = '"format": "crm-desktop-records"'
_RECORDS = '"records": ['
_HEAD_MOST = 4 << 20


def open_own(path: Path) -> NamedTable | None:
    """The table of one of our own files; None where it is not one, or was written anew by another program."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        if _MARK not in file.read(200):
            return None
        file.seek(0)
        lines: list[str] = []
        size = 0
        for line in file:
            lines.append(line)
            size += len(line)
            if line.rstrip().endswith(_RECORDS):
                break
            if size > _HEAD_MOST:
                return None
        else:
            return None
    try:
        head = json.loads("".join(lines).rstrip().removesuffix(_RECORDS).rstrip().rstrip(",") + "}")
        columns = [(str(key), str(header)) for key, header in head["columns"]]
    except (ValueError, KeyError, TypeError):
        return None
    names = [key for key, _header in columns]
    return NamedTable(
        str(head.get("label") or ""), tuple(header for _key, header in columns),
        lambda: _rows(path, len(lines), names), encoding="utf-8", keep_empty=True,
    )  # fmt: skip


def _rows(path: Path, skipped: int, names: Sequence[str]) -> Iterator[Row]:
    number = 0
    with path.open(encoding="utf-8-sig") as file:
        for at, line in enumerate(file):
            text = line.strip().rstrip(",")
            if at < skipped or not text.startswith("{"):
                continue
            number += 1
            record = json.loads(text)
            yield number, [_cell(record, name) for name in names]


def _cell(record: Mapping[str, Any], key: str) -> Any:
    """What a column of the table says of a record."""
    if key == "@id":
        return record.get("id")
    if key == "external_id":
        return compound.join_list(str(one.get("value")) for one in record.get("external_ids", ()))
    if key.startswith("links."):
        return _linked(record, key.removeprefix("links."))
    stem, sharp, rest = key.partition("#")
    if sharp and not key.startswith("custom.") and "points" in record and not _is_address(stem):
        number, _dot, part = rest.partition(".")
        mine = [one for one in record["points"] if one.get("kind") == stem]
        return _nth(mine, int(number)).get("label" if part else "value")
    if _is_address(stem) and key not in record:
        part = {"address_type": "label"}.get(stem, stem)
        return _nth(record.get("addresses", ()), int(rest) if rest else 1).get(part)
    if key.endswith("@id"):
        value = record.get(key.removesuffix("@id"))
        return value.get("id") if isinstance(value, dict) else None
    return _text(key, record.get(key))


def _is_address(stem: str) -> bool:
    return stem in ("street", "street2", "district", "city", "region", "postcode", "country", "address_type")


def _linked(record: Mapping[str, Any], key: str) -> Any:
    entity, _sharp, rest = key.partition("#")
    number, at, _id = rest.partition("@")
    mine = [one for one in record.get("links", ()) if one.get("entity") == entity]
    return _nth(mine, int(number)).get("id" if at else "title")


def _nth(rows: Sequence[Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    return rows[number - 1] if len(rows) >= number else {}


def _text(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("title")
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "\n".join(
            "; ".join(f"{name}: {_escaped(one)}" for name, one in row.items() if one not in (None, "", False))
            for row in value
        )
    if isinstance(value, list):
        return (
            ", ".join(str(one) for one in value) if key == "exdates" else compound.join_list(str(one) for one in value)
        )
    return value


def _escaped(value: Any) -> str:
    return compound.escape("1" if value is True else str(value))
