"""The bar over everything keeps to the width of its window, whatever runs and whatever Undo would take back."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.shell import TopBar


@pytest.mark.parametrize("width", [816, 1072, 1240])
def test_a_running_job_never_widens_the_window(qtbot: QtBot, width: int) -> None:
    window, bar = QWidget(), TopBar()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(bar)
    bar.new.setText("Nova oportunidade")
    window.resize(width, 48)
    window.show()
    bar.set_undo("Desfazer: Adicionar Cervejaria Torque Azul a Marina Queirós")
    assert "…" in bar.undo.text()
    bar.jobs.set_state("Anexar arquivos a Marina Queirós", 0.5)
    bar.jobs.show()
    qtbot.wait(20)
    assert window.width() == width
    seen = [one for one in (bar.search, bar.jobs, bar.undo, bar.new, bar.user) if not one.isHidden()]
    assert all(left.geometry().right() < right.x() for left, right in itertools.pairwise(seen)), (
        "nothing lies over another"
    )
    assert bar.undo.accessibleName().endswith("Marina Queirós"), "its whole name is still said"
    bar.jobs.hide()
    qtbot.wait(20)
    assert bar.undo.text().startswith("Desfazer"), "the words come back with the room"
