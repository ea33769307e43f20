"""The first step: the file, how it is read, and what was imported before."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import N_, _, ngettext, translate
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.importing.draft import Draft
from ui.importing.drop_zone import DropZone
from ui.importing.preview import PreviewTable
from ui.importing.reading_bar import ReadingBar
from ui.importing.recent import RecentImports
from ui.importing.recipe_words import difference
from ui.importing.recipes import RecipeList
from ui.importing.session import ImportSession
from ui.importing.step import Missing, Step
from ui.records.export_run import save_sample
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.headers import Banner
from ui.widgets.labels import Hairline
from ui.widgets.states import LoadingState
from ui.widgets.themed import margins, on_theme

_UNREADABLE = N_("This file cannot be read. The report says why; other files can still be imported.")


class FileStep(Step):
    """Drop a file, see how it is read, change that; below, what was imported before."""

    key = "file"
    file_chosen = Signal(object, object)

    def __init__(self, session: ImportSession, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.drop = DropZone()
        self.drop.chosen.connect(lambda path: self.file_chosen.emit(path, None))
        self.problem = _Problem()
        self.recent = RecentImports(session, navigator)
        self.recent.again_requested.connect(self.file_chosen)
        self.recipes = RecipeList(session)
        self.recipes.use_requested.connect(self.file_chosen)
        self.sample = Button(icon="ph.table", kind="ghost")
        self.sample.setText(_("Sample file to fill in…"))
        self.sample.clicked.connect(self._offer_samples)
        self.reading = ReadingBar()
        self.reading.changed.connect(session.read_with)
        self.preview = PreviewTable()
        self.loading = LoadingState("rows")
        self.stack = QStackedWidget()
        self._start = self._make_start()
        self._looked = self._make_looked()
        for widget in (self._start, self._looked, self.loading):
            self.stack.addWidget(widget)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        session.opening.connect(self._on_opening)
        session.opened.connect(self._on_opened)
        session.failed.connect(self._on_failed)

    def _make_start(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.addWidget(self.drop)
        column.addWidget(self.sample, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(self.problem)
        column.addWidget(self.recent)
        column.addWidget(self.recipes)
        column.addStretch(1)
        margins(inside, 24, 24, 24, 24, 16)
        return scrolled(inside)

    def _make_looked(self) -> QWidget:
        inside = QWidget()
        box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self.known = Banner(kind="accent", icon="ph.magic-wand")
        self.other = Button(kind="ghost", small=True)
        self.other.clicked.connect(lambda: self.session.use_recipe(None))
        self.like = Button(kind="accent", small=True)
        self.like.clicked.connect(self._use_near)
        self.known.add(self.like)
        self.known.add(self.other)
        self.known_holder = QWidget()
        told = QVBoxLayout(self.known_holder)
        told.addWidget(self.known)
        margins(self.known_holder, 24, 12, 24, 0)
        box.addWidget(self.known_holder)
        box.addWidget(self.reading)
        self.again = _Problem()
        self.again_holder = QWidget()
        line = QVBoxLayout(self.again_holder)
        line.addWidget(self.again)
        margins(self.again_holder, 24, 0, 24, 12)
        self.again_holder.hide()
        box.addWidget(self.again_holder)
        box.addWidget(Hairline())
        box.addWidget(self.preview, 1)
        return inside

    def _offer_samples(self) -> None:
        menu = QMenu(self)
        for name, spec in self.session.office.database.schema.entities.items():
            if spec.importable and spec.listed:
                menu.addAction(icon(spec.icon), translate(spec.plural)).triggered.connect(
                    lambda _on=False, name=name: save_sample(self, self.session.office, name)
                )
        menu.exec(self.sample.mapToGlobal(self.sample.rect().bottomLeft()))

    # -- the step ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        return _("File")

    def entered(self) -> None:
        if self.draft is None and not self.session.busy:
            self.stack.setCurrentWidget(self._start)
            self.recent.refresh()
            self.recipes.refresh()

    def missing(self) -> Missing | None:
        draft = self.draft
        if draft is None or draft.rows or self.session.busy:
            return None
        return Missing(
            _("There is no row below the names of the columns."), _("Choose another row of names"), self._choose_names
        )

    def _choose_names(self) -> None:
        self.reading.header.editor.setFocus(Qt.FocusReason.TabFocusReason)
        self.reading.header.editor.showPopup()

    def sentence(self) -> str:
        if self.draft is None:
            return "" if not self.session.busy else _("Looking at the file…")
        return _("Nothing has been written. Is this the table, and are its columns named right?")

    def continue_text(self, following: str) -> str:
        return super().continue_text(following) if self.draft is not None and not self.session.busy else ""

    def shown_count(self) -> str:
        draft = self.draft
        if draft is None or draft.guess is None:
            return ""
        rows = draft.guess.file.best.rows
        return ngettext("{n} row in the file", "{n} rows in the file", rows).format(n=format_integer(rows))

    def retranslate(self) -> None:
        self.drop.retranslate()
        self.sample.setText(_("Sample file to fill in…"))
        self.recent.retranslate()
        self.recipes.retranslate()
        self._on_opened()

    # -- what the session tells --------------------------------------------------------------------------------

    def _on_opening(self) -> None:
        self.problem.clear()
        self.again.clear()
        self.again_holder.hide()
        if self.draft is None:
            self.loading.start()
            self.stack.setCurrentWidget(self.loading)
        self.changed.emit()

    def _on_opened(self) -> None:
        self.loading.stop()
        draft = self.draft
        if draft is None or draft.guess is None:
            if not self.session.busy:
                self.stack.setCurrentWidget(self._start)
                self.recent.refresh()
        else:
            self.reading.show_file(draft.guess.file, draft.given)
            self.preview.show_rows(draft.guess.file.best.columns, draft.rows)
            self._show_recipe(draft)
            self.stack.setCurrentWidget(self._looked)
        self.changed.emit()

    def _show_recipe(self, draft: Draft) -> None:
        """Say by which recipe the file was recognised, or which one it is like."""
        recipe, near = draft.recipe, self.session.near[0] if self.session.near else None
        self.known_holder.setVisible(recipe is not None or near is not None)
        self.other.setText(_("Guess anew"))
        self.like.setText(_("Use the recipe"))
        self.other.setVisible(recipe is not None)
        self.like.setVisible(recipe is None and near is not None)
        self.known.strong.setVisible(True)
        if recipe is not None:
            self.known.strong.setText(_("Known by its columns.") if recipe.exact else _("Like a recipe."))
            used = ngettext("used {n} time", "used {n} times", recipe.used).format(n=recipe.used)
            text = _("Everything is decided as in the recipe “{name}” ({used}).").format(name=recipe.name, used=used)
            if difference(recipe):
                text = _("Decided as in the recipe “{name}”, but {difference}.").format(
                    name=recipe.name, difference=difference(recipe)
                )
            self.known.text.setText(text)
        elif near is not None:
            self.known.strong.setText(_("Like the recipe “{name}”").format(name=near.name))
            but = _("but {difference}.").format(difference=difference(near))
            self.known.text.setText(but if difference(near) else _("in a file of another kind."))

    def _use_near(self) -> None:
        if self.session.near:
            self.session.use_recipe(self.session.near[0])

    def _on_failed(self, error: Exception) -> None:
        self.loading.stop()
        path = self.session.draft.path if self.session.draft else Path()
        if self.draft is None:
            self.session.close_file()
            self.problem.tell(error, path)
            self.stack.setCurrentWidget(self._start)
        else:
            self.again.tell(error, path)
            self.again_holder.show()
        self.changed.emit()


class _Problem(QWidget):
    """What is wrong with a file, in place; hidden while nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._error: Exception | None = None
        self.banner = Banner(kind="danger", icon="ph.warning-circle")
        self.details = Button(kind="ghost", small=True)
        self.details.clicked.connect(self._show_details)
        self.banner.add(self.details)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.banner)
        self.hide()
        on_theme(self, lambda: self.banner.setMinimumHeight(px(40)))

    @property
    def text(self) -> str:
        """What is said now."""
        return self.banner.text.text() if not self.isHidden() else ""

    def tell(self, error: Exception, path: Path) -> None:
        """Say what is wrong with the file at ``path``."""
        self._error = error
        known = isinstance(error, UserError)
        self.banner.strong.setText(path.name)
        self.banner.strong.setVisible(bool(path.name))
        self.banner.text.setText(str(error) if known else translate(_UNREADABLE))
        self.details.setText(_("Details"))
        self.details.setVisible(not known or bool(getattr(error, "details", "")))
        self.setAccessibleName(self.banner.text.text())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.show()

    def clear(self) -> None:
        """Nothing is wrong any more."""
        self._error = None
        self.hide()

    def _show_details(self) -> None:
        if self._error is not None:
            dialogs.show_error(self, self._error)
