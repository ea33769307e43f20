"""Spreadsheets as offices keep them: titles, sections, totals, notes, doubled headers, no headers at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing.guess import PlanGuess, guess_plan
from crm_desktop.importing.run import run_import

TableFile = Callable[..., Path]
ACTOR = Actor(None, "Test")

SECTIONS = [
    ["PADARIA TRIGO LILÁS LTDA"], ["Relação de clientes - atualizada em 12/03/2024"], [],
    ["Nome", "Fone", "Cidade", "Bairro", "Aniv."],
    ["CLIENTES VIP"],
    ["Marina Queirós", "(41) 3555-0118", "Curitiba", "Batel", "23/04"],
    ["João da Silva", "41 95550-0142", "Curitiba", "Centro", "01/12"],
    ["CLIENTES COMUNS"],
    ["Pedro Nunes", "3555-0199", "Pinhais", "Centro", ""],
    ["Ana Lima", "(41)95550-0177", "Curitiba", "Portão", "30/06"],
    ["Rui Costa", "41955500188", "Lapa", "Centro", "15/08"],
    ["Total: 5 clientes"],
]  # fmt: skip
PORTUGAL = [
    ["Lista de Clientes 2023"], [],
    ["N.º", "Nome", "Apelido", "Telemóvel", "Morada", "Cód. Postal", "Localidade", "NIF", "Observações"],
    [1, "Inês", "Carvalho", "912 345 678", "Rua Augusta 12", "1100-053", "Lisboa", "123456789", "Liga à tarde"],
    [2, "Rui", "Tavares", "934 567 890", "Av. da Boavista 300", "4100-119", "Porto", "234567899", ""],
    [3, "Nuno", "Pinto", "965 432 109", "Largo da Sé 5", "3000-213", "Coimbra", "", ""],
]  # fmt: skip
SPAIN = [
    ["ASOCIACIÓN DE VECINOS LA PALMA"], ["LISTADO DE SOCIOS"], [],
    ["Nº Socio", "Apellidos y Nombre", "DNI", "Teléfono", "Móvil", "Dirección", "CP", "Población", "Cuota", "Fecha alta"],
    [1, "García Pérez, Lucía", "12345678Z", "91 555 01 01", "600 11 22 33", "C/ Mayor, 5", "28013", "Madrid", "30,00 €", "15/01/2019"],
    [2, "de la Fuente Ruiz, Juan", "87654321X", "", "611 22 33 44", "Av. América 20", "28028", "Madrid", "30,00 €", "03/12/2020"],
    [3, "Martín Sanz, Pilar", "11111111H", "91 555 02 02", "", "C/ Luna 8", "28004", "Madrid", "15,50 €", "20/06/2021"],
    ["", "", "", "", "", "", "", "TOTAL", "75,50 €", ""],
]  # fmt: skip
MEXICO = [
    ["Proveedor", "RFC", "Contacto", "Tel.", "Correo", "Calle y número", "Colonia", "C.P.", "Municipio", "Estado"],
    ["Aceros del Norte SA de CV", "ANO010203AB1", "Ing. Raúl Ortega", "81 5555 0101", "a@x.example", "Av. Juárez 100", "Centro", "64000", "Monterrey", "NL"],
    ["Papelería La Luna S de RL", "PLU990101XY2", "Lic. Carmen Díaz", "55 5555 0202", "l@x.example", "Insurgentes 22", "Roma", "06700", "CDMX", "CDMX"],
    ["Transportes Vega", "TVE050505QW3", "Sr. Vega", "33 5555 0303", "", "Calz. Lázaro 7", "Americana", "44160", "Guadalajara", "JAL"],
]  # fmt: skip
AMERICA = [
    ["Customer List"], ["Exported 3/15/2024"],
    ["Last, First", "Company", "Cell", "Work #", "Email", "Mailing Address", "DOB", "Balance"],
    ["Smith, John", "Acme Inc.", "(617) 555-0100", "617.555.0101", "j@a.example", "1 Main St, Boston, MA 02101", "3/25/1970", "$1,234.50"],
    ["O'Neil, Mary", "Beta LLC", "(212) 555-0110", "", "m@b.example", "20 5th Ave, New York, NY 10011", "12/1/1985", "($50.00)"],
    ["Van Dyke, Lee", "", "555-0199", "", "l@x.example", "300 Oak Rd, Austin, TX 78701", "7/4/1990", "$0.00"],
]  # fmt: skip
FUNNEL = [
    ["CONTROLE DE PROPOSTAS 2024"],
    ["Nº", "Cliente", "Contato", "Descrição", "Valor (R$)", "Status", "Prob. %", "Data envio", "Previsão", "Vendedor"],
    [101, "Padaria Sol Ltda", "Marina Queirós", "Forno novo", "12.350,00", "Em negociação", "50%", "10/01/2024", "30/03/2024", "Helena"],
    [102, "Moinho Azul S/A", "João Prado", "Masseira", "R$ 4.500,50", "Fechado", "100%", "15/01/2024", "20/02/2024", "Helena"],
    [103, "Bar do Zé ME", "Zé", "Chopeira", "2 mil", "Perdido", "0%", "20/01/2024", "", "Davi"],
    ["", "", "", "Total", "18.850,50", "", "", "", "", ""],
]  # fmt: skip
TICKETS = [
    ["OS", "Abertura", "Fechamento", "Cliente", "Defeito", "Técnico", "Prioridade", "Situação", "Solução"],
    ["2024-001", "02/01/2024 08:30", "03/01/2024 17:00", "Padaria Sol Ltda", "Forno não esquenta", "Davi", "Alta", "Concluído", "Troca"],
    ["2024-002", "05/01/2024 10:00", "", "Moinho Azul S/A", "Masseira travada", "Davi", "Urgente", "Aguardando peça", ""],
    ["2024-003", "05/01/2024 14:20", "08/01/2024 09:00", "Bar do Zé ME", "Chopeira vazando", "Rui", "Baixa", "Concluído", "Vedação"],
]  # fmt: skip
PRICES = [
    ["", "Código", "", "Produto", "Preço", "Custo", "Un", "Estoque"], ["", "", "", "", "(R$)", "(R$)", "", "(un)"],
    ["", "P01", "", "Forno turbo", "12.350,00", "9.000,00", "un", 3], ["", "P02", "", "Masseira 25 kg", "4.500,50", "3.100,00", "un", 1],
    ["", "P03", "", "Farinha T55", "120,00", "80,00", "sc", 40], ["", "P04", "", "Fermento", "9,90", "6,00", "kg", 12],
    [], ["", "* preços sem frete"], ["", "Fonte: tabela 2024"],
]  # fmt: skip
BARE = [
    ["Padaria Sol Ltda", "11.222.333/0001-81", "(41) 3555-0118"], ["Moinho Azul S/A", "11.444.777/0001-61", "(41) 3555-0119"],
    ["Bar do Zé ME", "34.238.864/0001-68", "(41) 3555-0120"], ["Hotel Central Ltda", "45.997.418/0001-53", "(41) 3555-0121"],
]  # fmt: skip
MIDDLE = [
    ["Empresa:", "Trigo Lilás Ltda", "", "CNPJ:", "11.222.333/0001-81"], ["Endereço:", "Rua A, 5", "", "Fone:", "3555-0118"], [],
    ["Seq", "Nome do Cliente", "CPF/CNPJ", "Telefone / Celular", "E-mail", "Cidade - UF"],
    [1, "Marina Queirós", "111.444.777-35", "(41) 3555-0118 / (41) 95550-0142", "m@x.example", "Curitiba - PR"],
    [2, "Padaria Sol Ltda", "11.222.333/0001-81", "(41) 3555-0119", "sol@x.example", "Pinhais - PR"],
    [3, "João Prado", "529.982.247-25", "(41) 95550-0143", "", "Lapa - PR"],
    [4, "Bar do Zé", "", "41 3555-0120", "ze@x.example", "Curitiba - PR"], [], ["Emitido em 12/03/2024"], ["Página 1 de 1"],
]  # fmt: skip
REPEATED = [
    ["Nome", "Telefone", "Telefone", "Telefone", "Email", "Email", "Obs", "Obs"],
    ["Marina Queirós", "41 3555-0118", "41 95550-0142", "41 3555-0199", "m@x.example", "m2@x.example", "liga cedo", "deve 2"],
    ["Ana Lima", "41 3555-0119", "41 95550-0143", "", "a@x.example", "", "", ""],
    ["Leo Dias", "41 3555-0120", "", "", "l@x.example", "", "x", ""], ["Bia Reis", "41 3555-0121", "", "", "b@x.example", "", "", ""],
]  # fmt: skip
SALES = [
    ["VENDAS JANEIRO"], ["Data", "Cliente", "Produto", "Valor", "Pago"],
    ["03/01", "Marina Queirós", "Forno", "R$ 300,00", "sim"], ["14/01", "Ana Lima", "Forno", "R$ 1.400,00", "não"],
    ["25/01", "Padaria Sol Ltda", "Forno", "R$ 2.500,00", "sim"], ["", "", "TOTAL", "R$ 4.200,00", ""],
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "entity", "rows", "wanted"),
    [
        (SECTIONS, "contact", 5, {"Nome": "name", "Fone": "phone", "Bairro": "district", "Aniv.": "notes"}),
        (PORTUGAL, "contact", 3, {"N.º": None, "Nome": "first_name", "Apelido": "last_name", "Cód. Postal": "postcode", "Telemóvel": "mobile"}),
        (SPAIN, "contact", 3, {"Nº Socio": "number", "Apellidos y Nombre": "name", "DNI": "tax_id", "Fecha alta": "created_at"}),
        (MEXICO, "company", 3, {"Proveedor": "name", "RFC": "tax_id", "Tel.": "phone", "Colonia": "district", "C.P.": "postcode"}),
        (AMERICA, "contact", 3, {"Last, First": "name", "Cell": "mobile", "Mailing Address": "street", "DOB": "birthday", "Balance": None}),
        (FUNNEL, "deal", 3, {"Nº": "number", "Cliente": "company_id", "Descrição": "name", "Valor (R$)": "amount", "Prob. %": "probability",
                             "Data envio": "opened_on", "Previsão": "expected_close", "Vendedor": "owner_id"}),
        (TICKETS, "case", 3, {"OS": "number", "Abertura": "created_at", "Fechamento": "solved_at", "Defeito": "subject", "Técnico": "owner_id"}),
        (PRICES, "product", 4, {"Código": "code", "Produto": "name", "Preço (R$)": "price", "Custo (R$)": "cost", "Un": "unit"}),
        (BARE, "company", 4, {"Column 1": "name", "Column 2": "tax_id", "Column 3": "phone"}),
        (MIDDLE, "contact", 4, {"Seq": None, "Nome do Cliente": "name", "CPF/CNPJ": "tax_id", "Cidade - UF": "city"}),
        (REPEATED, "contact", 4, {"Telefone": "phone", "Telefone (2)": "phone", "Email (2)": "email", "Obs (2)": "notes"}),
        (SALES, "deal", 3, {"Cliente": "company_id", "Produto": "product_id", "Valor": "amount"}),
    ],
    ids=["sections", "portugal", "spain", "mexico", "america", "funnel", "tickets", "prices", "bare", "middle", "repeated", "sales"],
)  # fmt: skip
def test_a_list_of_an_office_is_understood(
    sqlite_database: Database, table_file: TableFile, table: list[list[object]], entity: str, rows: int,
    wanted: dict[str, str | None],
) -> None:  # fmt: skip
    path = table_file(table, "Plan1.xlsx")
    guess = guess_plan(sqlite_database, path)
    found = {one.header: one.target for one in guess.plan.columns}
    assert (guess.plan.entity, guess.file.best.rows) == (entity, rows)
    assert {header: found.get(header, "no such column") for header in wanted} == wanted
    result = run_import(sqlite_database, path, guess.plan, ACTOR)
    assert (result.rows_read, result.rejected_count) == (rows, 0)
    again = run_import(sqlite_database, path, guess.plan, ACTOR)
    assert (again.created, again.updated) == (0, 0)


def said(guess: PlanGuess) -> str:
    return "\n".join(str(one) for one in guess.warnings)


def test_headings_inside_a_table_are_told(sqlite_database: Database, table_file: TableFile) -> None:
    guess = guess_plan(sqlite_database, table_file(SECTIONS, "Plan1.xlsx"))
    assert "CLIENTES VIP, CLIENTES COMUNS" in said(guess)
    lonely = [*SECTIONS[3:4], *SECTIONS[5:7], ["Zeca"], *SECTIONS[8:11]]
    assert guess_plan(sqlite_database, table_file(lonely, "Plan2.xlsx")).file.best.rows == 6


def test_a_given_name_beside_a_surname_is_no_whole_name(sqlite_database: Database, table_file: TableFile) -> None:
    for given, family, whole in (
        ("Nombre", "Apellidos", "Teléfono"),
        ("Nome", "Sobrenome", "Nome completo"),
        ("Name", "Surname", "Phone"),
    ):
        path = table_file([[given, family, whole], ["Ana", "Souza", "41 3555-0118"], ["João", "Lima", "41 3555-0119"]])
        found = {one.header: one.target for one in guess_plan(sqlite_database, path, "contact").plan.columns}
        assert (found[given], found[family]) == ("first_name", "last_name")
    path = table_file([["Name", "Surname"], ["Ana Souza", "Souza"], ["João Lima", "Lima"]])
    found = {one.header: one.target for one in guess_plan(sqlite_database, path, "contact").plan.columns}
    assert found["Name"] == "name"
