"""Formulas over the cells of a row, compiled to Python functions: ``join(" ", [Nome], [Sobrenome])``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from crm_desktop.core import clock, formula_texts
from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.formula_eval import SIMPLE, compare, text_of
from crm_desktop.core.formula_names import fields_in, with_labels, with_names
from crm_desktop.core.formulas import BOOL, DATE, NUMBER, TEXT, FormulaError, Node, parse
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.core.values import Parser, cell_text, parser_for
from crm_desktop.importing.table import ErrorCell

Value = Callable[[Sequence[Any]], Any]
"""A part of a formula: the cells of a row in, its value out; None is blank."""
_PLACE = re.compile(r"#([0-9]+)$")
_REMEMBERED = 20_000
_ORDERS = ("dmy", "mdy", "ymd")


class Unfit(Exception):
    """A cell that a formula cannot use; the cell that it gives is this one, so that the import tells about it."""

    def __init__(self, cell: Any) -> None:
        super().__init__(cell)
        self.cell = cell


class AddedColumnError(UserError):
    """What is wrong with an added column: its name, and the place in its formula."""

    def __init__(self, name: str, error: FormulaError) -> None:
        super().__init__(
            N_("The column “{name}” cannot be worked out. Character {position} of its formula: {reason}"),
            name=name, position=error.position + 1, reason=str(error),
        )  # fmt: skip
        self.error = error


def fields_of(headers: Sequence[str]) -> dict[str, Field]:
    """The columns of a file as fields of a formula: "#1" is the first, its header the label."""
    return {f"#{n}": Field(f"#{n}", _written(header), Kind.TEXT, custom=True) for n, header in enumerate(headers, 1)}


def _written(header: str) -> str:
    """A header as it can stand in brackets."""
    return header.replace("[", "(").replace("]", ")")


def column_in_brackets(header: str) -> str:
    """A column as it stands in a formula."""
    return f"[{_written(header)}]"


def by_place(formula: str, headers: Sequence[str]) -> str:
    """The formula with its columns by their places: "[#1]"."""
    return with_names(formula, fields_of(headers))


def by_header(formula: str, headers: Sequence[str]) -> str:
    """The formula with its columns by their headers, as people read it."""
    return with_labels(formula, fields_of(headers))


def columns_in(formula: str, headers: Sequence[str]) -> list[str]:
    """The names in brackets of which a file has no column."""
    known = {*fields_of(headers), *(fold(_written(header)) for header in headers)}
    try:
        found = [name.strip() for _start, _end, name in fields_in(formula)]
    except FormulaError:
        return []
    return [name for name in found if name not in known and fold(name) not in known]


def compile_formula(name: str, formula: str, headers: Sequence[str]) -> Value:
    """A function from the cells of a row to the cell of an added column.

    Args:
        name: of the added column, for errors.
        headers: of the columns that it may use, in their order.

    Raises:
        AddedColumnError: the formula is not right, or it names a column that is not there.
    """
    try:
        tree = parse(formula, fields_of(headers), formula_texts.FUNCTIONS)
        work = _compiled(tree)
    except FormulaError as error:
        raise AddedColumnError(name, error) from error

    def cell(cells: Sequence[Any]) -> Any:
        try:
            value = work(cells)
        except Unfit as unfit:
            return unfit.cell
        if type(value) is Decimal:
            return int(value) if value == value.to_integral_value() else float(value)
        return None if value == "" else value

    return cell


def _compiled(node: Node) -> Value:
    op = node.op
    if op == "const":
        value = date.fromisoformat(node.value) if node.type == DATE else node.value
        return lambda _cells: value
    if op == "field":
        return _text_cell(_place(node))
    if op in (NUMBER, DATE):
        return _converted(node)
    if op == "today":
        return lambda _cells: clock.today()
    args = [_compiled(one) for one in node.args]
    if op in ("if", "and", "or", "not", "empty", "more.blank"):
        return _condition(op, args)
    if op in ("coalesce", "min", "max"):
        return _first(op, args)
    if op == "join":
        return _joined(node, args)
    if op in ("eq", "ne", "lt", "le", "gt", "ge"):
        left, right = args
        kind = node.args[0].type if node.args[0].type in (NUMBER, TEXT, DATE, BOOL) else node.args[1].type
        if kind != TEXT and op not in ("eq", "ne"):
            return _ordered(_ORDER[op], left, right)
        return lambda cells: compare(op, kind, left(cells), right(cells))
    if op == "contains":
        whole, piece = args
        return lambda cells: fold(piece(cells) or "") in fold(whole(cells) or "")
    if op == "length":
        return lambda cells: Decimal(len(args[0](cells) or ""))
    return _function(node, args)


def _place(node: Node) -> int:
    found = _PLACE.match(node.field.name)
    assert found is not None
    return int(found[1]) - 1


def _raw(place: int) -> Value:
    def cell(cells: Sequence[Any]) -> Any:
        value = cells[place] if place < len(cells) else None
        if type(value) is ErrorCell:
            raise Unfit(value)
        return value

    return cell


def _text_cell(place: int) -> Value:
    raw = _raw(place)

    def text(cells: Sequence[Any]) -> str | None:
        value = raw(cells)
        if value is None or type(value) is bytes:
            return None
        return (value if type(value) is str else cell_text(value)).strip() or None

    return text


def _converted(node: Node) -> Value:
    """A number or a date from a text or from the cell itself."""
    inner = node.args[0]
    source = _raw(_place(inner)) if inner.op == "field" else _compiled(inner)
    how = node.args[1] if len(node.args) > 1 else None
    if how is not None and (how.op != "const" or how.value not in (*_ORDERS, ",", ".")):
        raise FormulaError(how.position, N_("Write “,” or “.” for numbers; “dmy”, “mdy” or “ymd” for dates."))
    chosen = str(how.value) if how is not None else None
    if how is not None and (chosen in _ORDERS) != (node.op == DATE):
        raise FormulaError(how.position, N_("Write “,” or “.” for numbers; “dmy”, “mdy” or “ymd” for dates."))
    parser: Parser = (
        parser_for(Kind.NUMBER, decimal=chosen) if node.op == NUMBER
        else parser_for(Kind.DATE, date_order=chosen, serial="1900", words=False)
    )  # fmt: skip

    @lru_cache(maxsize=_REMEMBERED)  # columns say the same again and again
    def of_text(text: str) -> Any:
        return parser(text)

    def value(cells: Sequence[Any]) -> Any:
        raw = source(cells)
        try:
            return of_text(raw) if type(raw) is str else parser(raw)
        except FieldError:
            raise Unfit(cell_text(raw)) from None

    return value


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip


def _ordered(holds: Callable[[Any, Any], bool], left: Value, right: Value) -> Value:
    """A comparison of numbers or dates; nothing is smaller or larger than a blank."""

    def value(cells: Sequence[Any]) -> bool:
        a, b = left(cells), right(cells)
        return a is not None and b is not None and holds(a, b)

    return value


def _condition(op: str, args: Sequence[Value]) -> Value:
    if op == "if":
        test, then, otherwise = args
        return lambda cells: then(cells) if test(cells) else otherwise(cells)
    if op == "and":
        return lambda cells: all(one(cells) for one in args)
    if op == "or":
        return lambda cells: any(one(cells) for one in args)
    [only] = args
    if op == "not":
        return lambda cells: not only(cells)
    return lambda cells: only(cells) in (None, "")


def _first(op: str, args: Sequence[Value]) -> Value:
    if op == "coalesce":
        return lambda cells: next((value for one in args if (value := one(cells)) not in (None, "")), None)
    choose: Callable[..., Any] = min if op == "min" else max
    return lambda cells: choose((value for one in args if (value := one(cells)) is not None), default=None)


def _joined(node: Node, args: Sequence[Value]) -> Value:
    """What stands between "&": texts as they are, others as they are written."""
    pairs = tuple(zip(node.args, args, strict=True))
    if all(one.type == TEXT for one in node.args):
        return lambda cells: "".join(value for one in args if (value := one(cells)))
    return lambda cells: "".join(text_of(one, part(cells)) for one, part in pairs)


def _function(node: Node, args: Sequence[Value]) -> Value:
    name = node.op.removeprefix("more.")
    if node.op == "more.join":
        return lambda cells: formula_texts.join(*(one(cells) for one in args))
    if node.op.startswith("more."):
        work, first, others = formula_texts.PYTHON[name], args[0], tuple(args[1:])

        def texts(cells: Sequence[Any]) -> Any:
            value = first(cells)
            if value is None:
                return None if node.type != BOOL else False
            return work(value, *(one(cells) for one in others))

        return texts
    simple = SIMPLE[node.op]

    def value(cells: Sequence[Any]) -> Any:
        given = [one(cells) for one in args]
        return None if any(one is None for one in given) else simple(node, *given)

    return value
