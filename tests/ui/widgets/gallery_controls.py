"""Every control of the widgets once, on one page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from crm_desktop.core.fields import Kind
from tests.ui.widgets.gallery import PEOPLE
from ui.widgets.avatar import Avatar
from ui.widgets.badges import BADGE_KINDS, Badge, KeyCap, Tag
from ui.widgets.buttons import Button, SegmentedControl, SplitButton, Switch
from ui.widgets.card_button import ActionCard, CountCard
from ui.widgets.editor_base import LongTextEditor, MoneyEditor, PhoneEditor, TextEditor, ValueEditor
from ui.widgets.editor_choice import BoolEditor, ChoiceEditor, RecordPicker
from ui.widgets.editor_dates import DateEditor, DateTimeEditor, TimeEditor
from ui.widgets.editor_tags import TagsEditor
from ui.widgets.figures import Figure, FigureStrip
from ui.widgets.flow import FlowLayout
from ui.widgets.headers import Panel, SectionHeader
from ui.widgets.labels import Plane
from ui.widgets.month import MonthPicker
from ui.widgets.progress import Bar
from ui.widgets.search_box import SearchBox
from ui.widgets.two_line import Line, TwoLineList


def controls() -> QWidget:
    """Every control once."""
    page = Plane()
    columns = QHBoxLayout(page)
    columns.setContentsMargins(24, 16, 24, 16)
    columns.setSpacing(24)
    columns.addLayout(_buttons_column(), 1)
    columns.addLayout(_editors_column(), 1)
    columns.addLayout(_lists_column(), 1)
    page.resize(1280, 900)
    return page


def _buttons_column() -> QVBoxLayout:
    box = QVBoxLayout()
    for small in (False, True):
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Button("Gravar", kind="primary", key="Ctrl+S", small=small))
        row.addWidget(Button("Agendar", icon="ph.calendar-plus", small=small))
        row.addWidget(Button("Copiar", icon="ph.copy", kind="ghost", small=small))
        row.addWidget(Button("Apagar", icon="ph.trash", kind="danger", small=small))
        row.addStretch(1)
        box.addLayout(row)
    row = QHBoxLayout()
    off = Button("Desligado", icon="ph.printer")
    off.setEnabled(False)
    row.addWidget(off)
    off = Button("Desligado", kind="primary")
    off.setEnabled(False)
    row.addWidget(off)
    row.addWidget(SplitButton("Novo", icon="ph.plus", key="Ctrl+N"))
    row.addStretch(1)
    box.addLayout(row)
    box.addWidget(SegmentedControl([("d", "Dia"), ("w", "Semana"), ("m", "Mês"), ("l", "Lista", "ph.list-bullets")]))
    flow = QWidget()
    layout = FlowLayout(flow, 8)
    for kind in BADGE_KINDS:
        layout.addWidget(Badge("0:38", kind, "ph.timer"))
        layout.addWidget(Badge("12", kind))
    for number in range(1, 9):
        layout.addWidget(Tag(f"etiqueta {number}", number))
    for key in ("Ctrl K", "Enter", "Esc"):
        layout.addWidget(KeyCap(key))
    box.addWidget(flow)
    row = QHBoxLayout()
    for name, _company, *_rest in PEOPLE[:8]:
        row.addWidget(Avatar(name, 28))
    box.addLayout(row)
    checks = QHBoxLayout()
    for state in (Qt.CheckState.Checked, Qt.CheckState.PartiallyChecked, Qt.CheckState.Unchecked):
        check = QCheckBox("Caixa")
        check.setTristate(state == Qt.CheckState.PartiallyChecked)
        check.setCheckState(state)
        checks.addWidget(check)
    radio = QRadioButton("Uma")
    radio.setChecked(True)
    checks.addWidget(radio)
    checks.addWidget(Switch("Ligado"))
    box.addLayout(checks)
    counts = QHBoxLayout()
    for label, count, icon, color in (
        ("Novos", "1.846", "ph.plus-circle", "success"),
        ("Alterados", "312", "ph.pencil-simple", "accent"),
        ("Rejeitados", "23", "ph.x-circle", "danger"),
    ):
        card = CountCard(label, count, icon, color)
        card.setChecked(label == "Alterados")
        counts.addWidget(card)
    box.addLayout(counts)
    box.addWidget(ActionCard("ph.calendar-plus", "Agendar tarefa", "A mesma tarefa para cada um"))
    bar = Bar()
    bar.set_fraction(0.62)
    box.addWidget(bar)
    box.addWidget(MonthPicker())
    box.addStretch(1)
    return box


def _editors_column() -> QVBoxLayout:
    box = QVBoxLayout()
    box.setSpacing(8)
    wrong = ValueEditor(Kind.DATE, name="Data")
    wrong.setText("31/02")
    wrong.tidy()
    picker = RecordPicker(lambda _text: [], name="Contato", icon="ph.user")
    picker.set_value(1, "Marina Queirós")
    tags = TagsEditor(name="Etiquetas")
    tags.set_value(["cliente", "padarias", "revenda"])
    choice = ChoiceEditor([("a", "Vendas de equipamentos"), ("b", "Contratos")], name="Funil", empty=None)
    text = LongTextEditor(name="Nota")
    text.set_value("Confirmou as medidas, 3,2 × 4,0 m.\nPede instalação até 10/04.")
    for widget in (
        SearchBox("Buscar nomes, telefones, comandos…", key="Ctrl+K"),
        SearchBox("Achar coluna", small=True),
        TextEditor(name="Nome", placeholder="Nome"),
        MoneyEditor(name="Valor"),
        PhoneEditor(name="Celular"),
        DateEditor(name="Dia"),
        DateTimeEditor(name="Quando"),
        TimeEditor(name="Hora"),
        wrong,
        choice,
        picker,
        tags,
        text,
        BoolEditor("Incluir o nono dígito"),
    ):
        box.addWidget(widget)
    box.addStretch(1)
    return box


def _lists_column() -> QVBoxLayout:
    box = QVBoxLayout()
    tasks = TwoLineList("Atrasadas")
    tasks.set_lines(
        [
            Line(1, "Enviar contrato de manutenção", "Cervejaria Lobo Manso", False,
                 badge=("3 dias", "danger", "ph.warning")),
            Line(2, "Ligar sobre a sala limpa", "Clínica Vereda Clara", True, badge=("ontem", "danger", "ph.warning")),
            Line(3, "Confirmar equipe de instalação", "Mercado Três Cajueiros", False,
                 badge=("12:00", "neutral", "ph.clock")),
        ]
    )  # fmt: skip
    header = SectionHeader("Atrasadas", icon="ph.warning-circle", badge="4", badge_kind="danger", link="Ver todas")
    panel = Panel(header)
    panel.body.addWidget(tasks)
    tasks.setFixedHeight(tasks.content_height())
    box.addWidget(panel)
    deals = TwoLineList("Esfriando", height=56)
    deals.set_lines(
        [
            Line(1, "Climatização do salão", "Restaurante Fogão Lunar", button="ph.calendar-plus",
                 trailing=("R$ 29.800", "text", ""), trailing_sub=("parada há 23 dias", "warning", "ph.snowflake")),
            Line(2, "Vazamento na câmara fria", "2026-000412", trailing=("−0:12", "danger", "ph.warning"),
                 trailing_sub=("solução", "text-muted", ""), bar=(1.0, "danger")),
            Line(3, "Caio Bittar", "“@Helena aprova 4× sem juros?” · 14 min", avatar="Caio Bittar"),
        ]
    )  # fmt: skip
    panel = Panel(SectionHeader("Oportunidades esfriando", icon="ph.snowflake", badge="3", badge_kind="warning"))
    panel.body.addWidget(deals)
    deals.setFixedHeight(deals.content_height())
    box.addWidget(panel)
    figures = [
        Figure("Aberto", "R$ 934.200", key="open"),
        Figure("Ponderado", "R$ 403.775", color="accent"),
        Figure("Paradas", "3"),
    ]
    box.addWidget(FigureStrip(figures, compact=True))
    box.addStretch(1)
    return box
