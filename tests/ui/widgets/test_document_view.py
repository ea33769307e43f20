"""A report on the screen: nothing of it is cut, however narrow the room beside the paper is."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest

from crm_desktop.reporting.document import Document, Figure, KeyFigures, Text
from ui.reporting.document_view import DocumentView
from ui.widgets.figures import FigureStrip

FIGURES = (
    ("Proven", "11/22/2026, 10:47 PM"),
    ("Records", "5,209"),
    ("Rows compared", "35,998"),
    ("Files checked", "5"),
)


@pytest.mark.parametrize("width", [300, 460, 640, 1100])
def test_no_figure_and_no_text_is_cut(qtbot: object, width: int) -> None:
    figures = KeyFigures(tuple(Figure(label, value, "text") for label, value in FIGURES))
    view = DocumentView()
    view.resize(900, 500)
    view.show_document(Document("Certificate", (figures, Text("Its bytes, its integrity and every row. " * 9))))
    view.show()
    view.resize(width, 500)
    QTest.qWait(20)
    content = view.widget()
    assert content is not None and content.width() <= view.viewport().width()
    strips = content.findChildren(FigureStrip)
    assert all(one.width() >= one.minimumSizeHint().width() for one in strips)
    assert "; ".join(one.accessibleName() for one in strips) == "; ".join(f"{a}: {b}" for a, b in FIGURES)
    assert len(strips) > 1 if width == 300 else len(strips) == 1 or width < 1100
