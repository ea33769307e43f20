"""Reports as data: what each is called, which parameters it takes, and how their texts are read and checked."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol, TypeAlias

from crm_desktop.core import formats, periods
from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.core.i18n import N_, _
from crm_desktop.reporting.document import Document, Organisation

ParameterKind = Literal["period", "date", "choice", "record", "user", "bool", "integer"]


class ReportUser(Protocol):
    """Who asks for a report."""

    @property
    def id(self) -> int:
        """The user's id."""

    @property
    def name(self) -> str:
        """The user's name, as printed."""


@dataclass(frozen=True)
class ReportContext:
    """What a report is built with: an open read connection, who asks, whose paper it is, today's date, and the
    database that the connection reads, for reports over any record type."""

    connection: Any
    user: ReportUser
    organisation: Organisation
    today: date
    database: Any = None

    def span(self, value: str | Sequence[str | date | None]) -> periods.Span:
        """The first and last day (inclusive) of a period parameter."""
        return periods.resolve(value, self.today)


@dataclass(frozen=True)
class Option:
    """One allowed value of a choice: its key and its label, as shown (already in the user's language)."""

    key: Any
    label: str


Choices: TypeAlias = tuple[Option, ...] | Callable[[ReportContext], Sequence[Option]]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a report.

    Values are: period a text that ``periods.resolve`` takes, date a date, choice a key, record and user an id
    (or None for all), bool, integer. ``label`` is a source text (``N_``). ``default`` may be a function of the
    context. ``entity`` names the record type of a record parameter; a user parameter also reads "me".
    """

    name: str
    label: str
    kind: ParameterKind
    default: Any = None
    choices: Choices = ()
    entity: str = ""
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True)
class ReportSpec:
    """One report. ``title``, ``description`` and ``category`` are source texts (``N_``); ``build`` reads and makes.

    ``present_only``: what it tells is found out about the present, and nothing is known of an earlier day.
    """

    name: str
    title: str
    description: str
    icon: str
    build: Callable[[ReportContext, dict[str, Any]], Document]
    parameters: tuple[Parameter, ...] = ()
    category: str = ""
    present_only: bool = False


def find_report(specs: Iterable[ReportSpec], name: str) -> ReportSpec:
    """The report of that name.

    Raises:
        UserError: there is none; the sentence names the nearest ones.
    """
    known = {spec.name: spec for spec in specs}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or sorted(known)
    raise UserError(N_("There is no report “{name}”. Did you mean: {names}?"), name=name, names=", ".join(near))


def options_of(parameter: Parameter, context: ReportContext) -> tuple[Option, ...]:
    """The choices of a parameter, looked up if need be."""
    return tuple(parameter.choices(context)) if callable(parameter.choices) else parameter.choices


def default_values(spec: ReportSpec, context: ReportContext) -> dict[str, Any]:
    """The values that the parameters start with."""
    return {p.name: p.default(context) if callable(p.default) else p.default for p in spec.parameters}


def parse_settings(spec: ReportSpec, settings: Iterable[str], context: ReportContext) -> dict[str, Any]:
    """Values from the command line, each "name=value"; the others take their defaults.

    Raises:
        UserError: a text is not "name=value", or the report has no such parameter.
        ValidationFailed: some values cannot be taken.
    """
    given: dict[str, Any] = {}
    names = [parameter.name for parameter in spec.parameters]
    for setting in settings:
        name, equals, value = setting.partition("=")
        name = name.strip()
        if not equals:
            raise UserError(N_("“{text}” is not a parameter. Write it as name=value."), text=setting)
        if name not in names:
            sentence = N_("The report has no parameter “{name}”. It takes: {names}.")
            raise UserError(sentence, name=name, names=", ".join(names) or "–")
        given[name] = value.strip()
    return checked_values(spec, given, context)


def checked_values(spec: ReportSpec, values: Mapping[str, Any], context: ReportContext) -> dict[str, Any]:
    """Every parameter's value, from texts or from values of the right kind, with defaults filled in.

    Raises:
        ValidationFailed: some values cannot be taken; it holds one error for each.
    """
    result, errors = default_values(spec, context), []
    for parameter in spec.parameters:
        value = values.get(parameter.name, result[parameter.name])
        try:
            result[parameter.name] = _checked(parameter, value, context)
        except FieldError as error:
            errors.append(error)
        except UserError as error:
            errors.append(FieldError(parameter.name, N_("{sentence}"), value=value, sentence=str(error)))
    if errors:
        raise ValidationFailed(errors)
    return result


def run_report(spec: ReportSpec, context: ReportContext, values: Mapping[str, Any]) -> Document:
    """Check the values and build the document.

    Raises:
        ValidationFailed: some values cannot be taken.
    """
    return spec.build(context, checked_values(spec, values, context))


def value_label(parameter: Parameter, value: Any, context: ReportContext) -> str:
    """A checked value in words, for the filter line of a report. Records and users are named by the report itself."""
    if value is None:
        return _("all")
    if parameter.kind == "period":
        return periods.label(value)
    if parameter.kind == "date":
        return formats.format_date(value)
    if parameter.kind == "bool":
        return formats.format_bool(value)
    if parameter.kind == "choice":
        return next((o.label for o in options_of(parameter, context) if o.key == value), str(value))
    return str(value)


def filter_line(spec: ReportSpec, values: Mapping[str, Any], context: ReportContext, **names: str) -> str:
    """The line under a title: "Period: This month · Owner: all". ``names`` gives words for records and users."""
    parts = []
    for parameter in spec.parameters:
        words = names.get(parameter.name) or value_label(parameter, values.get(parameter.name), context)
        parts.append(_("{label}: {value}").format(label=_(parameter.label), value=words))
    return " · ".join(parts)


def _checked(parameter: Parameter, value: Any, context: ReportContext) -> Any:
    if isinstance(value, str) and not value.strip():
        value = None
    if value is None:
        if parameter.required:
            raise FieldError(parameter.name, N_("{label} is missing. Give a value."), label=_(parameter.label))
        return False if parameter.kind == "bool" else None
    return _READERS[parameter.kind](parameter, value, context)


def _refuse(parameter: Parameter, value: Any, sentence: str, **params: Any) -> FieldError:
    return FieldError(parameter.name, sentence, value=value, text=str(value), label=_(parameter.label), **params)


def _read_period(parameter: Parameter, value: Any, context: ReportContext) -> Any:
    periods.resolve(value, context.today)
    return value


def _read_date(parameter: Parameter, value: Any, context: ReportContext) -> date:
    if isinstance(value, date):
        return value
    if value == "today":
        return context.today
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        sentence = N_("“{text}” is not a date for {label}. Write it as 2026-03-31, or “today”.")
        raise _refuse(parameter, value, sentence) from None


def _read_choice(parameter: Parameter, value: Any, context: ReportContext) -> Any:
    options = options_of(parameter, context)
    for option in options:
        if option.key == value or str(option.key) == str(value):
            return option.key
    folded = str(value).casefold()
    for option in options:
        if option.label.casefold() == folded:
            return option.key
    known = ", ".join(str(option.key) for option in options)
    raise _refuse(parameter, value, N_("“{text}” is not a choice for {label}. Choose one of: {known}."), known=known)


def _read_id(parameter: Parameter, value: Any, context: ReportContext) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    if parameter.kind == "user" and text == "me":
        return context.user.id
    if text == "all":
        return None
    if text.isdecimal():
        return int(text)
    sentence = N_("“{text}” is not a record number for {label}. Give the number, or “all”.")
    if parameter.kind == "user":
        sentence = N_("“{text}” is not a user number for {label}. Give the number, “me” or “all”.")
    raise _refuse(parameter, value, sentence)


def _read_bool(parameter: Parameter, value: Any, context: ReportContext) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    if text in ("1", "yes", "true", "on", _("Yes").casefold()):
        return True
    if text in ("0", "no", "false", "off", _("No").casefold()):
        return False
    raise _refuse(parameter, value, N_("“{text}” is neither yes nor no for {label}."))


def _read_integer(parameter: Parameter, value: Any, context: ReportContext) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        raise _refuse(parameter, value, N_("“{text}” is not a whole number for {label}.")) from None
    if parameter.minimum is not None and number < parameter.minimum:
        raise _refuse(parameter, value, N_("{label} must be at least {limit}."), limit=parameter.minimum)
    if parameter.maximum is not None and number > parameter.maximum:
        raise _refuse(parameter, value, N_("{label} must be at most {limit}."), limit=parameter.maximum)
    return number


_READERS: dict[ParameterKind, Callable[[Parameter, Any, ReportContext], Any]] = {
    "period": _read_period,
    "date": _read_date,
    "choice": _read_choice,
    "record": _read_id,
    "user": _read_id,
    "bool": _read_bool,
    "integer": _read_integer,
}
