"""Tax numbers: CPF, CNPJ, NIF, VAT, RFC, CUIT, EIN. Brazil by our own fast path, the rest by python-stdnum."""

from __future__ import annotations

_MASKS = {
    "CPF": ((3, "."), (6, "."), (9, "-")),
    "CNPJ": ((2, "."), (5, "."), (8, "/"), (12, "-")),
    "CUIT": ((2, "-"), (10, "-")),
    "EIN": ((2, "-"),),
    "SSN": ((3, "-"), (5, "-")),
}
_LENGTHS = {"CPF": 11, "CNPJ": 14, "CUIT": 11, "EIN": 9, "SSN": 9}


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
    return "NIF" if country in ("ES", "PT") and size == 9 else ""


def format_tax_id(compact: str | None, type_: str = "") -> str:
    """The number with the usual marks: "111.444.777-35". What does not fit its type is left as it is."""
    if not compact:
        return ""
    if len(compact) != _LENGTHS.get(type_, -1):
        return compact
    parts, start = [], 0
    for position, mark in _MASKS[type_]:
        parts += [compact[start:position], mark]
        start = position
    return "".join(parts) + compact[start:]
