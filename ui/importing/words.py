"""What the import assistant calls things: fields with their icons, separators, encodings, file kinds."""

from __future__ import annotations

from typing import Any

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.importing import outcomes_shown, table
from crm_desktop.importing.known_headers import EMAIL, NUMBER
from crm_desktop.importing.table import FileGuess
from crm_desktop.importing.targets import TAGS

DELIMITERS = (
    (",", N_("Comma  ,")),
    (";", N_("Semicolon  ;")),
    ("\t", N_("Tab")),
    ("|", N_("Bar  |")),
    ("#", N_("Hash  #")),
    (":", N_("Colon  :")),
    ("^", N_("Caret  ^")),
    ("~", N_("Tilde  ~")),
    (" ", N_("Blank")),
    ("  ", N_("Several blanks")),
)
ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("utf-8-sig", "UTF-8 (BOM)"),
    ("cp1252", "Windows-1252"),
    ("iso8859-1", "ISO 8859-1"),
    ("iso8859-15", "ISO 8859-15"),
    ("cp850", "DOS 850"),
    ("cp437", "DOS 437"),
    ("mac_roman", "Mac Roman"),
    ("utf-16", "UTF-16"),
    ("cp1250", "Windows-1250"),
    ("cp1251", "Windows-1251"),
    ("koi8_r", "KOI8-R"),
    ("cp1253", "Windows-1253"),
    ("cp1254", "Windows-1254"),
    ("cp852", "DOS 852"),
    ("cp866", "DOS 866"),
    ("shift_jis", "Shift-JIS"),
    ("gb18030", "GB 18030"),
)
KINDS = {
    table.CSV: N_("Text table"),
    table.FIXED: N_("Text table with fixed columns"),
    table.XLSX: N_("Excel workbook"),
    table.XLS: N_("Excel workbook (97 to 2003)"),
    table.XLSB: N_("Excel workbook (binary)"),
    table.ODS: N_("OpenDocument spreadsheet"),
    table.HTML: N_("Web page with tables"),
    table.XML_SHEET: N_("Excel 2003 XML"),
    table.VCARD: N_("vCard"),
    table.ICS: N_("iCalendar"),
    table.JSON: N_("JSON"),
    table.LDIF: N_("LDIF address book"),
    table.DBF: N_("dBase or FoxPro table"),
    table.ZIP: N_("Zip archive"),
    table.GZIP: N_("Compressed file"),
    table.BZIP2: N_("Compressed file"),
    table.XZ: N_("Compressed file"),
}
_NOTES = 3
_KIND_ICONS = {
    Kind.TEXT: "ph.text-t",
    Kind.LONG_TEXT: "ph.note-pencil",
    Kind.INTEGER: "ph.hash",
    Kind.NUMBER: "ph.hash",
    Kind.MONEY: "ph.currency-dollar-simple",
    Kind.PERCENT: "ph.percent",
    Kind.DATE: "ph.calendar-blank",
    Kind.DATETIME: "ph.clock",
    Kind.LOCAL_DATETIME: "ph.clock",
    Kind.BOOL: "ph.check-square",
    Kind.CHOICE: "ph.list-bullets",
    Kind.CHOICES: "ph.list-bullets",
    Kind.LINK: "ph.link",
    Kind.USER: "ph.user-circle",
    Kind.PHONE: "ph.phone",
    Kind.EMAIL: "ph.envelope-simple",
    Kind.URL: "ph.globe",
    Kind.TAX_ID: "ph.identification-card",
    Kind.COUNTRY: "ph.map-pin",
    Kind.CURRENCY: "ph.currency-dollar-simple",
    Kind.TIMEZONE: "ph.clock",
}
_NAME_ICONS = {
    "mobile": "ph.device-mobile",
    "birthday": "ph.cake",
    "fax": "ph.printer",
    "job_title": "ph.briefcase",
    "number": "ph.hash",
    TAGS: "ph.tag",
}


def field_icon(field: Field, schema: Any) -> str:
    """The icon of a field in lists of fields."""
    if field.name in _NAME_ICONS:
        return _NAME_ICONS[field.name]
    if field.child.startswith("addresses."):
        return "ph.map-pin"
    if field.kind is Kind.LINK and field.target in schema.entities:
        return str(schema.entity(field.target).icon)
    return _KIND_ICONS.get(field.kind, "ph.text-t")


def field_label(field: Field) -> str:
    """What a field is called in the language in use."""
    return outcomes_shown.field_label(field)


def mapped_label(field: Field, transform: str, schema: Any) -> str:
    """Where a column goes, as the table of columns says it: what belongs to another record names that first."""
    label = field_label(field)
    if field.kind is not Kind.LINK or field.target not in schema.entities:
        return label
    told = {NUMBER: _("number"), EMAIL: _("e-mail")}.get(transform, _("name"))
    return _("{record}: {field}").format(record=label, field=told)


def title_icon(field: Field, entity: Entity, schema: Any) -> str:
    """As :func:`field_icon`; the field that names the record has the icon of its type."""
    return entity.icon if field.name == entity.title_field else field_icon(field, schema)


def encoding_name(encoding: str) -> str:
    """An encoding as people know it."""
    folded = encoding.lower().replace("_", "-")
    return next((text for key, text in ENCODINGS if key.replace("_", "-") == folded), encoding.upper())


def delimiter_name(delimiter: str) -> str:
    """A separator as people know it."""
    return next((translate(text) for key, text in DELIMITERS if key == delimiter), delimiter)


def kind_name(kind: str) -> str:
    """What kind of file it is."""
    return translate(KINDS.get(kind, kind))


def file_kind_name(file: FileGuess) -> str:
    """What kind of file it is; for an archive also what is in it."""
    kind = kind_name(file.kind)
    return _("{archive}: {kind}").format(archive=kind_name(file.archive), kind=kind) if file.archive else kind


def file_notes(file: FileGuess) -> list[str]:
    """What a person should know about a file and no choice says: what it is, and what in it is not read."""
    lines: list[str] = []
    if file.kind not in table.TEXT_KINDS | table.WORKBOOK_KINDS:
        # the encoding of a dBase table stands at its choice
        shown = file.best.evidence[1 if file.kind == table.DBF else 0 :]
        lines += [str(one) for one in shown]
    left = [str(one) for one in file.left_out]
    lines += left[:_NOTES]
    if len(left) > _NOTES:
        more = len(left) - _NOTES
        lines.append(ngettext("and {n} more file", "and {n} more files", more).format(n=more))
    return [line for line in lines if line]


def file_filters() -> str:
    """The filters of the file dialog, as Qt writes them."""
    sheets = "*.xlsx *.xlsm *.xltx *.xls *.xlsb *.ods *.html *.htm *.mht *.xml"
    texts = "*.csv *.tsv *.txt *.tab *.psv *.dat *.prn"
    cards, days, books = "*.vcf *.vcard", "*.ics *.ical *.ifb *.vcs", "*.ldif *.ldi"
    data, old, packed = "*.json *.jsonl *.ndjson *.geojson", "*.dbf", "*.zip *.gz *.bz2 *.xz"
    parts = [
        (_("Everything that can be imported"), " ".join([sheets, texts, cards, days, books, data, old, packed])),
        (_("Spreadsheets"), sheets),
        (_("Text tables"), texts),
        (_("Contacts (vCard, LDIF)"), f"{cards} {books}"),
        (_("Calendars (iCalendar)"), days),
        (_("Data of other programs (JSON, dBase)"), f"{data} {old}"),
        (_("Archives (zip and others)"), packed),
        (_("All files"), "*"),
    ]
    return ";;".join(f"{name} ({patterns})" for name, patterns in parts)


def folded_text(number: int) -> str:
    """What is said about rows that speak of a record which an earlier row spoke of; "" where there are none."""
    text = ngettext(
        "{n} more row names such a record again; what it adds is filled in.",
        "{n} more rows name the same records again; what they add is filled in.",
        number,
    )
    return text.format(n=format_integer(number)) if number else ""
