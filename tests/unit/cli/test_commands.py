"""Every sub-command: what it prints for people and for programs, and what it says when something is wrong."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import cli, features
from crm_desktop.backup.bring_back import may_bring_back
from crm_desktop.core.access import Access
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.migrate import migrate
from crm_desktop.demo.make import make_demo
from crm_desktop.reading import open_for_reading
from tests.helpers import write_protected
from tests.helpers.sources import ROOT

CUSTOMERS = "Nome;Empresa;E-mail;Celular;Cidade\n" + "".join(
    f"Pessoa Número {i};Firma {i % 3};pessoa{i}@firma.example;(41) 95550-{i:04d};Lapa\n" for i in range(1, 8)
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small sample office that no test changes."""
    path = tmp_path_factory.mktemp("office") / "office.crm"
    database = Database(path, features.schema())
    migrate(database)
    make_demo(database, 80)
    database.close()
    yield path


@pytest.fixture
def own_office(office: Path, tmp_path: Path) -> Path:
    """That office for one test alone: its list of backups is written to."""
    return Path(shutil.copyfile(office, tmp_path / "office.crm"))


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "clientes.csv"
    lines = CUSTOMERS.splitlines()
    path.write_text("\n".join([*lines[:4], ";;nada;;", *lines[4:]]) + "\n", encoding="latin-1")
    return path


def test_find_ignores_accents_and_reads_phones(crm: Any, office: Path) -> None:
    answer = crm("find", "queiros", "marina", "--type", "contact", "--database", office, "--json")
    assert answer.code == 0
    assert answer.json[0]["title"] == "Marina Queirós"
    assert answer.json[0]["subtitle"] == "Panificadora Trigo Lilás"
    phone = crm("find", "(41) 95550-0142", "--type", "contact", "--database", office)
    assert "Marina Queirós" in phone.out and phone.code == 0


def test_find_says_when_there_is_nothing(crm: Any, office: Path) -> None:
    answer = crm("find", "xyzzy", "--database", office)
    assert (answer.code, answer.out) == (0, "Nothing was found.\n")
    assert crm("find", "xyzzy", "--database", office, "--json").json == []


def test_list_filters_sorts_and_limits(crm: Any, office: Path) -> None:
    answer = crm("list", "deal", "--filter", '["status", "eq", "open"]', "--columns", "name,amount,company_id",
                 "--sort", "-amount", "--limit", 2, "--database", office, "--json")  # fmt: skip
    assert [row["amount"] for row in answer.json] == [148_000, 132_500]
    assert answer.json[0]["company_id"]["title"] == "Hotel Pedra do Lume"


def test_list_prints_csv(crm: Any, office: Path) -> None:
    answer = crm("list", "product", "--columns", "code,price", "--sort", "code", "--csv", "--database", office)
    rows = list(csv.reader(io.StringIO(answer.out)))
    assert rows[0] == ["id", "code", "price"]
    assert rows[1][1:] == ["ADE-80", "5950.0000"]
    assert len(rows) == 25


def test_list_speaks_the_language_asked_for(crm: Any, office: Path) -> None:
    answer = crm("list", "contact", "--limit", 1, "--database", office, "--language", "en")
    assert answer.out.splitlines()[-1] == "1 record"


def test_show_prints_a_record_with_its_children(crm: Any, office: Path) -> None:
    found = crm("find", "marina queiros", "--type", "contact", "--database", office, "--json").json[0]
    answer = crm("show", "contact", found["id"], "--database", office)
    assert answer.out.startswith("Marina Queirós")
    assert "(41) 95550-0142" in answer.out and "padarias" in answer.out
    record = crm("show", "contact", found["id"], "--database", office, "--json").json
    assert record["values"]["company_id"]["title"] == "Panificadora Trigo Lilás"
    assert {point["kind"] for point in record["children"]["points"]} == {"phone", "email"}


def test_show_takes_a_protocol_number(crm: Any, office: Path) -> None:
    number = crm("list", "case", "--columns", "number", "--limit", 1, "--database", office, "--json").json[0]["number"]
    assert number in crm("show", "case", number, "--database", office).out


def test_history_of_everything_and_of_one_record(crm: Any, office: Path) -> None:
    recent = crm("history", "--database", office, "--json").json
    assert "Make the sample office" in [one["title"] for one in recent]
    moved_deal = '{"and": [["status", "eq", "open"], ["name", "eq", "Câmara fria 12 m³"]]}'
    deal = crm("list", "deal", "--filter", moved_deal, "--database", office, "--json").json[0]
    entries = crm("history", "deal", deal["id"], "--database", office, "--json").json
    moved = next(entry for entry in entries if entry["op"] == "U")
    assert moved["user"] == "Caio Bittar"
    text = crm("history", "deal", deal["id"], "--database", office).out
    assert "Proposta → Negociação" in text or "Stage:" in text


def test_import_undo_and_undo_again(crm: Any, customers: Path, tmp_path: Path) -> None:
    target = tmp_path / "neu.crm"
    crm("migrate", "--database", target)
    rehearsal = crm("import", customers, "--as", "contact", "--database", target, "--dry-run", "--json").json
    assert rehearsal["created"] == 7 and rehearsal["change_set"] is None
    assert crm("list", "contact", "--database", target, "--json").json == []
    result = crm("import", customers, "--as", "contact", "--database", target, "--json").json
    assert {key: result[key] for key in ("created", "updated", "unchanged", "duplicates")} == {
        "created": 7, "updated": 0, "unchanged": 0, "duplicates": 0
    }  # fmt: skip
    assert [set(row) for row in result["rejected"]] == [{"row", "column", "value", "reason"}]
    known = crm("import", customers, "--as", "contact", "--database", target)
    assert known.code == 0 and "was imported already" in known.out
    again = crm("import", customers, "--as", "contact", "--database", target, "--again", "--json").json
    assert again["created"] == 0 and again["unchanged"] == 7
    undone = crm("undo", result["change_set"], "--database", target, "--json").json
    assert undone["left"] == 0
    assert crm("list", "contact", "--database", target, "--json").json == []
    crm("undo", undone["change_set"], "--database", target)
    assert len(crm("list", "contact", "--database", target, "--json").json) == 7


def test_import_says_in_words_what_happened(crm: Any, customers: Path, tmp_path: Path) -> None:
    target = tmp_path / "neu.crm"
    crm("migrate", "--database", target)
    lines = crm("import", customers, "--as", "contact", "--database", target).out.splitlines()
    assert lines[0] == "7 created, 0 updated, 0 unchanged, 0 duplicates, 1 rejected"
    assert lines[1].strip().startswith("Row 5")
    assert lines[-1].startswith("To take it back: undo ")


def test_backup_verify_restore_and_copy(crm: Any, office: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Geheim ist geheim\n", encoding="utf-8")
    made = crm("backup", "--to", tmp_path / "backups", "--password-file", secret, "--database", office, "--json").json
    assert made["proven"] and made["encrypted"]
    assert crm("verify", made["file"], "--password-file", secret, "--json").json["ok"] is True
    wrong = crm("verify", made["file"])
    assert wrong.code == 1 and len(wrong.err.strip().splitlines()) == 1
    restored = crm("restore", made["file"], "--to", tmp_path / "neu.crm", "--password-file", secret)
    assert restored.code == 0 and "rows are in" in restored.out
    copied = crm("copy", "--from", tmp_path / "neu.crm", "--to", tmp_path / "copy.crm", "--json").json
    assert copied["tables"]["contact"] == 80


def test_the_plan_by_command_makes_one_once_and_the_certificate_is_a_pdf(
    crm: Any, own_office: Path, tmp_path: Path
) -> None:
    pdf = tmp_path / "proof.pdf"
    made = crm("backup", "--scheduled", "--certificate", pdf, "--database", own_office, "--json").json
    assert Path(made["file"]).exists() and made["proven"] and pdf.read_bytes().startswith(b"%PDF")
    assert crm("backup", "--scheduled", "--database", own_office, "--json").json == {"made": False}
    time.sleep(1.01)  # a file is called by the second it was made in, and listed by that name
    twice = crm("backup", "--to", tmp_path / "a", "--to", tmp_path / "b", "--database", own_office, "--json").json
    assert [Path(one).parent for one in twice["copies"]] == [tmp_path / "b"]
    assert Path(made["file"]).exists(), "one made by hand takes nothing of the plan away"
    listed = crm("backups", "--database", own_office, "--json").json["backups"]
    assert {("hand", "proven"), ("daily", "proven")} == {(one["why"], one["state"]) for one in listed}


def test_a_folder_that_is_gone_is_made_anew_only_where_somebody_says_so(
    crm: Any, own_office: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    backup = ("backup", "--to", stick, "--database", own_office, "--json")
    crm(*backup)
    shutil.rmtree(stick)
    refused = crm(*backup)
    assert refused.code and "had backups" in refused.err and not stick.exists()
    assert Path(crm(*backup, "--anew").json["file"]).parent == stick


def test_a_file_that_can_only_be_read_is_not_blamed_on_a_role(
    crm: Any, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_protected.protect(monkeypatch, office, office.parent)
    for command in (
        ("backup", "--to", tmp_path / "b"),
        ("backup", "--scheduled"),
        ("archive", "make", "--to", tmp_path),
    ):
        answer = crm(*command, "--database", office)
        last = answer.err.strip().splitlines()[-1]
        assert answer.code and "can only be read here" in last and "role" not in answer.err, command
    read = open_for_reading(office)
    read.read_only = True
    read.access = Access(1, "readonly")
    with pytest.raises(UserError, match="for reading only"):
        may_bring_back(read)
    read.close()


def test_a_damaged_backup_is_found(crm: Any, office: Path, tmp_path: Path) -> None:
    made = Path(crm("backup", "--to", tmp_path, "--database", office, "--json").json["file"])
    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 0xFF
    made.write_bytes(content)
    answer = crm("verify", made)
    assert answer.code == 1 and answer.err


def test_demo_and_doctor(crm: Any, tmp_path: Path) -> None:
    target = tmp_path / "demo.crm"
    assert crm("demo", "--to", target, "--contacts", 40, "--json").json["contact"] == 40
    refused = crm("demo", "--to", target)
    assert refused.code == 1 and "new file" in refused.err
    assert target.exists()
    healthy = crm("doctor", "--database", target)
    assert healthy.code == 0 and healthy.out.count("✓") == 11
    database = Database(target, features.schema())
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM search_text WHERE entity = 'contact'")
    database.close()
    ill = crm("doctor", "--database", target, "--json")
    assert ill.code == 1
    assert [check["check"] for check in ill.json["checks"] if not check["ok"]] == ["search"]
    assert crm("doctor", "--fix", "--database", target).code == 0


def test_migrate_says_what_it_did(crm: Any, tmp_path: Path) -> None:
    first = crm("migrate", "--database", tmp_path / "neu.crm", "--json").json
    assert first["before"] is None and first["changed"]
    assert crm("migrate", "--database", tmp_path / "neu.crm", "--json").json["changed"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ("find", "x", "--database", "nirgends.crm"),
        ("list", "unicorn", "--database", "{office}"),
        ("list", "contact", "--filter", "{{", "--database", "{office}"),
        ("list", "contact", "--columns", "unicorn", "--database", "{office}"),
        ("list", "contact", "--sort", "unicorn", "--database", "{office}"),
        ("show", "contact", "123", "--database", "{office}"),
        ("undo", "123", "--database", "{office}"),
        ("import", "nirgends.csv", "--as", "contact", "--database", "{office}"),
        ("verify", "nirgends.crmbackup"),
        ("restore", "nirgends.crmbackup", "--to", "x.crm"),
        ("backup", "--to", "x", "--password-file", "nirgends.txt", "--database", "{office}"),
    ],
)
def test_what_a_person_can_mend_is_one_sentence(
    crm: Any, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = crm(*(one.replace("{office}", str(office)) for one in arguments))
    assert answer.code == 1
    assert answer.out == ""
    assert len(answer.err.strip().splitlines()) == 1
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "arguments",
    [("find",), ("unicorn",), ("list",), ("show", "contact"), ("history", "contact"), ("find", "x", "--limit", "none"),
     ("import", "x.csv", "--as", "unicorn"), ("report", "pipeline")],
)  # fmt: skip
def test_wrong_usage_is_two(crm: Any, arguments: tuple[str, ...]) -> None:
    answer = crm(*arguments)
    assert answer.code == 2 and "Usage" in answer.err


def test_every_command_has_a_help_page(crm: Any) -> None:
    for name in cli.COMMANDS:
        answer = crm(name, "--help")
        assert answer.code == 0 and ("--json" in answer.out or "COMMAND [ARGS]" in answer.out), name
    listed = crm("--help").out
    assert all(f"\n  {name} " in listed for name in cli.COMMANDS)


def test_cancelled_it_says_so_and_leaves_nothing(crm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after Ctrl+C: the progress is asked to stop."""
    update = Progress.update

    def stop(self: Progress, *arguments: Any, **more: Any) -> None:
        self.cancel()
        update(self, *arguments, **more)

    monkeypatch.setattr(Progress, "update", stop)
    answer = crm("demo", "--to", tmp_path / "demo.crm")
    assert (answer.code, answer.err) == (1, "Cancelled. Nothing was changed.\n")
    assert not (tmp_path / "demo.crm").exists()


@pytest.mark.parametrize("command", ["find", "list"])
def test_the_commands_do_not_load_qt_or_the_importers(office: Path, command: str) -> None:
    what = "marina" if command == "find" else "contact"
    code = (
        f"import sys, main; main.main(['{command}', '{what}', '--database', {str(office)!r}]); "
        "heavy = ('PySide6', 'alembic', 'reportlab', 'xlsxwriter', 'cryptography', 'crm_desktop.importing'); "
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


def test_self_test_tries_everything(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "main.py", "self-test"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert "✗" not in result.stdout, result.stdout
    assert result.returncode == 0
    assert result.stdout.count("✓") == 14


def test_a_mapping_that_was_kept_is_used_again(crm: Any, customers: Path, tmp_path: Path) -> None:
    target = tmp_path / "neu.crm"
    crm("migrate", "--database", target)
    crm("import", customers, "--as", "contact", "--database", target)
    kept = crm("list", "import_batch", "--columns", "plan", "--database", target, "--json").json[0]["plan"]
    for column in kept["columns"]:
        if column["header"] == "Cidade":
            column["target"] = None
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(kept), encoding="utf-8")
    other = tmp_path / "other.crm"
    crm("migrate", "--database", other)
    assert crm("import", customers, "--recipe", recipe, "--database", other, "--json").json["created"] == 7
    rows = crm("list", "contact", "--columns", "name,city", "--database", other, "--json").json
    assert {row["city"] for row in rows} == {None}
    assert crm("import", customers, "--recipe", "unknown", "--database", other).code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a console are others there")
def test_ctrl_c_stops_the_work_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "large.crm"
    command = [sys.executable, "main.py", "demo", "--to", str(target), "--contacts", "500000", "--language", "en"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while time.monotonic() < until and not target.exists():
            time.sleep(0.05)
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (1, "", "Cancelled. Nothing was changed.")
    assert not target.exists()
