"""A whole journey on the command line: from a spreadsheet to paper, into a backup, to the server and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from crm_desktop import cli, features
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump

CONTACTS = """Código;Nome completo;Empresa;Cargo;E-mail;Celular;Cidade;UF;Nascimento;Observações
C-001;Inês Queirós Prado;Panificadora Três Moinhos;Compras;ines@moinhos.example;(41) 95550-0101;Curitiba;PR;23/04/1980;
C-002;João Müller;Hotel Águas Claras;Gerente;joao@aguasclaras.example;(42) 95550-0102;Ponta Grossa;PR;02/09/1975;
C-003;Conceição d'Ávila;Hotel Águas Claras;Recepção;conceicao@aguasclaras.example;(42) 95550-0103;Ponta Grossa;PR;;
C-004;Íris Fontoura;Clínica São Benedito;Administração;iris@saobenedito.example;(41) 95550-0104;Colombo;PR;29/02/1988;
"""
DEALS = """Oportunidade;Empresa;Contato;Etapa;Valor;Previsão de fechamento
Câmara fria 12 m³;Panificadora Três Moinhos;Inês Queirós Prado;Proposal;R$ 48.600,00;31/12/2031
Retrofit de chillers;Hotel Águas Claras;João Müller;Negotiation;R$ 148.000,00;15/06/2031
"""
Say = Callable[..., Any]


@pytest.fixture
def crm(capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a sub-command that must succeed; its JSON comes back."""

    def run(*arguments: object) -> Any:
        capsys.readouterr()
        code = cli.main([*(str(argument) for argument in arguments), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return run


def dump(target: Path | str, *, history: bool = False) -> str:
    """Everything that a database holds."""
    database = Database(target, features.schema())
    with database.read() as connection:
        text = logical_dump(connection, database.schema, history=history)
    database.close()
    return text


def people_aside(text: str) -> str:
    """A dump without the users: whoever signs in to a server for the first time becomes one."""
    return "\n".join(line for line in text.splitlines() if not line.startswith('["user_account"'))


def test_the_whole_journey(crm: Say, tmp_path: Path, empty_postgres_url: str) -> None:
    office = tmp_path / "office.crm"
    contacts, deals = tmp_path / "clientes.csv", tmp_path / "oportunidades.csv"
    contacts.write_text(CONTACTS, encoding="cp1252")
    deals.write_text(DEALS, encoding="utf-8-sig")

    crm("migrate", "--database", office)
    crm("import", deals, "--as", "deal", "--database", office, "--dry-run")
    empty = dump(office)

    imported = crm("import", contacts, "--as", "contact", "--database", office)
    assert (imported["created"], imported["rejected"]) == (4, [])
    assert imported["parents"] == {"company": 3}
    after_contacts = dump(office)

    assert [hit["title"] for hit in crm("find", "ines queiros", "--type", "contact", "--database", office)] == [
        "Inês Queirós Prado"
    ]
    assert crm("find", "95550 0102", "--database", office)[0]["title"] == "João Müller"
    assert crm("find", "aguas", "--type", "company", "--database", office)[0]["title"] == "Hotel Águas Claras"

    sold = crm("import", deals, "--as", "deal", "--database", office)
    assert (sold["created"], sold["parents"]) == (2, {})
    columns = "name,amount,stage_id,company_id"
    rows = crm("list", "deal", "--sort", "-amount", "--columns", columns, "--database", office)
    assert [(row["name"], row["amount"]) for row in rows] == [
        ("Retrofit de chillers", 148_000), ("Câmara fria 12 m³", 48_600)
    ]  # fmt: skip
    assert rows[0]["company_id"]["title"] == "Hotel Águas Claras"

    paper = tmp_path / "funil.pdf"
    crm("report", "pipeline", "--to", paper, "--database", office)
    printed = pypdfium2.PdfDocument(paper)
    text = "".join(page.get_textpage().get_text_range() for page in printed)
    printed.close()
    assert "Retrofit de chillers" in text and "Câmara fria 12 m³" in text

    before = dump(office, history=True)
    made = crm("backup", "--to", tmp_path / "backups", "--database", office)
    assert crm("verify", made["file"])["ok"]
    crm("restore", made["file"], "--to", tmp_path / "restored.crm")
    crm("restore", made["file"], "--to", empty_postgres_url)
    assert dump(tmp_path / "restored.crm", history=True) == before
    assert dump(empty_postgres_url, history=True) == before
    crm("copy", "--from", empty_postgres_url, "--to", tmp_path / "back.crm")
    assert dump(tmp_path / "back.crm", history=True) == before
    for target in (tmp_path / "restored.crm", empty_postgres_url, tmp_path / "back.crm"):
        assert crm("doctor", "--full", "--database", target)["ok"]

    for target in (office, tmp_path / "back.crm", empty_postgres_url):
        assert crm("undo", sold["change_set"], "--database", target)["left"] == 0
        assert people_aside(dump(target)) == people_aside(after_contacts)
        assert crm("undo", imported["change_set"], "--database", target)["left"] == 0
        assert people_aside(dump(target)) == people_aside(empty)
        assert crm("doctor", "--full", "--database", target)["ok"]


def test_the_sample_office_goes_to_the_server_and_back(crm: Say, tmp_path: Path, empty_postgres_url: str) -> None:
    crm("demo", "--to", empty_postgres_url, "--contacts", 120)
    crm("copy", "--from", empty_postgres_url, "--to", tmp_path / "laptop.crm")
    assert dump(tmp_path / "laptop.crm", history=True) == dump(empty_postgres_url, history=True)
    made = crm("backup", "--to", tmp_path, "--database", empty_postgres_url)
    crm("restore", made["file"], "--to", tmp_path / "restored.crm")
    assert dump(tmp_path / "restored.crm", history=True) == dump(empty_postgres_url, history=True)
    assert crm("doctor", "--full", "--database", empty_postgres_url)["ok"]
