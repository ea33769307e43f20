"""Settings of this person on this computer: language, light or dark, size of the text, reminders."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QFormLayout, QVBoxLayout, QWidget

from crm_desktop.core import i18n
from crm_desktop.core.i18n import _
from ui.framework import settings
from ui.framework.retranslate import switch_language
from ui.theme.theme import apply_theme, px
from ui.widgets.buttons import SegmentedControl, Switch
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label

_SCALES = ((1.0, "100 %"), (1.25, "125 %"), (1.5, "150 %"), (2.0, "200 %"))


class AppearanceTab(QWidget):
    """Every choice counts at once."""

    def __init__(self) -> None:
        super().__init__()
        self.language = ChoiceEditor(
            [("", _("As the system")), *i18n.LANGUAGES.items()], name=_("Language"), empty=None
        )
        self.language.setMinimumWidth(px(220))
        self.language.set_value(settings.LANGUAGE.get())
        self.language.committed.connect(self._use_language)
        looks = [("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))]
        self.theme = SegmentedControl(looks)
        self.theme.setAccessibleName(_("Appearance"))
        self.theme.set_value(settings.THEME.get())
        self.theme.changed.connect(self._use_theme)
        self.scale = SegmentedControl([(str(value), text) for value, text in _SCALES])
        self.scale.setAccessibleName(_("Size of the text"))
        self.scale.set_value(str(settings.TEXT_SCALE.get()))
        self.scale.changed.connect(self._use_scale)
        self.reminders = Switch(_("Remind of appointments and tasks"))
        self.reminders.setChecked(settings.REMINDERS.get())
        self.reminders.toggled.connect(settings.REMINDERS.set)
        form = QFormLayout()
        form.setHorizontalSpacing(px(24))
        form.setVerticalSpacing(px(16))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.addRow(Label(_("Language")), self.language)
        form.addRow(Label(_("Appearance")), self.theme)
        form.addRow(Label(_("Size of the text")), self.scale)
        form.addRow(Label(_("Remind of appointments and tasks")), self.reminders)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(form)
        whole.addStretch(1)

    @staticmethod
    def _app() -> QApplication:
        found = QApplication.instance()
        assert isinstance(found, QApplication)
        return found

    def _use_language(self) -> None:
        chosen = str(self.language.value() or "")
        settings.LANGUAGE.set(chosen)
        switch_language(self._app(), chosen)

    def _use_theme(self, mode: str) -> None:
        settings.THEME.set(mode)
        apply_theme(self._app(), mode, settings.TEXT_SCALE.get())

    def _use_scale(self, text: str) -> None:
        settings.TEXT_SCALE.set(float(text))
        apply_theme(self._app(), settings.THEME.get(), float(text))
