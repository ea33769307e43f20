"""The shape of computed fields: numbers that follow from other tables, as SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import sqlalchemy as sa

Expressions: TypeAlias = dict[tuple[str, str], Callable[[sa.Table], sa.ColumnElement[Any]]]
"""(record type, field) to the function that gives the field's SQL over the record type's table."""
