"""The rules for duplicates in the settings: what is compared, how, from which score on, and a trial on the office's data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.errors import FieldError, SettingChanged
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.dedupe import explain, settings
from crm_desktop.dedupe.rules import HOWS, IMPORT, SCAN, TYPING, WEIGHTS, Comparison, Rule, default_rule
from crm_desktop.dedupe.scan import Trial, try_rule
from crm_desktop.dedupe.sources import PEOPLE, fields_to_compare
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.framework.pending import is_away
from ui.framework.tasks import JobHandle
from ui.records.room import clear_layout
from ui.records.settled import settle_setting
from ui.records.shown import label_of
from ui.theme.theme import px
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, IconButton, SegmentedControl, Switch
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.progress import Bar
from ui.widgets.themed import margins

_WHAT = {
    TYPING: N_("While somebody fills in a form: broad, since people decide."),
    IMPORT: N_("While a file is imported: strict, since nobody watches each row."),
    SCAN: N_("While the whole office is searched for duplicates."),
}
_MOMENTS = ((TYPING, N_("While typing")), (IMPORT, N_("Import")), (SCAN, N_("Search")))


class ComparisonRow(QWidget):
    """A field, how it is compared, and how much that counts."""

    def __init__(self, owner: RulesTab, one: Comparison, fields: list[tuple[str, str]]) -> None:
        super().__init__()
        self.field = ChoiceEditor(fields, name=_("Field"), empty=None)
        self.how = ChoiceEditor([(way.key, translate(way.label)) for way in HOWS], name=_("How"), empty=None)
        self.weight = ChoiceEditor([(way.key, translate(way.label)) for way in WEIGHTS], name=_("How much it counts"), empty=None)  # fmt: skip
        self.field.set_value(one.field)
        self.how.set_value(one.how)
        self.weight.set_value(f"{one.weight:g}")
        self.remove = IconButton("ph.trash", _("Take out"), kind="ghost")
        self.remove.clicked.connect(lambda: owner.remove(self))
        row = QHBoxLayout(self)
        for editor, width in ((self.field, 200), (self.how, 200), (self.weight, 110)):
            editor.setMinimumWidth(px(width))
            editor.edited.connect(owner.edited)
            row.addWidget(editor)
        row.addWidget(self.remove)
        row.addStretch(1)
        margins(self, 0, 0, 0, 0, 8)

    def comparison(self) -> Comparison:
        """What is chosen."""
        return Comparison(self.field.value(), self.how.value(), float(self.weight.value() or 1))


class RulesTab(QWidget):
    """One rule at a time, by record type and moment."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.rows: list[ComparisonRow] = []
        self._rules: dict[tuple[str, str], Rule] = {}
        self._seen: Rule | None = None
        self._job: JobHandle | None = None
        schema = office.database.schema
        self.which = SegmentedControl([(name, translate(schema.entity(name).plural)) for name in settings.ENTITIES])
        self.moment = SegmentedControl([(key, translate(text)) for key, text in _MOMENTS])
        self.which.setAccessibleName(_("Record type"))
        self.moment.setAccessibleName(_("Used for"))
        self.moment.set_value(SCAN)
        for control in (self.which, self.moment):
            control.changed.connect(lambda _key: self._show())
        self.what = Label("", "body", "text-muted", wrap=True)
        self.active = Switch(_("Active"))
        self.active.toggled.connect(lambda _on: self.edited())
        self.look, self.same = self._score(_("Look from")), self._score(_("Same from"))
        self.column = QVBoxLayout()
        self.column.setSpacing(px(8))
        self.add = Button(_("Add a field"), icon="ph.plus", kind="accent", small=True)
        self.add.clicked.connect(self._add_field)
        self.problem = Label("", "body", "danger", wrap=True)
        self.save_button = Button(_("Save"), kind="primary")
        self.save_button.clicked.connect(self.save)
        self.reset_button = Button(_("Back to defaults"))
        self.reset_button.clicked.connect(self.reset)
        self.try_button = Button(_("Try it"), icon="ph.play")
        self.try_button.clicked.connect(self.try_it)
        self.bar = Bar(width=160)
        self.bar.hide()
        self.outcome = Label("", "strong", wrap=True)
        self.samples = QVBoxLayout()
        self.samples.setSpacing(px(4))
        self._lay_out()
        office.records_changed.connect(self._on_records_changed)
        self.reload()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("duplicate_rule"):
            self.reload()

    def _score(self, name: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(1, 100)
        box.setAccessibleName(name)
        box.valueChanged.connect(lambda _value: self.edited())
        return box

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(px(12))
        top.addWidget(self.which)
        top.addWidget(self.moment)
        top.addStretch(1)
        limits = QHBoxLayout()
        limits.setSpacing(px(8))
        for text, widget in (
            (_("Active"), self.active),
            (_("Worth a look from"), self.look),
            (_("The same from"), self.same),
        ):
            limits.addWidget(Label(text))
            limits.addWidget(widget)
            limits.addSpacing(px(16))
        limits.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        for part in (self.save_button, self.try_button, self.reset_button, self.bar):
            foot.addWidget(part)
        foot.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addLayout(top)
        whole.addWidget(self.what)
        whole.addLayout(limits)
        whole.addWidget(Label(_("What is compared"), "section"))
        whole.addLayout(self.column)
        whole.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeading)
        whole.addWidget(self.problem)
        whole.addLayout(foot)
        whole.addWidget(self.outcome)
        whole.addLayout(self.samples)
        whole.addStretch(1)
        margins(self, 0, 0, 0, 0, 12)
        self.problem.hide()

    # -- showing -----------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the rules."""
        self.office.read(self, settings.rules, self._take, supersede="rules")

    def _take(self, rules: dict[tuple[str, str], Rule]) -> None:
        """Show them; what is written about a rule stays, and is compared with a colleague's when it is saved."""
        seen, self._rules = self._seen, rules
        here = seen is not None and (seen.entity, seen.moment) == (self.which.value(), self.moment.value())
        if seen is None or not here or self._is(seen, self.chosen()):
            self._show()
        elif self._is(rules[seen.entity, seen.moment], self.chosen()):
            self._seen = rules[seen.entity, seen.moment]
            self.edited()

    @staticmethod
    def _is(rule: Rule, other: Rule) -> bool:
        return replace(rule, name="", id=None) == replace(other, name="", id=None)

    def _show(self) -> None:
        key = (self.which.value(), self.moment.value())
        rule = self._rules.get(key)
        if rule is None:
            return
        self._seen = rule
        self._fill(rule)
        self.outcome.setText("")
        clear_layout(self.samples)
        self.edited()

    def _fill(self, rule: Rule) -> None:
        self.what.setText(translate(_WHAT[rule.moment]))
        for widget in (self.active, self.look, self.same):
            widget.blockSignals(True)
        self.active.setChecked(rule.active)
        self.look.setValue(rule.look_from)
        self.same.setValue(rule.same_from)
        for widget in (self.active, self.look, self.same):
            widget.blockSignals(False)
        clear_layout(self.column)
        self.rows = []
        for one in rule.comparisons:
            self._append(one)

    def _fields(self) -> list[tuple[str, str]]:
        found = [(one.name, label_of(one)) for one in fields_to_compare(self.office.database, self.which.value())]
        special = [("address", _("Address"))] + ([(PEOPLE, _("People"))] if self.which.value() == "company" else [])
        return sorted(found + special, key=lambda one: one[1].casefold())

    def _append(self, one: Comparison) -> None:
        row = ComparisonRow(self, one, self._fields())
        self.rows.append(row)
        self.column.addWidget(row)

    def _add_field(self) -> None:
        known = {row.field.value() for row in self.rows}
        free = next((name for name, _label in self._fields() if name not in known), "")
        if free:
            self._append(Comparison(free, "similar"))
            self.rows[-1].field.setFocus()
            self.edited()

    def remove(self, row: ComparisonRow) -> None:
        """Take a comparison out."""
        self.rows.remove(row)
        self.column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.edited()

    # -- what is chosen ----------------------------------------------------------------------------------------

    def chosen(self) -> Rule:
        """The rule as it stands in the form."""
        usual = default_rule(self.which.value(), self.moment.value())
        return replace(
            usual, comparisons=tuple(row.comparison() for row in self.rows), look_from=self.look.value(),
            same_from=self.same.value(), active=self.active.isChecked(),
        )  # fmt: skip

    def edited(self) -> None:
        """Look what is wrong, and whether there is anything to save."""
        rule = self.chosen()
        kept = self._rules.get((rule.entity, rule.moment))
        try:
            settings.check_rule(rule)
            text = ""
        except FieldError as error:
            text = str(error)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        changed = kept is not None and replace(kept, name="") != rule
        self.save_button.setEnabled(changed and not text)
        self.try_button.setEnabled(not text and (self._job is None or not self._job.active))
        self.reset_button.setEnabled(not settings.is_default(rule))

    def save(self) -> None:
        """Keep the rule for the whole office."""
        self._save(self.chosen(), self._seen)

    def _save(self, rule: Rule, seen: Rule | None) -> None:
        def failed(error: Exception) -> None:
            if isinstance(error, SettingChanged) and seen is not None:
                title = f"{translate(self.office.database.schema.entity(rule.entity).plural)}, {self._moment(rule)}"
                settle_setting(
                    self, self.office, error, _("rule"), title, self._words,
                    lambda chosen: self._save(replace(rule, **chosen), replace(seen, **error.theirs)),
                )  # fmt: skip
            elif not is_away(error):
                dialogs.show_error(self, error)

        def done(_result: Any) -> None:
            self._seen = None  # what is stored now is shown, a colleague's part included
            self.reload()

        self.office.write(
            self, N_("Rule for duplicates"), lambda uow: settings.save_rule(uow, rule, seen=seen), done, failed
        )

    @staticmethod
    def _moment(rule: Rule) -> str:
        return translate(next(text for key, text in _MOMENTS if key == rule.moment))

    def _words(self, name: str, value: Any) -> tuple[str, str]:
        if name == "comparisons":
            labels, ways = dict(self._fields()), {way.key: translate(way.label) for way in HOWS}
            lines = [f"{labels.get(one.field, one.field)}: {ways[one.how]} × {one.weight:g}" for one in value]
            return _("What is compared"), "\n".join(lines)
        if name == "active":
            return _("Active"), _("Yes") if value else _("No")
        return _("Look from") if name == "look_from" else _("Same from"), str(value)

    def reset(self) -> None:
        """Go back to the built-in rule."""
        rule = default_rule(self.which.value(), self.moment.value())
        kept = self._rules.get((rule.entity, rule.moment))
        if kept is not None and kept.id is not None:
            self.office.write(
                self, N_("Rule for duplicates: back to defaults"),
                lambda uow: settings.reset_rule(uow, rule.entity, rule.moment),
            )  # fmt: skip
        else:
            self._show()

    # -- trying ------------------------------------------------------------------------------------------------

    def try_it(self) -> None:
        """Search the office's data by the rule as it stands; nothing is kept."""
        rule, database = self.chosen(), self.office.database
        clear_layout(self.samples)
        self.outcome.setText(_("Searching…"))
        self._job = tasks.run_job(
            _("Trying a rule for duplicates"), lambda progress: try_rule(database, rule, progress),
            lambda trial: self._tried(rule, trial), owner=self,
        )  # fmt: skip
        self.bar.show()
        self._job.changed.connect(self._progressed)
        self._job.finished.connect(self._ended)
        self.edited()

    def _progressed(self) -> None:
        if self._job is not None:
            self.bar.set_fraction(self._job.fraction)

    def _ended(self) -> None:
        self.bar.hide()
        if self._job is not None and self._job.state != "done":
            self.outcome.setText("")
        self.edited()

    def _tried(self, rule: Rule, trial: Trial) -> None:
        pairs = ngettext("This rule finds {n} pair", "This rule finds {n} pairs", trial.pairs)
        text = (pairs + ", " + _("{same} of them the same.")).format(
            n=formats.format_integer(trial.pairs), same=formats.format_integer(trial.same)
        )
        self.outcome.setText(text)
        labels: dict[str, Any] = dict(self._fields())
        for first, second, score, reasons in trial.samples:
            line = QWidget()
            row = QHBoxLayout(line)
            row.addWidget(Badge(str(score), "success" if score >= rule.same_from else "warning"))
            row.addWidget(ElidedLabel(f"{first}  ·  {second}", "name"), 1)
            row.addWidget(ElidedLabel(explain.sentence(reasons, labels), "secondary", "text-muted"), 1)
            margins(line, 0, 2, 0, 2, 8)
            self.samples.addWidget(line)
