"""The command "archive": make, check and restore without a window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers.offices import OpenFilled, sample_office


@pytest.fixture
def office(filled_office: OpenFilled) -> Path:
    """A small sample office in a file."""
    database, _made = filled_office(sample_office(5))
    assert database.path is not None
    return database.path


def test_an_archive_is_made_checked_and_restored(crm: Any, office: Path, tmp_path: Path) -> None:
    made = crm("archive", "make", "--to", tmp_path, "--no-pages", "--database", office, "--json").json
    path = Path(made["file"])
    assert made["proven"] and made["pages"] == 0 and path.parent == tmp_path and path.suffix == ".zip"
    checked = crm("archive", "check", path, "--json").json
    assert checked["ok"] and checked["files"] == made["members"] - 1
    again = tmp_path / "again.crm"
    assert "is in" in crm("archive", "restore", path, "--to", again).out or again.exists()
    before, after = (crm("list", "contact", "--database", one, "--json").json for one in (office, again))
    assert before == after and before


def test_damage_is_told_and_what_is_whole_comes_back(crm: Any, office: Path, tmp_path: Path) -> None:
    path = Path(crm("archive", "make", "--to", tmp_path / "all.zip", "--database", office, "--json").json["file"])
    content = bytearray(path.read_bytes())
    at = content.index(b"README.html") + len("README.html") + 60  # in the packed text of the first page
    content[at] ^= 0x10
    path.write_bytes(content)
    told = crm("archive", "check", path)
    assert told.code == 1
    assert "README.html is damaged" in told.err and "office.crm, is whole" in told.err
    crm("archive", "restore", path, "--to", tmp_path / "again.crm")
    assert (tmp_path / "again.crm").exists()
    other = tmp_path / "other.zip"
    other.write_bytes(b"PK\3\4 something else")
    assert "no whole archive" in crm("archive", "check", other).err
