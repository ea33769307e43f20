"""Ready-made ways to work a column out: what a person chooses becomes a formula, and a formula of theirs choices again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from crm_desktop.core import formula_texts
from crm_desktop.core.formulas import FormulaError, Node, parse
from crm_desktop.importing.added_formulas import column_in_brackets, fields_of

JOIN, SPLIT, CASE, CONSTANT, REPLACE, DIGITS, EXPRESSION = (
    "join", "split", "case", "constant", "replace", "digits", "expression",
)  # fmt: skip
KINDS = (JOIN, SPLIT, CASE, CONSTANT, REPLACE, DIGITS, EXPRESSION)
FIRST, SECOND, THIRD, LAST, REST = "first", "second", "third", "last", "rest"
PIECES = (FIRST, SECOND, THIRD, LAST, REST)
CASES = ("proper", "upper", "lower", "trim")
_NUMBERS = {FIRST: 1, SECOND: 2, THIRD: 3, LAST: -1}
_WORDS = {FIRST: "first_word", LAST: "last_word", REST: "other_words"}


@dataclass(frozen=True)
class AddedChoice:
    """One way to work a column out.

    Attributes:
        kind: one of ``KINDS``.
        columns: headers of the columns it is worked out of.
        separator: between joined texts, or where a text is split; a blank stands for any white space when splitting.
        piece: one of ``PIECES``.
        case: one of ``CASES``.
        text: the constant, or what is replaced.
        new: what it is replaced by.
        formula: of an expression.
    """

    kind: str
    columns: tuple[str, ...] = field(default=())
    separator: str = " "
    piece: str = FIRST
    case: str = "proper"
    text: str = ""
    new: str = ""
    formula: str = ""


def formula_of(choice: AddedChoice) -> str:
    """The formula that a choice stands for; "" while something is missing."""
    columns = [column_in_brackets(one) for one in choice.columns]
    if choice.kind == EXPRESSION:
        return choice.formula
    if choice.kind == CONSTANT:
        return quoted(choice.text) if choice.text else ""
    if not columns:
        return ""
    if choice.kind == JOIN:
        return f"join({quoted(choice.separator)}, {', '.join(columns)})"
    if choice.kind == SPLIT:
        return _split(columns[0], choice)
    if choice.kind == CASE:
        return f"{choice.case}({columns[0]})"
    if choice.kind == REPLACE:
        return f"replace({columns[0]}, {quoted(choice.text)}, {quoted(choice.new)})" if choice.text else ""
    return f"digits({columns[0]})"


def _split(column: str, choice: AddedChoice) -> str:
    blank = not choice.separator.strip()
    if blank and choice.piece in _WORDS:
        return f"{_WORDS[choice.piece]}({column})"
    if choice.piece == REST:
        return f"after({column}, {quoted(choice.separator)})"
    return f"part({column}, {quoted(choice.separator)}, {_NUMBERS[choice.piece]})"


def quoted(text: str) -> str:
    """A text as it stands in a formula."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def choice_of(formula: str, headers: Sequence[str]) -> AddedChoice:
    """The choice that a formula stands for; an expression where it is none of the ready-made ones."""
    other = AddedChoice(EXPRESSION, formula=formula)
    try:
        tree = parse(formula, fields_of(headers), formula_texts.FUNCTIONS)
    except FormulaError:
        return other
    read = _READERS.get(tree.op)
    found = read(tree, headers) if read is not None else None
    return found if found is not None and formula_of(found) else other


def _column(node: Node, headers: Sequence[str]) -> str | None:
    return headers[int(node.field.name[1:]) - 1] if node.op == "field" else None


def _constant(node: Node) -> str | None:
    return str(node.value) if node.op == "const" and isinstance(node.value, str) else None


def _read_join(tree: Node, headers: Sequence[str]) -> AddedChoice | None:
    separator, columns = _constant(tree.args[0]), [_column(one, headers) for one in tree.args[1:]]
    if separator is None or None in columns:
        return None
    return AddedChoice(JOIN, tuple(one for one in columns if one is not None), separator)


def _read_word(piece: str) -> Callable[[Node, Sequence[str]], AddedChoice | None]:
    def read(tree: Node, headers: Sequence[str]) -> AddedChoice | None:
        column = _column(tree.args[0], headers)
        return AddedChoice(SPLIT, (column,), " ", piece) if column is not None else None

    return read


def _read_part(tree: Node, headers: Sequence[str]) -> AddedChoice | None:
    column, separator, number = _column(tree.args[0], headers), _constant(tree.args[1]), tree.args[2]
    negative = number.op == "neg"
    number = number.args[0] if negative else number
    if column is None or separator is None or number.op != "const" or not isinstance(number.value, Decimal):
        return None
    wanted = -int(number.value) if negative else int(number.value)
    piece = next((name for name, one in _NUMBERS.items() if one == wanted), "")
    return AddedChoice(SPLIT, (column,), separator, piece) if piece else None


def _read_after(tree: Node, headers: Sequence[str]) -> AddedChoice | None:
    column, separator = _column(tree.args[0], headers), _constant(tree.args[1])
    return AddedChoice(SPLIT, (column,), separator, REST) if column is not None and separator else None


def _read_case(case: str) -> Callable[[Node, Sequence[str]], AddedChoice | None]:
    def read(tree: Node, headers: Sequence[str]) -> AddedChoice | None:
        column = _column(tree.args[0], headers)
        return AddedChoice(CASE, (column,), case=case) if column is not None else None

    return read


def _read_replace(tree: Node, headers: Sequence[str]) -> AddedChoice | None:
    column, old, new = _column(tree.args[0], headers), _constant(tree.args[1]), _constant(tree.args[2])
    if column is None or old is None or new is None:
        return None
    return AddedChoice(REPLACE, (column,), text=old, new=new)


def _read_digits(tree: Node, headers: Sequence[str]) -> AddedChoice | None:
    column = _column(tree.args[0], headers)
    return AddedChoice(DIGITS, (column,)) if column is not None else None


def _read_constant(tree: Node, _headers: Sequence[str]) -> AddedChoice | None:
    text = _constant(tree)
    return AddedChoice(CONSTANT, text=text) if text and tree.type == "text" else None


_READERS: Mapping[str, Callable[[Node, Sequence[str]], AddedChoice | None]] = {
    "more.join": _read_join, "more.first_word": _read_word(FIRST), "more.last_word": _read_word(LAST),
    "more.other_words": _read_word(REST), "more.part": _read_part, "more.after": _read_after,
    "more.proper": _read_case("proper"), "upper": _read_case("upper"), "lower": _read_case("lower"),
    "more.trim": _read_case("trim"), "more.replace": _read_replace, "more.digits": _read_digits, "const": _read_constant,
}  # fmt: skip
