"""Formulas as SQL, the same results on both engines.

Numbers are ten-thousandths throughout (integers or reals in SQLite, numeric in PostgreSQL), dates ISO texts in SQLite and
dates in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm_desktop.core import clock, formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.formula_eval import DAYS_AT_MOST
from crm_desktop.core.formulas import BOOL, DATE, NUMBER, TEXT, Formula, Node
from crm_desktop.core.i18n import _
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import Units
from crm_desktop.records.expressions import Element, expression

_UNIT = 10000


def _op(
    name: str, type_: Any, sqlite: str, postgres: str, joined: str = "", follows: Mapping[str, str] | None = None
) -> Callable[..., Element]:  # fmt: skip
    """A piece of SQL with a spelling for each engine; ``{0}`` is its first argument, ``{all}`` all of them, in SQLite each
    as ``joined`` says.

    Args:
        follows: operations to how this one goes on from them without brackets: brackets in brackets are what the parser
            of SQLite soon has enough of.
    """
    made = type(name, (FunctionElement,), {"type": type_, "inherit_cache": True, "name": name})

    def spelled(template: str, each: str) -> Callable[..., str]:
        def compile_(element: Any, compiler: Any, **options: Any) -> str:
            parts = [compiler.process(one, **options) for one in element.clauses]
            chained = (follows or {}).get(getattr(element.clauses.clauses[0], "name", "")) if parts else None
            if chained:
                return "(" + chained.format(parts[0][1:-1], *parts[1:]) + ")"
            return "(" + template.format(*parts, all=", ".join(each.format(part) for part in parts)) + ")"

        return compile_

    compiles(made)(spelled(sqlite, joined))
    compiles(made, "postgresql")(spelled(postgres, "{0}"))
    return made


_BIG, _TXT, _YES = sa.BigInteger(), sa.Text(), sa.Boolean()
_exact = _op("exact", _BIG, "{0}", "CAST({0} AS numeric)")
_add = _op("add", _BIG, "{0} + {1}", "{0} + {1}", follows=dict.fromkeys(("add", "sub"), "{0} + {1}"))
_sub = _op("sub", _BIG, "{0} - {1}", "{0} - {1}", follows=dict.fromkeys(("add", "sub"), "{0} - {1}"))
_neg = _op("neg", _BIG, "0 - {0}", "0 - {0}")
_abs = _op("abs_", _BIG, "abs({0})", "abs({0})")
_mul = _op("mul", _BIG, "ROUND({0} * {1} / 10000.0) + 0", "round({0} * {1} / 10000)")
_div = _op("div", _BIG, "ROUND({0} * 10000.0 / NULLIF({1}, 0)) + 0", "round({0} * 10000 / NULLIF({1}, 0))")
_mod = _op("mod", _BIG, "CAST({0} AS INTEGER) % NULLIF(CAST({1} AS INTEGER), 0)", "mod({0}, NULLIF({1}, 0))")
_round = _op("round_", _BIG, "ROUND({0} / ({1} * 1.0)) * {1} + 0", "round({0} / {1}) * {1}")
_units_text = _op(
    "units_text", _TXT,
    "CASE WHEN {0} IS NOT NULL THEN rtrim(rtrim(printf('%.4f', {0} / 10000.0), '0'), '.') END",
    "CAST(trim_scale(round({0} / 10000, 4)) AS text)",
)  # fmt: skip
_whole = _op(
    "whole", _BIG, "CASE WHEN abs({0}) < 9e18 THEN CAST(ROUND({0} / 10000.0) AS INTEGER) END",
    "CASE WHEN abs({0}) < 9e18 THEN CAST(round({0} / 10000) AS bigint) END",
)  # fmt: skip
_day = _op("day_", sa.Date(), "{0}", "CAST({0} AS date)")
_text_day = _op(
    "text_day", sa.Date(), "substr({0}, 1, 10)",
    "CASE WHEN {0} LIKE '____-__-__' || chr(37) THEN CAST(left({0}, 10) AS date) END",
)  # fmt: skip
_local_day = _op("local_day", sa.Date(), "crm_day({0})", "CAST({0} AT TIME ZONE {1} AS date)")
_instant = _op("instant_", sa.Date(), "{0}", "CAST({0} AS timestamptz)")
_day_text = _op("day_text", _TXT, "{0}", "to_char({0}, 'YYYY-MM-DD')")
_checked_day = _op(
    "checked_day", _TXT, "CASE WHEN {0} BETWEEN '0001-01-01' AND '9999-12-31' THEN {0} END",
    "CASE WHEN {0} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN to_char({0}, 'YYYY-MM-DD') END",
)  # fmt: skip
_days = _op(
    "days", _BIG, "CAST(julianday({1}) - julianday({0}) AS INTEGER) * 10000", "CAST(({1} - {0}) AS numeric) * 10000"
)
_date_add = _op(
    "date_add", sa.Date(), "date({0}, CAST(CAST({1} / 10000.0 AS INTEGER) % {2} AS TEXT) || ' days')",
    "{0} + CAST(mod(trunc({1} / 10000), {2}) AS int)",
)  # fmt: skip
_parts = {
    "year": _op("year_", _BIG, "CAST(strftime('%Y', {0}) AS INTEGER) * 10000", "EXTRACT(YEAR FROM {0}) * 10000"),
    "month": _op("month_", _BIG, "CAST(strftime('%m', {0}) AS INTEGER) * 10000", "EXTRACT(MONTH FROM {0}) * 10000"),
    "day": _op("day_part", _BIG, "CAST(strftime('%d', {0}) AS INTEGER) * 10000", "EXTRACT(DAY FROM {0}) * 10000"),
}
_length = _op(
    "length_", _BIG, "length(COALESCE({0}, '')) * 10000", "CAST(char_length(COALESCE({0}, '')) AS numeric) * 10000"
)
_SMALL = "".join(c for c in map(chr, range(0x80, 0x530)) if len(c.upper()) == 1 and c.upper().lower() == c != c.upper())
_LARGE = _SMALL.upper()  # spelled out, because a server may know the letters of English only
_upper = _op("upper_", _TXT, "crm_upper({0})", f"upper(translate({{0}}, '{_SMALL}', '{_LARGE}'))")
_lower = _op("lower_", _TXT, "crm_lower({0})", f"lower(translate({{0}}, '{_LARGE}', '{_SMALL}'))")
_left = _op("left_", _TXT, "substr({0}, 1, {1})", "substr({0}, 1, {1})")
_contains = _op(
    "contains_", _YES, "instr(crm_fold(COALESCE({0}, '')), crm_fold(COALESCE({1}, ''))) > 0",
    "strpos(crm_fold(COALESCE({0}, '')), crm_fold(COALESCE({1}, ''))) > 0",
)  # fmt: skip
_same = _op("same", _YES, "{0} IS {1}", "{0} IS NOT DISTINCT FROM {1}")
_join = _op(
    "join_", _TXT, "COALESCE({0}, '') || COALESCE({1}, '')", "COALESCE({0}, '') || COALESCE({1}, '')",
    follows={"join_": "{0} || COALESCE({1}, '')"},
)  # fmt: skip
_folded = _op("folded", _TXT, "NULLIF(crm_fold({0}), '')", "NULLIF(crm_fold({0}), '') COLLATE \"C\"")
_blank = _op("blank", _TXT, "NULLIF({0}, '')", "NULLIF({0}, '')")
_ORDER = {
    op: _op(op, _YES, f"COALESCE({{0}} {sign} {{1}}, 0)", f"COALESCE({{0}} {sign} {{1}}, FALSE)")
    for op, sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="))
}
_MINMAX = {
    (NUMBER, "max"): _op("max_n", _BIG, "NULLIF(max({all}, -9e18), -9e18)", "GREATEST({all})", "COALESCE({0}, -9e18)"),
    (NUMBER, "min"): _op("min_n", _BIG, "NULLIF(min({all}, 9e18), 9e18)", "LEAST({all})", "COALESCE({0}, 9e18)"),
    (DATE, "max"): _op("max_d", sa.Date(), "NULLIF(max({all}, ''), '')", "GREATEST({all})", "COALESCE({0}, '')"),
    (DATE, "min"): _op("min_d", sa.Date(), "NULLIF(min({all}, '~'), '~')", "LEAST({all})", "COALESCE({0}, '~')"),
}


@dataclass(frozen=True)
class SqlFormula(Formula):
    """A formula that knows its SQL."""

    kind: Kind = Kind.NUMBER

    def expression(self, schema: Schema, entity: Entity, source: sa.FromClause) -> Element:
        """The SQL of the formula for a row of the entity's table, as values of its kind are stored."""
        if self.tree is None:
            return sa.type_coerce(sa.null(), Units() if self.kind in _UNIT_KINDS else sa.Text())
        return result(_Writer(schema, entity, source).write(self.tree), self.tree.type, self.kind)


_UNIT_KINDS = (Kind.NUMBER, Kind.MONEY, Kind.PERCENT)


def result(value: Element, type_: str, kind: Kind) -> Element:
    """A finished formula as a field of a kind stores it."""
    if type_ == NUMBER:
        return _whole(value) if kind is Kind.INTEGER else sa.type_coerce(value, Units())
    if type_ == DATE:
        return _checked_day(value)
    return _blank(value) if type_ == TEXT else value


class _Writer:
    def __init__(self, schema: Schema, entity: Entity, source: sa.FromClause) -> None:
        self.schema, self.entity, self.source = schema, entity, source

    def write(self, tree: Node) -> Element:
        if tree.op == "const":
            return self._const(tree)
        if tree.op == "field":
            return self._field(tree.field)
        if tree.op == "today":
            return _day(sa.literal(clock.today().isoformat(), sa.Text()))
        if tree.op == "has_choice":
            column = self._raw(tree.args[0].field)
            return sa.func.coalesce(column.contains(f'"{tree.value}"', autoescape=True), sa.false())
        args = [self.write(one) for one in tree.args]
        if tree.op in ("and", "or"):
            return sa.and_(*args) if tree.op == "and" else sa.or_(*args)
        if tree.op == "not":
            return sa.not_(args[0])
        if tree.op == "if":
            return sa.case((args[0], args[1]), else_=args[2])
        if tree.op in ("eq", "ne", "lt", "le", "gt", "ge"):
            return self._compare(tree, args)
        return self._other(tree, args)

    def _other(self, tree: Node, args: list[Element]) -> Element:
        if tree.op == "join":
            return _join(*(self._text(one, value) for one, value in zip(tree.args, args, strict=True)))
        if tree.op == "coalesce":
            return sa.func.coalesce(*(_blank(one) if tree.type == TEXT else one for one in args), sa.null())
        if tree.op in ("min", "max"):
            return args[0] if len(args) == 1 else _MINMAX[tree.type, tree.op](*args)
        if tree.op == "empty":
            value = _blank(args[0]) if tree.args[0].type == TEXT else args[0]
            return sa.false() if tree.args[0].type == BOOL else value.is_(None)
        if tree.op == "round":
            return _round(args[0], sa.literal(10 ** (4 - tree.value), sa.Integer()))
        if tree.op == "left":
            return _left(args[0], sa.literal(tree.value, sa.Integer()))
        if tree.op == "date_add":
            return _date_add(*args, sa.literal(DAYS_AT_MOST, sa.Integer()))
        return _CALLS[tree.op](*args)

    @staticmethod
    def _const(tree: Node) -> Element:
        if tree.type == NUMBER:
            return _exact(sa.literal(int(tree.value * _UNIT), sa.BigInteger()))
        if tree.type == BOOL:
            return sa.true() if tree.value else sa.false()
        if tree.type == DATE:
            return _day(sa.literal(tree.value, sa.Text()))
        return sa.literal(tree.value, sa.Text()) if tree.type == TEXT else sa.null()

    def _compare(self, tree: Node, args: list[Element]) -> Element:
        if TEXT in (tree.args[0].type, tree.args[1].type):
            args = [_folded(one) if node.type == TEXT else one for one, node in zip(args, tree.args, strict=True)]
        if tree.op == "eq":
            return _same(*args)
        return sa.not_(_same(*args)) if tree.op == "ne" else _ORDER[tree.op](*args)

    def _text(self, tree: Node, value: Element) -> Element:
        if tree.type == NUMBER:
            mark = formats.shape().decimal
            plain = _units_text(value)
            return plain if mark == "." else sa.func.replace(plain, ".", mark)
        if tree.type == BOOL:
            return sa.case((value, _("Yes")), else_=_("No"))
        if tree.type == DATE:
            return _day_text(value)
        if tree.op == "field" and tree.field.kind is Kind.CHOICE and tree.field.choices:
            labels = {one.key: formats.format_value(tree.field, one.key) for one in tree.field.choices}
            return sa.case(*((value == key, label) for key, label in labels.items()), else_=value)
        return value

    def _raw(self, one: Field) -> Element:
        return expression(self.schema, self.entity, one, self.source)

    def _field(self, one: Field) -> Element:
        if one.formula is not None:
            tree = one.formula.tree
            return self.write(tree) if tree is not None else sa.null()
        value = self._raw(one)
        if one.kind in _UNIT_KINDS:
            return _exact(sa.type_coerce(value, sa.BigInteger()))
        if one.kind is Kind.INTEGER:
            return _exact(sa.type_coerce(value, sa.BigInteger()) * _UNIT)
        if one.kind is Kind.BOOL:
            return sa.func.coalesce(value, sa.false())
        if one.kind in LINK_KINDS:
            target = self.schema.entity(one.target)
            other = self.schema.table(target).alias()
            return sa.select(other.c[target.title_field]).where(other.c.id == value).scalar_subquery()
        return self._date(one, value)

    @staticmethod
    def _date(one: Field, value: Element) -> Element:
        if one.kind is Kind.DATE:
            return _text_day(value) if one.custom else _day(sa.type_coerce(value, sa.Text()))
        if one.kind is Kind.LOCAL_DATETIME:
            return _text_day(sa.cast(value, sa.Text()))
        if one.kind is Kind.DATETIME:
            zone = sa.literal(getattr(clock.local_zone(), "key", "UTC"), sa.Text())
            return _local_day(_instant(sa.type_coerce(value, sa.Text())), zone)
        return value


_CALLS: dict[str, Callable[..., Element]] = {
    "add": _add, "sub": _sub, "neg": _neg, "mul": _mul, "div": _div, "mod": _mod, "abs": _abs, "days": _days,
    "length": _length, "upper": _upper, "lower": _lower, "contains": _contains, **_parts,
}  # fmt: skip
