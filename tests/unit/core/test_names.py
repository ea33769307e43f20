"""Names are split the way their owners would."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.core import i18n
from crm_desktop.core.names import Name, full_name, looks_like_company, split_name, tidy_name


@pytest.fixture(autouse=True)
def portuguese():
    i18n.set_language("pt_BR")
    yield
    i18n.set_language("en")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Rosa", ("", "Rosa", "", "")),
        ("João Silva", ("", "João", "Silva", "")),
        ("João da Silva", ("", "João", "da Silva", "")),
        ("José Carlos Veneranda da Silva", ("", "José Carlos", "Veneranda da Silva", "")),
        ("Ana Paula de Souza e Silva", ("", "Ana Paula", "de Souza e Silva", "")),
        ("Luiz Henrique Marendino Gonçalves", ("", "Luiz Henrique", "Marendino Gonçalves", "")),
        ("Maria dos Santos", ("", "Maria", "dos Santos", "")),
        ("Maria do Carmo Ferreira", ("", "Maria do Carmo", "Ferreira", "")),
        ("João Silva Neto", ("", "João", "Silva", "Neto")),
        ("Carlos Neto", ("", "Carlos", "Neto", "")),
        ("Antônio Júnior", ("", "Antônio", "Júnior", "")),
        ("Francisco José dos Santos Filho", ("", "Francisco José", "dos Santos", "Filho")),
        ("Dr. João Silva", ("Dr.", "João", "Silva", "")),
        ("Dra Ana Lima", ("Dra", "Ana", "Lima", "")),
        ("Profª. Dra. Ana Lima", ("Profª. Dra.", "Ana", "Lima", "")),
        ("Sr. Silva", ("Sr.", "Silva", "", "")),
        ("Eng. Pedro Rocha", ("Eng.", "Pedro", "Rocha", "")),
        ("Silva, João Carlos", ("", "João Carlos", "Silva", "")),
        ("da Silva Neto, João", ("", "João", "da Silva", "Neto")),
        ("João Silva, Jr.", ("", "João", "Silva", "Jr.")),
        ("Luizianne Lins, prefeita", ("", "Luizianne", "Lins", "prefeita")),
        ("", ("", "", "", "")),
        ("Dr.", ("", "Dr.", "", "")),
    ],
)
def test_portuguese(text, parts):
    assert split_name(text) == Name(*parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Juan Pérez Gómez", ("", "Juan", "Pérez Gómez", "")),
        ("Juan Carlos Pérez Gómez", ("", "Juan Carlos", "Pérez Gómez", "")),
        ("María del Carmen Pérez Gómez", ("", "María del Carmen", "Pérez Gómez", "")),
        ("José Ortega y Gasset", ("", "José", "Ortega y Gasset", "")),
        ("Juan de la Cruz", ("", "Juan", "de la Cruz", "")),
        ("D. Antonio Machado Ruiz", ("D.", "Antonio", "Machado Ruiz", "")),
        ("Dña. María López", ("Dña.", "María", "López", "")),
        ("Ing. Luis Fernández de la Vega", ("Ing.", "Luis", "Fernández de la Vega", "")),
        ("Don Draper", ("", "Don", "Draper", "")),
        ("Don Juan Valdés", ("Don", "Juan", "Valdés", "")),
        ("Xoán Brais Castro Souto", ("", "Xoán Brais", "Castro Souto", "")),
        ("BRAHIM, MANUEL ORLANDO", ("", "MANUEL ORLANDO", "BRAHIM", "")),
    ],
)
def test_spanish(text, parts):
    assert split_name(text, language="es") == Name(*parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("John Fitzgerald Kennedy", ("", "John Fitzgerald", "Kennedy", "")),
        ("Mr. Ludwig van Beethoven", ("Mr.", "Ludwig", "van Beethoven", "")),
        ("Martin Luther King Jr.", ("", "Martin", "Luther King", "Jr.")),
        ("Jane Smith, PhD", ("", "Jane", "Smith", "PhD")),
        ("Fernanda Gonçalves da Costa", ("", "Fernanda", "Gonçalves da Costa", "")),
    ],
)
def test_english(text, parts):
    assert split_name(text, language="en") == Name(*parts)


def test_family_name_first():
    assert split_name("SILVA João Carlos", "last_first") == Name("", "João Carlos", "SILVA", "")
    assert split_name("Pérez Gómez Juan Carlos", "last_first") == Name("", "Juan Carlos", "Pérez Gómez", "")
    assert split_name("Silva João", "last_first") == Name("", "João", "Silva", "")


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("JOSÉ DA SILVA", "José da Silva"),
        ("maria d'ávila", "Maria D'Ávila"),
        ("ANA-MARIA MCDONALD III", "Ana-Maria McDonald III"),
        ("João da Silva", "João da Silva"),
        ("ORTEGA Y GASSET", "Ortega y Gasset"),
        ("JO", "JO"),
    ],
)
def test_tidy(text, tidied):
    assert tidy_name(text) == tidied


def test_full_name():
    assert full_name("João", "da Silva", "Dr.", "Filho") == "Dr. João da Silva Filho"
    assert full_name("João", "da Silva", last_first=True) == "da Silva, João"
    assert full_name(None, "Silva") == "Silva"
    assert split_name("Dr. João da Silva Filho").full == "Dr. João da Silva Filho"


@given(
    st.lists(
        st.sampled_from(
            ["José", "Ana", "Dr.", "da", "dos", "e", "y", "Silva", "Neto", "Jr.", "de", "la", "(Joca)", "D.", "X"]
        ),
        max_size=8,
    )
)
def test_no_word_is_ever_lost(words):
    text = " ".join(words)
    assert split_name(text).full == text


@pytest.mark.parametrize(
    "text",
    ["Padaria Sol Ltda", "Banco do Brasil S.A.", "Prefeitura Municipal de Fortaleza", "Embraer S/A", "Souza & Filhos",
     "Construcciones Pérez, S.L.", "Acme Inc.", "Clínica São Lucas", "Silva Advogados", "Talleres Gómez",
     "Google LLC", "Auto Posto 2000", "JOAO SILVA ME"],
)  # fmt: skip
def test_companies(text):
    assert looks_like_company(text)


@pytest.mark.parametrize(
    "text", ["João da Silva", "Ana Paula Souza", "María del Carmen Pérez", "Dr. Pedro Rocha", "John Smith", "Rosa", ""]
)
def test_people(text):
    assert not looks_like_company(text)


@pytest.mark.skipif("CRM_REAL_DATA" not in os.environ, reason="needs CRM_REAL_DATA")
def test_companies_and_people_of_a_real_register():
    path = Path(os.environ["CRM_REAL_DATA"]) / "contacts/open/br_ans_operadoras_original.csv"
    with path.open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    people = [row["Representante"] for row in rows if row["Representante"].strip()]
    companies = [row["Razao_Social"] for row in rows]
    assert sum(map(looks_like_company, companies)) > 0.97 * len(companies)
    assert sum(map(looks_like_company, people)) < 0.01 * len(people)
    assert all(split_name(person).full == " ".join(person.split()) for person in people)
