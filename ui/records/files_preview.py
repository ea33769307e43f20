"""The preview of a file: a pane beside the list of files, and the same in a window of its own by Space."""

from __future__ import annotations

from typing import Any

import pypdfium2
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QPlainTextEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.records.files_service import FileRow, Revision
from ui.framework import settings
from ui.framework.office import Office
from ui.records.file_words import file_icon
from ui.records.files_shown import Shown, show_file
from ui.theme.theme import px
from ui.widgets.labels import ElidedLabel, Hairline, Label, Plane
from ui.widgets.page_view import PageView
from ui.widgets.pdf_pages import DPI, render_page
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins

_READING_AFTER = 64 * 1024


class ImageView(QWidget):
    """A picture as large as it fits, never larger than it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def set_image(self, image: QImage) -> None:
        """Show another picture."""
        self.image = image
        self.setAccessibleDescription(f"{image.width()} × {image.height()}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        room = self.rect().adjusted(px(8), px(8), -px(8), -px(8))
        size = QSize(self.image.size())
        if size.width() > room.width() or size.height() > room.height():
            size.scale(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        spot = QRect(0, 0, size.width(), size.height())
        spot.moveCenter(room.center())
        painter.drawImage(spot, self.image)


class TextView(QPlainTextEdit):
    """A text to read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.document().setDocumentMargin(px(12))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )


class PreviewPane(Plane):
    """Shows a revision of a file, read in the background; a newer choice drops the older one."""

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__("sunken", parent)
        self._office = office
        self._asked: tuple[int, int | None, str] | None = None
        self._reading = Progress()
        self.shown: Shown | None = None
        self.image = ImageView()
        self.pages = PageView(_("Pages of the file"))
        self.pages.setMinimumHeight(px(40))
        self.pages.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.text = TextView()
        self.other = QWidget()
        self._icon = BigIcon("ph.file", 8)
        self.note = Label("", "body", "text-muted", wrap=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        inner = QVBoxLayout(self.other)
        inner.addStretch(1)
        inner.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addWidget(self.note)
        inner.addStretch(1)
        self.other.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.stack = QStackedWidget()
        for view in (self.other, self.image, self.pages, self.text):
            self.stack.addWidget(view)
        self.facts = ElidedLabel("", "secondary", "text-muted")
        foot = QWidget()
        line = QVBoxLayout(foot)
        line.addWidget(self.facts)
        margins(foot, 12, 4, 12, 4)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.stack, 1)
        box.addWidget(Hairline())
        box.addWidget(foot)
        self.setMinimumHeight(px(96))
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.setAccessibleName(_("Preview"))
        self.image.setAccessibleName(_("Picture"))
        self.pages.setAccessibleName(_("Pages of the file"))
        self.text.setAccessibleName(_("Text of the file"))

    def clear(self) -> None:
        """Show nothing."""
        self._asked = None
        self._reading.cancel()
        self.shown = None
        self.facts.setText("")
        self._say("ph.file", _("Choose a file to see it here."))

    def show_file(self, row: FileRow, revision: Revision | None = None) -> None:
        """Show a file, its newest revision or another one."""
        digest, size = (revision.sha256, revision.size) if revision is not None else (row.sha256, row.size)
        number = revision.revision if revision is not None else None
        asked = (row.id, number, digest + row.name)
        if asked == self._asked:
            return
        self._asked = asked
        self.facts.setText(_facts(row, revision))
        if size > _READING_AFTER:
            self._say(file_icon(row.media_type), _("Reading…"))
        readers = self._office.file_texts
        self._reading.cancel()
        progress = self._reading = Progress()
        self._office.read(
            self, lambda connection: show_file(connection, row.id, number, size, readers, progress),
            lambda shown: self._show(row, shown, asked), lambda error: self._failed(error, asked),
            supersede="preview",
        )  # fmt: skip

    def _show(self, row: FileRow, shown: Shown, asked: tuple[int, int | None, str]) -> None:
        if asked != self._asked:
            return
        self.shown = shown
        if shown.kind == "image":
            self.image.set_image(shown.image)
            self.stack.setCurrentWidget(self.image)
        elif shown.kind == "pdf":
            data = shown.data
            self.pages.set_document(shown.sizes, lambda page, scale: _page(data, page, scale))
            self.stack.setCurrentWidget(self.pages)
        elif shown.kind == "text":
            self.text.setPlainText(shown.text + (f"\n…\n{shown.note}" if shown.note else ""))
            self.stack.setCurrentWidget(self.text)
        else:
            self._say(file_icon(row.media_type), shown.note or _("There is no preview of this kind of file."))

    def _failed(self, error: Exception, asked: tuple[int, int | None, str]) -> None:
        if asked == self._asked:
            self._asked = None
            self._say("ph.warning", str(error))

    def _say(self, icon: str, text: str) -> None:
        self._icon.set_icon(icon, 8)
        self.note.setText(text)
        self.stack.setCurrentWidget(self.other)


def _page(data: bytes, page: int, scale: float) -> QImage:
    try:
        return render_page(data, page, scale * DPI / 72)
    except pypdfium2.PdfiumError:
        return QImage()  # a broken page stays white


def _facts(row: FileRow, revision: Revision | None) -> str:
    size, at, by, digest, comment = (
        (revision.size, revision.at, revision.by, revision.sha256, revision.comment)
        if revision is not None
        else (row.size, row.changed_at, row.changed_by, row.sha256, row.comment)
    )
    parts = [formats.format_size(size), formats.format_datetime(at), by, comment and f"“{comment}”"]
    return " · ".join([part for part in parts if part] + [f"SHA-256 {digest[:16]}…"])


class PreviewWindow(QDialog):
    """The preview as large as it likes. Space or Escape closes it; Up and Down ask for the file above or below."""

    step_requested = Signal(int)

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pane = PreviewPane(office)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.pane)
        if not settings.restore_geometry(self, "file-preview"):
            self.resize(px(860), px(680))

    def show_file(self, row: FileRow) -> None:
        """Show a file."""
        self.setWindowTitle(row.name)
        self.pane.show_file(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.close()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step_requested.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.pane.pages.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: Any) -> None:
        settings.remember_geometry(self, "file-preview")
        super().closeEvent(event)
