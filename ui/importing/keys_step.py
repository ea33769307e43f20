"""The step that says how records are recognised, and what happens to those that are here already."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.formats import format_integer, format_percent
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.importing.deleted import LATELY
from crm_desktop.importing.known_headers import EMAIL, EXTRA, JOIN, TIME
from crm_desktop.importing.plan import AS_NEW, BOTH, CREATE, DELETED, LEAVE, RESTORE, SKIP, UPDATE
from crm_desktop.importing.targets import EXTERNAL_ID, TAGS
from ui.importing.defaults_box import DefaultsBox
from ui.importing.draft import Draft
from ui.importing.keys_found import KeysFound
from ui.importing.keys_list import KeyChoice, KeysList
from ui.importing.session import ImportSession
from ui.importing.step import Missing, Step
from ui.importing.words import field_label
from ui.theme.theme import px
from ui.widgets.buttons import Switch
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.frames import scrolled
from ui.widgets.labels import Hairline, Label
from ui.widgets.themed import margins, on_theme

_NOT_ALONE = (EXTRA, JOIN, TIME, EMAIL)
_TELLING = frozenset({
    Kind.TEXT, Kind.EMAIL, Kind.PHONE, Kind.TAX_ID, Kind.URL, Kind.INTEGER, Kind.DATE, Kind.DATETIME, Kind.LOCAL_DATETIME,
})  # fmt: skip


class KeysStep(Step):
    """Mode, key fields, and the switches of the plan."""

    key = "keys"
    per_part = True

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.modes: dict[str, QRadioButton] = {}
        self._mode_notes: dict[str, Label] = {}
        self._group = QButtonGroup(self)
        self.mode_title, self.key_title = Label("", "section"), Label("", "section")
        self.more_title = Label("", "section")
        self.key_text = Label("", "secondary", "text-muted", wrap=True)
        self.list = KeysList()
        self.list.chosen.connect(lambda names: session.change(keys=names))
        self.deleted_title = Label("", "section")
        self.deleted_text = Label("", "secondary", "text-muted", wrap=True)
        self.deleted: dict[str, QRadioButton] = {}
        self._deleted_group = QButtonGroup(self)
        self.found = KeysFound(session)
        self.whole = Label("", "secondary", "text-muted", wrap=True)
        self.parents = _Switched()
        self.parents.switch.clicked.connect(lambda on: session.change(create_parents=on))
        self.similar = _Switched()
        self.similar.switch.clicked.connect(lambda on: session.change(similar=on))
        self.blanks = _Switched()
        self.blanks.switch.clicked.connect(lambda on: session.change(overwrite_blanks=on))
        self.country_label = Label("", wrap=True)
        self.country = ChoiceEditor(empty=None)
        self.country.edited.connect(lambda: session.change(country=self.country.value() or ""))
        self.defaults = DefaultsBox(session)
        self._lay_out()
        session.plan_changed.connect(self._show)
        session.checked.connect(self._show)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.addWidget(self.mode_title)
        for mode in (BOTH, SKIP, CREATE, UPDATE):
            radio = QRadioButton()
            radio.clicked.connect(lambda _on=False, mode=mode: self.session.change(mode=mode))
            note = Label("", "secondary", "text-muted", wrap=True)
            note.setContentsMargins(px(24), 0, 0, 0)
            self.modes[mode], self._mode_notes[mode] = radio, note
            self._group.addButton(radio)
            column.addWidget(radio)
            column.addWidget(note)
        column.addSpacing(px(20))
        column.addWidget(self.key_title)
        column.addWidget(self.key_text)
        column.addWidget(self.list)
        column.addWidget(self.whole)
        column.addSpacing(px(20))
        column.addWidget(self.similar)
        column.addSpacing(px(20))
        column.addWidget(self.deleted_title)
        column.addWidget(self.deleted_text)
        for choice in DELETED:
            radio = QRadioButton()
            radio.clicked.connect(lambda _on=False, choice=choice: self.session.change(deleted=choice))
            self.deleted[choice] = radio
            self._deleted_group.addButton(radio)
            column.addWidget(radio)
        column.addSpacing(px(20))
        column.addWidget(self.more_title)
        column.addWidget(self.parents)
        column.addWidget(self.blanks)
        line = QHBoxLayout()
        line.setSpacing(px(12))
        line.addWidget(self.country_label, 1)
        line.addWidget(self.country)
        on_theme(self, lambda: self.country.setMinimumWidth(px(220)))
        column.addLayout(line)
        column.addSpacing(px(20))
        column.addWidget(self.defaults)
        column.addStretch(1)
        margins(inside, 24, 24, 24, 24, 6)
        on_theme(inside, lambda: inside.setMaximumWidth(px(760)))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(scrolled(inside), 1)
        box.addWidget(Hairline(vertical=True))
        side = scrolled(self.found)
        on_theme(side, lambda: side.setFixedWidth(px(320)))
        box.addWidget(side)

    # -- the step ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        return _("Keys")

    def entered(self) -> None:
        self.found.forget()
        self._show()
        draft = self.draft
        if draft is not None and draft.plan is not None:
            self.modes[draft.plan.mode].setFocus()

    def missing_of(self, draft: Draft) -> Missing | None:
        if draft.plan is None or draft.plan.mode == CREATE:
            return None
        if draft.plan.keys or draft.plan.whole or EXTERNAL_ID in draft.plan.targets:
            return None
        return Missing(
            _("Nothing has been written. No field tells whether a record is here already:"), _("choose one"), self.jump
        )

    def sentence(self) -> str:
        draft = self.draft
        if draft is None or draft.plan is None:
            return ""
        if draft.plan.mode == CREATE:
            return _("Nothing has been written. Every row will become a new record.")
        used = {*draft.plan.keys, EXTERNAL_ID}
        names = [field_label(one) for one in self._key_fields(draft) if one.name in used]
        if not names:
            return _("Nothing has been written. Rows that are the same in every cell count as one.")
        return _("Nothing has been written. Records are looked up by {fields}.").format(fields=", ".join(names))

    def jump(self) -> None:
        """Go to the first key field."""
        for row in self.list.rows.values():
            row.box.setFocus(Qt.FocusReason.TabFocusReason)
            return

    def retranslate(self) -> None:
        words = {
            BOTH: (
                _("Add new records and update those that are here"),
                _("What the file says replaces what is here, cell by cell."),
            ),
            SKIP: (
                _("Add new records, leave those that are here alone"),
                _("Rows whose record is here are counted as duplicates."),
            ),
            CREATE: (
                _("Add every row as a new record"),
                _("Nothing is looked up. Only rows that are the same twice count once."),
            ),
            UPDATE: (
                _("Only update records that are here"),
                _("Rows without a record are handed back as rejected."),
            ),
        }
        for mode, (text, note) in words.items():
            self.modes[mode].setText(text)
            self.modes[mode].setAccessibleDescription(note)
            self._mode_notes[mode].setText(note)
        self.mode_title.setText(_("What happens to records that are here already?"))
        self.key_title.setText(_("How is a record recognised?"))
        self.more_title.setText(_("More"))
        self.deleted_title.setText(_("What happens to records that were deleted lately?"))
        looked_up = _(
            "Rows without a record are also looked up among what was deleted in the last {n} days. "
            "What is brought back has its notes, files, links and tags again."
        )
        self.deleted_text.setText(looked_up.format(n=format_integer(LATELY.days)))
        self.deleted[RESTORE].setText(_("Bring them back and update them"))
        self.deleted[AS_NEW].setText(_("Add them as new records"))
        self.deleted[LEAVE].setText(_("Leave these rows out"))
        self.found.retranslate()
        self.parents.set_words(_("Add companies and other records that rows link to, where they are missing"))
        self.similar.set_words(_("Also recognise records that surely are the same although no key says so (a slip in the name, the same phone)"))  # fmt: skip
        self.blanks.set_words(_("An empty cell clears the value that is here"))
        self.country_label.setText(_("Country of phones and tax numbers without one"))
        self.country.setAccessibleName(self.country_label.text())
        self.defaults.retranslate()
        self._show()

    # -- showing -----------------------------------------------------------------------------------------------

    def _key_fields(self, draft: Draft) -> list[Field]:
        """The fields that can tell records apart: the usual ones of the record type first, then what is mapped."""
        assert draft.plan is not None
        usable = {one.target for one in draft.plan.columns if one.target and one.transform not in _NOT_ALONE}
        people = {"first_name", "last_name"} & usable
        ordered = [name for name in draft.plan.keys if name in usable or (name == "name" and people)]
        if EXTERNAL_ID in usable:  # whatever else is chosen, an id of the other program comes first
            ordered = [EXTERNAL_ID, *(name for name in ordered if name != EXTERNAL_ID)]
        found = [draft.field_named(name) for name in ordered]
        usual = self.session.schema.entity(draft.plan.entity).key_fields
        others = [
            one
            for one in (draft.guess.targets if draft.guess else ())
            if one.name in usable and one.name not in ordered and _may_tell(one)
        ]
        others.sort(key=lambda one: usual.index(one.name) if one.name in usual else len(usual))
        return [one for one in [*found, *others] if one is not None]

    def _show(self) -> None:
        draft = self.draft
        if draft is None or draft.plan is None:
            return
        plan = draft.plan
        self.modes[plan.mode].setChecked(True)
        looks = plan.mode != CREATE
        first = _("A row is looked up by the first of these that it has; those below help where the first is empty.")
        second = _("If two of them speak of two records, the row is rejected and both are named.")
        nothing = _("Every row becomes a new record, so nothing is looked up.")
        self.key_text.setText(f"{first} {second}" if looks else nothing)
        self._show_keys(draft, looks)
        self.whole.setText(self._whole_text(draft))
        self.whole.setVisible(looks and bool(self.whole.text()))
        for widget in (self.deleted_title, self.deleted_text, *self.deleted.values()):
            widget.setVisible(looks)
        self.deleted[plan.deleted if plan.deleted in self.deleted else RESTORE].setChecked(True)
        self.similar.switch.setChecked(plan.similar)
        self.similar.setVisible(looks and plan.entity in ("contact", "company"))
        self.parents.switch.setChecked(plan.create_parents)
        self.parents.setVisible(any(one.kind is Kind.LINK for one in self._targets(draft)))
        self.blanks.switch.setChecked(plan.overwrite_blanks)
        self.blanks.setVisible(plan.mode in (BOTH, UPDATE))
        speaks = any(one.kind in (Kind.PHONE, Kind.TAX_ID) for one in self._targets(draft))
        for widget in (self.country_label, self.country):
            widget.setVisible(speaks)
        if self.country.count() == 0 and speaks:
            named = sorted(
                (formats.country_name(code), code)
                for code in formats.shape().words.territories
                if len(code) == 2 and code.isalpha()
            )
            self.country.set_options([(code, name) for name, code in named])
        self.country.set_value(plan.country or formats.default_country())
        self.defaults.show_plan(draft)
        if self.isVisible():
            self.found.follow(draft)
        self.changed.emit()

    @staticmethod
    def _whole_text(draft: Draft) -> str:
        """How rows without any key are compared."""
        assert draft.plan is not None
        fields = [draft.field_named(name) for name in draft.plan.whole]
        names = ", ".join(field_label(one) for one in fields if one is not None)
        if not names:
            return ""
        if draft.plan.keys:
            return _("A row that has none of them is compared as a whole: {fields}.").format(fields=names)
        return _("No column tells the records apart. A row is compared as a whole: {fields}.").format(fields=names)

    @staticmethod
    def _targets(draft: Draft) -> list[Field]:
        found = [draft.target(i) for i in range(len(draft.columns()))]
        return [one for one in found if one is not None]

    def _show_keys(self, draft: Draft, looks: bool) -> None:
        assert draft.plan is not None
        title = self.session.schema.entity(draft.plan.entity).title_field
        choices = []
        for one in self._key_fields(draft):
            fixed = one.name == EXTERNAL_ID
            used = fixed or one.name in draft.plan.keys
            quality, weak = self._quality(draft, one.name), one.name == title
            choices.append(KeyChoice(one.name, field_label(one), quality, used and looks, fixed, weak))
        self.list.show_keys(choices, enabled=looks)

    @staticmethod
    def _quality(draft: Draft, name: str) -> str:
        """How well a field tells records apart in this file."""
        for position, column in enumerate(draft.columns()):
            check = draft.checks.get(position)
            if draft.planned(position).target == name and column.filled and check is not None and check.filled:
                rows = ngettext("{n} row has it", "{n} rows have it", column.filled)
                share = round(100 * check.distinct / check.filled)
                told = _("all different") if check.distinct == check.filled else ""
                told = told or _("{percent} different").format(percent=format_percent(min(share, 99)))
                return f"{rows.format(n=format_integer(column.filled))}, {told}"
        return ""


def _may_tell(one: Field) -> bool:
    """Whether the values of a field can tell records apart."""
    return one.kind in _TELLING and not one.child.startswith("addresses.") and one.name != TAGS


class _Switched(QWidget):
    """A switch with its words."""

    def __init__(self) -> None:
        super().__init__()
        self.switch = Switch()
        self.label = Label("", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.label, 1)

    def set_words(self, text: str) -> None:
        """Name it."""
        self.label.setText(text)
        self.switch.setAccessibleName(text)
