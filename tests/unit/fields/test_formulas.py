"""Formula fields: the language, the same results in Python and in SQL on both engines, and where they show up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.filters import where
from crm_desktop.core.formula_eval import evaluate
from crm_desktop.core.formula_names import with_labels, with_names
from crm_desktop.core.formulas import BOOL, DATE, KINDS, NUMBER, TEXT, FormulaError, parse
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import custom, field_service, queries, service, tokens
from crm_desktop.records.resolving import bind
from tests.helpers.thorough import times

ANA = Actor(None, "Ana")
NOW = datetime(2026, 3, 12, 15, tzinfo=UTC)
FIELDS = {
    one.name: one
    for one in (
        Field("amount", "Amount", Kind.MONEY), Field("name", "Name", Kind.TEXT), Field("starts", "Starts on", Kind.DATE),
        Field("vip", "VIP", Kind.BOOL), Field("custom.rank", "Rank", Kind.NUMBER, custom=True),
        Field("status", "Status", Kind.CHOICE, choices=(Choice("won", "Won"), Choice("lost", "Lost"))),
        Field("files", "Files", Kind.JSON),
    )
}  # fmt: skip


@pytest.fixture(autouse=True)
def on_a_day() -> Iterator[None]:
    clock.set_clock(lambda: NOW)
    yield
    clock.set_clock(None)


def value(text: str, **values: Any) -> Any:
    return evaluate(parse(text, FIELDS), {name.replace("rank", "custom.rank"): one for name, one in values.items()})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", Decimal(7)), ("-(1 - 3) % 5", Decimal(2)), ("10 / 3", Decimal("3.3333")), ("1 / 0", None),
        ("1 / 0 + 5", None), ("[Amount] * 2", Decimal(21)), ("[amount]*[rank]", Decimal("15.75")), ("rank + 1", Decimal("2.5")),
        ("round(2.345, 2)", Decimal("2.35")), ("round(0 - 2.5)", Decimal(-3)), ("min(3, [Amount], nothing)", Decimal(3)),
        ("max(1 / 0, nothing)", None), ('"a" & 1.50 & [Name]', "a1.5Ana"), ("[Name] & nothing", "Ana"),
        ('if([Status] = "Won", "yes", "no")', "yes"), ('[Status] != "lost" and not [VIP]', True),
        ("days([Starts on], today())", Decimal(11)), ("today() - [starts]", Decimal(11)), ("[starts] + 30", date(2026, 3, 31)),
        ("year([starts]) * 100 + month([starts])", Decimal(202603)), ('contains([Name], "AN")', True),
        ("length([Name])", Decimal(3)), ("upper([Name]) & lower([Name])", "ANAana"), ("coalesce(nothing, [Amount], 1)", Decimal("10.5")),
        ("empty([VIP])", False), ('left("Açaí", 3)', "Aça"), ('[Status] & "!"', "Won!"), ('[starts] > date("2026-02-28")', True),
        ('"ação" = "ACAO"', True), ("nothing = nothing", True), ("1 = 1 or 1 / 0 > 1", True),
    ],
)  # fmt: skip
def test_the_language(text: str, expected: Any) -> None:
    made = value(text, amount=Decimal("10.5"), name="Ana", starts=date(2026, 3, 1), rank=Decimal("1.5"), status="won")
    assert made == expected and type(made) is type(expected)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "Write a formula"), ("[Amount] +", 10, "still missing"), ("[Amont] * 2", 0, "no field “Amont”"),
        ("1 + [Name]", 2, "Join texts with &"), ("foo(1)", 0, "no function “foo”"), ("(1 + 2", 6, "“)” is missing"),
        ('"open', 0, "no closing quote"), ("[Amount", 0, "no closing bracket"), ("1 2", 2, "not expected here"),
        ("if([Amount], 1, 2)", 0, "if(condition, then, else)"), ('[Amount] = "x"', 9, "a number cannot be compared"),
        ('[Status] = "Wn"', 11, "none of the choices: Won, Lost"), ("[Files]", 0, "cannot be used"), ("1 ° 2", 2, "not understood"),
        ('if([VIP], 1, "x")', 0, "of one sort"), ("round(1, [Amount])", 0, "round(number, places)"), ("nothing", 0, "always empty"),
        ("not 1", 4, "needs a condition"), ("1 and [VIP]", 0, "joins conditions"), ("(" * 99 + "1", 60, "nested too deeply"),
    ],
)  # fmt: skip
def test_errors_say_what_and_where(text: str, position: int, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, FIELDS)
    assert words in str(caught.value) and caught.value.position == position


def test_formulas_are_stored_by_name_and_shown_by_label() -> None:
    stored = with_names('[Rank] + [Starts on] & "[Amount]"', FIELDS)
    assert stored == '[custom.rank] + [starts] & "[Amount]"'
    assert with_labels(stored, FIELDS) == '[Rank] + [Starts on] & "[Amount]"'


# -- the same in SQL -------------------------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.none(), st.decimals(-1000, 1000, places=2), st.sampled_from([Decimal(0), Decimal("0.0001"), Decimal(3)])
)
TEXTS = st.one_of(st.none(), st.sampled_from(["", "Açaí", "acai", "x_y", "100%", "Ana {1}", "z'\"b"]))
DAYS = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2060, 12, 31)))
OWN = {
    "n": Kind.NUMBER,
    "m": Kind.MONEY,
    "i": Kind.INTEGER,
    "t": Kind.TEXT,
    "d": Kind.DATE,
    "b": Kind.BOOL,
    "c": Kind.CHOICE,
}


class Maker:
    """Makes formulas of every type at random, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def make(self, type_: str, depth: int = 3) -> str:
        plain = {
            NUMBER: ["0", "1", "2.5", "7", "0.3333", "[n]", "[m]", "[i]", "-[n]"],
            TEXT: ['"Açaí"', '"x"', '""', "[t]", "[job_title]", "[c]"],
            DATE: ["[d]", "[birthday]", "today()", "[created_at]", 'date("2024-02-29")'],
            BOOL: ["[b]", "yes", '([c] = "Baru")'],
        }[type_]
        if depth == 0 or self.random.random() < 0.15:
            return self.random.choice(plain)
        return self.random.choice(getattr(self, type_)(depth - 1))

    def number(self, d: int) -> list[str]:
        number, text, day, yes = (self.make(one, d) for one in (NUMBER, TEXT, DATE, BOOL))
        return [
            *(f"({number} {sign} {self.make(NUMBER, d)})" for sign in "+-*/%"), f"abs({number})", f"round({number}, {d})",
            f"min({number}, {self.make(NUMBER, d)})", f"max({number}, {self.make(NUMBER, d)})", f"days({day}, {self.make(DATE, d)})",
            f"year({day})", f"month({day})", f"day({day})", f"length({text})", f"if({yes}, {number}, {self.make(NUMBER, d)})",
            f"coalesce({number}, {self.make(NUMBER, d)})",
        ]  # fmt: skip

    def text(self, d: int) -> list[str]:
        text = self.make(TEXT, d)
        other = self.make(self.random.choice([TEXT, NUMBER, DATE, BOOL]), d)
        return [
            f"({text} & {other})", f"upper({text})", f"lower({text})", f"left({text}, {d})",
            f"coalesce({text}, {self.make(TEXT, d)})", f"if({self.make(BOOL, d)}, {text}, {self.make(TEXT, d)})",
        ]  # fmt: skip

    def date(self, d: int) -> list[str]:
        day, few = self.make(DATE, d), self.random.choice(["0", "1", "2.5", "366"])
        return [f"({day} + {few})", f"({day} - {few})", f"max({day}, {self.make(DATE, d)})", f"min({day}, today())"]

    def bool(self, d: int) -> list[str]:
        sign = self.random.choice(["=", "!=", "<", "<=", ">", ">="])
        pairs = [f"({self.make(one, d)} {sign} {self.make(one, d)})" for one in (NUMBER, TEXT, DATE)]
        yes = self.make(BOOL, d)
        return [
            *pairs, f"({yes} and {self.make(BOOL, d)})", f"({yes} or {self.make(BOOL, d)})", f"(not {yes})",
            f"contains({self.make(TEXT, d)}, {self.make(TEXT, d)})", f"empty({self.make(self.random.choice([NUMBER, TEXT, DATE]), d)})",
        ]  # fmt: skip


@pytest.fixture
def office(database: Database) -> tuple[Database, int]:
    with write(database, "Make", actor=ANA) as uow:
        for key, kind in OWN.items():
            choices = [{"key": "a", "label": "Açaí", "hue": 1}, {"key": "b", "label": "Baru", "hue": 2}]
            custom.create_custom_field(uow, "contact", key, kind, choices=choices if kind is Kind.CHOICE else None)
        record = service.create_record(uow, "contact", {"name": "Ana"})
    return database, record


@settings(max_examples=times(15, 60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_sql_gives_what_python_gives(office: tuple[Database, int], data: st.DataObject) -> None:
    database, record = office
    values = {
        "custom.n": data.draw(NUMBERS), "custom.m": data.draw(NUMBERS), "custom.i": data.draw(st.one_of(st.none(), st.integers(-50, 50))),
        "custom.t": data.draw(TEXTS) or None, "custom.d": data.draw(DAYS), "custom.b": data.draw(st.sampled_from([None, True, False])),
        "custom.c": data.draw(st.sampled_from([None, "a", "b"])), "job_title": data.draw(TEXTS) or None, "birthday": data.draw(DAYS),
    }  # fmt: skip
    fields = {one.name: one for one in custom.fields_of(database, "contact")}
    maker = Maker(data.draw(st.integers(0, 10**9)))
    chosen = [(kind, maker.make(kind)) for kind in (NUMBER, TEXT, DATE, BOOL) for _again in range(4)]
    spec, table = database.schema.entity("contact"), database.schema.table("contact")
    with write(database, "Set", actor=ANA, rehearse=True) as uow:
        service.update_record(uow, "contact", record, values)
        stored = dict(queries.get_record(database, uow.connection, "contact", record).values)
        for type_, text in chosen:
            kind = KINDS[type_][0]
            try:
                bound = bind(text, kind, fields)
            except FormulaError as error:  # a choice compared with a text that is none
                assert "none of the choices" in str(error)
                continue
            expression = bound.expression(database.schema, spec, table)
            found = uow.connection.execute(sa.select(expression).where(table.c.id == record)).scalar_one()
            expected = evaluate(bound.tree, stored)  # type: ignore[arg-type]
            one = Field("custom.x", "X", kind, custom=True, computed=True)
            made = queries.custom_python(one, found)
            assert made == (bool(expected) if kind is Kind.BOOL else expected), f"{text} with {stored}"


# -- formula fields --------------------------------------------------------------------------------------------------


def add(database: Database, label: str, formula: str, kind: Kind = Kind.NUMBER) -> None:
    with write(database, "Add", actor=ANA) as uow:
        custom.create_custom_field(uow, "contact", label, kind, formula=formula)


def test_a_formula_field_lists_sorts_filters_and_adds_up(office: tuple[Database, int]) -> None:
    database, record = office
    add(database, "Double", "[custom.n] * 2", Kind.MONEY)
    add(database, "More", "[Double] + 1")
    with write(database, "Fill", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"custom.n": "10"})
        other = service.create_record(uow, "contact", {"name": "Bia", "custom.n": "3"})
        none = service.create_record(uow, "contact", {"name": "Caio"})
    with database.read() as connection:
        read = queries.get_record(database, connection, "contact", record).values
        assert (read["custom.double"], read["custom.more"]) == (Decimal(20), Decimal(21))
        order = queries.find_ids(database, connection, "contact", sort=[("custom.more", False)])
        assert list(order) == [other, record, none]
        found = queries.find_ids(database, connection, "contact", filter=where("custom.double", "gt", "6"))
        assert list(found) == [record]
        assert queries.totals(database, connection, "contact", ["custom.double"])["custom.double"] == Decimal(26)
        assert tokens.fill("{custom.more}", database, connection, "contact", [other]) == ["7"]
    one = custom.field_named(database, "contact", "custom.more")
    assert one.computed and one.custom and not one.importable and "custom.n" in one.formula.names
    with write(database, "Ignored", actor=ANA) as uow:
        assert not service.update_record(uow, "contact", record, {"custom.more": "5"})


def test_circles_and_wrong_results_are_refused(office: tuple[Database, int]) -> None:
    database, _record = office
    add(database, "Aa", "[custom.n] + 1")
    add(database, "Bb", "[Aa] + 1")

    def change(name: str, formula: str) -> None:
        with write(database, "Change", actor=ANA) as uow:
            field_service.update_custom_field(uow, "contact", name, {"formula": formula})

    for name, formula, words in (
        ("custom.aa", "[Bb] + 1", "depend"), ("custom.aa", "[Aa] + 1", "Aa"), ("custom.aa", '"x"', "a text"),
        ("custom.aa", "[n] +", "missing"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=words):
            change(name, formula)
    with pytest.raises(UserError, match="Aa"), write(database, "Delete", actor=ANA) as uow:
        field_service.delete_custom_field(uow, "contact", "custom.n")
    with database.read() as connection:
        assert queries.find_ids(database, connection, "contact", sort=[("custom.bb", True)])


def test_a_formula_whose_field_is_gone_is_empty(office: tuple[Database, int]) -> None:
    database, record = office
    add(database, "A", "[custom.n] + 1")
    with write(database, "Behind its back", actor=ANA) as uow:
        row = field_service.definition(uow.connection, "contact", "custom.n")
        uow.delete("custom_field", [int(row["id"])])
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", record).values["custom.a"] is None
    assert "custom.n" in custom.field_named(database, "contact", "custom.a").formula.problem


# -- roll-ups --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "expected"),
    [
        ({"what": "count"}, Kind.INTEGER, 3), ({"what": "sum", "field": "custom.n"}, Kind.NUMBER, Decimal("10.5")),
        ({"what": "average", "field": "custom.i"}, Kind.NUMBER, Decimal("1.5")), ({"what": "max", "field": "custom.n"}, Kind.NUMBER, Decimal(8)),
        ({"what": "min", "field": "birthday"}, Kind.DATE, date(1990, 5, 1)), ({"what": "latest", "field": "name"}, Kind.TEXT, "C"),
        ({"what": "latest", "field": "custom.c"}, Kind.CHOICE, "b"), ({"what": "max", "field": "created_at"}, Kind.DATETIME, NOW),
        ({"what": "count", "filter": ["custom.n", "gt", "2"]}, Kind.INTEGER, 2), ({"what": "count", "filter": ["city", "eq", "Lapa"]}, Kind.INTEGER, 1),
        ({"what": "count", "filter": ["@tag", "has_tag", "vip"]}, Kind.INTEGER, 0),
    ],
)  # fmt: skip
def test_roll_ups_of_contacts_into_companies(
    office: tuple[Database, int], data: Any, kind: Kind, expected: Any
) -> None:
    database, _record = office
    with write(database, "Make", actor=ANA) as uow:
        custom.create_custom_field(
            uow, "company", "R", Kind.NUMBER, roll_up={"entity": "contact", "link": "company_id", **data}
        )
        company = service.create_record(uow, "company", {"name": "Silva"})
        empty = service.create_record(uow, "company", {"name": "Nobody"})
        for name, number, whole, birthday in (
            ("A", "2.5", 1, "1990-05-01"),
            ("B", "8", 2, "1995-01-01"),
            ("C", None, None, None),
        ):
            service.create_record(uow, "contact", {
                "name": name, "company_id": company, "custom.n": number, "custom.i": whole, "birthday": birthday,
                "custom.c": "b", "city": "Lapa" if name == "A" else None,
            })  # fmt: skip
    one = custom.field_named(database, "company", "custom.r")
    assert (one.kind, one.computed) == (kind, True)
    with database.read() as connection:
        rows = queries.fetch_rows(database, connection, "company", [company, empty], ["custom.r"])
        assert rows[0].values["custom.r"] == expected
        assert rows[1].values["custom.r"] == (0 if kind is Kind.INTEGER else None)
        ids = queries.find_ids(database, connection, "company", sort=[("custom.r", True)])
        assert ids[0] == company or expected == 0
        queries.count(database, connection, "company", filter=where("custom.r", "filled"))


def test_activities_of_a_contact_are_counted(office: tuple[Database, int]) -> None:
    database, record = office
    with write(database, "Make", actor=ANA) as uow:
        custom.create_custom_field(
            uow, "contact", "Calls", Kind.INTEGER,
            roll_up={"entity": "activity", "link": "@links", "what": "count", "filter": ["kind", "eq", "call"]},
        )  # fmt: skip
        for kind in ("call", "call", "task"):
            made = service.create_record(uow, "activity", {"subject": "X", "kind": kind})
            uow.insert("activity_link", {"activity_id": made, "entity": "contact", "record_id": record})
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", record).values["custom.calls"] == 2
    with pytest.raises(UserError), write(database, "Wrong", actor=ANA) as uow:
        custom.create_custom_field(
            uow, "contact", "Bad", Kind.INTEGER, roll_up={"entity": "deal", "link": "nothing", "what": "count"}
        )


@pytest.mark.parametrize(
    "text",
    ["-" * 3000 + "1", "not " * 900 + "true", "+".join(["1"] * 900), " & ".join(["[Name]"] * 300), "9" * 400,
     'length("x") + year(date("2026-02-30"))'],
)  # fmt: skip
def test_what_no_database_could_work_out_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text, FIELDS)


def test_formulas_of_formulas_do_not_grow_without_end(database: Database) -> None:
    with write(database, "Fields", actor=ANA) as uow:
        custom.create_custom_field(uow, "deal", "F0", Kind.NUMBER, formula="[amount] + 1")
    with pytest.raises(UserError):
        for number in range(1, 30):
            with write(database, "Fields", actor=ANA) as uow:
                text = f"[F{number - 1}] + [F{number - 1}]"
                custom.create_custom_field(uow, "deal", f"F{number}", Kind.NUMBER, formula=text)
    with write(database, "Deal", actor=ANA) as uow:
        deal = service.create_record(uow, "deal", {"name": "Ipê", "amount": "1"})
    with database.read() as connection:
        names = [one.name for one in custom.custom_fields(database, "deal", connection)]
        found = queries.fetch_rows(database, connection, "deal", [deal], names)[0].values
    assert len(names) > 3 and found["custom.f3"] == Decimal(16)


@pytest.mark.parametrize(
    ("kind", "repeated"),
    [
        (Kind.INTEGER, lambda n: "+".join(["[amount]"] * n)), (Kind.TEXT, lambda n: " & ".join(["[name]"] * n)),
        (Kind.NUMBER, lambda n: "if([amount] > 1, 1, " * n + "2" + ")" * n), (Kind.NUMBER, lambda n: "min(1, " * n + "[amount]" + ")" * n),
        (Kind.NUMBER, lambda n: "1 / (" * n + "[amount]" + ")" * n), (Kind.TEXT, lambda n: "coalesce(" * n + "[name]" + ")" * n),
        (Kind.NUMBER, lambda n: "*".join(["[amount]"] * n)), (Kind.NUMBER, lambda n: "round([amount] * (" * n + "1" + "))" * n),
        (Kind.TEXT, lambda n: '"a" & (' * n + "[name]" + ")" * n), (Kind.DATE, lambda n: "today()" + " + 1" * n),
    ],
)  # fmt: skip
def test_every_formula_that_is_taken_can_be_read(database: Database, kind: Kind, repeated: Any) -> None:
    taken = 0
    for number in (1, 3, 5, 8, 12, 20, 40, 90):
        try:
            with write(database, "Fields", actor=ANA) as uow:
                custom.create_custom_field(uow, "deal", f"F{number}", kind, formula=repeated(number))
        except UserError:
            break
        taken = number
    assert taken >= 3
    with write(database, "Deal", actor=ANA) as uow:
        deal = service.create_record(uow, "deal", {"name": "Ipê", "amount": "2"})
    name = f"custom.f{taken}"
    with database.read() as connection:
        found = queries.fetch_rows(database, connection, "deal", [deal], [name])[0].values
        filled = queries.find_ids(database, connection, "deal", filter=where(name, "filled"), sort=[(name, False)])
    assert found[name] is not None and list(filled) == [deal]
