"""Numbers of documents by their kind and country: checked with python-stdnum, kept compact, shown with their marks.

What has no check digits (passports, RG) is kept as it is written, in capitals and without blanks at its ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.core.taxids import compact_tax_id, format_tax_id, restored_zeros, stdnum_module

_MODULES: dict[str, dict[str, str]] = {
    "cpf": {"BR": "br.cpf"},
    "cnpj": {"BR": "br.cnpj"},
    "nif": {"PT": "pt.nif", "ES": "es.nif"},
    "dni": {"ES": "es.dni", "AR": "ar.dni"},
    "nie": {"ES": "es.nie"},
    "cif": {"ES": "es.cif"},
    "rfc": {"MX": "mx.rfc"},
    "curp": {"MX": "mx.curp"},
    "cuit": {"AR": "ar.cuit"},
    "rut": {"CL": "cl.rut", "UY": "uy.rut"},
    "ruc": {"PE": "pe.ruc", "EC": "ec.ruc", "PY": "py.ruc"},
    "nit": {"CO": "co.nit", "GT": "gt.nit"},
    "ein": {"US": "us.ein"},
}
"""The python-stdnum module of each kind by country, the likeliest first."""
_FORMATTED = frozenset({"dni.AR", "rut.CL", "rut.UY", "ruc.PY", "nit.CO", "nit.GT"})
"""What python-stdnum writes with marks; CPF, CNPJ, CUIT and EIN are written by our own masks."""
_WRONG_DIGIT = N_("“{text}” is not a valid {kind}: one of its digits is wrong. Compare it with the document.")
_WRONG_LENGTH = N_("“{text}” is not a valid {kind}: it has too few or too many digits. Compare it with the document.")
_WRONG_SHAPE = N_("“{text}” does not look like a {kind}. Compare it with the document, or choose another type.")
_EMPTY = N_("Write the number.")


def is_checked(kind: str) -> bool:
    """Whether numbers of a kind have check digits that are looked at."""
    return kind in _MODULES or kind == "vat"


def countries_of(kind: str) -> tuple[str, ...]:
    """The countries that a kind belongs to; empty where it may be of any."""
    return tuple(_MODULES.get(kind, ()))


def check_identifier(kind: str, text: Any, country: str | None = None) -> tuple[str, str]:
    """The compact number and the country it is of ("" where that cannot be told): ("11144477735", "BR").

    Args:
        kind: a key of the identifiers' kinds: "cpf", "rut", "passport" ...
        country: alpha-2 of whom it belongs to; without one every country of the kind is tried.

    Raises:
        FieldError: nothing is written, or the length, the shape or a check digit is wrong; the sentence says which.
    """
    written = " ".join(str(text or "").split())
    compact = compact_tax_id(written)
    code = (country or "").upper()
    if not compact:
        raise FieldError("value", _EMPTY, value=text)
    if not is_checked(kind):
        return (written.upper() if kind in ("passport", "licence", "rg") else written), code
    if kind == "vat":
        return _vat(compact, written, code)
    known = _MODULES[kind]
    problem: FieldError | None = None
    for place in [code] if code in known else list(known):
        found, error = _try(known[place], restored_zeros(kind, compact))
        if found:
            return found, place
        problem = problem or _sentence(error, written, kind)
    assert problem is not None
    raise problem


def _try(module: str, compact: str) -> tuple[str, Exception | None]:
    from stdnum.exceptions import ValidationError  # lazy: heavy

    try:
        return str(stdnum_module(module).validate(compact)), None
    except ValidationError as error:
        return "", error


def _vat(compact: str, written: str, country: str) -> tuple[str, str]:
    """A VAT number: of the European Union with its country in front, else of the country's own."""
    found, error = _try("eu.vat", compact)
    if found:
        return found, found[:2].replace("EL", "GR")
    if country:
        if not compact.startswith(country) and (found := _try("eu.vat", country + compact)[0]):
            return found, country
        if stdnum_module(f"{country.lower()}.vat") is not None:
            found, error = _try(f"{country.lower()}.vat", compact)
            if found:
                return found, country
    raise _sentence(error, written, "vat")


def _sentence(error: Exception | None, written: str, kind: str) -> FieldError:
    from stdnum.exceptions import InvalidChecksum, InvalidLength  # lazy: heavy

    message = _WRONG_SHAPE
    if isinstance(error, InvalidLength):
        message = _WRONG_LENGTH
    elif isinstance(error, InvalidChecksum):
        message = _WRONG_DIGIT
    return FieldError("value", message, value=written, text=written, kind=kind.upper())


def format_identifier(kind: str, value: str | None, country: str | None = None) -> str:
    """A stored number with its usual marks: "111.444.777-35"; what does not fit is left as it is."""
    if not value:
        return ""
    if kind in ("cpf", "cnpj", "cuit", "ein"):
        return format_tax_id(value, kind.upper())
    if kind == "nif" and country == "PT" and len(value) == 9:
        return f"{value[:3]} {value[3:6]} {value[6:]}"
    if f"{kind}.{country}" in _FORMATTED:
        write: Callable[[str], str] = stdnum_module(_MODULES[kind][str(country)]).format
        try:
            return str(write(value))
        except (ValueError, IndexError):
            return value
    return value
