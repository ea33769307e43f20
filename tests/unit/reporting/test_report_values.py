"""The words of a document: totals, subtotals, currencies and decimals are the same for every writer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm_desktop.core import i18n
from crm_desktop.reporting.document import Column, Document, Figure, Group, Row, Table
from crm_desktop.reporting.values import figure_text, flat_table, header_text, table_lines, value_text


def test_lines_of_the_pipeline(pipeline: Document) -> None:
    lines = list(table_lines(pipeline.tables[0]))
    assert [line.role for line in lines].count("group") == 5
    assert lines[0].texts == ("Qualificação", "4 oportunidades", "", "", "146.300,00", "10%", "14.630,00")
    assert lines[0].note_at == 1
    assert lines[1].texts == (
        "Câmara fria 20 m³",
        "Laticínios Cedrinho",
        "Caio Bittar",
        "30/04/2026",
        "64.000,00",
        "10%",
        "6.400,00",
    )
    assert lines[-1].texts == ("Total geral", "18 oportunidades", "", "", "934.200,00", "", "403.775,00")


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (Decimal("1234.5"), "money", "1.234,50"),
        (1234567, "integer", "1.234.567"),
        (Decimal("12.50"), "percent", "12,5%"),
        (date(2026, 4, 30), "date", "30/04/2026"),
        (datetime(2026, 3, 12, 1, 30, tzinfo=UTC), "datetime", "11/03/2026, 22:30"),
        (datetime(2026, 3, 12, 1, 30, tzinfo=UTC), "date", "11/03/2026"),
        (None, "money", ""),
        (0, "integer", "0"),
    ],
)
def test_values_follow_the_region(value: object, kind: str, text: str) -> None:
    assert value_text(value, kind).replace("\u00a0", " ") == text  # type: ignore[arg-type]


def test_figures_carry_their_symbol() -> None:
    assert figure_text(Figure("x", Decimal("934200.4"), "money")).replace("\u00a0", " ") == "R$ 934.200,40"
    assert figure_text(Figure("x", Decimal("934200.4"), "money", cents=False)).replace("\u00a0", " ") == "R$ 934.200"
    assert figure_text(Figure("x", None)) == "–"


def test_money_headings_name_the_currency() -> None:
    assert header_text(Column("v", "Valor", "money")) == "Valor (R$)"
    assert header_text(Column("v", "Valor", "money", currency="EUR")) == "Valor (€)"
    assert header_text(Column("v", "Valor", "money", currency_key="c")) == "Valor"
    i18n.set_language("en")
    assert header_text(Column("v", "Value", "money")) == "Value ($)"


def test_amounts_in_several_currencies_are_never_added_up() -> None:
    columns = (
        Column("n", "Nome"),
        Column("v", "Valor", "money", currency_key="c", total="sum"),
        Column("c", "Moeda", hidden=True),
    )
    brl, eur = Row(("a", Decimal(10), "BRL")), Row(("b", Decimal(5), "EUR"))
    mixed = list(table_lines(Table(columns, (brl, eur))))
    assert [line.texts for line in mixed] == [("a", "R$\u00a010,00"), ("b", "€\u00a05,00"), ("Total", "")]
    same = list(table_lines(Table(columns, (brl, brl))))
    assert same[-1].texts == ("Total", "R$\u00a020,00")


def test_counts_and_given_totals() -> None:
    columns = (Column("n", "Nome"), Column("d", "Dia", "date", total="count"), Column("p", "Parte", "percent"))
    rows = (Row(("a", date(2026, 1, 1), 10)), Row(("b", None, 20)))
    total = list(table_lines(Table(columns, rows, totals={"p": Decimal("15.5")})))[-1]
    assert total.texts == ("Total", "1", "15,5%")


def test_decimals_are_even_down_a_column() -> None:
    columns = (Column("p", "Parte", "percent"), Column("q", "Qtd", "number"))
    rows = (Row((Decimal(5), Decimal("1.50"))), Row((Decimal("33.3333"), Decimal("2.125"))))
    assert [line.texts for line in table_lines(Table(columns, rows))] == [("5,0%", "1,500"), ("33,3%", "2,125")]


def test_flat_table_keeps_group_and_mark_in_columns() -> None:
    table = Table(
        (Column("n", "Nome"),), groups=(Group("G", (Row(("a",), mark="!"), Row(("b",)))),), group_label="Etapa"
    )
    flat = flat_table(table)
    assert [column.label for column in flat.columns][:2] == ["Etapa", "Nome"]
    assert [row.values for row in flat.rows] == [("G", "a", "!"), ("G", "b", "")]


def test_no_rows_no_total() -> None:
    assert list(table_lines(Table((Column("v", "V", "integer", total="sum"),)))) == []
