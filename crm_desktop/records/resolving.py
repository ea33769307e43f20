"""Formulas and roll-ups of the office's fields, tied to the fields they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_desktop.core.fields import Field
from crm_desktop.db.schema import Schema

Fields = dict[str, Field]


def resolve(
    schema: Schema, declared: Mapping[str, Fields], own: dict[str, Fields], computed: Mapping[str, Mapping[str, Any]]
) -> None:
    """Put the formulas and roll-ups into the computed ones of ``own``."""
