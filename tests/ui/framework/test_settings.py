"""Settings: typed, never lost, and the layout of windows comes back."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QTableWidget, QWidget

from crm_desktop.core import paths
from crm_desktop.core.settings import Setting, SettingsFile, declared_settings, settings_store
from ui.framework import settings


def test_a_setting_is_its_default_until_somebody_chooses() -> None:
    assert settings.THEME.get() == "system"
    settings.THEME.set("dark")
    assert settings.THEME.get() == "dark"
    assert SettingsFile(paths.settings_file()).get(settings.THEME) == "dark"


def test_a_wrong_value_is_refused_and_a_wrong_file_is_survived(tmp_path) -> None:
    with pytest.raises(ValueError, match="appearance"):
        settings.THEME.set("purple")
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"appearance.theme": 3, "appearance.text_scale": 2, "future.thing": [1]}))
    store = SettingsFile(path)
    assert store.get(settings.THEME) == "system"
    assert store.get(settings.TEXT_SCALE) == 2
    assert store.unknown_keys() == ["future.thing"]
    assert store.wrong_values() == ["appearance.theme"]
    store.set(settings.COMPACT_ROWS, True)
    assert json.loads(path.read_text())["future.thing"] == [1]


def test_a_broken_file_is_set_aside_not_overwritten(tmp_path) -> None:
    path = tmp_path / "s.json"
    path.write_text("{ half")
    store = SettingsFile(path)
    store.set(settings.COMPACT_ROWS, True)
    assert (tmp_path / "s.broken.json").read_text() == "{ half"
    assert SettingsFile(path).get(settings.COMPACT_ROWS)


def test_listeners_hear_a_change_once(tmp_path) -> None:
    store = SettingsFile(tmp_path / "s.json")
    heard: list[str] = []
    store.subscribe(heard.append)
    store.set(settings.THEME, "dark")
    store.set(settings.THEME, "dark")
    assert heard == ["appearance.theme"]


def test_declaring_a_key_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="twice"):
        Setting("appearance.theme", "x", "")


def test_every_setting_is_explained() -> None:
    assert all(setting.help and "." in setting.key for setting in declared_settings())
    assert settings_store().unknown_keys() == []


def test_sizes_come_back(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(640, 480)
    settings.remember_geometry(window, "main")
    again = QWidget()
    qtbot.addWidget(again)
    assert settings.restore_geometry(again, "main")
    assert (again.width(), again.height()) == (640, 480)
    assert not settings.restore_geometry(again, "other")


def test_dividers_and_columns_come_back(qtbot) -> None:
    settings.remember_value("splitter-test", 1)
    assert settings.remembered_value("splitter-test") == 1
    splitter = QSplitter()
    qtbot.addWidget(splitter)
    splitter.addWidget(QWidget())
    splitter.addWidget(QWidget())
    splitter.resize(600, 100)
    settings.remember_splitter(splitter, "list")
    splitter.setSizes([200, 399])
    splitter.splitterMoved.emit(200, 1)
    kept = settings.LAYOUTS.get()["splitter.list"]
    assert kept == splitter.sizes()
    table = QTableWidget(1, 3)
    qtbot.addWidget(table)
    settings.remember_columns(table.horizontalHeader(), "people")
    table.horizontalHeader().moveSection(0, 2)
    table.horizontalHeader().setSortIndicator(1, Qt.SortOrder.DescendingOrder)
    other = QTableWidget(1, 3)
    qtbot.addWidget(other)
    settings.remember_columns(other.horizontalHeader(), "people")
    assert other.horizontalHeader().visualIndex(0) == 2
