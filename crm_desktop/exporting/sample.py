"""Sample files: the columns of a record type with made-up rows, and a sheet that explains each column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_desktop.core import clock, formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.db.database import Database
from crm_desktop.exporting.cells import choice_words
from crm_desktop.exporting.export import CSV, XLSX, kind_of, with_workbook
from crm_desktop.exporting.table_files import CsvOptions, CsvTable, TableFile, Workbook, moment_text
from crm_desktop.records import custom
from crm_desktop.records.sheet_columns import (
    ADDRESS,
    CHILD,
    EXPLANATION,
    FIELD,
    LINK_ID,
    LINKED,
    POINT,
    TAGS,
    SheetColumn,
    Sizes,
    whole_columns,
)
from crm_desktop.reporting.files import whole_file

INSTRUCTIONS = N_("Instructions")
_ROWS = 3
_SIZES = Sizes({"phone": 2, "email": 1, "web": 1}, 1, {"contact": 1, "company": 1})
_KIND_WORDS = {
    Kind.TEXT: N_("text"), Kind.LONG_TEXT: N_("text of several lines"), Kind.INTEGER: N_("whole number"),
    Kind.NUMBER: N_("number"), Kind.MONEY: N_("amount"), Kind.PERCENT: N_("percentage, 0 to 100"), Kind.DATE: N_("day"),
    Kind.DATETIME: N_("day and time"), Kind.LOCAL_DATETIME: N_("day and time"), Kind.BOOL: N_("yes or no"),
    Kind.CHOICE: N_("one of the allowed values"), Kind.CHOICES: N_("some of the allowed values, with semicolons between"),
    Kind.LINK: N_("name of a record"), Kind.USER: N_("name of a user"), Kind.PHONE: N_("phone number"),
    Kind.EMAIL: N_("e-mail address"), Kind.URL: N_("web address"), Kind.TAX_ID: N_("tax number"),
    Kind.COUNTRY: N_("country"), Kind.CURRENCY: N_("currency, as three letters"), Kind.TIMEZONE: N_("time zone"),
    Kind.JSON: N_("days, with commas between"),
}  # fmt: skip
_PEOPLE = (("Ana", "Souza Lima"), ("Bruno", "Carvalho"), ("Clara", "Medina Ortiz"))
_COMPANIES = ("Padaria Sol Nascente", "Oficina Carvalho", "Clínica Medina")
_TITLES = {
    "deal": (N_("Maintenance contract"), N_("New equipment"), N_("Yearly inspection")),
    "case": (N_("The machine makes a noise"), N_("Question about the invoice"), N_("Part under warranty")),
    "activity": (N_("Call back about the offer"), N_("Visit on site"), N_("Send the contract")),
    "product": (N_("Water filter"), N_("Hour of service"), N_("Spare part kit")),
}
_BY_NAME: dict[str, tuple[Any, ...]] = {
    "prefix": ("", "", ""), "suffix": ("", "", ""), "nickname": ("", "", ""), "rrule": ("", "FREQ=WEEKLY;BYDAY=TU", ""),
    "exdates": ("", "", ""), "due_time": ("", "", "14:30"), "registration": ("", "", ""), "founded": (1998, 2011, 2020),
    "employees": (12, 4, 35), "language": ("pt-BR", "pt-BR", "es-ES"), "zone": ("", "", ""), "parent_id": ("", "", ""),
    "team_id": ("", "", ""), "uid": ("", "", ""), "reminder_minutes": ("", 15, ""), "duration": ("", "", ""),
    "probability": (Decimal(40), "", Decimal(80)), "closed_on": ("", "", ""), "lost_reason": ("", "", ""),
    "competitor": ("", "", ""), "outcome": ("", "", ""), "direction": ("", "", ""), "solution": ("", "", ""),
    "solved_at": ("", "", ""), "series_id": ("", "", ""), "recurrence_id": ("", "", ""), "pipeline_id": ("", "", ""),
    "stage_id": ("", "", ""), "all_day": (False, False, False),
}  # fmt: skip
_CITIES = (("Rua das Flores, 120", "", "Centro", "Curitiba", "PR", "80020-000"),
           ("Av. Brasil, 455", "Sala 3", "Batel", "Londrina", "PR", "86010-200"),
           ("Calle Mayor, 18", "2º B", "Sol", "Madrid", "Madrid", "28013"))  # fmt: skip


def write_sample(database: Database, entity: str, to: Path | str, *, csv: CsvOptions | None = None) -> Path:
    """Write a sample file of a record type as it is arranged in this office, own fields included.

    Args:
        to: a workbook (.xlsx), with the explanations on a second sheet, or a text table (.csv) without them.

    Returns:
        The path.

    Raises:
        UserError: the ending is another one, or the file cannot be written there.
    """
    path = Path(to)
    kind = kind_of(path)
    with database.read() as connection:
        spec, fields = database.schema.entity(entity), custom.fields_of(database, entity, connection)
    columns = sample_columns(database, spec, fields)
    with whole_file(path) as part:
        if kind == CSV:
            options = csv or CsvOptions()
            with part.open("w", encoding=options.encoding, newline="") as file:
                _fill(CsvTable(file, options), spec, columns)
        else:
            kind_is(kind, path)
            with_workbook(part, lambda book: _workbook(book, spec, columns))
    return path


def kind_is(kind: str, path: Path) -> None:
    """Raise unless a sample can be of this kind."""
    if kind != XLSX:
        kind_of(path.with_suffix(".unknown"))


def sample_columns(database: Database, spec: Entity, fields: Sequence[Field]) -> tuple[SheetColumn, ...]:
    """The columns that people fill in: not those that the program keeps itself."""
    return tuple(
        one for one in whole_columns(database.schema, spec, fields, _SIZES)
        if one.source in (POINT, ADDRESS, TAGS) or one.source == LINKED and one.value
        or one.source == FIELD and one.field is not None
        and (one.field.importable and not one.field.computed and not one.field.system or one.key in ("number", "exdates"))
        and one.key not in ("series_id", "recurrence_id")
    )  # fmt: skip


def _workbook(book: Workbook, spec: Entity, columns: Sequence[SheetColumn]) -> int:
    _fill(book, spec, columns)
    head = [translate(label) for label in EXPLANATION]
    rows = [head, *(_explained(spec, one, at) for at, one in enumerate(columns))]
    book.note(translate(INSTRUCTIONS), rows, (30, 34, 11, 60, 34))
    return _ROWS


def _fill(table: TableFile, spec: Entity, columns: Sequence[SheetColumn]) -> None:
    table.begin(translate(spec.plural), columns)
    table.write([[_or_none(_example(spec, one, row)) for row in range(_ROWS)] for one in columns])


def _explained(spec: Entity, column: SheetColumn, at: int) -> list[str]:
    field = column.field
    words = translate(_KIND_WORDS.get(column.kind, _KIND_WORDS[Kind.TEXT]))
    if column.source == TAGS:
        words = _("words, with semicolons between")
    if column.source in (LINK_ID, CHILD):
        words = translate(_KIND_WORDS[Kind.TEXT])
    required = column.source == FIELD and field is not None and field.required and field.default is None
    required = required and field is not None and field.kind is not Kind.LINK
    allowed = "; ".join(choice_words(field).values()) if field is not None and field.choices else ""
    if column.kind is Kind.BOOL:
        allowed = "; ".join(formats.format_bool(value) for value in (True, False))
    examples = (_or_none(_example(spec, column, row)) for row in range(_ROWS))
    example = next((value for value in examples if value is not None), "")
    help_text = field.help if field is not None and field.help else ""
    if help_text:
        words += f". {help_text if field is not None and field.custom else translate(help_text)}"
    return [column.header(), words, _("yes") if required else _("no"), allowed, _shown(example)]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return formats.format_bool(value)
    if isinstance(value, datetime):
        return moment_text(value, "region")
    if isinstance(value, date):
        return formats.format_date(value)
    return formats.format_number(value) if isinstance(value, Decimal) else str(value)


def _or_none(value: Any) -> Any:
    return None if value == "" else value


def _example(spec: Entity, column: SheetColumn, row: int) -> Any:
    """A made-up value of a column in one of the rows."""
    if column.source == TAGS:
        return (_("important"), "", _("partner"))[row]
    if column.source == POINT:
        return _point(column, row)
    if column.source == ADDRESS:
        return _address(column, row)
    if column.source == LINKED:
        return _person(row) if column.part == "contact" else _COMPANIES[row]
    return _field_example(spec, column, row)


def _person(row: int) -> str:
    return " ".join(_PEOPLE[row])


def _field_example(spec: Entity, column: SheetColumn, row: int) -> Any:
    field = column.field
    assert field is not None
    name = field.name
    if name == spec.title_field:
        titles = _TITLES.get(spec.name)
        return _person(row) if spec.name == "contact" else translate(titles[row]) if titles else _COMPANIES[row]
    if name in ("first_name", "last_name"):
        return _PEOPLE[row][name == "last_name"]
    if not field.custom and name in _BY_NAME:
        return _BY_NAME[name][row]
    if field.kind is Kind.LINK:
        return {"company": _COMPANIES[row], "contact": _person(row)}.get(field.target, "")
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        return _choice(field, row)
    return _plain(field, row)


def _choice(field: Field, row: int) -> str:
    words = list(choice_words(field).values())
    if not words:
        return ""
    if field.kind is Kind.CHOICES:
        return "; ".join(words[: 1 + row % 2])
    # what is decided (done, lost, closed) asks for more than a sample says: the first ones are how things begin
    return words[0] if field.name == "status" else words[row % len(words)]


def _plain(field: Field, row: int) -> Any:
    today = clock.today()
    kind = field.kind
    if kind is Kind.DATE:
        born = field.name == "birthday"
        return date(1980 + 4 * row, 3 + row, 14) if born else today + timedelta(days=7 * (row + 1))
    if kind in (Kind.DATETIME, Kind.LOCAL_DATETIME):
        if field.name in ("starts", "ends"):
            return (
                datetime.combine(today + timedelta(days=row + 1), time(10 if field.name == "starts" else 11))
                if row
                else ""
            )
        return datetime.combine(today - timedelta(days=row + 1), time(9, 30))
    simple: dict[Kind, Any] = {
        Kind.INTEGER: 5 * (row + 1), Kind.NUMBER: Decimal("12.5") * (row + 1), Kind.MONEY: Decimal("1250.5") * (row + 1),
        Kind.PERCENT: Decimal(25) * (row + 1), Kind.BOOL: row == 1 if field.name != "active" else True,
        Kind.LONG_TEXT: _("Written by hand.\nA second line.") if row == 0 else "", Kind.URL: "https://www.example.com",
        Kind.EMAIL: f"{_PEOPLE[row][0].lower()}@example.com", Kind.PHONE: _phone(row),
        Kind.COUNTRY: formats.country_name(formats.default_country()), Kind.CURRENCY: formats.default_currency(),
        Kind.TIMEZONE: clock.local_zone_name(), Kind.TAX_ID: "", Kind.USER: "", Kind.JSON: "",
    }  # fmt: skip
    if kind in simple:
        return simple[kind]
    return (
        f"00{row + 1}" if field.name in ("number", "code") else _("Text {n}").format(n=row + 1) if field.custom else ""
    )


def _phone(row: int) -> str:
    return ("+55 41 3055-0142", "+55 43 3055-0187", "+34 612 55 01 33")[row]


def _point(column: SheetColumn, row: int) -> str:
    words = choice_words(column.field) if column.field is not None else {}
    if not column.value:
        label = "mobile" if column.part == "phone" and column.number == 2 else "work"
        return words.get(label, "") if _point_value(column.part, column.number, row) else ""
    return _point_value(column.part, column.number, row)


def _point_value(part: str, number: int, row: int) -> str:
    if part == "phone":
        return _phone(row) if number == 1 else ("+55 41 95550-0142", "", "")[row]
    if part == "email":
        return f"{_PEOPLE[row][0].lower()}@example.com"
    return ("https://www.example.com", "", "")[row] if part == "web" else ""


def _address(column: SheetColumn, row: int) -> str:
    if column.part == "label":
        return choice_words(column.field).get("work", "") if column.field is not None else ""
    if column.part == "country":
        return formats.country_name(("BR", "BR", "ES")[row])
    parts = ("street", "street2", "district", "city", "region", "postcode")
    return _CITIES[row][parts.index(column.part)]
