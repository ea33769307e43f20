"""Documents for the tests of the writers: the printed pipeline of the look, and tables of any size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm_desktop.core import clock, formats, i18n
from crm_desktop.reporting.document import (
    BarChart,
    Column,
    Document,
    Figure,
    Group,
    Heading,
    KeyFigures,
    Organisation,
    RecordLink,
    Row,
    Series,
    Table,
)

STAGES = {
    "Qualificação": (
        10,
        [
            ("Câmara fria 20 m³", "Laticínios Cedrinho", "Caio Bittar", date(2026, 4, 30), "64000", ""),
            ("Ar-condicionado, 6 salas", "Escola Passo Miúdo", "Helena Prates", date(2026, 5, 15), "38900", ""),
            (
                "Climatização do salão",
                "Restaurante Fogão Lunar",
                "Davi Moreno",
                date(2026, 5, 8),
                "29800",
                "parada 23 d",
            ),
            ("Freezers verticais, 2 un.", "Mercado Três Cajueiros", "Renata Sobral", date(2026, 4, 30), "13600", ""),
        ],
    ),
    "Diagnóstico": (
        25,
        [
            ("Retrofit de chillers", "Hotel Pedra do Lume", "Helena Prates", date(2026, 5, 29), "148000", ""),
            ("Túnel de congelamento", "Mercado Bom Cesto", "Davi Moreno", date(2026, 5, 20), "97000", "parada 19 d"),
            ("Sala limpa 40 m²", "Clínica Vereda Clara", "Caio Bittar", date(2026, 6, 12), "86200", ""),
            ("Exaustão da cozinha", "Pousada Maré Quieta", "Renata Sobral", date(2026, 4, 24), "21500", ""),
        ],
    ),
    "Proposta": (
        50,
        [
            ("Splits 24.000 BTU, 12 un.", "Academia Corpo Vivaz", "Helena Prates", date(2026, 4, 10), "54300", ""),
            ("Manutenção anual", "Cervejaria Lobo Manso", "Helena Prates", date(2026, 3, 27), "42000", ""),
            (
                "Ventilação do galpão",
                "Transportes Rota Sabiá",
                "Caio Bittar",
                date(2026, 4, 17),
                "33400",
                "parada 12 d",
            ),
            ("Adega climatizada", "Restaurante Fogão Lunar", "Davi Moreno", date(2026, 4, 22), "18700", ""),
        ],
    ),
    "Negociação": (
        75,
        [
            ("Ar central, 3 andares", "Construtora Prumo Alto", "Helena Prates", date(2026, 4, 17), "132500", ""),
            ("Câmara fria 12 m³", "Panificadora Trigo Lilás", "Helena Prates", date(2026, 3, 31), "48600", ""),
            ("VRF da recepção", "Gráfica Papel Manso", "Renata Sobral", date(2026, 4, 3), "27900", ""),
        ],
    ),
    "Fechamento": (
        90,
        [
            ("Expositores, 4 un.", "Mercado Três Cajueiros", "Renata Sobral", date(2026, 3, 18), "39600", ""),
            ("Manutenção 24 meses", "Drogaria Alecrim Real", "Caio Bittar", date(2026, 3, 20), "26400", ""),
            ("Ar da recepção", "Clínica Vereda Clara", "Caio Bittar", date(2026, 3, 16), "11800", ""),
        ],
    ),
}


def _weighted(amount: str, probability: int) -> Decimal:
    return Decimal(amount) * probability / 100


def pipeline_document() -> Document:
    """The report of the printed mock-up: figures, an overlaid chart, and deals grouped by stage."""
    groups, opened, weighted, number = [], [], [], 0
    for stage, (probability, deals) in STAGES.items():
        rows = []
        for name, company, owner, closes, amount, mark in deals:
            number += 1
            values = (name, company, owner, closes, Decimal(amount), probability, _weighted(amount, probability))
            rows.append(Row(values, RecordLink("deal", number), mark))
        groups.append(Group(stage, tuple(rows), f"{len(rows)} oportunidades", {"probability": probability}))
        opened.append(sum(Decimal(deal[4]) for deal in deals))
        weighted.append(sum(_weighted(deal[4], probability) for deal in deals))
    table = Table(
        columns=(
            Column("deal", "Oportunidade"),
            Column("company", "Empresa"),
            Column("owner", "Responsável"),
            Column("closes", "Fecha", "date"),
            Column("amount", "Valor", "money", total="sum"),
            Column("probability", "Prob.", "percent"),
            Column("weighted", "Ponderado", "money", total="sum"),
        ),
        groups=tuple(groups),
        name="Oportunidades",
        group_label="Etapa",
        mark_label="Situação",
        total_label="Total geral",
        total_note="18 oportunidades",
    )
    figures = KeyFigures(
        (
            Figure("Aberto", Decimal("934200"), "money"),
            Figure("Ponderado", Decimal("403775"), "money", emphasis=True),
            Figure("Oportunidades", 18),
            Figure("Valor médio", Decimal("51900"), "money"),
            Figure("Paradas", 3),
        )
    )
    chart = BarChart(
        tuple(STAGES),
        (
            Series("Valor aberto", tuple(opened)),
            Series("Ponderado pela probabilidade", tuple(weighted), short="pond."),
        ),
        title="Valor por etapa, em reais",
        kind="money",
        mode="overlay",
    )
    return Document(
        title="Funil por etapa",
        subtitle="Funil: Vendas de equipamentos · Fecha: 1º semestre de 2026 · Responsável: todos · Ordem: valor",
        blocks=(figures, chart, Heading("Oportunidades"), table),
        as_of=datetime(2026, 3, 12, 13, 42, tzinfo=UTC),
        author="Helena Prates",
        organisation=Organisation("Clima Tupiara", "Rua das Paineiras, 88 · Curitiba, PR · (41) 3555-0100"),
        code="R-07",
        footer="Uso interno",
    )


def list_table(count: int) -> Table:
    """A plain table of ``count`` rows with every kind of value."""
    columns = (
        Column("name", "Nome"),
        Column("city", "Cidade"),
        Column("since", "Cliente desde", "date"),
        Column("orders", "Pedidos", "integer", total="sum"),
        Column("amount", "Comprado", "money", total="sum"),
        Column("share", "Parte", "percent"),
        Column("active", "Ativo", "bool"),
    )
    cities = ("São Paulo", "Belém", "Curitiba", "Goiânia")
    rows = tuple(
        Row(
            (
                f"Cliente número {n:05}",
                cities[n % 4],
                date(2020 + n % 6, n % 12 + 1, n % 28 + 1),
                n % 40,
                Decimal(n * 137 % 100_000) / 4,
                Decimal(n % 1000) / 10,
                n % 3 > 0,
            ),
            RecordLink("contact", n + 1),
        )
        for n in range(count)
    )
    return Table(columns, rows, name="Clientes")


@pytest.fixture(autouse=True)
def brazilian_office(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Brazilian numbers and dates, a fixed time, the source texts of the program."""
    monkeypatch.setenv("TZ", "America/Sao_Paulo")
    i18n.set_language("pt_BR")
    clock.set_clock(lambda: datetime(2026, 3, 12, 13, 44, tzinfo=UTC))
    yield
    clock.set_clock(None)
    formats.set_region("")
    i18n.set_language("en")


@pytest.fixture
def pipeline() -> Document:
    """The report of the printed mock-up."""
    return pipeline_document()
