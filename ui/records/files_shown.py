"""What the preview shows of a file, made in the background: a picture, the pages of a PDF, or text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import charset_normalizer
import pypdfium2
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QImageReader

from crm_desktop.core.errors import UserError
from crm_desktop.core.formats import format_size
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.records import blobs, files_service
from ui.widgets.pdf_pages import page_sizes

TEXT_BYTES = 1024 * 1024
_IMAGE_BYTES = 64 * 1024 * 1024
_PDF_BYTES = 160 * 1024 * 1024
_READ_BYTES = 24 * 1024 * 1024
_PIXELS = 2400
_MOST_PAGES = 300
_ENOUGH = 2000
_TEXTS = frozenset(
    ".txt .csv .tsv .md .markdown .log .json .xml .yml .yaml .ini .cfg .conf .html .htm .css .sql .py .ics .vcf .eml "
    ".tex .toml .rst .srt".split()
)
Readers = Mapping[str, Callable[[bytes], str]]
"""Ending of a file's name to what makes a readable text of its bytes; features give them."""


@dataclass(frozen=True)
class Shown:
    """A file made visible. ``kind``: "image", "pdf", "text", or "none" with the reason in ``note``."""

    kind: str
    note: str = ""
    image: QImage = field(default_factory=QImage)
    data: bytes = b""
    sizes: Sequence[QSizeF] = ()
    text: str = ""


def show_file(
    connection: Any, attachment_id: int, revision: int | None, size: int, readers: Readers,
    progress: Progress | None = None,
) -> Shown:  # fmt: skip
    """Make a revision of a file visible; what cannot be shown says why, and nothing is raised for a broken file.

    Raises:
        Cancelled: another file was chosen meanwhile.
    """
    name, digest = files_service.name_and_digest(connection, attachment_id, revision)
    kind = kind_of(name, readers)
    limit = {"image": _IMAGE_BYTES, "pdf": _PDF_BYTES, "read": _READ_BYTES}.get(kind, 0)
    if kind == "none" or (limit and size > limit):
        return Shown("none", _("Too large for a preview. Open it.") if limit and size > limit else "")

    def seen(_count: int) -> None:
        if progress is not None:
            progress.check()

    try:
        content = blobs.read_bytes(connection, digest, name, TEXT_BYTES if kind == "text" else None, seen)
    except UserError as error:
        return Shown("none", str(error))
    if kind == "image":
        return _image(content)
    if kind == "pdf":
        return _pdf(content)
    if kind == "read":
        return _read(content, readers[Path(name).suffix.lower()])
    note = _("The first {size} of it.").format(size=format_size(TEXT_BYTES)) if size > TEXT_BYTES else ""
    return Shown("text", note, text=text_of(content))


def kind_of(name: str, readers: Readers = {}) -> str:  # noqa: B006
    """How a file is shown, by its name: "image", "pdf", "read" (by a reader), "text" or "none"."""
    ending = Path(name).suffix.lower()
    if ending in readers:
        return "read"
    if ending == ".pdf":
        return "pdf"
    if ending in _TEXTS:
        return "text"
    media = files_service.media_type_of(name)
    if media.startswith("image/"):
        return "image"
    return "text" if media.startswith("text/") else "none"


def text_of(content: bytes) -> str:
    """The text in bytes of an unknown encoding."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    for cut in range(4):  # the limit may cut a letter in two
        try:
            return content[: len(content) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
    if len(content) < _ENOUGH:  # too little to tell one alphabet from another: the commonest of Windows
        return content.decode("cp1252", "replace")
    best = charset_normalizer.from_bytes(content[:60_000]).best()
    return content.decode(best.encoding if best is not None else "cp1252", "replace")


def read_image(content: bytes, most: int = _PIXELS) -> QImage:
    """A picture, turned as its camera was held, at most ``most`` pixels wide and high; null where it is broken."""
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > most:
        reader.setScaledSize(size.scaled(QSize(most, most), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def _image(content: bytes) -> Shown:
    image = read_image(content)
    if image.isNull():
        return Shown("none", _("The picture is broken, or of a kind that cannot be shown. Open it."))
    return Shown("image", image=image)


def _pdf(content: bytes) -> Shown:
    try:
        sizes = page_sizes(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            return Shown("none", _("The PDF is protected by a password. Open it."))
        return Shown("none", _("The PDF is broken and cannot be shown."))
    if not sizes:
        return Shown("none", _("The PDF has no pages."))
    return Shown("pdf", data=content, sizes=sizes[:_MOST_PAGES])


def _read(content: bytes, reader: Callable[[bytes], str]) -> Shown:
    try:
        return Shown("text", text=reader(content))
    except Exception:  # a damaged file may break its reader anywhere
        return Shown("none", _("The file is broken and cannot be shown."))
