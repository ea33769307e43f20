"""Made-up screens from the widgets alone, to look at beside the design's pictures."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ui.widgets.avatar import Avatar
from ui.widgets.badges import Tag
from ui.widgets.buttons import Button, IconButton, SegmentedControl, Switch
from ui.widgets.card_button import DoorCard
from ui.widgets.chips import AddChip, Chip
from ui.widgets.facts import Fact, FactsGrid
from ui.widgets.figures import Figure, FigureStrip
from ui.widgets.headers import Banner, PageHeader
from ui.widgets.labels import Hairline, IconLabel, Label, Link, Plane
from ui.widgets.popup import SearchPopup
from ui.widgets.rail import Rail, RailItem
from ui.widgets.results import Result
from ui.widgets.shell import StatusBar, TopBar
from ui.widgets.states import EmptyState, ErrorState
from ui.widgets.steps import StepBar
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.tabs import Tab, TabBar

PEOPLE = [
    ("Marina Queirós", "Panificadora Trigo Lilás", "Curitiba", 48600, "hoje, 09:48"),
    ("Ícaro Bandeira", "Cervejaria Lobo Manso", "Curitiba", 42000, "hoje, 08:15"),
    ("Otávio Lins", "Hotel Pedra do Lume", "Ponta Grossa", 148000, "ontem"),
    ("Joaquim Távora", "Construtora Prumo Alto", "Curitiba", 132500, "ontem"),
    ("Sílvia Amarante", "Mercado Três Cajueiros", "Colombo", 53200, "ontem"),
    ("Beatriz Fontoura", "Clínica Vereda Clara", "Curitiba", 98000, "ter., 10/03"),
    ("Renan Quaresma", "Gráfica Papel Manso", "Pinhais", 27900, "ter., 10/03"),
    ("Lúcia Marçal", "Laticínios Cedrinho", "Castro", 64000, "seg., 09/03"),
    ("Marina Queiroz", "Panificadora Trigo Lilás", "Curitiba", None, "03/03/2026"),
    ("Heloísa Tenório", "Colégio Monte Claro", "Curitiba", None, "22/01/2026"),
]

RAIL = [
    RailItem("today", "Hoje", "ph.sun-horizon"),
    RailItem("contacts", "Contatos", "ph.users"),
    RailItem("companies", "Empresas", "ph.buildings"),
    RailItem("leads", "Leads", "ph.magnet"),
    RailItem("pipeline", "Funil", "ph.columns"),
    RailItem("calendar", "Calendário", "ph.calendar-blank"),
    RailItem("cases", "Chamados", "ph.lifebuoy"),
    RailItem("sales", "Produtos e vendas", "ph.package"),
    RailItem("campaigns", "Campanhas", "ph.megaphone"),
    RailItem("reports", "Relatórios", "ph.chart-bar"),
    RailItem(""),
    RailItem("import", "Importar", "ph.upload-simple"),
    RailItem("trash", "Lixeira", "ph.trash"),
    RailItem("settings", "Configurações", "ph.gear-six"),
]


def people_model() -> ListTableModel:
    """Contacts in a table."""
    columns = [
        Column("name", "Nome", lambda p: p[0], 168, avatar=lambda p: p[0]),
        Column("company", "Empresa", lambda p: p[1], 180, color="text-muted"),
        Column("city", "Cidade", lambda p: p[2], 104, color="text-muted"),
        Column("open", "Aberto (R$)", lambda p: f"{p[3]:,}".replace(",", ".") if p[3] else "–", 92, "end",
               sort=lambda p: p[3]),
        Column("last", "Contato", lambda p: p[4], 100, "end", color="text-muted"),
    ]  # fmt: skip
    return ListTableModel(columns, PEOPLE, key=lambda p: p[0], checks=True)


def people_table() -> DataTable:
    """The table of contacts with the first row current."""
    table = DataTable("Contatos", check_column=0)
    table.setModel(people_model())
    table.set_column_widths([40, 168, 180, 104, 92, 100], stretch=2)
    table.header.set_sorts([(5, Qt.SortOrder.DescendingOrder)])
    table.set_current_row(0)
    return table


def window(page: QWidget, current: str = "contacts") -> QWidget:
    """A page in the frame of the main window."""
    whole = QWidget()
    whole.resize(1440, 900)
    rail = Rail(RAIL, "Clima Tupiara")
    rail.set_current(current)
    rail.set_badge("today", "5")
    rail.set_badge("leads", "3")
    rail.set_badge("cases", "3", "danger", "ph.timer")
    top = TopBar()
    top.set_undo("Desfazer: editar telefone")
    top.new.setText("Novo contato")
    top.user.set_name("Helena Prates")
    top.jobs.set_state("Conferindo backup", 0.62)
    top.jobs.show()
    status = StatusBar()
    status.database.set_state("ph.hard-drives", "Servidor do escritório")
    status.connection.set_state("ph.check-circle", "Conectado", "success")
    status.backup.set_state("ph.shield-check", "Backup comprovado: hoje, 02:14")
    status.set_shown("214 contatos")
    outer = QVBoxLayout(whole)
    middle = QHBoxLayout()
    right = QVBoxLayout()
    right.addWidget(top)
    right.addWidget(page, 1)
    middle.addWidget(rail)
    middle.addLayout(right, 1)
    outer.addLayout(middle, 1)
    outer.addWidget(status)
    for layout in (outer, middle, right):
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
    return whole


def contacts() -> QWidget:
    """Picture 02 as far as the widgets go."""
    left, right = Plane(), Plane()
    header = PageHeader("Contatos", "214 de 1.248", left=16, right=12)
    header.add(Button("Imprimir", icon="ph.printer", small=True))
    header.add(IconButton("ph.dots-three", "Mais"))
    tabs = TabBar(
        [
            Tab("all", "Todos"),
            Tab("mine", "Meus clientes", "ph.star"),
            Tab("old", "Sem contato há 60 dias"),
            Tab("birthday", "Aniversários do mês"),
        ],
        padding=12,
        addable="Nova visão",
    )
    tabs.set_current("mine")
    bar = QWidget()
    chips = QHBoxLayout(bar)
    chips.setContentsMargins(16, 10, 12, 10)
    chips.setSpacing(8)
    chips.addWidget(IconLabel("ph.funnel-simple"))
    chips.addWidget(Chip("Etiqueta: cliente", removable=True))
    chips.addWidget(Chip("Responsável: eu", removable=True))
    chips.addWidget(AddChip("Filtro"))
    chips.addStretch(1)
    chips.addWidget(Button("Salvar visão", icon="ph.floppy-disk", kind="ghost", small=True))
    chips.addWidget(IconButton("ph.sliders-horizontal", "Colunas", kind="ghost"))
    chips.addWidget(IconButton("ph.sort-ascending", "Ordem", kind="ghost"))
    bar.setFixedHeight(44)
    stack(left, header, tabs, bar, people_table())
    facts = FactsGrid()
    facts.set_facts(
        [
            Fact("mobile", "Celular", "(41) 95550-0142", icon="ph.whatsapp-logo"),
            Fact("email", "E-mail", "marina@trigolilas.example", link=True),
            Fact("owner", "Responsável", "Helena Prates", avatar="Helena Prates"),
            Fact("city", "Cidade", "Curitiba, Água Verde"),
            Fact("birthday", "Aniversário", "23 de abril"),
            Fact("bought", "Comprou até hoje", "R$ 73.250,00", strong=True),
        ]
    )
    banner = Banner("ligar amanhã, 10:00, e fechar o prazo", strong="Próximo passo:", icon="ph.flag-banner")
    banner.add(Button("Feito", icon="ph.check", kind="ghost", small=True))
    record_tabs = TabBar(
        [
            Tab("timeline", "Linha do tempo"),
            Tab("data", "Dados"),
            Tab("deals", "Oportunidades", badge="2"),
            Tab("cases", "Chamados", badge="1", badge_kind="warning"),
            Tab("files", "Arquivos", badge="4"),
        ],
        padding=16,
    )
    stack(right, record_head(), Hairline(), facts, inset(banner, 24), record_tabs, timeline_chips())
    right.layout().addStretch(1)
    splitter = QSplitter()
    splitter.addWidget(left)
    splitter.addWidget(right)
    splitter.setSizes([676, 556])
    return splitter


def record_head() -> QWidget:
    """The head of a record."""
    head = QWidget()
    box = QVBoxLayout(head)
    box.setContentsMargins(24, 16, 16, 12)
    row = QHBoxLayout()
    row.addWidget(Avatar("Marina Queirós", 48))
    names = QVBoxLayout()
    first = QHBoxLayout()
    first.addWidget(Label("Marina Queirós", "title"))
    first.addWidget(IconLabel("ph.star"))
    first.addWidget(Tag("cliente", 3))
    first.addWidget(Tag("padarias", 4))
    first.addStretch(1)
    names.addLayout(first)
    second = QHBoxLayout()
    second.addWidget(Label("Sócia e compras,", color="text-muted"))
    second.addWidget(Link("Panificadora Trigo Lilás"))
    second.addStretch(1)
    names.addLayout(second)
    row.addLayout(names, 1)
    row.addWidget(IconButton("ph.caret-up", "Anterior"))
    row.addWidget(IconButton("ph.caret-down", "Próximo"))
    row.addWidget(IconButton("ph.arrow-square-out", "Janela própria"))
    box.addLayout(row)
    actions = QHBoxLayout()
    for name, text in (("phone", "Ligar"), ("envelope-simple", "E-mail"), ("calendar-plus", "Agendar")):
        actions.addWidget(Button(text, icon=f"ph.{name}", small=True))
    actions.addWidget(IconButton("ph.dots-three", "Mais"))
    actions.addStretch(1)
    actions.addWidget(IconButton("ph.printer", "Imprimir"))
    box.addLayout(actions)
    return head


def timeline_chips() -> QWidget:
    """The choices over a timeline."""
    bar = QWidget()
    row = QHBoxLayout(bar)
    row.setContentsMargins(24, 12, 24, 12)
    row.setSpacing(4)
    for number, text in enumerate(("Tudo", "Notas", "Ligações", "E-mails", "Alterações")):
        chip = Chip(text, checkable=True)
        chip.setChecked(number == 0)
        row.addWidget(chip)
    row.addStretch(1)
    row.addWidget(Label("Com a empresa", "secondary", "text-muted"))
    switch = Switch("Com a empresa")
    switch.setChecked(True)
    row.addWidget(switch)
    return bar


def today_strip() -> QWidget:
    """The four figures of picture 01."""
    page = Plane()
    up = (1, 1.4, 1.2, 2, 2.2, 2.2, 3, 3.4, 4, 4.2)
    strip = FigureStrip(
        [
            Figure("Ganho em março", "R$ 186.400", "78 % da meta de R$ 240.000", "ph.target", "accent", line=up),
            Figure("Previsão ponderada", "R$ 403.775", "8 % acima de fevereiro", "ph.trend-up", "success", line=up),
            Figure("Funil aberto", "R$ 934.200", "18 oportunidades, 3 paradas", "ph.columns", line=up),
            Figure("Primeira resposta no prazo", "94 %", "meta de 90 %, 47 chamados", "ph.check-circle", "success",
                   line=up),
        ]
    )  # fmt: skip
    header = PageHeader("Hoje", "quinta-feira, 12 de março de 2026")
    header.add(SegmentedControl([("me", "Para mim"), ("team", "Equipe")]))
    header.add(Button("Imprimir o dia", icon="ph.printer"))
    stack(page, header, inset(strip, 24))
    page.layout().addStretch(1)
    return page


def empty() -> QWidget:
    """Picture 13."""
    state = EmptyState(
        "ph.megaphone",
        "Ainda não há campanhas",
        "Uma campanha leva a mesma mensagem a muitos clientes, por e-mail, carta ou telefone, e mostra quanto ela "
        "vendeu.",
        button="Criar a primeira campanha",
        second="Ver um exemplo",
        steps=[
            ("ph.users", "Quem recebe", "Uma visão salva ou um filtro. Quem não autorizou fica fora sozinho."),
            ("ph.envelope-simple", "O que recebe", "E-mail, carta ou etiqueta, com o nome de cada um."),
            ("ph.chart-line", "O que voltou", "Respostas, vendas e custo, lado a lado."),
        ],
    )
    page = Plane()
    stack(page, PageHeader("Campanhas"), state)
    return page


def error() -> QWidget:
    """Picture 13c."""
    state = ErrorState()
    state.set_error(
        "O servidor do escritório não responde",
        "A conexão caiu às 10:42, durante este relatório. O que você escreveu está guardado neste computador e será "
        "gravado quando ela voltar.",
        details="connection refused",
        button="Tentar agora",
        icon="ph.wifi-slash",
    )
    state.set_second_button("Ver a cópia de hoje, 02:14", "ph.laptop")
    state.set_note("Nova tentativa em 8 s")
    page = Plane()
    stack(page, PageHeader("Funil por etapa"), state)
    return page


def doors() -> QWidget:
    """Picture 08."""
    page = Plane("sunken")
    page.resize(1440, 900)
    box = QVBoxLayout(page)
    box.addStretch(1)
    box.addWidget(Label("Where will your customers live?", "hero"), 0, Qt.AlignmentFlag.AlignHCenter)
    box.addSpacing(24)
    row = QHBoxLayout()
    row.setSpacing(24)
    row.addStretch(1)
    row.addWidget(
        DoorCard(
            "ph.desktop", "On this computer", "One person, or one shared computer. Ready in a few seconds.",
            ["A single file that you own", "Works with no network at all", "Backed up and test-restored daily"],
            "Start here", recommended=True,
        )
    )  # fmt: skip
    row.addWidget(
        DoorCard(
            "ph.users-three", "In the office", "Join colleagues who already share a database on your network.",
            ["Everyone sees changes at once", "Your own sign-in and rights", "Take it along on a laptop"],
            "Join Clima Tupiara", hue=2,
        )
    )  # fmt: skip
    row.addStretch(1)
    box.addLayout(row)
    box.addStretch(1)
    return page


def steps() -> QWidget:
    """The steps of picture 06."""
    page = Plane()
    words = ("Arquivo", "Tipos", "Colunas", "Chaves", "Valores", "Ensaio", "Gravar", "Resultado")
    stack(page, PageHeader("Importar clientes_2019.xls", "planilha “Plan1” · 2.430 linhas"), StepBar(words, 2))
    narrow = StepBar(words, 5)
    narrow.setFixedWidth(560)
    page.layout().addWidget(narrow)
    page.layout().addStretch(1)
    page.resize(1232, 220)
    return page


def palette() -> SearchPopup:
    """Picture 11."""
    groups = [("all", "Tudo"), ("records", "Registros"), ("commands", "Comandos"), ("reports", "Relatórios")]
    popup = SearchPopup("Buscar nomes, telefones, comandos…", groups)
    popup.line.setText("trig")
    popup.set_results(
        [
            Result(None, "Registros", group=True),
            Result(1, "Panificadora Trigo Lilás", "Empresa · Curitiba · 2 oportunidades", "ph.buildings",
                   key_cap="Enter"),
            Result(2, "Marina Queirós", "Contato · Panificadora Trigo Lilás", avatar="Marina Queirós"),
            Result(3, "Câmara fria 12 m³", "Oportunidade · Trigo Lilás · Negociação", "ph.columns",
                   trailing="R$ 48.600", trailing_font="strong"),
            Result(4, "2026-000417 Balcão refrigerado não gela", "Trigo Lilás", "ph.lifebuoy",
                   badge=("0:38", "warning", "ph.timer")),
            Result(None, "Comandos", group=True),
            Result(5, "Nova oportunidade para Panificadora Trigo Lilás", icon="ph.plus", key_cap="Ctrl N"),
        ],
        "14 resultados · 6 ms",
    )  # fmt: skip
    popup.set_counts({"records": 7, "commands": 4, "reports": 2})
    return popup


def stack(parent: QWidget, *widgets: QWidget) -> None:
    """Widgets under each other, without gaps."""
    box = QVBoxLayout(parent)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    for widget in widgets:
        box.addWidget(widget)


def inset(widget: QWidget, sides: int) -> QWidget:
    """A widget with room at its sides."""
    outer = QWidget()
    box = QVBoxLayout(outer)
    box.setContentsMargins(sides, 0, sides, 8)
    box.addWidget(widget)
    return outer
