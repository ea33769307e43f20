"""Imports: the numbers add up, nothing is lost, nothing is kept of what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Kind
from crm_desktop.core.jobs import Cancelled, Progress, ProgressState
from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing import readers
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.rejects import write_rejects
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_import
from crm_desktop.importing.table import Row
from crm_desktop.records import custom, history, queries, service
from tests.helpers.rows import rows_of

Import = Callable[..., ImportResult]
ACTOR = Actor(None, "Test")
PEOPLE = [
    ["Nome", "Empresa", "E-mail", "Telefone", "Celular", "Endereço", "Cidade", "UF", "CEP", "Nascimento"],
    ["Ana Souza", "Padaria Sol Ltda", "ana@sol.example", "(41) 3222-1000", "41 99111-2222", "Rua A, 1", "Curitiba", "PR",
     "80010-000", "03/02/1980"],
    ["João Lima", "PADARIA SOL LTDA", "joao@sol.example", "(41) 3222-1001", "", "Rua A, 1", "Curitiba", "PR", "80010-000", ""],
    ["Beatriz Prado", "Oficina Norte", "bia@norte.example", "", "", "", "Recife", "PE", "", "25/12/1991"],
    ["Carlos Reis", "", "", "11 3333-4444", "", "", "", "", "", ""],
]  # fmt: skip


def numbers(result: ImportResult) -> tuple[int, int, int, int, int]:
    return result.created, result.updated, result.unchanged, result.duplicates, result.rejected_count


def everything(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema, history=True)


def record(database: Database, entity: str, name: str) -> dict[str, Any]:
    title = database.schema.entity(entity).title_field
    found = next(row for row in rows_of(database, database.schema.entity(entity).table) if row[title] == name)
    with database.read() as connection:
        fields = [one.name for one in database.schema.entity(entity).fields if not one.computed]
        row = queries.fetch_rows(database, connection, entity, [found["id"]], fields)[0]
        return {"id": row.id, **row.values}


def test_people_arrive_with_company_phones_and_address(database: Database, import_table: Import) -> None:
    result = import_table(PEOPLE)
    assert numbers(result) == (4, 0, 0, 0, 0)
    assert result.parents == {"company": 2}
    ana = record(database, "contact", "Ana Souza")
    assert (ana["email"], ana["phone"], ana["mobile"]) == ("ana@sol.example", "+554132221000", "+5541991112222")
    assert (ana["street"], ana["city"], ana["region"], ana["postcode"]) == ("Rua A, 1", "Curitiba", "PR", "80010-000")
    assert ana["birthday"] == date(1980, 2, 3)
    assert (ana["first_name"], ana["last_name"], ana["lifecycle"]) == ("Ana", "Souza", "lead")
    assert ana["company_id"].title == "Padaria Sol Ltda"
    assert [row["name"] for row in rows_of(database, "company")] == ["Padaria Sol Ltda", "Oficina Norte"]
    points = [row for row in rows_of(database, "contact_point") if row["owner_id"] == ana["id"]]
    assert [(p["kind"], p["is_primary"]) for p in points] == [("email", True), ("phone", True), ("phone", False)]


def test_search_finds_what_was_imported(database: Database, import_table: Import) -> None:
    import_table(PEOPLE)
    with database.read() as connection:
        for text in ("beatriz", "oficina norte", "99111", "32221001", "joao@sol.example"):
            assert search.find(connection, database.schema, text), text


def test_the_same_file_again_changes_nothing(database: Database, import_table: Import) -> None:
    import_table(PEOPLE)
    before = {name: rows_of(database, name) for name in ("contact", "company", "contact_point", "address")}
    again = import_table(PEOPLE)
    assert numbers(again) == (0, 0, 4, 0, 0)
    assert {name: rows_of(database, name) for name in before} == before


def test_only_what_differs_is_written_and_blanks_never_overwrite(database: Database, import_table: Import) -> None:
    import_table(PEOPLE)
    changed = [list(row) for row in PEOPLE]
    changed[1][4] = "41 99999-0000"
    changed[2][5], changed[2][6] = "Rua B, 7", ""
    changed[3][2] = "BIA@norte.example"
    result = import_table(changed)
    assert numbers(result) == (0, 2, 2, 0, 0)
    assert record(database, "contact", "Ana Souza")["mobile"] == "+5541999990000"
    joao = record(database, "contact", "João Lima")
    assert (joao["street"], joao["city"]) == ("Rua B, 7", "Curitiba")
    told = {(row.title, change.field): (change.old, change.new) for row in result.samples for change in row.changes}
    assert told["Ana Souza", "mobile"] == ("+5541991112222", "+5541999990000")
    assert told["João Lima", "street"] == ("Rua A, 1", "Rua B, 7")


def test_blanks_overwrite_when_asked(database: Database, import_table: Import) -> None:
    import_table([["Nome", "E-mail", "Cargo", "Cidade"], ["Ana Souza", "ana@sol.example", "Gerente", "Curitiba"]])
    result = import_table([["Nome", "E-mail", "Cargo", "Cidade"], ["Ana Souza", "ana@sol.example", "", "Curitiba"]],
                          overwrite_blanks=True)  # fmt: skip
    assert numbers(result) == (0, 1, 0, 0, 0)
    assert record(database, "contact", "Ana Souza")["job_title"] is None


def test_lifecycle_never_goes_backwards(database: Database, import_table: Import) -> None:
    head = ["Nome", "E-mail", "Situação"]
    import_table([head, ["Ana Souza", "ana@sol.example", "Customer"], ["Bia Reis", "bia@sol.example", "Lead"]])
    result = import_table([head, ["Ana Souza", "ana@sol.example", "Lead"], ["Bia Reis", "bia@sol.example", "Customer"]])
    assert numbers(result) == (0, 1, 1, 0, 0)
    assert record(database, "contact", "Ana Souza")["lifecycle"] == "customer"
    assert record(database, "contact", "Bia Reis")["lifecycle"] == "customer"


def test_duplicates_inside_the_file_count_once(database: Database, import_table: Import) -> None:
    result = import_table([["Nome", "E-mail"], ["Ana Souza", "ana@sol.example"], ["Ana S.", "ANA@SOL.EXAMPLE"],
                           ["Bia Reis", "bia@sol.example"], ["Davi Sá", "davi@sol.example"], ["Eva Luz", "eva@sol.example"],
                           ["Gil Paz", "gil@sol.example"], ["Hugo Maia", "hugo@x.example"], ["Iris Dutra", "iris@x.example"],
                           ["Joel Cruz", "joel@x.example"], ["Kátia Melo", "katia@x.example"]])  # fmt: skip
    assert numbers(result) == (9, 0, 0, 1, 0)
    [left_out] = result.duplicate_rows
    assert (left_out.row, left_out.field, left_out.same_as_row) == (3, "email", 2)


def test_same_name_with_another_email_is_another_person(database: Database, import_table: Import) -> None:
    head = ["Nome", "E-mail", "Telefone"]
    import_table([head, ["Ana Souza", "ana@sol.example", ""], ["Rui Paz", "", "41 3222-1000"]])
    result = import_table([head, ["Ana Souza", "outra@lua.example", ""], ["Rui Paz", "", "11 3333-4444"],
                           ["Rui Paz", "rui@paz.example", "41 3222-1000"]])  # fmt: skip
    assert numbers(result) == (2, 1, 0, 0, 0)
    assert len(rows_of(database, "contact")) == 4


def test_rows_without_any_name_go_by_their_email(database: Database, import_table: Import) -> None:
    result = import_table([["E-mail"], ["um@sol.example"], ["dois@sol.example"], ["isto não é e-mail"]], "contact")
    assert numbers(result) == (2, 0, 0, 0, 1)
    assert [row["name"] for row in rows_of(database, "contact")] == ["um@sol.example", "dois@sol.example"]
    [bad] = result.rejected
    assert (bad.row, bad.column, bad.value) == (4, "E-mail", "isto não é e-mail")


def test_a_company_without_a_name_goes_by_its_legal_name(database: Database, import_table: Import) -> None:
    import_table([
        ["Razão Social", "Nome Fantasia", "CNPJ", "Telefone"],
        ["Padaria Sol Comércio de Pães Ltda", "Padaria Sol", "11.222.333/0001-81", "(41) 3222-1000"],
        ["Oficina Norte Serviços Mecânicos Ltda", "", "19.131.243/0001-97", "(41) 3222-2000"],
    ], "company")  # fmt: skip
    names = [row["name"] for row in rows_of(database, "company")]
    assert names == ["Padaria Sol", "Oficina Norte Serviços Mecânicos Ltda"]


def test_a_bad_cell_keeps_its_row_and_its_text(database: Database, import_table: Import) -> None:
    result = import_table([["Nome", "E-mail", "Nascimento", "Obs"], ["Ana Souza", "ana(arroba)sol", "31/02/1980", "Liga à tarde"],
                           ["Bia Reis", "bia@sol.example", "01/02/1980", ""], ["Davi Sá", "davi@sol.example", "21/02/1980", ""],
                           ["Eva Luz", "eva@sol.example", "", ""], ["Gil Paz", "gil@sol.example", "", ""]])  # fmt: skip
    assert numbers(result) == (5, 0, 0, 0, 0)
    assert {(p.row, p.column, p.value) for p in result.cell_problems} == {
        (2, "E-mail", "ana(arroba)sol"), (2, "Nascimento", "31/02/1980")}  # fmt: skip
    ana = record(database, "contact", "Ana Souza")
    assert (ana["email"], ana["birthday"]) == (None, None)
    assert ana["notes"] == "Liga à tarde\nE-mail: ana(arroba)sol\nNascimento: 31/02/1980"


def test_two_phones_in_one_cell_become_two(database: Database, import_table: Import) -> None:
    import_table([["Nome", "Fone"], ["Ana Souza", "(41) 3222-1000 / 3222-2000"], ["Bia Reis", "(41) 3222-3000"]])
    points = [row["value"] for row in rows_of(database, "contact_point")]
    assert points == ["+554132221000", "+554132222000", "+554132223000"]
    again = import_table(
        [["Nome", "Fone"], ["Ana Souza", "(41) 3222-1000 / 3222-2000"], ["Bia Reis", "(41) 3222-3000"]]
    )
    assert numbers(again) == (0, 0, 2, 0, 0)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("both", (1, 1, 0, 0, 0)), ("skip", (1, 0, 0, 1, 0)), ("create", (2, 0, 0, 0, 0)), ("update", (0, 1, 0, 0, 1))],
)
def test_modes(database: Database, import_table: Import, mode: str, expected: tuple[int, ...]) -> None:
    head = ["Nome", "E-mail", "Cargo"]
    import_table([head, ["Ana Souza", "ana@sol.example", "Gerente"]])
    result = import_table(
        [head, ["Ana Souza", "ana@sol.example", "Diretora"], ["Bia Reis", "bia@sol.example", ""]], mode=mode
    )
    assert numbers(result) == expected


def test_a_rehearsal_tells_the_same_and_keeps_nothing(database: Database, import_table: Import) -> None:
    import_table(PEOPLE[:3])
    before = everything(database)
    changed = [list(row) for row in PEOPLE]
    changed[1][9] = "04/02/1980"
    rehearsed = import_table(changed, dry_run=True)
    assert everything(database) == before
    assert rehearsed.change_set is None
    real = import_table(changed)
    assert numbers(rehearsed) == numbers(real) == (2, 1, 1, 0, 0)
    assert {(s.row, s.action) for s in rehearsed.samples} == {(s.row, s.action) for s in real.samples}


def test_cancelling_keeps_nothing(database: Database, table_file: Callable[..., Path]) -> None:
    path = table_file([["Nome", "E-mail"], *([f"Pessoa {n}", f"p{n}@sol.example"] for n in range(25_000))])
    plan = guess_plan(database, path, "contact").plan
    before = everything(database)
    seen: list[ProgressState] = []

    def stop(state: ProgressState) -> None:
        seen.append(state)
        if state.done >= 10_000:
            progress.cancel()

    progress = Progress(stop, interval=0)
    with pytest.raises(Cancelled):
        run_import(database, path, plan, ACTOR, progress=progress)
    assert 10_000 <= seen[-1].done < 25_000
    assert seen[-1].total == 25_000
    assert everything(database) == before
    assert numbers(run_import(database, path, plan, ACTOR)) == (25_000, 0, 0, 0, 0)


def test_a_file_that_is_still_being_written_is_not_imported(
    sqlite_database: Database, table_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table_file(PEOPLE)
    plan = guess_plan(sqlite_database, path, "contact", country="BR").plan
    before = everything(sqlite_database)
    read = readers.read

    def while_another_writes(*given: Any) -> Iterator[Row]:
        yield from read(*given)
        with path.open("a", encoding="utf-8") as file:
            file.write("Davi Sem Fim,,davi@example.com,,,,,,,\n")

    monkeypatch.setattr(readers, "read", while_another_writes)
    with pytest.raises(UserError, match="changed while it was read"):
        run_import(sqlite_database, path, plan, ACTOR)
    assert everything(sqlite_database) == before


def test_a_crash_keeps_nothing(
    database: Database, table_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table_file([["Nome", "E-mail"], *([f"Pessoa {n}", f"p{n}@sol.example"] for n in range(12_000))])
    plan = guess_plan(database, path, "contact").plan
    before = everything(database)

    def fail(context: Any, values: dict[str, Any], current: Any) -> None:
        if values["name"] == "Pessoa 11000":
            raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setitem(database.schema.rules, "contact", fail)
        with pytest.raises(RuntimeError):
            run_import(database, path, plan, ACTOR)
    assert everything(database) == before
    with write(database, "After", actor=ACTOR) as uow:
        person = service.create_record(uow, "contact", {"name": "Ana Souza"})
    with database.read() as connection:
        assert history.record_history(database, connection, "contact", person)
        assert search.find(connection, database.schema, "ana souza")


def test_undo_takes_an_import_back_and_redo_brings_it_again(database: Database, import_table: Import) -> None:
    import_table(PEOPLE[:2])
    before = {name: rows_of(database, name) for name in ("contact", "company", "contact_point", "address")}
    changed = [list(row) for row in PEOPLE]
    changed[1][9] = "04/02/1980"
    result = import_table(changed)
    after = rows_of(database, "contact")
    assert result.change_set is not None
    history.undo(database, result.change_set, ACTOR)

    def without_version(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        skipped = ("version", "updated_at", "updated_by")
        return [{key: value for key, value in row.items() if key not in skipped} for row in rows]

    for name, rows in before.items():
        assert without_version(rows_of(database, name)) == without_version(rows)
    assert len(after) == 4


def test_the_log_of_imports_says_what_happened(database: Database, import_table: Import) -> None:
    result = import_table(PEOPLE, name="Clientes 2024.csv")
    [batch] = rows_of(database, "import_batch")
    assert batch["id"] == result.batch_id
    assert (batch["file_name"], batch["entity"], batch["rows"], batch["created"]) == (
        "Clientes 2024.csv",
        "contact",
        4,
        4,
    )
    assert ImportPlan.from_dict(batch["plan"]) == result.plan
    with database.read() as connection:
        newest = history.recent(connection)[0]
    assert newest.title == "Imported Clientes 2024.csv"


def test_choices_dates_and_numbers_as_portuguese_and_spanish_write_them(
    database: Database, import_table: Import
) -> None:
    head = ["Assunto", "Situação", "Prioridade", "Vencimento", "Tipo"]
    rows = [
        ["Ligar para Ana", "Concluída", "Alta", "05/03/2024", "Ligação"],
        ["Enviar proposta", "Pendiente", "Baja", "25/03/2024", "Tarea"],
    ]
    result = import_table([head, *rows], "activity")
    assert numbers(result) == (2, 0, 0, 0, 0) and not result.cell_problems
    first, second = rows_of(database, "activity")
    assert (first["status"], first["priority"], first["kind"], first["due"]) == (
        "done",
        "high",
        "call",
        date(2024, 3, 5),
    )
    assert (second["status"], second["priority"], second["kind"], second["due"]) == (
        "planned",
        "low",
        "task",
        date(2024, 3, 25),
    )
    assert numbers(import_table([head, *rows], "activity")) == (0, 0, 2, 0, 0)


def test_each_column_has_its_own_order_of_dates_and_its_own_decimals(database: Database, import_table: Import) -> None:
    head = ["Deal", "Engage date", "Close date", "Amount"]
    rows = [["Bakery oven", "3/25/2024", "25/04/2024", "1.234,50"], ["Flour mill", "12/31/2023", "01/02/2024", "99,90"]]
    import_table([head, *rows], "deal")
    oven, mill = rows_of(database, "deal")
    assert (oven["opened_on"], mill["opened_on"]) == (date(2024, 3, 25), date(2023, 12, 31))
    assert date(2024, 4, 25) in (oven["expected_close"], oven["closed_on"])
    assert date(2024, 2, 1) in (mill["expected_close"], mill["closed_on"])
    assert (oven["amount"], mill["amount"]) == (Decimal("1234.5"), Decimal("99.9"))


def test_custom_fields_tags_and_created_dates(database: Database, import_table: Import) -> None:
    with write(database, "Fields", actor=ACTOR) as uow:
        custom.create_custom_field(uow, "contact", "Tamanho da loja", Kind.NUMBER)
    head = ["Nome", "E-mail", "Tamanho da loja", "Marcadores", "Criado em"]
    rows = [
        ["Ana Souza", "ana@sol.example", "12,5", "VIP; Feira", "2020-05-06 12:00:00"],
        ["Bia Reis", "bia@sol.example", "7", "vip", ""],
    ]
    assert numbers(import_table([head, *rows])) == (2, 0, 0, 0, 0)
    ana, _bia = rows_of(database, "contact")
    assert ana["custom"] == {"tamanho_da_loja": 125_000}
    assert ana["created_at"] == datetime(2020, 5, 6, 15, 0, tzinfo=UTC)
    assert [tag["name"] for tag in rows_of(database, "tag")] == ["VIP", "Feira"]
    with database.read() as connection:
        tags = queries.tags_of(connection, ana["id"])
    assert "VIP" in str(tags) and "Feira" in str(tags)
    assert numbers(import_table([head, *rows])) == (0, 0, 2, 0, 0)
    rows[1][2], rows[1][3] = "8", "vip; Nova"
    assert numbers(import_table([head, *rows])) == (0, 1, 1, 0, 0)
    assert rows_of(database, "contact")[1]["custom"] == {"tamanho_da_loja": 80_000}


def test_constants_complete_new_records(database: Database, import_table: Import) -> None:
    import_table(PEOPLE, defaults={"source": "event", "country": "BR", "tags": "Feira 2024"})
    ana = record(database, "contact", "Ana Souza")
    assert (ana["source"], ana["country"]) == ("event", "BR")
    assert record(database, "contact", "Carlos Reis")["country"] is None
    assert len(rows_of(database, "record_tag")) == 4


def test_spreadsheets_keep_their_types(database: Database, import_table: Import) -> None:
    head = ["Nome", "E-mail", "Nascimento", "CEP", "Código"]
    result = import_table([head, ["Ana Souza", "ana@sol.example", date(1980, 2, 3), 80010000, 17]], name="pessoas.xlsx")
    assert numbers(result) == (1, 0, 0, 0, 0)
    ana = record(database, "contact", "Ana Souza")
    assert (ana["birthday"], ana["postcode"], ana["number"]) == (date(1980, 2, 3), "80010000", "17")


def test_rejected_rows_come_back_as_a_spreadsheet(database: Database, import_table: Import, tmp_path: Path) -> None:
    rows = [["E-mail", "Cidade"], ["um@sol.example", "Recife"], ["zwei(at)sol", "Natal"], ["tres@sol.example", ""]]
    result = import_table(rows, "contact", change=lambda plan: plan.with_column(1, target=None).with_(keys=("email",)))
    assert result.rejected_count == 1
    target = tmp_path / "rejected.xlsx"
    assert write_rejects(result, target) == 1
    again = guess_plan(database, target, "contact")
    assert [column.header for column in again.plan.columns] == [
        "E-mail",
        "Cidade",
        "Row",
        "Reason",
    ]
    assert again.file.best.columns[1].samples == ("Natal",)
    assert "zwei(at)sol" in str(again.file.best.columns[0].samples)


def test_a_plan_without_columns_is_refused(database: Database, table_file: Callable[..., Path]) -> None:
    path = table_file(PEOPLE)
    plan = guess_plan(database, path).plan
    empty = plan.with_(columns=tuple(type(one)(one.column, one.header) for one in plan.columns))
    with pytest.raises(UserError):
        run_import(database, path, empty, ACTOR)


ICS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:weekly@example
DTSTART;TZID=America/Sao_Paulo:20240506T090000
DTEND;TZID=America/Sao_Paulo:20240506T093000
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=America/Sao_Paulo:20240513T090000
SUMMARY:Reunião
END:VEVENT
BEGIN:VEVENT
UID:weekly@example
RECURRENCE-ID;TZID=America/Sao_Paulo:20240520T090000
DTSTART;TZID=America/Sao_Paulo:20240521T140000
DTEND;TZID=America/Sao_Paulo:20240521T143000
SUMMARY:Reunião adiada
END:VEVENT
END:VCALENDAR
"""


def test_calendars_keep_left_out_and_moved_occurrences(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "agenda.ics"
    path.write_text(ICS.replace("\n", "\r\n"), encoding="utf-8")
    guess = guess_plan(database, path)
    assert guess.plan.entity == "activity"
    assert numbers(run_import(database, path, guess.plan, ACTOR)) == (2, 0, 0, 0, 0)
    series, moved = rows_of(database, "activity")
    assert (series["rrule"], series["exdates"]) == ("FREQ=WEEKLY;COUNT=4", ["2024-05-13T09:00:00"])
    assert (moved["series_id"], moved["recurrence_id"]) == (series["id"], datetime(2024, 5, 20, 9))
    assert moved["starts"] == datetime(2024, 5, 21, 14)
    assert numbers(run_import(database, path, guess.plan, ACTOR)) == (0, 0, 2, 0, 0)


def test_cards_arrive_with_all_their_phones(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "ana.vcf"
    path.write_text(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Souza;Ana;;Dra.;\r\nFN:Dra. Ana Souza\r\nORG:Padaria Sol;Vendas\r\nTEL;TYPE=CELL:+55 41 99111-2222\r\n"
        "TEL;TYPE=WORK:+55 41 3222-1000\r\nTEL;TYPE=HOME:+55 41 3222-2000\r\nEMAIL:ana@sol.example\r\nEMAIL:ana@lua.example\r\n"
        "CATEGORIES:VIP,Feira\r\nNOTE:Liga à tarde\r\nEND:VCARD\r\n", encoding="utf-8")  # fmt: skip
    plan = guess_plan(database, path).plan
    assert numbers(run_import(database, path, plan, ACTOR)) == (1, 0, 0, 0, 0)
    ana = record(database, "contact", "Dra. Ana Souza")
    assert (ana["mobile"], ana["phone"], ana["phone2"]) == ("+5541991112222", "+554132221000", "+554132222000")
    assert (ana["email"], ana["email2"], ana["company_id"].title) == (
        "ana@sol.example",
        "ana@lua.example",
        "Padaria Sol",
    )
    assert len(rows_of(database, "record_tag")) == 2
    assert numbers(run_import(database, path, plan, ACTOR)) == (0, 0, 1, 0, 0)
