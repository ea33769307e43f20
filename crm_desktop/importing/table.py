"""The shapes that readers and guesses share: cells, rows, options and what was guessed about a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, time
from typing import Any, Final

from crm_desktop.core.i18n import translate

AUTO: Final = -1
"""``ReadOptions.header_row``: decide by looking."""

CSV, FIXED, XLSX, XLS, XLSB, ODS, HTML, XML_SHEET, VCARD, ICS, JSON, LDIF, DBF = (
    "csv",
    "fixed",
    "xlsx",
    "xls",
    "xlsb",
    "ods",
    "html",
    "xmlss",
    "vcard",
    "ics",
    "json",
    "ldif",
    "dbf",
)
ZIP, GZIP, BZIP2, XZ = "zip", "gz", "bz2", "xz"
TEXT_KINDS = frozenset({CSV, FIXED})
WORKBOOK_KINDS = frozenset({XLSX, XLS, XLSB, ODS, HTML, XML_SHEET})
NAMED_KINDS = frozenset({JSON, LDIF, DBF})
"""Formats that name every value themselves, so that there is no row of names to look for."""
ARCHIVE_KINDS = frozenset({ZIP, GZIP, BZIP2, XZ})


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A spreadsheet error such as ``#N/A`` or ``#REF!`` where a value should be."""

    text: str

    def __str__(self) -> str:
        return self.text


Cell = str | int | float | bool | date | datetime | time | bytes | ErrorCell | None
Row = tuple[int, list[Any]]
"""The 1-based number of the row in the file, as a spreadsheet program shows it, and its cells."""


@dataclass(frozen=True)
class Evidence:
    """Why something was guessed: an English text marked with ``N_`` and the values of its placeholders."""

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text = translate(self.message)
        return text.format(**self.params) if self.params else text


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file. Empty values are guessed by ``inspect``; ``FileGuess.options()`` fills them all.

    Rows are 0-based positions in the sheet; ``columns`` are 0-based positions of the columns to keep.
    ``header_row`` is ``AUTO``, a position, or None where the table has no header.
    ``delimiter`` "  " (two blanks) means runs of white space; ``widths`` are (start, end) of fixed-width columns.
    ``quote`` "" means that nothing is quoted. ``member`` is the path of a file inside an archive; ``kind`` is its kind.
    ``added`` are (name, formula) of columns that are worked out of the others; they stand after the kept ones.
    """

    kind: str = ""
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    quote: str | None = None
    escape: str = ""
    skip_initial_space: bool = False
    widths: tuple[tuple[int, int], ...] = ()
    header_row: int | None = AUTO
    header_rows: int = 1
    first_data_row: int = AUTO
    footer_rows: int = 0
    skip_rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()
    member: str = ""
    added: tuple[tuple[str, str], ...] = ()

    @property
    def part(self) -> str:
        """What tells the tables of one file apart: the member of an archive and the sheet."""
        return " › ".join(one for one in (self.member, self.sheet) if one)

    @property
    def complete(self) -> bool:
        """Whether everything is decided, so that reading needs no guess."""
        return bool(self.kind and self.columns and self.header_row != AUTO and self.first_data_row != AUTO)

    def with_(self, **changes: Any) -> ReadOptions:
        """A copy with changes."""
        return replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> ReadOptions:
        """The reverse of :meth:`as_dict`; unknown keys are ignored."""
        known = {f.name for f in fields(ReadOptions)}
        kept = {key: value for key, value in values.items() if key in known}
        for name in ("skip_rows", "columns"):
            kept[name] = tuple(kept.get(name, ()))
        kept["widths"] = tuple((int(a), int(b)) for a, b in kept.get("widths", ()))
        kept["added"] = tuple((str(a), str(b)) for a, b in kept.get("added", ()))
        return ReadOptions(**kept)


@dataclass(frozen=True)
class ColumnGuess:
    """What a column holds, judged by its values (and, where they leave it open, by its header).

    ``date_order`` ("dmy", "mdy", "ymd"), ``two_digit_years`` and ``excel_serials`` (days as numbers) say how
    dates are read, ``decimal`` ("." or ",") how numbers are; ``values.parse_date`` and its sisters take them.

    ``kind``: empty, integer, decimal, money, percent, date, datetime, time, bool, email, phone, url, tax_id, postcode,
    person, company, street, city, state, country, choice, constant, id, text, long_text, image, mixed.
    ``detail`` narrows the kind: person "full"/"first"/"last"/"last_first"; tax_id "cpf", "cnpj", "cpf_cnpj", "nif.es",
    "nif.pt", "cuit", "rfc", "vat"; postcode "br", "us", "es", "pt", "gb", "ca"; date "yyyymmdd", "names" (of months),
    "excel" (serial numbers), "unix", "unix_ms"; integer "float" ("32.0"); phone the ISO country it looks like; state "br" or "us".
    ``parts`` says what else the cells hold (``cell_parts``): a city with its state, a whole address.
    """

    index: int
    header: str
    kind: str
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    detail: str = ""
    original: str = ""
    date_order: str | None = None
    decimal: str | None = None
    two_digit_years: bool = False
    excel_serials: bool = False
    currency: str = ""
    filled: int = 0
    distinct: int = 0
    total: int = 0
    samples: tuple[Any, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    choices: tuple[tuple[str, int], ...] = ()
    parts: str = ""

    @property
    def why(self) -> str:
        """The evidence as one text in the language in use."""
        return "; ".join(str(item) for item in self.evidence)


@dataclass(frozen=True)
class SheetGuess:
    """A table found in a file. Row positions are 0-based; ``rows`` counts data rows.

    The tables of an archive have a ``member``, the file in it, and ``file``, what was found out about that file; their
    ``name`` is the member and, where it is a workbook, the sheet: "2024/people.xlsx › Plan1".
    """

    name: str
    rows: int
    columns: tuple[ColumnGuess, ...]
    header_row: int | None
    header_rows: int = 1
    first_data_row: int = 0
    footer_rows: int = 0
    skip_rows: tuple[int, ...] = ()
    source_columns: tuple[int, ...] = ()
    confidence: float = 0.0
    header_confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    estimated: bool = False
    hidden: bool = False
    preamble: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    member: str = ""
    file: FileGuess | None = None
    added: tuple[tuple[str, str], ...] = ()
    """The columns that are worked out, the last ones of ``columns``: (name, formula)."""

    @property
    def headers(self) -> tuple[str, ...]:
        """The names of the columns, all different."""
        return tuple(column.header for column in self.columns)


@dataclass(frozen=True)
class FileGuess:
    """What a file is and how to read it. ``sheet`` is the position of the sheet that holds the data.

    For an archive, ``archive`` is its kind and ``sheets`` are the tables of its members; kind, encoding, delimiter and so
    on are those of the member that holds the best table. :meth:`at` gives them for another table, :meth:`options` how to
    read it. ``left_out`` names the members that are no tables, and why; ``of_sheets`` says why this sheet.
    """

    path: str
    kind: str
    sheets: tuple[SheetGuess, ...]
    sheet: int = 0
    encoding: str = ""
    encoding_confidence: float = 1.0
    delimiter: str = ""
    delimiter_confidence: float = 1.0
    quote: str = ""
    escape: str = ""
    skip_initial_space: bool = False
    newline: str = ""
    widths: tuple[tuple[int, int], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    archive: str = ""
    of_sheets: tuple[Evidence, ...] = ()
    left_out: tuple[Evidence, ...] = ()

    @property
    def best(self) -> SheetGuess:
        """The sheet that holds the data."""
        return self.sheets[self.sheet]

    def place(self, sheet: int | str | None = None) -> int:
        """The position of a sheet given by position or name; of the best one without."""
        if isinstance(sheet, str):
            return next(i for i, one in enumerate(self.sheets) if one.name == sheet)
        return self.sheet if sheet is None else sheet

    def at(self, sheet: int | str) -> FileGuess:
        """The same file with another sheet, given by position or name, as the one that is taken."""
        place = self.place(sheet)
        inner = self.sheets[place].file
        if inner is None:
            return replace(self, sheet=place)
        return replace(
            inner, path=self.path, sheets=self.sheets, sheet=place, archive=self.archive, of_sheets=self.of_sheets,
            left_out=self.left_out,
        )  # fmt: skip

    def options(self, sheet: int | str | None = None) -> ReadOptions:
        """Everything decided as guessed, for the best sheet or the one given by position or name."""
        chosen = self.sheets[self.place(sheet)]
        if chosen.file is not None:
            return chosen.file.options().with_(member=chosen.member, added=chosen.added)
        return ReadOptions(
            kind=self.kind,
            sheet=chosen.name,
            encoding=self.encoding,
            delimiter=self.delimiter,
            quote=self.quote,
            escape=self.escape,
            skip_initial_space=self.skip_initial_space,
            widths=self.widths,
            header_row=chosen.header_row,
            header_rows=chosen.header_rows,
            first_data_row=chosen.first_data_row,
            footer_rows=chosen.footer_rows,
            skip_rows=chosen.skip_rows,
            columns=chosen.source_columns,
            added=chosen.added,
        )
