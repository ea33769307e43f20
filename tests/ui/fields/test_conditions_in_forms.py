"""Fields that come and go with what is typed, keep their values, and are asked for where they are needed."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QGridLayout

from crm_desktop.core.errors import ValidationFailed
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import to_json, where
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import custom, field_service, layout, queries, service
from tests.helpers.windows import settle
from ui.records.details import DetailsTab
from ui.records.form import RecordForm
from ui.records.record_dialog import RecordDialog


class Nowhere:
    """A window that goes nowhere."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def form_of(bench: Any, record: int | None = None) -> RecordForm:
    form = RecordForm(bench.office, "contact", custom.fields_of(bench.database, "contact"))
    if record is not None:
        with bench.database.read() as connection:
            stored = queries.get_record(bench.database, connection, "contact", record)
        form.set_values(stored.values, stored.children)
    else:
        form.set_values({})
    form.show()
    settle()
    return form


def choose(form: RecordForm, name: str, value: Any) -> None:
    editor = form.rows[name].editor
    editor.set_value(value)
    editor.edited.emit()
    settle()


def test_a_field_comes_and_goes_and_keeps_its_value(bench) -> None:
    form = form_of(bench, bench.person)
    why, points = form.rows["custom.why"], form.rows["custom.points"]
    assert why.isHidden() and points.isVisible()
    choose(form, "custom.level", "tin")
    assert why.isVisible() and why.label.text() == "Why *" and why.editor.value() == "kept"
    choose(form, "custom.level", "gold")
    assert why.isHidden() and (form.collect() or {})["custom.why"] == "kept"
    form.deleteLater()


def test_no_hole_is_left_in_the_grid(bench) -> None:
    form = form_of(bench, bench.person)
    grid = next(grid for grid, names in form._grids if "custom.why" in names)
    assert isinstance(grid, QGridLayout)
    places = {name: grid.getItemPosition(grid.indexOf(form.rows[name])) for name in ("custom.level", "custom.points")}
    assert {place[:2] for place in places.values()} == {(0, 0), (0, 1)}
    choose(form, "custom.level", "tin")
    assert grid.getItemPosition(grid.indexOf(form.rows["custom.points"]))[:2] == (1, 0)
    form.deleteLater()


def test_the_form_says_what_the_office_needs(bench) -> None:
    form = form_of(bench)
    form.rows["name"].editor.setText("Bia")
    choose(form, "custom.level", "tin")
    values = {name: value for name, value in (form.collect() or {}).items() if value is not None}
    failed: list[Any] = []
    bench.office.write(form, "Make", lambda uow: service.create_record(uow, "contact", values), None, failed.append)
    settle()
    form.show_errors(failed[0].errors)
    assert form.rows["custom.why"].problem.text() == "“Why” is needed."
    form.deleteLater()


def test_details_and_form_follow_the_layout(bench) -> None:
    sections = (layout.LayoutSection("own_1", "Rating", ("custom.points", "custom.level", "custom.why")),)
    with write(bench.database, "Arrange") as uow:
        layout.save_layout(uow, "contact", layout.Layout(sections, ("birthday",)))
    form = form_of(bench, bench.person)
    assert next(iter(form.rows)) == "custom.points" and "birthday" not in form.rows
    details = DetailsTab(bench.office, Nowhere(), bench.database.schema.entity("contact"))
    with bench.database.read() as connection:
        record = queries.get_record(bench.database, connection, "contact", bench.person)
    details.set_record(record, custom.fields_of(bench.database, "contact"))
    details.show()
    assert details._titles["own_1"].text() == "Rating"
    assert list(details._grids["own_1"]._fields) == ["custom.points", "custom.level"]
    assert details.grid_of("birthday") is None
    form.deleteLater()
    details.deleteLater()


def test_a_condition_on_a_formula_follows_what_is_typed(bench) -> None:
    with write(bench.database, "Add") as uow:
        custom.create_custom_field(uow, "contact", "Double", Kind.NUMBER, formula="[Points] * 2")
        custom.create_custom_field(
            uow, "contact", "Prize", Kind.TEXT, visible_when=to_json(where("custom.double", "gt", "100")),
            required_when=to_json(where("custom.double", "gt", "100")),
        )  # fmt: skip
    form = form_of(bench, bench.person)
    assert form.rows["custom.prize"].isHidden()
    form.rows["custom.points"].editor.setText("51")
    form.rows["custom.points"].editor.edited.emit()
    assert not form.rows["custom.prize"].isHidden() and form.rows["custom.prize"].label.text() == "Prize *"
    form.deleteLater()
    with pytest.raises(ValidationFailed), write(bench.database, "Save") as uow:
        service.update_record(uow, "contact", bench.person, {"custom.points": "51"})
    with write(bench.database, "Save") as uow:
        service.update_record(uow, "contact", bench.person, {"custom.points": "50"})


def test_a_new_record_starts_with_the_usual_value_unless_it_was_emptied(bench) -> None:
    with write(bench.database, "Usual") as uow:
        field_service.update_custom_field(uow, "contact", "custom.points", {"default_value": 70000})
        field_service.update_custom_field(uow, "contact", "custom.level", {"default_value": "gold"})
    made: list[int] = []
    dialog = RecordDialog(bench.office, Nowhere(), "contact", on_saved=made.append)
    dialog.show()
    settle()
    assert dialog.form.rows["custom.points"].editor.value() == 7
    dialog.form.rows["name"].editor.setText("Bia")
    dialog.form.rows["custom.points"].editor.setText("")
    dialog.save()
    settle()
    assert (bench.value("custom.points", made[0]), bench.value("custom.level", made[0])) == (None, "gold")
