"""Tax numbers: CPF, CNPJ, NIF, VAT, RFC, CUIT, EIN. Brazil by our own fast path, the rest by python-stdnum."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from typing import Any

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_

_MASKS = {
    "CPF": ((3, "."), (6, "."), (9, "-")),
    "CNPJ": ((2, "."), (5, "."), (8, "/"), (12, "-")),
    "CUIT": ((2, "-"), (10, "-")),
    "EIN": ((2, "-"),),
    "SSN": ((3, "-"), (5, "-")),
}
_LENGTHS = {"CPF": 11, "CNPJ": 14, "CUIT": 11, "EIN": 9, "SSN": 9}
_BY_COUNTRY: dict[str, tuple[tuple[str, str], ...]] = {
    "ES": (("es.dni", "NIF"), ("es.nie", "NIE"), ("es.cif", "CIF"), ("es.nif", "NIF")),
    "PT": (("pt.nif", "NIF"),),
    "MX": (("mx.rfc", "RFC"),),
    "AR": (("ar.cuit", "CUIT"),),
    "US": (("us.ein", "EIN"), ("us.ssn", "SSN"), ("us.itin", "ITIN")),
    "CL": (("cl.rut", "RUT"),),
    "CO": (("co.nit", "NIT"),),
    "PE": (("pe.ruc", "RUC"),),
    "UY": (("uy.rut", "RUT"),),
    "EC": (("ec.ruc", "RUC"), ("ec.ci", "CI")),
    "PY": (("py.ruc", "RUC"),),
    "GB": (("gb.vat", "VAT"),),
    "CH": (("ch.uid", "UID"),),
}
"""The python-stdnum modules of a country and the name of what each checks, tried in this order."""
_NAMES = {"BR": "CPF / CNPJ", "ES": "NIF / NIE / CIF", "US": "EIN / SSN"}
_SEPARATORS = re.compile(r"[\s.\-/–_,·']+")
_SCIENTIFIC = re.compile(r"\d[.,]\d+E\+\d{1,2}\Z")
_CNPJ = re.compile(r"[0-9A-Z]{12}\d\d\Z")
_CPF_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
_CNPJ_WEIGHTS = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def compact_tax_id(text: Any) -> str:
    """Letters and digits only, in capitals; 11144477735.0 of a spreadsheet is the whole number."""
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    text = str(text).strip().upper()
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    elif _SCIENTIFIC.match(text):
        text = str(int(Decimal(text.replace(",", "."))))
    return _SEPARATORS.sub("", text)


def is_cpf(digits: str) -> bool:
    """Whether eleven digits are a CPF with right check digits (modulus 11 of the Receita Federal)."""
    if len(digits) != 11 or not digits.isdecimal() or digits == digits[0] * 11:
        return False
    numbers = [ord(c) - 48 for c in digits]
    first = sum(n * w for n, w in zip(numbers, _CPF_WEIGHTS, strict=False)) * 10 % 11 % 10
    if first != numbers[9]:
        return False
    return (sum(n * w for n, w in zip(numbers, (11, *_CPF_WEIGHTS), strict=False))) * 10 % 11 % 10 == numbers[10]


def is_cnpj(text: str) -> bool:
    """Whether fourteen characters are a CNPJ with right check digits.

    Letters count as their ASCII code less 48, as in the alphanumeric CNPJ (Instrução Normativa RFB 2.229/2024).
    """
    if len(text) != 14 or not _CNPJ.match(text) or text == "0" * 14:
        return False
    numbers = [ord(c) - 48 for c in text]
    first = -sum(n * w for n, w in zip(numbers, _CNPJ_WEIGHTS, strict=False)) % 11 % 10
    if first != numbers[12]:
        return False
    return -sum(n * w for n, w in zip(numbers, (6, *_CNPJ_WEIGHTS), strict=False)) % 11 % 10 == numbers[13]


def _brazilian(compact: str) -> tuple[str, str] | None:
    """CPF or CNPJ, with the leading zeros that a spreadsheet took away."""
    size = len(compact)
    if size == 11 and is_cpf(compact):
        return compact, "CPF"
    if size == 14 and is_cnpj(compact):
        return compact, "CNPJ"
    if not compact.isdecimal():
        return None
    if 8 <= size <= 10 and is_cpf(compact.zfill(11)):
        return compact.zfill(11), "CPF"
    if 8 <= size <= 13 and is_cnpj(compact.zfill(14)):
        return compact.zfill(14), "CNPJ"
    return None


def restored_zeros(kind: str, compact: str) -> str:
    """A CPF or CNPJ with the leading zeros that a spreadsheet took away; others as they are."""
    found = _brazilian(compact) if kind in ("cpf", "cnpj") else None
    return found[0] if found and found[1].lower() == kind else compact


def stdnum_module(name: str) -> Any:
    """A module of python-stdnum: "mx.rfc"; None where there is none."""
    return _module(name)


@lru_cache(maxsize=512)
def _module(name: str) -> Any:
    try:
        return import_module(f"stdnum.{name}")  # lazy: heavy, one module of 250
    except ImportError:
        return None


def _by_stdnum(compact: str, country: str) -> tuple[str, str] | None:
    names = _BY_COUNTRY.get(country, ((f"{country.lower()}.vat", "VAT"),))
    for name, type_ in names:
        module = _module(name)
        if module is None:
            continue
        candidates = [compact]
        if compact.startswith(country):
            candidates.append(compact[2:])
        if name == "es.dni" and len(compact) < 9:
            candidates.append(compact.zfill(9))
        for candidate in candidates:
            if module.is_valid(candidate):
                return str(module.compact(candidate)), type_
    return None


def _european(compact: str) -> tuple[str, str] | None:
    """A VAT number of the European Union with its country in front."""
    if len(compact) < 8 or not compact[:2].isalpha():
        return None
    vat = _module("eu.vat")
    return (str(vat.compact(compact)), "VAT") if vat.is_valid(compact) else None


def _knows(country: str) -> bool:
    return country == "BR" or country in _BY_COUNTRY or _module(f"{country.lower()}.vat") is not None


@lru_cache(maxsize=10_000)
def check_tax_id(text: Any, country: str) -> tuple[str, str]:
    """The compact tax number and its type: ("11144477735", "CPF"); a type of "" where the country is unknown to us.

    Args:
        text: any spelling, numbers of a spreadsheet too.
        country: alpha-2 of whom the number belongs to.

    Raises:
        FieldError: the check digits or the shape are wrong.
    """
    compact = compact_tax_id(text)
    country = country.upper()
    found = _brazilian(compact) if country == "BR" else _by_stdnum(compact, country) if country else None
    found = found or _european(compact)
    if found:
        return found
    if country and _knows(country):
        kind = _NAMES.get(country) or _BY_COUNTRY.get(country, (("", "VAT"),))[0][1]
        raise FieldError("", _NOT_VALID, value=text, text=str(text).strip(), kind=kind)
    return compact, ""


_NOT_VALID = N_("“{text}” is not a valid {kind}. Check its digits.")


def tax_id_type(compact: str, country: str) -> str:
    """The type that a compact number of a country most likely has; "" where nothing can be told."""
    size = len(compact)
    if country == "BR":
        return "CPF" if size == 11 and compact.isdigit() else "CNPJ" if size == 14 else ""
    if country == "AR":
        return "CUIT" if size == 11 and compact.isdigit() else ""
    if country == "US":
        return "EIN" if size == 9 and compact.isdigit() else ""
    if country == "MX":
        return "RFC" if size in (12, 13) else ""
    if country == "CL":
        return "RUT" if size in (8, 9) and compact[:-1].isdigit() else ""
    return "NIF" if country in ("ES", "PT") and size == 9 else ""


def format_tax_id(compact: str | None, type_: str = "") -> str:
    """The number with the usual marks: "111.444.777-35". What does not fit its type is left as it is."""
    if not compact:
        return ""
    if type_ == "RUT":
        return str(_module("cl.rut").format(compact))
    if len(compact) != _LENGTHS.get(type_, -1):
        return compact
    parts, start = [], 0
    for position, mark in _MASKS[type_]:
        parts += [compact[start:position], mark]
        start = position
    return "".join(parts) + compact[start:]
