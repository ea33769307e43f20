"""What the office changes about its fields: names, choices, order, hiding, deleting, conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_desktop.core.errors import UserError, ValidationFailed
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import to_json, where
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import custom, field_service, history, layout, queries, service

ANA = Actor(None, "Ana")
LEVELS = [{"key": key, "label": key.title(), "hue": n} for n, key in enumerate(("gold", "silver", "tin"), 1)]


def act(database: Database, work: Any) -> Any:
    with write(database, "Do", actor=ANA) as uow:
        return work(uow)


def undo(database: Database) -> None:
    with database.read() as connection:
        last = history.recent(connection, limit=1)[0]
    history.undo(database, last.id, ANA)


def value(database: Database, record: int, name: str) -> Any:
    with database.read() as connection:
        return queries.get_record(database, connection, "contact", record).values.get(name)


def add(database: Database, label: str, kind: Kind, **more: Any) -> None:
    act(database, lambda uow: custom.create_custom_field(uow, "contact", label, kind, **more))


def test_renaming_and_colours_leave_values_alone(database: Database) -> None:
    add(database, "Level", Kind.CHOICE, choices=LEVELS)
    record = act(database, lambda uow: service.create_record(uow, "contact", {"name": "Ana", "custom.level": "gold"}))
    changed = {
        "label": "Grade", "section": "work", "help": "Of trust", "aliases": ["nivel"],
        "options": [{**LEVELS[0], "label": "Ouro", "hue": 7}, *LEVELS[1:]],
    }  # fmt: skip
    act(database, lambda uow: field_service.update_custom_field(uow, "contact", "custom.level", changed))
    field = custom.field_named(database, "contact", "custom.level")
    assert (field.label, field.section, field.help, field.aliases) == ("Grade", "work", "Of trust", ("nivel",))
    assert field.choice_label(value(database, record, "custom.level")) == "Ouro"
    undo(database)
    assert custom.field_named(database, "contact", "custom.level").label == "Level"


@pytest.mark.parametrize("kind", [Kind.CHOICE, Kind.CHOICES])
def test_a_choice_that_goes_takes_its_records_along(database: Database, kind: Kind) -> None:
    add(database, "Level", kind, choices=LEVELS)
    many = kind is Kind.CHOICES

    def make(uow: Any) -> list[int]:
        given = [["gold", "tin"], ["silver"], ["tin"]] if many else ["gold", "silver", "tin"]
        return [service.create_record(uow, "contact", {"name": str(one), "custom.level": one}) for one in given]

    ids = act(database, make)
    with database.read() as connection:
        field = custom.field_named(database, "contact", "custom.level")
        counts = field_service.choice_counts(connection, database.schema.table("contact"), field)
    assert counts == ({"gold": 1, "silver": 1, "tin": 2} if many else {"gold": 1, "silver": 1, "tin": 1})
    changed, instead = {"options": LEVELS[:1]}, {"silver": "gold", "tin": None}
    act(
        database,
        lambda uow: field_service.update_custom_field(uow, "contact", "custom.level", changed, replace=instead),
    )
    after = [value(database, one, "custom.level") for one in ids]
    assert after == ([["gold"], ["gold"], None] if many else ["gold", "gold", None])
    undo(database)
    assert [bool(value(database, one, "custom.level")) for one in ids] == [True, True, True]


def test_a_deleted_field_comes_back_with_its_values(database: Database) -> None:
    add(database, "Rank", Kind.TEXT)
    record = act(database, lambda uow: service.create_record(uow, "contact", {"name": "Ana", "custom.rank": "high"}))
    act(database, lambda uow: field_service.delete_custom_field(uow, "contact", "custom.rank"))
    assert custom.custom_fields(database, "contact") == ()
    assert value(database, record, "custom.rank") is None
    undo(database)
    assert value(database, record, "custom.rank") == "high"


def test_a_new_field_never_takes_the_values_of_a_deleted_one(database: Database) -> None:
    add(database, "Rank", Kind.TEXT)
    record = act(database, lambda uow: service.create_record(uow, "contact", {"name": "Ana", "custom.rank": "high"}))
    act(database, lambda uow: field_service.delete_custom_field(uow, "contact", "custom.rank"))
    add(database, "Rank", Kind.MONEY)
    field = custom.custom_fields(database, "contact")[0]
    assert (field.name, value(database, record, field.name)) == ("custom.rank_2", None)


def test_a_field_that_others_need_is_not_deleted(database: Database) -> None:
    add(database, "Rank", Kind.TEXT)
    add(database, "Why", Kind.TEXT, visible_when=to_json(where("custom.rank", "filled")))
    with pytest.raises(UserError, match="Why"):
        act(database, lambda uow: field_service.delete_custom_field(uow, "contact", "custom.rank"))


def test_a_rolled_back_field_is_forgotten(database: Database) -> None:
    with write(database, "Try", actor=ANA, rehearse=True) as uow:
        custom.create_custom_field(uow, "contact", "Rank", Kind.TEXT)
        assert custom.custom_fields(database, "contact", uow.connection)
    assert custom.custom_fields(database, "contact") == ()


class TestNeeded:
    """A field that is needed where another one says so, whoever writes."""

    @pytest.fixture(autouse=True)
    def office(self, database: Database) -> None:
        add(database, "Level", Kind.CHOICE, choices=LEVELS)
        add(database, "Why", Kind.TEXT, required_when=to_json(where("custom.level", "eq", "tin")))
        add(database, "Start", Kind.INTEGER, default_value=7)

    def test_forms(self, database: Database) -> None:
        def make(**values: Any) -> int:
            return int(act(database, lambda uow: service.create_record(uow, "contact", {"name": "Ana"} | values)))

        plain = make(**{"custom.level": "gold"})
        assert value(database, plain, "custom.start") == 7
        with pytest.raises(ValidationFailed) as refused:
            make(**{"custom.level": "tin"})
        assert [error.field for error in refused.value.errors] == ["custom.why"]
        both = make(**{"custom.level": "tin", "custom.why": "because", "custom.start": None})
        assert value(database, both, "custom.start") is None
        for record, change in ((plain, {"custom.level": "tin"}), (both, {"custom.why": None})):
            with pytest.raises(ValidationFailed):
                act(database, lambda uow, r=record, c=change: service.update_record(uow, "contact", r, c))
        act(database, lambda uow: service.update_record(uow, "contact", both, {"custom.level": None}))
        act(database, lambda uow: service.update_record(uow, "contact", both, {"custom.why": None}))

    def test_old_records_are_edited_elsewhere(self, database: Database) -> None:
        old = act(database, lambda uow: service.create_record(uow, "contact", {"name": "Old"}))
        add(database, "Code", Kind.TEXT, required=True)
        act(database, lambda uow: service.update_record(uow, "contact", old, {"job_title": "Cook"}))
        with pytest.raises(ValidationFailed):
            act(database, lambda uow: service.create_record(uow, "contact", {"name": "New"}))

    def test_imports(self, database: Database, tmp_path: Path) -> None:
        source = tmp_path / "people.csv"
        source.write_text("Name;Level;Why\nAna Dias;tin;\nBia Melo;tin;late\nCaio Reis;gold;\n", encoding="utf-8")
        result = run_import(database, source, guess_plan(database, source, "contact").plan, ANA)
        assert (result.created, result.rejected_count) == (2, 1)
        assert "Why" in str(result.rejected[0])

    def test_by_conditions_of_declared_fields(self, database: Database) -> None:
        rules = {"job_title": {"required_when": to_json(where("email", "filled"))}}
        act(database, lambda uow: layout.save_layout(uow, "contact", layout.Layout((), (), rules)))
        with pytest.raises(ValidationFailed) as refused:
            act(database, lambda uow: service.create_record(uow, "contact", {"name": "A", "email": "a@example.com"}))
        assert [error.field for error in refused.value.errors] == ["job_title"]
        points = [{"kind": "email", "value": "a@example.com", "is_primary": True}]
        with pytest.raises(ValidationFailed):
            act(database, lambda uow: service.create_record(uow, "contact", {"name": "A"}, children={"points": points}))
        act(database, lambda uow: service.create_record(uow, "contact", {"name": "A"}))


def test_a_layout_moves_hides_and_goes_back(database: Database) -> None:
    add(database, "Rank", Kind.TEXT)
    made = layout.Layout(
        (layout.LayoutSection("money", "Money", ("custom.rank", "job_title")), layout.LayoutSection("", "", ("name",))),
        ("birthday",),
    )
    act(database, lambda uow: layout.save_layout(uow, "contact", made))
    fields = custom.fields_of(database, "contact")
    assert [one.name for one in fields][:3] == ["custom.rank", "job_title", "name"]
    assert [one.section for one in fields][:3] == ["money", "money", ""]
    assert [one.key for one in custom.sections_of(database, "contact")][:2] == ["money", ""]
    assert len(fields) == len(database.schema.entity("contact").fields) + 1
    with pytest.raises(UserError):
        act(database, lambda uow: layout.save_layout(uow, "contact", layout.Layout((), ("name",))))
    act(database, lambda uow: layout.reset_layout(uow, "contact"))
    assert [one.name for one in custom.fields_of(database, "contact")][-1] == "custom.rank"
    undo(database)
    assert custom.fields_of(database, "contact")[0].name == "custom.rank"
