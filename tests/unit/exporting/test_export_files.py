"""Files of exports: names of columns that an import knows for certain, harmless texts, nothing half written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.core import i18n
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import LANGUAGES
from crm_desktop.core.jobs import Cancelled, Progress, ProgressState
from crm_desktop.core.values_numbers import parse_number
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.exporting.export import export_records
from crm_desktop.exporting.sample import write_sample
from crm_desktop.exporting.table_files import exact_text
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.own_files import own_columns, own_mapping, own_targets
from crm_desktop.importing.parts import guess_parts
from crm_desktop.importing.run import run_import
from crm_desktop.importing.table import ColumnGuess
from crm_desktop.importing.targets import targets_of
from crm_desktop.records import compound, custom, service
from crm_desktop.records.formula_guard import guarded, unguarded
from crm_desktop.records.record_ids import write_record_id
from crm_desktop.records.sheet_columns import Sizes, whole_columns
from tests.helpers.odd_office import ENTITIES, make_fields

ACTOR = Actor(None, "Test")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each language of the program."""
    before = i18n.language()
    i18n.set_language(request.param)
    yield request.param
    i18n.set_language(before)


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_label_is_its_own_field_whatever_language_reads_it(
    sqlite_database: Database, language: str, entity: str
) -> None:
    make_fields(sqlite_database)
    schema, spec = sqlite_database.schema, sqlite_database.schema.entity(entity)
    fields = custom.fields_of(sqlite_database, entity)
    columns = whole_columns(schema, spec, fields, Sizes.most())
    headers = [one.header() for one in columns]
    assert len(set(headers)) == len(headers)
    i18n.set_language("es" if language == "en" else "en")  # whoever imports may use another language
    guesses = [ColumnGuess(at, header, "text", original=header) for at, header in enumerate(headers)]
    found = own_columns(schema, spec, fields, guesses)
    assert found is not None
    assert [found[at].key for at in range(len(columns))] == [one.key for one in columns]
    targets = (*targets_of(schema, spec, fields), *own_targets(schema, spec, fields))
    empty: list[Any] = guess_plan_mapping(guesses)
    for column, mapped in zip(columns, own_mapping(found, empty, targets), strict=True):
        if (
            column.source == "field"
            and column.field is not None
            and column.field.importable
            and not column.field.computed
        ):
            assert mapped.target == column.field.name, column.header()


def guess_plan_mapping(guesses: list[ColumnGuess]) -> list[Any]:
    """A mapping that knows nothing."""
    from crm_desktop.importing.mapping import ColumnMapping  # lazy: only the shape is needed
    from crm_desktop.importing.table import Evidence

    return [ColumnMapping(one.index, one.header, None, 0.0, Evidence("")) for one in guesses]


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_sample_file_comes_in_whole_and_its_explanations_stay_out(
    sqlite_database: Database, tmp_path: Path, language: str, entity: str
) -> None:
    make_fields(sqlite_database)
    path = write_sample(sqlite_database, entity, tmp_path / "sample.xlsx")
    sheets = openpyxl.load_workbook(path).sheetnames
    assert len(sheets) == 2
    found = guess_parts(sqlite_database, path)
    assert [one.chosen for one in found.tables] == [True, False]
    guess = guess_plan(sqlite_database, path)
    assert guess.plan.entity == entity and guess.plan.sheet == sheets[0]
    result = run_import(sqlite_database, path, guess.plan, ACTOR)
    assert (result.created, result.rejected_count, result.cell_problems) == (3, 0, [])


def people(database: Database, count: int = 3) -> None:
    """Some contacts."""
    with write(database, "People", actor=ACTOR) as uow:
        for number in range(count):
            service.create_record(uow, "contact", {"name": f"Pessoa {number}", "number": f"000{number}"},
                                  children={"points": [{"kind": "phone", "value": "+5541955500142", "label": "mobile"}]})  # fmt: skip


def test_a_workbook_keeps_types_and_zeros(sqlite_database: Database, tmp_path: Path) -> None:
    people(sqlite_database)
    path = export_records(sqlite_database, "contact", tmp_path / "c.xlsx").path
    sheet = openpyxl.load_workbook(path).worksheets[0]
    head = {cell.value: at for at, cell in enumerate(sheet[1])}
    row = sheet[2]
    assert row[head["Customer number"]].value == "0000" and row[head["Phone 1"]].value == "+55 41 95550-0142"
    assert isinstance(row[head["Created"]].value, datetime) and row[head["Do not contact"]].value is False
    assert sheet.freeze_panes == "C2" and sheet.auto_filter.ref
    assert str(row[head["Record ID"]].value).startswith("CRM-")


def test_a_cancelled_or_impossible_export_leaves_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    people(sqlite_database)
    for name in ("c.xlsx", "c.csv", "c.json"):
        progress = Progress()

        def stop(_state: ProgressState, progress: Progress = progress) -> None:
            progress.cancel()

        progress._listener = stop
        with pytest.raises(Cancelled):
            export_records(sqlite_database, "contact", tmp_path / name, progress=progress)
    assert not [one for one in tmp_path.iterdir() if one.name.startswith((".c.", "c."))]
    with pytest.raises(UserError):
        export_records(sqlite_database, "contact", tmp_path / "gone" / "c.csv")
    with pytest.raises(UserError):
        export_records(sqlite_database, "deal", tmp_path / "d.vcf")


@given(st.text(max_size=40))
def test_guarded_texts_never_run_and_come_back(text: str) -> None:
    safe = guarded(text)
    assert unguarded(safe) == text
    assert safe[:1] not in ("=", "@", "\t", "\r")


@given(
    st.lists(st.text(min_size=1, max_size=20).map(str.strip).filter(lambda one: one and "\r" not in one), max_size=5)
)
def test_lists_in_one_cell_come_back(values: list[str]) -> None:
    assert compound.split_list(compound.join_list(values) or "") == values


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=4), st.sampled_from([".", ","]))
def test_numbers_of_a_text_table_mean_the_same(number: Decimal, mark: str) -> None:
    text = exact_text(number, mark)
    assert parse_number(text, mark) == number
    assert parse_number(text, "." if mark == "," else ",") == number, "no group of thousands can be seen in it"


def test_record_ids_are_no_numbers_for_a_spreadsheet() -> None:
    assert write_record_id(7123456789012345678) == "CRM-7123456789012345678"
