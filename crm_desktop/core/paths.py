"""Where files live: the program's resources, the user's data and settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

APP_NAME = "CRM Desktop"


def resources() -> Path:
    """The folder of icons, fonts, catalogues and templates, in a checkout and in a packed program."""
    bundle = getattr(sys, "_MEIPASS", None)
    base = Path(bundle) if bundle else Path(__file__).resolve().parents[2]
    return base / "resources"


def data_folder() -> Path:
    """The user's data folder, made if missing; ``CRM_DATA`` overrides it (tests, portable use)."""
    chosen = os.environ.get("CRM_DATA")
    folder = Path(chosen) if chosen else Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def default_database() -> Path:
    """The user's own database file."""
    return data_folder() / "office.crm"


def settings_file() -> Path:
    """The user's settings."""
    return data_folder() / "settings.json"


def backups_folder() -> Path:
    """Where backups go unless the user chooses another folder."""
    return data_folder() / "backups"


def recipes_folder() -> Path:
    """Where accepted import mappings are remembered."""
    folder = data_folder() / "recipes"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def journals_folder() -> Path:
    """Where imports write what becomes of each row, until nobody asks any more."""
    folder = data_folder() / "journals"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_file() -> Path:
    """The program's log."""
    return data_folder() / "crm-desktop.log"
