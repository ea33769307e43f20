"""Cells that hold several things: a city with its state, a whole address, a company with its tax number, a name with a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from crm_desktop.core.phones import split_phones
from crm_desktop.core.taxids import check_tax_id, compact_tax_id, is_cnpj, is_cpf
from crm_desktop.core.text import fold
from crm_desktop.importing import lexicon

SPLIT = "split"
"""``ColumnPlan.transform`` of columns whose cells are taken apart so."""
PLACE, ADDRESS, TAXED, PHONED = "place", "address", "taxed", "phoned"
Parts = dict[str, str]
"""Address columns or fields and what a cell gives for them."""

_STATES = {name.upper() for name in lexicon.STATES_BR | lexicon.STATES_US}
_CITY_STATE = re.compile(
    r"^(?P<city>[^\W\d_][^\d/|;]*?)\s*(?:(?:[|,–—]|\s-|-\s|\(|-)\s*(?P<state>[A-Z]{2})|/\s*(?P<slashed>[A-Za-z]{2}))\.?\)?$"
)
_BR_POSTCODE = r"(?:CEP:?\s*)?(?P<postcode>\d{2}\.?\d{3}-?\d{3})"
_BR_END = re.compile(
    r"[,\s–—-]+(?P<city>[^\W\d_][^\d,/–—-]{1,40}?)\s*(?:[/,–—]|\s-|-\s)\s*(?P<state>[A-Z]{2})"
    rf"(?:[\s,.–—-]+{_BR_POSTCODE})?(?:[\s,–—-]+(?P<country>Brasil|Brazil))?\s*$"
)
_BR_POSTCODE_END = re.compile(rf"[\s,.–—-]+{_BR_POSTCODE}\s*$", re.IGNORECASE)
_BR_POSTCODE_FIRST = re.compile(rf"[\s,.–—-]+{_BR_POSTCODE}\s*$", re.IGNORECASE)
_US = re.compile(
    r"^(?P<street>\d+[^,]+(?:,[^,]+)?),\s*(?P<city>[^\W\d_][^,\d]{1,40}),\s*(?P<state>[A-Z]{2})\s+(?P<postcode>\d{5}(?:-\d{4})?)"
    r"(?:,\s*(?P<country>USA|United States))?$"
)
_IBERIAN = re.compile(
    r"^(?P<street>\D.*?\d.*?)[\s,–—-]+(?P<postcode>\d{5}|\d{4}-\d{3})\s+(?P<city>[^\W\d_][^\d,()]{1,40}?)"
    r"(?:\s*[(,]\s*(?P<state>[^\W\d_][^\d()]{2,30}?)\)?)?$"
)
_DISTRICT = re.compile(r"^(?P<street>.*\d.*?)\s*(?:\s-\s|,|–)\s*(?P<district>[^\W\d_][^\d,]{2,40})$")
_FLAT = re.compile(r"^(?:sala|apto?|apartamento|bloco|andar|conj|loja|casa|fundos|terreo|cj|piso|suite|ste|puerta)\b")
_TAX = re.compile(r"(?:\b(?:CNPJ|CPF|CGC|NIF|CIF|RFC|CUIT)\b\s*[:.]?\s*)?(\d[\d./-]{9,17}\d)", re.IGNORECASE)
_EDGES = " \t,;:|/()[]–—-"
_LONGEST = 1_000
"""Characters of a cell that is looked through for a phone beside a name."""
_PHONE_RUN = re.compile(r"(?:\+?\d{1,3}[\s.-]*)?(?:\(?\d{2,3}\)?[\s.-]*)?\d{3,5}[\s.-]?\d{4}(?!\d)")
_ASIDE = re.compile(r"\(([^()]*)\)")


def split_place(text: str) -> Parts | None:
    """ "Curitiba/PR", "Curitiba - PR" and "Austin, TX" as city and region; None where there is no state."""
    found = _CITY_STATE.match(text.strip())
    state = (found["state"] or found["slashed"]).upper() if found else ""
    if not found or state not in _STATES:
        return None
    return {"city": found["city"].strip(), "region": state}


def split_address(text: str) -> Parts | None:
    """A whole address as its parts, where its end leaves no doubt; None where it does."""
    body = " ".join(text.split()).strip(" ,;.")
    return _brazilian(body) or _matched(_US, body) or _matched(_IBERIAN, body)


def split_taxed(text: str, country: str) -> tuple[str, str] | None:
    """ "Padaria Sol (11.222.333/0001-81)" as name and tax number, where the check digits are right."""
    for found in _TAX.finditer(text):
        compact = compact_tax_id(found[1])
        right = is_cnpj(compact) or is_cpf(compact)
        if not right and country not in ("", "BR"):
            try:
                right = bool(check_tax_id(found[1], country)[1])
            except ValueError:
                right = False
        name = (text[: found.start()].rstrip(_EDGES) + " " + text[found.end() :].lstrip(_EDGES)).strip(_EDGES)
        if right and any(c.isalpha() for c in name):
            return " ".join(name.split()), compact
    return None


def split_phoned(text: str, country: str) -> tuple[str, list[str], str] | None:
    """ "João Lima (filho do Zé) 99111-2222" as the name, the phones and the words beside; None without a phone."""
    found = _PHONE_RUN.search(text) if len(text) <= _LONGEST else None
    if not found or sum(c.isdigit() for c in found[0]) < 8:
        return None
    before, after = text[: found.start()].strip(" \t,;:|/–—-"), text[found.start() :]
    before = before.removesuffix("(").strip()
    if not any(c.isalpha() for c in before):
        return None
    asides = [aside.strip() for aside in _ASIDE.findall(before) if aside.strip()]
    name = " ".join(_ASIDE.sub(" ", before).split()).strip(_EDGES)
    name = re.sub(
        r"[\s,;:-]+(?:tel|fone|cel|celular|telefone|whats(?:app)?|phone|movil|móvil)\.?:?$", "", name, flags=re.I
    )
    phones = split_phones(after, country)
    words = [*asides, *(words for _number, words in phones if words)]
    return name or before, [number for number, _words in phones], ", ".join(words)


def _matched(pattern: re.Pattern[str], body: str) -> Parts | None:
    found = pattern.match(body)
    if not found:
        return None
    parts = {name: value.strip(" ,-") for name, value in found.groupdict().items() if value}
    return {("region" if name == "state" else name): value for name, value in parts.items()}


def _brazilian(body: str) -> Parts | None:
    found = _BR_END.search(body)
    postcode = ""
    if not found:
        code = _BR_POSTCODE_END.search(body)
        if not code:
            return None
        postcode, body = code["postcode"], body[: code.start()].strip(" ,.-–")
        found = _BR_END.search(body)
    if not found or found["state"].lower() not in lexicon.STATES_BR:
        return None
    rest = body[: found.start()].strip(" ,.-–")
    code = _BR_POSTCODE_FIRST.search(rest)
    if code:
        postcode, rest = code["postcode"], rest[: code.start()].strip(" ,.-–")
    if not any(c.isalpha() for c in rest) or not (any(c.isdigit() for c in rest) or lexicon.STREET.match(fold(rest))):
        return None
    parts = {"street": rest, "city": found["city"].strip(), "region": found["state"]}
    if found["postcode"] or postcode:
        parts["postcode"] = found["postcode"] or postcode
    if found["country"]:
        parts["country"] = "BR"
    district = _DISTRICT.match(rest)
    if district and not _FLAT.match(fold(district["district"])):
        parts["street"], parts["district"] = district["street"].strip(" ,-–"), district["district"].strip()
    return parts


_TESTS: tuple[tuple[str, float, Callable[[str], object]], ...] = (
    (PLACE, 0.6, split_place),
    (ADDRESS, 0.5, split_address),
    (TAXED, 0.5, lambda text: split_taxed(text, "")),
    (PHONED, 0.02, lambda text: split_phoned(text, "BR") if text[:1].isalpha() else None),
)


def parts_in(texts: Sequence[str]) -> str:
    """What the texts of a column hold besides their own: PLACE, ADDRESS, TAXED, PHONED, or ""."""
    some = [text for text in texts if 4 < len(text) < 300 and any(c.isalpha() for c in text)][:120]
    if len(some) < 0.5 * min(len(texts), 120):
        return ""
    for name, least, test in _TESTS:
        hits = sum(1 for text in some if test(text))
        if hits and hits >= least * len(some):
            return name
    return ""


def told_apart(target: str, text: str, country: str) -> list[str]:
    """What becomes of a cell of a column that is taken apart; [] where it stays whole."""
    if target in ("city", "street"):
        parts = split_place(text) if target == "city" else split_address(text)
        return list(parts.values()) if parts else []
    taxed = split_taxed(text, country)
    if taxed:
        return list(taxed)
    phoned = split_phoned(text, country)
    return [one for one in (phoned[0], *phoned[1], phoned[2]) if one] if phoned else []
