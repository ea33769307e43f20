"""The records that link to a customer, on the customer's page: a table, what else is known below each line, sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from crm_desktop.archive import html, said
from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import translate
from crm_desktop.records import mentions
from crm_desktop.records.queries import Link, RecordRow

STATUS = "status"
_MAIN = "main"
ToRecord = Callable[[str, int, str], str]
"""Record type, id and title as HTML: a link to its page where it has one."""


class LinkedTable:
    """The records of one type that link to customers of another.

    Args:
        columns: the fields that are columns; ``further`` those that stand below a line where they are filled in.
        to_record: writes links.
    """

    def __init__(self, spec: Entity, columns: Sequence[Field], further: Sequence[Field], to_record: ToRecord) -> None:
        self.spec, self.columns, self.to_record = spec, columns, to_record
        self._short = [one for one in further if one.kind is not Kind.LONG_TEXT]
        self._long = [one for one in further if one.kind is Kind.LONG_TEXT]
        self._labels = {one.name: said.label_of(one) for one in further}
        title = spec.field(spec.title_field)
        self._headers = [(translate(title.label), ""), *map(said.column, columns)]
        self._status = next((one for one in columns if one.name == STATUS and one.kind is Kind.CHOICE), None)
        self._money = next((one for one in columns if one.kind is Kind.MONEY), None)

    def as_html(self, rows: Sequence[RecordRow]) -> str:
        """The table."""
        return html.table(self._headers, map(self._row, rows))

    def _row(self, row: RecordRow) -> html.Row:
        title = str(row.values.get(self.spec.title_field) or row.id)
        cells = [self.to_record(self.spec.name, row.id, title), *(self._cell(one, row) for one in self.columns)]
        return html.Row(cells, self._more(row))

    def _cell(self, one: Field, row: RecordRow) -> str:
        value = row.values.get(one.name)
        if isinstance(value, Link):
            return self.to_record(one.target, value.id, value.title)
        return html.text(said.value(one, value, row.values.get("currency")))

    def _more(self, row: RecordRow) -> str:
        """What is known besides the columns: short values on a line, long texts below it."""
        known = [
            f"{html.text(self._labels[one.name])}: {self._cell(one, row)}"
            for one in self._short if said.is_filled(row.values.get(one.name))
        ]  # fmt: skip
        parts = [" · ".join(known)] if known else []
        parts += [
            f'<p dir="auto"><span class="quiet">{html.text(self._labels[one.name])}:</span> '
            f"{html.text(mentions.plain(str(row.values[one.name])))}</p>"
            for one in self._long if said.is_filled(row.values.get(one.name))
        ]  # fmt: skip
        return "".join(parts)

    def figure(self, rows: Sequence[RecordRow]) -> str:
        """How many there are, and by status how many with which amount; nothing where they have no status."""
        if self._status is None or not rows:
            return ""
        label = translate(self.spec.plural)
        return html.figure(label, formats.format_integer(len(rows)), self._sums(self._status, rows))

    def _sums(self, status: Field, rows: Sequence[RecordRow]) -> Iterator[str]:
        counts: dict[str, int] = defaultdict(int)
        amounts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in rows:
            key = str(row.values.get(STATUS) or "")
            counts[key] += 1
            amount = row.values.get(self._money.name) if self._money is not None else None
            if amount is not None:
                amounts[key][str(row.values.get("currency") or "")] += amount
        order = [choice.key for choice in status.choices]
        for key in sorted(counts, key=lambda one: (order.index(one) if one in order else len(order), one)):
            parts = [f"{said.value(status, key) or '–'}: {formats.format_integer(counts[key])}"]
            parts += [formats.format_money(sum_, code or None) for code, sum_ in sorted(amounts[key].items())]
            yield " · ".join(parts)


def further_of(fields: Sequence[Field], spec: Entity, columns: Sequence[Field], owner: str) -> list[Field]:
    """The fields that stand below a line: what people filled in and no column has.

    Args:
        owner: the type of customer on whose page it stands; links to customers of that type say nothing there.
    """
    shown = {one.name for one in columns} | {spec.title_field}
    found = [
        one for one in fields
        if one.name not in shown and not one.child and not one.computed and one.section and one.name != "currency"
        and one.kind is not Kind.JSON and not (one.kind is Kind.LINK and one.target == owner)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.section != _MAIN)
