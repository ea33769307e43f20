"""Imports without anybody watching: recipes, folders, exit codes, the log, and what happens to the files afterwards."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from crm_desktop import cli_import, features
from crm_desktop.backup import runs
from crm_desktop.backup.schedule import Plan, save_plan
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.turns import only_one
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing import recipes, scheduled
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.recipes import Seen
from crm_desktop.importing.table import ReadOptions
from tests.helpers.sources import ROOT

ACTOR = Actor(None, "Ana")
HEADER = "CODIGO;RAZAO;EMAIL;UF\n"
FIRMS = HEADER + "".join(f"{i:05d};PADARIA SOL {i} LTDA;contato{i}@sol.example;PR\n" for i in range(1, 6))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduled, "PAUSE", 0.01)


def put(folder: Path, name: str, text: str, *, age: float = 60) -> Path:
    """A file that was written a while ago."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="latin-1")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def save_recipe(url: str, sample: Path, name: str = "ERP") -> None:
    """A recipe for companies, as it is made in the window: with a column that is worked out."""
    database = Database(url, features.schema())
    options = ReadOptions(added=(("Nome", "proper([RAZAO])"),))
    guess = guess_plan(database, sample, "company", options=options)
    targets = {"Nome": "name", "EMAIL": "email", "UF": None, "RAZAO": None, "CODIGO": None}
    plan = guess.plan.with_(keys=("email",), apart=(), whole=(), defaults={"notes": "from the ERP"})
    for one in plan.columns:
        plan = plan.with_column(one.column, target=targets[one.header], transform="", values={})
    with write(database, N_("Save recipe"), actor=ACTOR) as uow:
        recipes.save(uow, [Seen(guess.file, plan, options)], name=name)
    database.close()


def said(err: str) -> list[str]:
    """The lines of the standard error, without the warning that the address of the test server shows its password."""
    return [line for line in err.splitlines() if "a password that stands in a command" not in line]


def names(crm: Any, url: str) -> list[str]:
    found = crm("list", "company", "--columns", "name", "--sort", "name", "--database", url, "--json").json
    return [one["name"] for one in found]


def test_a_folder_comes_in_by_a_recipe_from_end_to_end(crm: Any, database_url: str, tmp_path: Path) -> None:
    inbox, log = tmp_path / "inbox", tmp_path / "log" / "import.log"
    save_recipe(database_url, put(tmp_path, "sample.csv", FIRMS))
    put(inbox, "b.csv", HEADER + "00009;BAR LUA;lua@lua.example;SP\n", age=50)
    put(inbox, "a.csv", FIRMS, age=90)
    put(inbox, "~$a.csv", "x")
    put(inbox, "c.csv.tmp", "x")
    command = ("import", inbox, "--recipe", "ERP", "--moved-to", tmp_path, "--log", log, "--database", database_url)
    first = crm(*command)
    assert (first.code, said(first.err)) == (0, [])
    assert names(crm, database_url) == ["Bar Lua", *(f"Padaria Sol {i} Ltda" for i in range(1, 6))]
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["a.csv", "b.csv"]
    lines = log.read_text(encoding="utf-8").splitlines()
    assert [line.split(" ")[1] for line in lines] == ["a.csv", "a.csv", "b.csv", "b.csv"], "the oldest file first"
    assert "5 created" in lines[0] and "recipe “ERP”" in lines[0] and lines[0][:4].isdigit()
    again = crm(*command)
    assert again.code == 0 and "no file" in again.out
    put(inbox, "a again.csv", FIRMS)
    known = crm(*command)
    assert known.code == 0 and "was imported already" in known.out
    assert not list(inbox.glob("a*.csv"))
    listed = crm("recipe", "list", "--database", database_url, "--json").json
    assert [(one["name"], one["used"], one["records"]) for one in listed] == [("ERP", 2, ["company"])]


def test_rejected_rows_are_told_one_by_one_and_kept(crm: Any, database_url: str, tmp_path: Path) -> None:
    save_recipe(database_url, put(tmp_path, "sample.csv", FIRMS))
    bad = put(tmp_path, "março.csv", FIRMS + "00010;;;PR\n00011;;;SP\n")
    log, rejects = tmp_path / "import.log", tmp_path / "rejects.xlsx"
    arguments = ("import", bad, "--recipe", "erp", "--database", database_url, "--log", log)
    over = crm(*arguments, "--max-rejected", "1", "--json", "--moved-to", tmp_path / "x", "--dry-run")
    assert over.code == 4 and over.json["state"] == "over" and len(over.json["rejected"]) == 2
    assert bad.exists() and names(crm, database_url) == []
    over = crm(*arguments, "--max-rejected", "10%")
    assert over.code == 4 and "2 of 7 rows were rejected, more than 10%" in over.err
    assert names(crm, database_url) == []
    some = crm(*arguments, "--max-rejected", "50%", "--rejects", rejects)
    assert some.code == 3 and len(names(crm, database_url)) == 5
    told = log.read_text(encoding="utf-8").splitlines()
    assert sum("março.csv Row 7" in line for line in told) == 3, "in each of the three runs"
    rows = list(openpyxl.load_workbook(rejects).active.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["00010", "00011"]


def test_a_file_that_fails_leaves_the_others_alone(crm: Any, sqlite_url: str, tmp_path: Path) -> None:
    save_recipe(sqlite_url, put(tmp_path, "sample.csv", FIRMS))
    inbox = tmp_path / "inbox"
    put(inbox, "1.csv", "Fruta;Preço\nManga;2,50\n", age=90)
    put(inbox, "2.csv", FIRMS, age=80)
    put(inbox, "3.csv", "", age=70)
    answer = crm("import", inbox / "*.csv", "--recipe", "ERP", "--moved-to", tmp_path, "--database", sqlite_url)
    assert answer.code == 1 and "Traceback" not in answer.err
    assert "1.csv does not have what the recipe ERP needs: RAZAO, EMAIL." in answer.err or "EMAIL" in answer.err
    assert sorted(path.name for path in (tmp_path / "failed").iterdir()) == ["1.csv", "3.csv"]
    assert [path.name for path in (tmp_path / "done").iterdir()] == ["2.csv"]
    assert len(names(crm, sqlite_url)) == 5


def test_a_bug_is_one_sentence_too(
    crm: Any, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def broken(*_args: Any, **_options: Any) -> None:
        raise ZeroDivisionError("division")

    monkeypatch.setattr(scheduled, "run_imports", broken)
    log = tmp_path / "import.log"
    answer = crm("import", put(tmp_path, "a.csv", FIRMS), "--as", "company", "--database", sqlite_url, "--log", log)
    assert answer.code == 1 and "ZeroDivisionError" in answer.err and len(said(answer.err)) == 1
    assert "a.csv not imported" in log.read_text(encoding="utf-8")


def test_two_runs_at_once_do_not_collide(crm: Any, database_url: str, tmp_path: Path) -> None:
    file, log = put(tmp_path, "a.csv", FIRMS), tmp_path / "import.log"
    database = Database(database_url, features.schema())
    with only_one(database, "import") as mine:
        assert mine
        answer = crm("import", file, "--as", "company", "--database", database_url, "--log", log)
        assert answer.code == cli_import.BUSY and "Another import" in answer.err
        assert "Another import" in log.read_text(encoding="utf-8")
    database.close()
    assert crm("import", file, "--as", "company", "--database", database_url).code == 0


def test_a_file_that_is_still_written_waits(
    crm: Any, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    file = put(tmp_path / "inbox", "a.csv", FIRMS, age=0)

    def writes(_seconds: float) -> None:
        with file.open("a", encoding="utf-8") as more:
            more.write("00099;A;a@a.example;PR\n")

    monkeypatch.setattr(scheduled.time, "sleep", writes)
    command = ("import", tmp_path / "inbox", "--as", "company", "--database", sqlite_url, "--moved-to", tmp_path)
    answer = crm(*command)
    assert answer.code == 0 and "is still being written" in answer.out
    assert file.exists() and names(crm, sqlite_url) == []
    monkeypatch.undo()
    monkeypatch.setattr(scheduled, "PAUSE", 0.01)
    assert crm(*command).code == 0
    assert len(names(crm, sqlite_url)) == 6 and not file.exists()


def test_orders_of_an_erp_come_in_as_won_deals(crm: Any, database_url: str, tmp_path: Path) -> None:
    orders = "Pedido;Cliente;Emissao;Total\n1001;Padaria Sol;03/02/2026;1.250,00\n1002;Bar Lua;04/02/2026;99,90\n"
    sample = put(tmp_path, "pedidos.csv", orders)
    database = Database(database_url, features.schema())
    guess = guess_plan(database, sample, "deal")
    targets = {"Pedido": "name", "Cliente": "company_id", "Emissao": "closed_at", "Total": "amount"}
    plan = guess.plan.with_(keys=("name",), apart=(), whole=(), defaults={"status": "won"})
    known = {one.name for one in guess.targets}
    for one in plan.columns:
        wanted = targets[one.header]
        plan = plan.with_column(
            one.column, target=wanted if wanted in known else "expected_close", transform="", decimal=","
        )
    with write(database, N_("Save recipe"), actor=ACTOR) as uow:
        recipes.save(uow, [Seen(guess.file, plan)], name="Pedidos")
    database.close()
    command = ("import", sample, "--recipe", "Pedidos", "--database", database_url, "--json")
    assert crm(*command).json["created"] == 2
    put(tmp_path, "pedidos.csv", orders + "1003;Padaria Sol;05/02/2026;10,00\n")
    assert {key: crm(*command, "--dry-run").json[key] for key in ("created", "unchanged")} == {
        "created": 1,
        "unchanged": 2,
    }
    deals = crm("list", "deal", "--columns", "name,amount,status,company_id", "--sort", "name", "--database", database_url,
                "--json").json  # fmt: skip
    assert [(one["name"], one["amount"], one["status"], one["company_id"]["title"]) for one in deals] == [
        ("1001", 1250, "won", "Padaria Sol"), ("1002", 99.9, "won", "Bar Lua")]  # fmt: skip


def test_mode_and_keys_of_the_command_line_win(crm: Any, sqlite_url: str, tmp_path: Path) -> None:
    save_recipe(sqlite_url, put(tmp_path, "sample.csv", FIRMS))
    file = put(tmp_path, "a.csv", FIRMS)
    none = crm("import", file, "--recipe", "ERP", "--mode", "update", "--database", sqlite_url, "--json")
    assert none.code == 3 and len(none.json["rejected"]) == 5 and none.json["created"] == 0
    wrong = crm("import", file, "--recipe", "ERP", "--keys", "email,shoe", "--again", "--database", sqlite_url)
    assert wrong.code == 1 and "“shoe”" in wrong.err
    right = crm("import", file, "--recipe", "ERP", "--keys", "name", "--again", "--database", sqlite_url, "--json")
    assert right.json["created"] == 5


def test_a_known_file_finds_its_recipe_by_itself(crm: Any, sqlite_url: str, tmp_path: Path) -> None:
    save_recipe(sqlite_url, put(tmp_path, "sample.csv", FIRMS))
    answer = crm("import", put(tmp_path, "abril.csv", FIRMS), "--database", sqlite_url)
    assert answer.code == 0 and answer.out.startswith("By the recipe “ERP”.")
    assert names(crm, sqlite_url)[0] == "Padaria Sol 1 Ltda"


def test_an_import_that_was_undone_may_come_again(crm: Any, database_url: str, tmp_path: Path) -> None:
    file = put(tmp_path, "a.csv", FIRMS)
    done = crm("import", file, "--as", "company", "--database", database_url, "--json").json
    assert crm("undo", done["change_set"], "--database", database_url).code == 0
    assert crm("import", file, "--as", "company", "--database", database_url, "--json").json["created"] == 5


def test_recipes_are_listed_sent_fetched_and_deleted(crm: Any, database_url: str, tmp_path: Path) -> None:
    save_recipe(database_url, put(tmp_path, "sample.csv", FIRMS), "Do ERP")
    at = ("--database", database_url)
    assert "Do ERP" in crm("recipe", "list", *at).out
    target = tmp_path / "erp.crmrecipe"
    assert crm("recipe", "export", "do erp", target, *at).code == 0
    content = json.loads(target.read_text(encoding="utf-8"))
    assert content["program"] == "CRM Desktop" and content["parts"][0]["given"]["added"] == [
        ["Nome", "proper([RAZAO])"]
    ]
    assert crm("recipe", "delete", "Do ERP", *at).code == 0
    assert crm("recipe", "list", *at).out == "0 recipes\n"
    assert said(crm("recipe", "export", "Do ERP", target, *at).err) == ["There is no recipe Do ERP."]
    alone = crm("import", put(tmp_path, "b.csv", FIRMS), "--recipe", target, *at)
    assert alone.code == 0 and names(crm, database_url)[0] == "Padaria Sol 1 Ltda"
    assert crm("recipe", "import", target, *at).out == "Recipe “Do ERP” is here now.\n"
    content["parts"][0]["plan"]["entity"] = "spaceship"
    target.write_text(json.dumps(content), encoding="utf-8")
    assert "“spaceship”" in crm("recipe", "import", target, *at).err


@pytest.mark.parametrize(
    "arguments",
    [("import",), ("import", "x.csv", "--max-rejected", "many"), ("import", "x.csv", "--mode", "burn"), ("recipe", "burn"),
     ("recipe", "export", "x"), ("recipe", "delete")],
)  # fmt: skip
def test_wrong_usage_is_2(crm: Any, arguments: tuple[str, ...]) -> None:
    answer = crm(*arguments)
    assert answer.code == 2 and answer.out == ""


def test_the_example_of_the_guide_works(crm: Any, sqlite_url: str, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "admin-guide.md").read_text(encoding="utf-8")
    rows, recipe = (re.findall(rf"```{kind}\n(.*?)```", guide, re.DOTALL)[0] for kind in ("csv", "json"))
    (tmp_path / "erp.crmrecipe").write_text(recipe, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(rows, encoding="utf-8")
    at = ("--database", sqlite_url)
    assert crm("recipe", "import", tmp_path / "erp.crmrecipe", *at).out in guide
    command = ("import", tmp_path / "customers.csv", "--recipe", "ERP customers", *at, "--log", tmp_path / "import.log")
    first, second = crm(*command), crm(*command)
    assert first.out.splitlines()[:2] == [
        *second.out.splitlines()[:1],
        "2 created, 0 updated, 0 unchanged, 0 duplicates, 0 rejected",
    ]
    assert first.code == second.code == 0 and second.out in guide
    assert names(crm, sqlite_url) == ["Bar da Lua", "Padaria Sol Nascente Ltda"]


def test_before_a_large_file_a_backup_is_made_and_proven(crm: Any, database_url: str, tmp_path: Path) -> None:
    def kinds() -> list[tuple[str, bool]]:
        database = Database(database_url, features.schema())
        with database.read_all() as connection:
            found = [(one.kind, one.state == "proven") for one in runs.recent(connection)]
        database.close()
        return found

    few, many = put(tmp_path, "few.csv", FIRMS), put(tmp_path, "many.csv", firms(101))
    where = ("--database", database_url)
    assert crm("import", few, "--as", "company", *where).code == 0
    assert crm("import", many, "--as", "company", *where, "--dry-run").code == 0
    assert kinds() == []
    assert crm("import", many, "--as", "company", *where, "--mode", "create").code == 0
    assert kinds() == [], "a hundred new rows are not large"
    assert crm("import", many, "--as", "company", *where, "--again").code == 0
    assert kinds() == [("import", True)]
    assert crm("import", many, "--as", "company", *where, "--again").code == 0
    assert kinds() == [("import", True)], "that of a moment ago serves"


def test_where_no_backup_can_be_made_the_import_goes_on_and_says_so(crm: Any, sqlite_url: str, tmp_path: Path) -> None:
    assert crm("import", put(tmp_path, "a.csv", FIRMS), "--as", "company", "--database", sqlite_url).code == 0
    database = Database(sqlite_url, features.schema())
    with write(database, "Plan", actor=ACTOR) as uow:
        save_plan(uow, Plan(True, encrypted=True))
    database.close()
    log = tmp_path / "import.log"
    done = crm(
        "import", put(tmp_path, "b.csv", firms(1_000)), "--as", "company", "--database", sqlite_url, "--log", log
    )
    assert done.code == 0 and "password" in done.err and "could not be made" in log.read_text(encoding="utf-8")


def firms(count: int) -> str:
    return HEADER + "".join(f"{i:05d};MERCADO {i} LTDA;m{i}@lua.example;PR\n" for i in range(count))
