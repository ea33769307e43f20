"""The page "Fields and forms" as it looks: record types, the arranged form, the properties of what is chosen."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from crm_desktop.core.i18n import _, translate
from ui.framework.office import Office
from ui.settings.fields.form_list import FormList
from ui.settings.fields.panel import FullPanel
from ui.settings.fields.side import SectionPage, TypeList
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton, SegmentedControl
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.headers import Banner, Panel
from ui.widgets.labels import Hairline
from ui.widgets.results import Result
from ui.widgets.themed import margins

_NARROW = 900


class FieldsView(QWidget):
    """The widgets of the page and where they stand; what they do is in the tab."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self._make()
        self._lay_out()

    def _make(self) -> None:
        entities = [
            one for one in self.office.database.schema.entities.values() if one.listed or one.name == "activity"
        ]
        self.types = TypeList(_("Record types"), row_height=32)
        self.types.set_results([Result(one.name, translate(one.plural), icon=one.icon) for one in entities])
        self.types_choice = ChoiceEditor(
            [(one.name, translate(one.plural), one.icon) for one in entities], name=_("Record type"), empty=None
        )
        self.types_choice.setMinimumContentsLength(12)
        self.list = FormList(_("Fields of the form. Alt and the arrows move a field."))
        self.new_button = Button(_("New field"), icon="ph.plus", kind="primary", small=True)
        self.section_button = Button(_("New section"), icon="ph.rows", small=True)
        self.up = IconButton("ph.arrow-up", _("Move up (Alt+Up)"), kind="ghost")
        self.down = IconButton("ph.arrow-down", _("Move down (Alt+Down)"), kind="ghost")
        self.back = Button(_("Back to the default layout"), kind="ghost", small=True, icon="ph.arrow-counter-clockwise")
        self.mode = SegmentedControl([("arrange", _("Arrange")), ("preview", _("Preview"))], small=True)
        self.panel = FullPanel(self.office)

        self.undecided = Banner(
            _("A colleague arranged the same. What you moved is not saved."), kind="warning", icon="ph.git-merge"
        )
        self.decide = Button(_("Choose…"), kind="accent", small=True)
        self.give_up = Button(_("Discard"), kind="ghost", small=True)
        for button in (self.decide, self.give_up):
            self.undecided.add(button)
        self.undecided.hide()

    def _lay_out(self) -> None:
        self.types_panel = Panel()
        self.types_panel.body.addWidget(self.types)
        self.types_panel.setFixedWidth(px(176))
        middle = Panel()
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.types_choice)
        row.addWidget(self.new_button)
        row.addWidget(self.section_button)
        row.addStretch(1)
        margins(head, 8, 8, 8, 4, 6)
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.addWidget(self.mode)
        row.addStretch(1)
        row.addWidget(self.up)
        row.addWidget(self.down)
        margins(tools, 8, 4, 8, 8, 4)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.addWidget(self.back)
        row.addStretch(1)
        margins(foot, 8, 4, 8, 4, 4)
        for widget in (head, tools, Hairline(), self.undecided):
            middle.body.addWidget(widget)
        middle.body.addWidget(self.stack, 1)
        middle.body.addWidget(Hairline())
        middle.body.addWidget(foot)
        right = Panel()
        self.right = QStackedWidget()
        self.section_page = SectionPage()
        self.right.addWidget(self.panel)
        self.right.addWidget(self.section_page)
        right.body.addWidget(self.right)
        middle.setMinimumWidth(px(260))
        right.setMinimumWidth(px(300))
        self.right_panel = right
        whole = QHBoxLayout(self)
        whole.addWidget(self.types_panel)
        whole.addWidget(middle, 5)
        whole.addWidget(right, 5)
        margins(self, 0, 0, 0, 0, 12)
        self.setMinimumHeight(px(360))
        self.types_choice.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < px(_NARROW)
        self.types_panel.setVisible(not narrow)
        self.types_choice.setVisible(narrow)
        self.section_button.setText("" if narrow else _("New section"))
        self.section_button.setAccessibleName(_("New section"))
        self.section_button.setToolTip(_("New section"))
