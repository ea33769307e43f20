"""Tax numbers are checked and brought to one spelling."""

from __future__ import annotations

import pytest
import stdnum.br.cnpj
import stdnum.br.cpf
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_desktop.core import taxids
from crm_desktop.core.errors import FieldError
from tests.helpers.thorough import times


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("111.444.777-35", "BR", ("11144477735", "CPF")),
        (11144477735.0, "BR", ("11144477735", "CPF")),
        ("1234567890", "BR", ("01234567890", "CPF")),  # zero lost
        ("11.222.333/0001-81", "BR", ("11222333000181", "CNPJ")),
        ("394460005887", "BR", ("00394460005887", "CNPJ")),  # zeros lost
        ("12.ABC.345/01DE-35", "BR", ("12ABC34501DE35", "CNPJ")),  # the official alphanumeric example
        ("12345678Z", "ES", ("12345678Z", "NIF")),
        ("12.345.678-Z", "ES", ("12345678Z", "NIF")),
        ("X2482300W", "ES", ("X2482300W", "NIE")),
        ("ES-A13585625", "ES", ("A13585625", "CIF")),
        ("501 964 843", "PT", ("501964843", "NIF")),
        ("PT501964843", "PT", ("501964843", "NIF")),
        ("DE136695976", "BR", ("DE136695976", "VAT")),
        ("GODE 561231 GR8", "MX", ("GODE561231GR8", "RFC")),
        ("20-05536168-2", "AR", ("20055361682", "CUIT")),
        ("91-1144442", "US", ("911144442", "EIN")),
        ("whatever 12", "ZW", ("WHATEVER12", "")),
        ("111.444.777-34", "BR", None),
        ("111.111.111-11", "BR", None),
        ("12345678A", "ES", None),
    ],
)
def test_check(text, country, expected):
    if expected is None:
        with pytest.raises(FieldError, match="Check its digits"):
            taxids.check_tax_id(text, country)
    else:
        assert taxids.check_tax_id(text, country) == expected


@settings(max_examples=times(120, 400))
@given(st.text("0123456789", min_size=9, max_size=9))
def test_cpf_agrees_with_stdnum(body):
    for tail in range(100):
        number = f"{body}{tail:02}"
        assert taxids.is_cpf(number) == stdnum.br.cpf.is_valid(number)


@settings(max_examples=times(120, 400))
@given(st.text("0123456789", min_size=12, max_size=12))
def test_cnpj_agrees_with_stdnum(body):
    for tail in range(0, 100, 3):
        number = f"{body}{tail:02}"
        assert taxids.is_cnpj(number) == stdnum.br.cnpj.is_valid(number)


@pytest.mark.parametrize(
    ("compact", "kind", "shown"),
    [
        ("11144477735", "CPF", "111.444.777-35"),
        ("11222333000181", "CNPJ", "11.222.333/0001-81"),
        ("20055361682", "CUIT", "20-05536168-2"),
        ("911144442", "EIN", "91-1144442"),
        ("123", "CPF", "123"),
        ("", "CPF", ""),
    ],
)
def test_format(compact, kind, shown):
    assert taxids.format_tax_id(compact, kind) == shown


def test_a_chilean_number_is_shown_with_its_marks():
    compact, kind = taxids.check_tax_id("12.531.909-2", "CL")
    assert taxids.format_tax_id(compact, taxids.tax_id_type(compact, "CL")) == "12.531.909-2"
    assert (compact, kind) == ("125319092", "RUT")
