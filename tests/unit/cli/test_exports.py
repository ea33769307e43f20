"""Exports and sample files by command line, and that what they write comes in again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import features
from crm_desktop.db.database import Database
from crm_desktop.db.migrate import migrate
from crm_desktop.demo.make import make_demo


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small sample office that no test changes."""
    path = tmp_path_factory.mktemp("office") / "office.crm"
    database = Database(path, features.schema())
    migrate(database)
    make_demo(database, 40)
    database.close()
    yield path


@pytest.mark.parametrize(("entity", "ending"), [("contact", "xlsx"), ("contact", "csv"), ("company", "json"),
                                                ("contact", "vcf"), ("activity", "ics")])  # fmt: skip
def test_an_exported_file_changes_nothing_when_it_comes_in(
    crm: Any, office: Path, tmp_path: Path, entity: str, ending: str
) -> None:
    file = tmp_path / f"out.{ending}"
    there = len(crm("list", entity, "--database", office, "--limit", "100000", "--json").json)
    assert crm("export", "--as", entity, "--to", file, "--database", office).code == 0
    back = crm("import", file, "--dry-run", "--database", office, "--json").json
    assert (back["created"], back["updated"], back["rejected"]) == (0, 0, [])
    assert back["unchanged"] == there > 0


def test_the_whole_office_comes_into_an_empty_one(crm: Any, office: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "all.zip", tmp_path / "new.crm"
    assert crm("export", "--everything", "--to", file, "--database", office).code == 0
    assert crm("import", file, "--all", "--database", other).code == 0
    for entity in ("contact", "company", "deal", "case", "activity", "product"):
        there, here = (
            crm("list", entity, "--database", one, "--limit", "100000", "--json").json for one in (office, other)
        )
        assert len(here) == len(there) > 0, entity


def test_a_filter_and_fields_choose_what_is_written(crm: Any, office: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    chosen = json.dumps(["city", "eq", "Curitiba"])
    asked = ("--as", "contact", "--filter", chosen, "--fields", "name,city", "--to", file, "--database", office)
    assert crm("export", *asked).code == 0
    head, *rows = file.read_text("utf-8-sig").splitlines()
    assert head == "Name,City,Record ID"
    listed = crm("list", "contact", "--database", office, "--limit", "100000", "--columns", "city", "--json").json
    assert len(rows) == sum(one["city"] == "Curitiba" for one in listed)


def test_a_sample_file_comes_in_as_its_records(crm: Any, office: Path, tmp_path: Path) -> None:
    file = tmp_path / "sample.xlsx"
    assert crm("sample", "--as", "deal", "--to", file, "--database", office).code == 0
    made = crm("import", file, "--all", "--database", tmp_path / "new.crm", "--json").json
    assert "deal" in json.dumps(made) and "Instructions" not in json.dumps(made)


@pytest.mark.parametrize(
    "asked", [("--as", "deal", "--to", "d.pdf"), ("--to", "d.csv"), ("--as", "deal", "--to", "missing/d.csv")]
)
def test_what_cannot_be_written_is_said_in_a_sentence(crm: Any, office: Path, asked: tuple[str, ...]) -> None:
    answer = crm("export", *asked, "--database", office)
    assert answer.code == 1 or answer.code == 2
    assert "Traceback" not in answer.err and len(answer.err.strip()) > 20
