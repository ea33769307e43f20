"""The table of promises, as text and as JSON."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from typing import Any

from benchmarks.measure import Result


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "system": platform.platform(), "processors": os.cpu_count(), "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version, "load": round(load, 1) if load is not None else None,
    }  # fmt: skip


def as_text(results: Sequence[Result]) -> str:
    """The table, then the details."""
    rows = [("", "promise", "measured", "promised", "baseline", "ratio")]
    for one in results:
        sign = "≥" if one.at_least else "≤"
        base = "" if one.unit == "x" else _number(one.baseline, one.base_unit or one.unit)
        rows.append((
            "kept" if one.kept else "MISSED", one.what, _number(one.value, one.unit),
            f"{sign} {_number(one.limit, one.unit)}", base, f"{one.ratio:.1f} x",
        ))  # fmt: skip
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for one in results:
        lines += ["", f"{one.what}", f"    baseline: {one.base_what}"]
        if one.cpu is not None:
            lines.append(f"    in processor time: {_number(one.cpu, one.unit)}")
        for name, value in one.details.items():
            if isinstance(value, list) and value and isinstance(value[0], str):
                lines.append(f"    {name}:")
                lines += [f"        {item}" for item in value]
            else:
                lines.append(f"    {name}: {value}")
    return "\n".join(lines)


def as_json(results: Sequence[Result], where: dict[str, Any]) -> str:
    """Everything that was measured."""
    return json.dumps({"machine": where, "results": [one.as_dict() for one in results]}, ensure_ascii=False, indent=1)


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
    return f"{text} {unit}"
