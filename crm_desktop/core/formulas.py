"""The language of formula fields: read, checked, tied to fields.

``[Amount] * (1 - [Discount] / 100)``, ``if([Stage] = "Won", "yes", "no")``, ``days([Starts], today())``. Fields stand in
brackets, by their label or their name. Numbers have four places; a calculation with an empty value is empty, and so is
a division by zero. Comparisons are never empty: two empty values are equal, nothing is smaller than an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm_desktop.core.fields import LINK_KINDS, TEXT_KINDS, Field, Kind
from crm_desktop.core.formula_names import find_field
from crm_desktop.core.formula_words import FormulaError as FormulaError
from crm_desktop.core.formula_words import Word, words_of
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.text import fold

NUMBER, TEXT, DATE, BOOL, ANY = "number", "text", "date", "bool", "any"
TYPE_WORDS = {
    NUMBER: N_("a number"), TEXT: N_("a text"), DATE: N_("a date"), BOOL: N_("yes or no"), ANY: N_("nothing"),
}  # fmt: skip
KINDS = {
    NUMBER: (Kind.NUMBER, Kind.INTEGER, Kind.MONEY, Kind.PERCENT), TEXT: (Kind.TEXT,), DATE: (Kind.DATE,), BOOL: (Kind.BOOL,),
}  # fmt: skip
"""The kinds that a field with a result of this type can have, the usual one first."""
LONGEST, DEEPEST = 4000, 60
TALLEST, MOST_PARTS = 100, 2000
"""How many parts of a formula may stand in each other, and how many there may be, formulas that it names included."""
HEAVIEST = 60
"""What the parts that stand in each other may weigh together. SQLite reads no statement in which more than a hundred
things wait to be closed; what is over this is refused, since a field must not keep its list from being read."""
_WEIGHTS = {
    "and": 3, "or": 3, "not": 1, "if": 4.5, "round": 5, "add": 3, "sub": 3, "neg": 3, "mul": 6, "div": 9, "join": 7,
    "coalesce": 8, "min": 13, "max": 13, "eq": 8, "ne": 8, "contains": 8, "field": 4,
}  # fmt: skip
_CHAINS = ({"add", "sub"}, {"join"})
"""What goes on from its first part without weighing more: 1 + 2 + 3."""
_LARGEST = Decimal(10) ** 14


@dataclass(frozen=True)
class Node:
    """A part of a formula. ``op`` is "const", "field", or what is done with ``args``."""

    op: str
    type: str
    args: tuple[Node, ...] = ()
    value: Any = None
    position: int = 0

    @property
    def field(self) -> Field:
        """The field of a "field" node."""
        assert isinstance(self.value, Field)
        return self.value


@dataclass(frozen=True)
class Formula:
    """A checked formula. ``names`` are the fields that it looks at; ``problem`` says why it cannot be worked out."""

    text: str
    tree: Node | None
    names: frozenset[str] = frozenset()
    problem: str = ""

    def expression(self, schema: Any, entity: Any, source: Any) -> Any:
        """The SQL of the formula; given by the layer that knows SQL."""
        raise NotImplementedError


# -- reading ---------------------------------------------------------------------------------------------------------

_COMPARISONS = {"=": "eq", "==": "eq", "!=": "ne", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
FUNCTIONS: dict[str, str] = {
    "if": N_("if(condition, then, else)"), "round": N_("round(number, places)"), "abs": N_("abs(number)"),
    "min": N_("min(a, b, …)"), "max": N_("max(a, b, …)"), "today": N_("today()"), "days": N_("days(from, to)"),
    "year": N_("year(date)"), "month": N_("month(date)"), "day": N_("day(date)"), "date": N_('date("2026-12-31")'),
    "length": N_("length(text)"), "upper": N_("upper(text)"), "lower": N_("lower(text)"), "left": N_("left(text, letters)"),
    "contains": N_("contains(text, part)"), "coalesce": N_("coalesce(a, b, …): the first one that is not empty"),
    "empty": N_("empty(value)"),
}  # fmt: skip
"""Every function and how it is written."""


@dataclass(frozen=True)
class Function:
    """A function of formulas that are worked out in memory only: how it is written, the types it takes and gives.

    The last ``optional`` types may be left out; ``more`` of the last type may follow. ANY takes every type.
    """

    form: str
    takes: tuple[str, ...]
    gives: str = TEXT
    optional: int = 0
    more: bool = False


def parse(text: str, fields: Mapping[str, Field], functions: Mapping[str, Function] | None = None) -> Node:
    """The checked tree of a formula.

    Args:
        functions: more functions than those of formula fields. With them the formula is for values that are texts at
            first: where a number is wanted, a text is read as one.

    Raises:
        FormulaError: with the place of what is wrong.
    """
    if not text.strip():
        raise FormulaError(0, N_("Write a formula, for example [Amount] * 2."))
    if len(text) > LONGEST:
        raise FormulaError(LONGEST, N_("This formula is too long."))
    reader = _Reader(text, words_of(text), fields, functions)
    tree = reader.either()
    if reader.word is not None:
        raise FormulaError(
            reader.word.start, N_("“{text}” is not expected here."), text=reader.word.text,
            length=reader.word.end - reader.word.start,
        )  # fmt: skip
    if tree.type == ANY:
        raise FormulaError(0, N_("This formula is always empty."))
    if functions is None:
        _refuse_large(tree)
    return tree


def _refuse_large(tree: Node) -> None:
    """Raise where a formula, with those that it names, is more than a database can work out."""
    open_, count = [(tree, 1, 0.0)], 0
    while open_:
        node, level, weight = open_.pop()
        count += 1
        if level > TALLEST or weight > HEAVIEST:
            raise FormulaError(0, N_("This formula is nested too deeply."))
        if count > MOST_PARTS:
            raise FormulaError(0, N_("This formula is too long."))
        inner = node.field.formula.tree if node.op == "field" and node.field.formula is not None else None
        more = weight + _WEIGHTS.get(node.op, 5 if node.args else 0)
        for number, one in enumerate((*node.args, *((inner,) if inner is not None else ()))):
            on = number == 0 and any({node.op, one.op} <= chain for chain in _CHAINS)
            open_.append((one, level + 1, weight if on else more))


class _Reader:
    def __init__(
        self, text: str, words: list[Word], fields: Mapping[str, Field], functions: Mapping[str, Function] | None
    ) -> None:
        self.text, self.words, self.fields, self.functions = text, words, fields, functions
        self.at = self.depth = 0

    @property
    def word(self) -> Word | None:
        return self.words[self.at] if self.at < len(self.words) else None

    def take(self, *texts: str) -> Word | None:
        word = self.word
        if word is not None and word.kind in ("sign", "name") and word.text.lower() in texts:
            self.at += 1
            return word
        return None

    def need(self, text: str) -> None:
        if self.take(text) is None:
            start = self.word.start if self.word is not None else len(self.text)
            raise FormulaError(start, N_("“{text}” is missing here."), text=text)

    def either(self) -> Node:
        self._deeper()
        left = self.both()
        while word := self.take("or"):
            left = self._logic("or", word, left, self.both())
        self.depth -= 1
        return left

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(self.word.start if self.word else 0, N_("This formula is nested too deeply."))

    def both(self) -> Node:
        left = self.negated()
        while word := self.take("and"):
            left = self._logic("and", word, left, self.negated())
        return left

    def _logic(self, op: str, word: Word, left: Node, right: Node) -> Node:
        for one in (left, right):
            if one.type != BOOL:
                raise FormulaError(one.position, N_("“{op}” joins conditions; this is {type}."), op=word.text,
                                   type=translate(TYPE_WORDS[one.type]))  # fmt: skip
        return Node(op, BOOL, (left, right), position=left.position)

    def negated(self) -> Node:
        word = self.take("not")
        if word is None:
            return self.comparison()
        self._deeper()
        inner = self.negated()
        self.depth -= 1
        if inner.type != BOOL:
            raise FormulaError(inner.position, N_("“not” needs a condition; this is {type}."),
                               type=translate(TYPE_WORDS[inner.type]))  # fmt: skip
        return Node("not", BOOL, (inner,), position=word.start)

    def comparison(self) -> Node:
        left = self.joined()
        word = self.take(*_COMPARISONS)
        if word is None:
            return left
        right = self.joined()
        left, right = _choice_key(left, right), _choice_key(right, left)
        left, right = self._alike(left, right)
        op = _COMPARISONS[word.text]
        if ANY in (left.type, right.type):
            if op not in ("eq", "ne"):
                raise FormulaError(
                    word.start, N_("Nothing is smaller or larger than an empty value."), length=len(word.text)
                )
        elif left.type != right.type:
            raise FormulaError(
                word.start, N_("{left} cannot be compared with {right}."), left=translate(TYPE_WORDS[left.type]),
                right=translate(TYPE_WORDS[right.type]), length=len(word.text),
            )  # fmt: skip
        elif left.type == BOOL and op not in ("eq", "ne"):
            raise FormulaError(word.start, N_("Yes and no are neither smaller nor larger."), length=len(word.text))
        return Node(op, BOOL, (left, right), position=left.position)

    def joined(self) -> Node:
        left = self.sum()
        while self.take("&"):
            left = Node("join", TEXT, (left, self.sum()), position=left.position)
        return left

    def sum(self) -> Node:
        left = self.product()
        while word := self.take("+", "-"):
            left = self._sum(word, left, self.product())
        return left

    def _alike(self, left: Node, right: Node) -> tuple[Node, Node]:
        """Two values of which one is a number: the other too, where texts may be read as numbers."""
        types = {left.type, right.type}
        if self.functions is not None and types in ({TEXT, NUMBER}, {TEXT, DATE}):
            wanted = NUMBER if NUMBER in types else DATE
            return self._read_as(left, wanted), self._read_as(right, wanted)
        return left, right

    @staticmethod
    def _read_as(one: Node, wanted: str) -> Node:
        """A text as a number or a date; others as they are."""
        return Node(wanted, wanted, (one,), position=one.position) if one.type == TEXT and wanted != TEXT else one

    def _sum(self, word: Word, left: Node, right: Node) -> Node:
        left, right = self._alike(left, right)
        types = (left.type, right.type)
        if types == (NUMBER, NUMBER):
            return Node("add" if word.text == "+" else "sub", NUMBER, (left, right), position=left.position)
        if types == (DATE, NUMBER):
            moved = right if word.text == "+" else Node("neg", NUMBER, (right,), position=right.position)
            return Node("date_add", DATE, (left, moved), position=left.position)
        if types == (DATE, DATE) and word.text == "-":
            return Node("days", NUMBER, (right, left), position=left.position)
        if TEXT in types:
            raise FormulaError(
                word.start, N_("“{sign}” is for numbers and dates. Join texts with &."), sign=word.text, length=1
            )
        raise FormulaError(
            word.start, N_("“{sign}” needs numbers, or a date and a number of days."), sign=word.text, length=1
        )

    def product(self) -> Node:
        left = self.unary()
        while word := self.take("*", "/", "%"):
            right = self.unary()
            left, right = self._number(left, word.text), self._number(right, word.text)
            op = {"*": "mul", "/": "div", "%": "mod"}[word.text]
            left = Node(op, NUMBER, (left, right), position=left.position)
        return left

    def unary(self) -> Node:
        word = self.take("-", "+")
        if word is None:
            return self.atom()
        self._deeper()
        inner = self.unary()
        self.depth -= 1
        inner = self._number(inner, word.text)
        return inner if word.text == "+" else Node("neg", NUMBER, (inner,), position=word.start)

    def _number(self, one: Node, sign: str) -> Node:
        if self.functions is not None:
            one = self._read_as(one, NUMBER)
        if one.type != NUMBER:
            raise FormulaError(one.position, N_("“{sign}” needs numbers; this is {type}."), sign=sign,
                               type=translate(TYPE_WORDS[one.type]))  # fmt: skip
        return one

    def atom(self) -> Node:
        word = self.word
        if word is None:
            raise FormulaError(len(self.text), N_("The formula ends here, but something is still missing."))
        self.at += 1
        if word.kind == "number":
            return self._constant(word)
        if word.kind == "text":
            return Node("const", TEXT, value=re.sub(r"\\(.)", r"\1", word.text), position=word.start)
        if word.kind == "field":
            return self._field(word, word.text)
        if word.kind == "name":
            return self._name(word)
        if word.text == "(":
            inner = self.either()
            self.need(")")
            return inner
        raise FormulaError(word.start, N_("“{text}” is not expected here."), text=word.text, length=len(word.text))

    @staticmethod
    def _constant(word: Word) -> Node:
        value = Decimal(word.text)
        if value >= _LARGEST:
            raise FormulaError(
                word.start, N_("“{text}” is too large. Check the number of digits."), text=word.text[:20],
                length=len(word.text),
            )  # fmt: skip
        return Node("const", NUMBER, value=value.quantize(Decimal("0.0001")), position=word.start)

    def _name(self, word: Word) -> Node:
        lower = word.text.lower()
        if self.word is not None and self.word.text == "(" and self.word.kind == "sign":
            return self._call(word, lower)
        if lower in ("true", "false", "yes", "no"):
            return Node("const", BOOL, value=lower in ("true", "yes"), position=word.start)
        if lower in ("null", "nothing"):
            return Node("const", ANY, position=word.start)
        return self._field(word, word.text)

    def _field(self, word: Word, name: str) -> Node:
        one = find_field(name, self.fields)
        if one is None:
            raise FormulaError(word.start, N_("There is no field “{name}”."), name=name, length=word.end - word.start)
        found = type_of(one)
        if found is None:
            raise FormulaError(
                word.start, N_("“{name}” cannot be used in a formula."), name=name, length=word.end - word.start
            )
        return Node("field", found, value=one, position=word.start)

    # -- functions ---------------------------------------------------------------------------------------------

    def _call(self, word: Word, name: str) -> Node:
        more = self.functions or {}
        if name not in FUNCTIONS and name not in more:
            raise FormulaError(word.start, N_("There is no function “{name}”. There are: {known}."), name=word.text,
                               known=", ".join({**FUNCTIONS, **more}), length=len(word.text))  # fmt: skip
        self.need("(")
        args: list[Node] = []
        if not self.take(")"):
            args.append(self.either())
            while self.take(",", ";"):
                args.append(self.either())
            self.need(")")
        if name in more:
            return self._given(word, name, more[name], args)
        return self._checked(word, name, args)

    def _wrong(self, word: Word, name: str) -> FormulaError:
        form = self.functions[name].form if self.functions and name in self.functions else FUNCTIONS[name]
        return FormulaError(word.start, N_("It is written {form}."), form=translate(form), length=len(word.text))

    def _given(self, word: Word, name: str, function: Function, args: list[Node]) -> Node:
        """A call of one of the additional functions."""
        takes = function.takes
        if function.more and len(args) > len(takes):
            takes += (takes[-1],) * (len(args) - len(takes))
        if not len(takes) - function.optional <= len(args) <= len(takes):
            raise self._wrong(word, name)
        fitted = []
        for one, wanted in zip(args, takes, strict=False):
            if wanted == TEXT and one.type not in (TEXT, ANY):
                one = Node("join", TEXT, (one,), position=one.position)
            one = self._read_as(one, wanted) if wanted in (NUMBER, DATE) else one
            if ANY not in (wanted, one.type) and wanted != one.type:
                raise self._wrong(word, name)
            fitted.append(one)
        op = name if name in (NUMBER, DATE) else f"more.{name}"
        return Node(op, function.gives, tuple(fitted), position=word.start)

    def _checked(self, word: Word, name: str, args: list[Node]) -> Node:
        types, at = [one.type for one in args], word.start
        if name == "if" and len(args) == 3 and types[0] == BOOL:
            return Node("if", self._common(word, args[1:]), tuple(args), position=at)
        if name in ("coalesce", "min", "max") and args:
            common = self._common(word, args)
            if name == "coalesce" or common in (NUMBER, DATE):
                return Node(name, common, tuple(args), position=at)
        if name in ("round", "left") and 1 <= len(args) <= 2 and types[0] == (NUMBER if name == "round" else TEXT):
            return self._with_count(word, name, args)
        if name == "contains" and len(args) == 2:
            return self._contains(word, args)
        if name == "empty" and len(args) == 1:
            return Node("empty", BOOL, tuple(args), position=at)
        if name == "date" and types == [TEXT] and args[0].op == "const" and _is_day(args[0].value):
            return Node("const", DATE, value=args[0].value, position=at)
        simple = {
            "abs": ([NUMBER], NUMBER), "today": ([], DATE), "days": ([DATE, DATE], NUMBER), "year": ([DATE], NUMBER),
            "month": ([DATE], NUMBER), "day": ([DATE], NUMBER), "length": ([TEXT], NUMBER), "upper": ([TEXT], TEXT),
            "lower": ([TEXT], TEXT),
        }  # fmt: skip
        if name in simple and types == simple[name][0]:
            return Node(name, simple[name][1], tuple(args), position=at)
        raise self._wrong(word, name)

    def _common(self, word: Word, args: list[Node]) -> str:
        found = {one.type for one in args} - {ANY}
        if len(found) > 1:
            words = " / ".join(translate(TYPE_WORDS[one]) for one in sorted(found))
            raise FormulaError(word.start, N_("All values must be of one sort; here are: {types}."), types=words,
                               length=len(word.text))  # fmt: skip
        return found.pop() if found else ANY

    def _with_count(self, word: Word, name: str, args: list[Node]) -> Node:
        count = args[1] if len(args) == 2 else Node("const", NUMBER, value=Decimal(0))
        most = 4 if name == "round" else 1000
        if count.op != "const" or count.type != NUMBER or count.value != int(count.value) or count.value > most:
            raise self._wrong(word, name)
        return Node(name, args[0].type, (args[0],), value=int(count.value), position=word.start)

    def _contains(self, word: Word, args: list[Node]) -> Node:
        if args[0].op == "field" and args[0].field.kind is Kind.CHOICES and args[1].op == "const":
            key = _choice_key(args[1], args[0])
            return Node("has_choice", BOOL, (args[0],), value=key.value, position=word.start)
        if [one.type for one in args] != [TEXT, TEXT]:
            raise self._wrong(word, "contains")
        return Node("contains", BOOL, tuple(args), position=word.start)


def type_of(one: Field) -> str | None:
    """What a field is in a formula; None where it cannot be used."""
    if one.kind in KINDS[NUMBER]:
        return NUMBER
    if one.kind in (Kind.DATE, Kind.DATETIME, Kind.LOCAL_DATETIME):
        return DATE
    if one.kind is Kind.BOOL:
        return BOOL
    return TEXT if one.kind in TEXT_KINDS | LINK_KINDS | {Kind.CHOICES} else None


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _choice_key(one: Node, other: Node) -> Node:
    """A text that names a choice of the field on the other side, as the key that is stored."""
    if (
        one.op != "const"
        or one.type != TEXT
        or other.op != "field"
        or other.field.kind not in (Kind.CHOICE, Kind.CHOICES)
    ):
        return one
    wanted = fold(str(one.value))
    for choice in other.field.choices:
        label = choice.label if other.field.custom else translate(choice.label)
        if wanted in (fold(choice.key), fold(label), fold(choice.label)):
            return Node("const", TEXT, value=choice.key, position=one.position)
    known = ", ".join(c.label if other.field.custom else translate(c.label) for c in other.field.choices)
    raise FormulaError(one.position, N_("“{text}” is none of the choices: {known}."), text=one.value, known=known,
                       length=len(str(one.value)) + 2)  # fmt: skip


def walk(tree: Node) -> Iterator[Node]:
    """Every node of a tree."""
    yield tree
    for one in tree.args:
        yield from walk(one)
