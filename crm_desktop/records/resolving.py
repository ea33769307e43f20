"""Formulas and roll-ups of the office's fields, tied to the fields they name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.formulas import KINDS, TYPE_WORDS, FormulaError, Node, parse, walk
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.schema import Schema
from crm_desktop.records.formula_sql import SqlFormula
from crm_desktop.records.roll_ups import read_roll_up

log = logging.getLogger(__name__)
Fields = dict[str, Field]
Rows = Mapping[str, Mapping[str, Mapping[str, Any]]]


def resolve(schema: Schema, declared: Mapping[str, Fields], own: dict[str, Fields], computed: Rows) -> None:
    """Put the formulas and roll-ups into the computed ones of ``own``. What cannot be worked out is always empty."""
    plain = {name: {**declared.get(name, {}), **own.get(name, {})} for name in schema.entities}
    for entity, rows in computed.items():
        if entity not in schema.entities:
            continue
        for name, row in rows.items():
            if row["roll_up"]:
                own[entity][name] = _rolled(schema, entity, own[entity][name], row, plain)
    for entity, rows in computed.items():
        if entity not in schema.entities:
            continue
        formulas = {name: row for name, row in rows.items() if row["formula"]}
        for name in formulas:
            _formula(declared.get(entity, {}), own[entity], formulas, name, ())


def _rolled(
    schema: Schema, entity: str, one: Field, row: Mapping[str, Any], fields: Mapping[str, Fields]
) -> Field:  # fmt: skip
    lists = {
        name: [each for each in known.values() if not (each.custom and each.computed)] for name, known in fields.items()
    }
    try:
        made = read_roll_up(row["roll_up"], entity, schema.entities, lists)
    except UserError as error:
        return one.but(formula=SqlFormula("", None, problem=str(error), kind=one.kind))
    source = made.field
    return one.but(
        roll_up=made, kind=made.kind, choices=source.choices if source is not None else (),
        target=source.target if source is not None else "",
    )  # fmt: skip


def _formula(declared: Fields, own: Fields, rows: Mapping[str, Any], name: str, path: tuple[str, ...]) -> Field:
    """The field with its formula; those that it names are resolved before it."""
    one = own[name]
    if one.formula is not None:
        return one
    text = str(rows[name]["formula"])
    own[name] = one.but(formula=SqlFormula(text, None, kind=one.kind))  # what names it from here on is a circle
    try:
        bound = bind(text, one.kind, _Lazy(declared, own, rows, (*path, name)))
    except UserError as error:
        bound = SqlFormula(text, None, problem=str(error), kind=one.kind)
    own[name] = one.but(formula=bound)
    return own[name]


class _Lazy(dict[str, Field]):
    """The fields that a formula may name; other formulas are resolved when they are asked for."""

    def __init__(self, declared: Fields, own: Fields, rows: Mapping[str, Any], path: tuple[str, ...]) -> None:
        super().__init__({**declared, **own})
        self._declared, self._own, self._rows, self._path = declared, own, rows, path

    def __getitem__(self, name: str) -> Field:
        one = super().__getitem__(name)
        if name in self._path:
            raise FieldError("formula", N_("“{label}” would depend on itself."), label=one.label)
        if name in self._rows and one.formula is None:
            one = _formula(self._declared, self._own, self._rows, name, self._path)
        if one.formula is not None and one.formula.problem:
            raise FieldError("formula", N_("“{label}” has no value: {why}"), label=one.label, why=one.formula.problem)
        return one


def refuse_circle(tree: Node, own: str) -> None:
    """Raise where a formula of the field ``own`` names a formula that is made from it."""
    for node in walk(tree):
        if own and node.op == "field" and node.field.formula is not None and own in node.field.formula.names:
            raise FormulaError(node.position, N_("“{label}” would depend on itself."), label=node.field.label)


def bind(text: str, kind: Kind, fields: Mapping[str, Field]) -> SqlFormula:
    """The checked formula of a field of a kind.

    Raises:
        FormulaError: what is wrong, and where.
        FieldError: it depends on itself, or its result does not fit the kind.
    """
    tree = parse(text, fields)
    if kind not in KINDS[tree.type]:
        raise FieldError(
            "kind", N_("The formula gives {type}. Choose a kind for that."), type=translate(TYPE_WORDS[tree.type])
        )
    names = {node.field.name for node in walk(tree) if node.op == "field"}
    for node in walk(tree):
        if node.op == "field":
            fields[node.field.name]  # one that stands in a circle says so here
    inner = {
        name for node in walk(tree) if node.op == "field" and node.field.formula for name in node.field.formula.names
    }
    return SqlFormula(text, tree, frozenset(names | inner), kind=kind)
