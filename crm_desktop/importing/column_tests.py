"""The tests that a column of values is put to: each says which share of them it recognises, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from stdnum.ar import cuit
from stdnum.es import nif as es_nif
from stdnum.eu import vat
from stdnum.mx import rfc
from stdnum.pt import nif as pt_nif

from crm_desktop.core.i18n import N_
from crm_desktop.core.phones import to_e164
from crm_desktop.core.taxids import compact_tax_id, is_cnpj, is_cpf
from crm_desktop.core.text import fold
from crm_desktop.importing import cells, lexicon, values
from crm_desktop.importing.table import Evidence

_EMAIL = re.compile(r"^[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]{2,}$")
_PHONE = re.compile(r"^(?:tel\.?:?|fone:?|fax:?|cel\.?:?)?\s*\+?[\d(][\d\s().\-/–·]{4,22}\d$", re.IGNORECASE)
_PHONE_AND_WORDS = re.compile(
    r"^\+?[\d(][\d\s().\-/]{5,20}\d(?:\s*(?:x|ext\.?|ramal|r\.)\s*\d+|\s*[-(]?\s*[^\W\d_].{1,30}|\s*[,;/|]\s*\+?[\d(].{6,40})$",
    re.IGNORECASE,
)
_PHONE_MARKS = re.compile(r"^\+|\(\d|\d-\d{3,4}$|^0\d|\d{3}[ .]\d{3}")
_REGIONS = ("BR", "ES", "PT", "US", "GB", "AR", "MX", "CL", "CO", "FR", "DE")
_POSTCODES: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    ("br", re.compile(r"^\d{5}-\d{3}$|^\d{2}\.\d{3}-\d{3}$"), True),
    ("pt", re.compile(r"^\d{4}-\d{3}$"), True),
    ("gb", re.compile(r"^[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}$", re.IGNORECASE), True),
    ("ca", re.compile(r"^[A-Z]\d[A-Z]\s*\d[A-Z]\d$", re.IGNORECASE), True),
    ("us", re.compile(r"^\d{5}-\d{4}$"), True),
    ("br", re.compile(r"^\d{7,8}$"), False),
    ("es", re.compile(r"^(?:0[1-9]|[1-4]\d|5[0-2])\d{3}$"), False),
    ("us", re.compile(r"^\d{5}$"), False),
    ("", re.compile(r"^[A-Z]{0,2}-?\d{3,8}(?:[- ]\d{2,4})?$"), False),
)
_NAME_WORD = re.compile(r"^[^\W\d_][^\W\d_'’`´.-]*(?:['’`´.-][^\W\d_]*)*\.?$")
_CODE_WITH_DIGITS = re.compile(r"^(?=.*\d)[\w./-]+$")
_SUFFIXED = re.compile(r"\d\s*(?:k|m|mil|mi|mn|bi)\b", re.IGNORECASE)
_TAX_SHAPE = re.compile(r"^[\dA-Z][\dA-Z./ -]{6,20}$", re.IGNORECASE)


@dataclass
class Values:
    """A column as the tests see it: its texts with how often each occurs, the header's hints, and counts."""

    texts: dict[str, int]
    hints: tuple[str, ...] = ()
    native: dict[str, int] = field(default_factory=dict)
    filled: int = 0
    total: int = 0
    nulls: int = 0

    @property
    def weight(self) -> int:
        """How many cells the texts stand for."""
        return sum(self.texts.values()) or 1

    def share(self, test: Callable[[str], object], most: int = 400) -> float:
        """The share of cells whose text passes a test."""
        chosen = self.pick(most)
        total = sum(chosen.values())
        return sum(n for text, n in chosen.items() if test(text)) / total if total else 0.0

    def count(self, test: Callable[[str], object]) -> int:
        """How many cells pass a test."""
        return sum(n for text, n in self.texts.items() if test(text))

    def pick(self, most: int) -> Mapping[str, int]:
        """At most so many different texts, spread evenly."""
        if len(self.texts) <= most:
            return self.texts
        items = list(self.texts.items())
        step = len(items) / most
        return dict(items[int(i * step)] for i in range(most))


@dataclass
class Found:
    """What a test found: a kind with a score of 0..1 by the values alone."""

    kind: str
    score: float
    evidence: list[Evidence] = field(default_factory=list)
    detail: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def percent(share: float) -> int:
    """A share as whole percent; 100 only where it is all."""
    return 100 if share >= 1 else min(99, round(share * 100))


def test_email(column: Values) -> Iterator[Found]:
    """Addresses, also several in one cell."""
    share = column.share(lambda t: "@" in t and all(_EMAIL.match(p.strip(" <>")) for p in re.split(r"[;,\s]+", t.strip(" ;,")) if p))
    if share >= 0.4 or share >= 0.2 and "email" in column.hints:
        yield Found("email", 0.3 + 0.68 * share, [Evidence(N_("{percent} % have @ and a domain"), {"percent": percent(share)})])


def test_url(column: Values) -> Iterator[Found]:
    """Web addresses."""
    share = column.share(lambda t: cells.classify_text(t) == cells.URL)
    if share >= 0.4:
        yield Found("url", 0.3 + 0.65 * share, [Evidence(N_("{percent} % are web addresses"), {"percent": percent(share)})])


def _is_br(text: str) -> str:
    compact = compact_tax_id(text)
    if len(compact) < 8 or len(compact) > 14:
        return ""
    if len(compact) <= 11 and is_cpf(compact.zfill(11)):
        return "cpf"
    return "cnpj" if is_cnpj(compact.zfill(14)) else ""


def test_tax_id(column: Values) -> Iterator[Found]:
    """Tax numbers, by their check digits."""
    if column.share(lambda t: len(t) >= 7 and _TAX_SHAPE.match(t) and sum(c.isdigit() for c in t) >= 6) < 0.5:
        return
    hinted = "tax_id" in column.hints
    cpf = column.share(lambda t: _is_br(t) == "cpf")
    cnpj = column.share(lambda t: _is_br(t) == "cnpj")
    options: list[tuple[float, str, str, float]] = [
        (cpf + cnpj, "cpf" if cpf > 4 * cnpj else "cnpj" if cnpj > 4 * cpf else "cpf_cnpj", "CPF/CNPJ" if min(cpf, cnpj) > 0.1 else "CPF" if cpf > cnpj else "CNPJ", 0.6),
        (column.share(lambda t: t[:1].isalnum() and len(compact_tax_id(t)) == 9 and es_nif.is_valid(t), 150), "nif.es", "NIF", 0.6),
        (column.share(lambda t: len(compact_tax_id(t)) in (9, 11) and pt_nif.is_valid(t), 150), "nif.pt", "NIF", 0.75),
        (column.share(lambda t: len(compact_tax_id(t)) == 11 and cuit.is_valid(t), 150), "cuit", "CUIT", 0.7),
        (column.share(lambda t: len(t) >= 12 and t[:3].isalpha() and rfc.is_valid(t), 150), "rfc", "RFC", 0.7),
        (column.share(lambda t: len(t) >= 8 and t[:2].isalpha() and vat.is_valid(t), 80), "vat", "VAT", 0.6),
    ]  # fmt: skip
    share, detail, name, least = max(options, key=lambda option: option[0])
    if share < (0.25 if hinted else least) or column.weight < 3 and not hinted and share < 1:
        return
    evidence = [Evidence(N_("{percent} % have right check digits ({name})"), {"percent": percent(share), "name": name})]
    short = column.count(lambda t: t.isdigit() and (detail == "cnpj" and len(t) < 14 or detail == "cpf" and len(t) < 11))
    if short:
        evidence.append(Evidence(N_("{n} have lost zeros at the beginning"), {"n": short}))
    yield Found("tax_id", 0.6 + 0.39 * share, evidence, detail)


def test_phone(column: Values) -> Iterator[Found]:
    """Phone numbers: by their shape, and by whether they exist in a country."""
    plain = column.share(lambda t: _PHONE.match(t) and 6 <= sum(c.isdigit() for c in t) <= 15)
    words = column.share(lambda t: not _PHONE.match(t) and _PHONE_AND_WORDS.match(t))
    hinted = "phone" in column.hints
    if plain + words < (0.3 if hinted else 0.6):
        return
    sample = [t for t in column.pick(60) if _PHONE.match(t)]
    if not sample:
        return
    region, valid = _region(sample)
    marks = sum(bool(_PHONE_MARKS.search(t)) for t in sample) / len(sample)
    lengths = {sum(c.isdigit() for c in t) for t in sample}
    if not hinted and marks < 0.5 and (valid < 0.85 or min(lengths) < 9):
        return
    if not hinted and valid < 0.3:
        return
    score = (plain + words) * (0.55 + 0.25 * min(1.0, marks) + 0.2 * valid)
    if valid >= 0.5:
        evidence = [Evidence(N_("{percent} % are phone numbers of {country}"), {"percent": percent(valid), "country": region})]
    else:
        evidence = [Evidence(N_("{percent} % look like phone numbers"), {"percent": percent(plain + words)})]
        region = ""
    if words > 0:
        beside = column.count(lambda t: not _PHONE.match(t) and _PHONE_AND_WORDS.match(t))
        evidence.append(Evidence(N_("{n} have words or a second number beside the number"), {"n": beside}))
    yield Found("phone", score, evidence, region)


def _region(sample: Sequence[str]) -> tuple[str, float]:
    """The country in which most of the numbers exist, and their share."""
    plus = [t for t in sample if t.strip().startswith(("+", "00"))]
    if len(plus) > 0.6 * len(sample):
        ok = sum(bool(to_e164(t, "")) for t in plus) / len(sample)
        codes = [to_e164(t, "") for t in plus]
        dial = {"+55": "BR", "+34": "ES", "+351": "PT", "+1": "US", "+44": "GB", "+54": "AR", "+52": "MX", "+56": "CL", "+57": "CO"}
        best = max(dial, key=lambda code: sum(c.startswith(code) for c in codes))
        same = sum(c.startswith(best) for c in codes) > 0.6 * len(codes)
        return (dial[best] if same else N_("several countries")), ok
    best_region, best_share = "", 0.0
    for region in _REGIONS:
        share = sum(bool(to_e164(t, region)) for t in sample) / len(sample)
        if share > best_share + 0.02:
            best_region, best_share = region, share
    return best_region, best_share


def test_postcode(column: Values) -> Iterator[Found]:
    """Postal codes; plain digits only where the header says so."""
    hinted = "postcode" in column.hints
    for detail, pattern, own in _POSTCODES:
        if not own and not hinted:
            continue
        share = column.share(pattern.match)
        if share >= (0.5 if hinted else 0.8) and (hinted or column.weight >= 3):
            score = (0.85 if own else 0.65) * share
            yield Found("postcode", score, [Evidence(N_("{percent} % look like postal codes"), {"percent": percent(share)})], detail)
            return


def test_date(column: Values) -> Iterator[Found]:
    """Dates; the order of day, month and year is decided over the whole column."""
    votes = values.vote_order(column.texts)
    order = votes.order or "dmy"
    parsed = {text: values.parse_date(text, order) for text in column.pick(600)}
    native = column.native.get("date", 0) + column.native.get("datetime", 0)
    good = sum(column.texts[t] for t, when in parsed.items() if when is not None)
    of = sum(column.texts[t] for t in parsed)
    share = (good + native) / (of + native) if of + native else 0.0
    if share < (0.4 if "date" in column.hints else 0.6) or not _plausible(parsed, column):
        yield from _excel_serials(column)
        return
    timed = sum(column.texts[t] for t, when in parsed.items() if isinstance(when, datetime)) + column.native.get("datetime", 0)
    evidence = [Evidence(N_("{percent} % are dates"), {"percent": percent(share)}), *_order_evidence(votes)]
    detail = ""
    if good and all(t.isdigit() for t in parsed if parsed[t]):
        detail = "yyyymmdd"
    elif any(values.has_month_name(t) for t in list(parsed)[:20]):
        detail = "names"
    score = 0.3 + 0.66 * share - (0.3 if detail == "yyyymmdd" and "date" not in column.hints and column.weight < 4 else 0)
    if votes.two_digit:
        evidence.append(Evidence(N_("Years of two digits in {n}: the century is assumed"), {"n": votes.two_digit}))
    extra = {"date_order": votes.order if votes.order or not votes.open else None, "open_order": bool(votes.open and not votes.order), "two_digit_years": votes.two_digit > 0}
    if native and not votes.order:
        extra["date_order"] = extra["date_order"] or ("ymd" if not votes.open else None)
    yield Found("datetime" if timed > 0.5 * (good + native) else "date", score, evidence, detail, extra)


def _plausible(parsed: Mapping[str, Any], column: Values) -> bool:
    """Years of dates lie between 1850 and 2150; plain digits need company or a hint."""
    years = [when.year for when in parsed.values() if when is not None]
    if years and sum(1850 <= year <= 2150 for year in years) < 0.9 * len(years):
        return False
    digits = [t for t in parsed if t.isdigit()]
    if digits and len(digits) == len(parsed) and "date" not in column.hints:
        return len(years) == len(parsed)
    return True


def _order_evidence(votes: values.OrderVotes) -> list[Evidence]:
    if votes.dmy and votes.dmy >= votes.mdy:
        return [Evidence(N_("the day comes first: {n} dates allow nothing else"), {"n": votes.dmy})]
    if votes.mdy:
        return [Evidence(N_("the month comes first: {n} dates allow nothing else"), {"n": votes.mdy})]
    return []


def _excel_serials(column: Values) -> Iterator[Found]:
    if "date" not in column.hints:
        return
    share = column.share(lambda t: re.match(r"^\d{5}(?:\.\d+)?$", t) is not None and 10_000 <= float(t) <= 60_000)
    if share >= 0.8:
        yield Found("date", 0.75 * share, [Evidence(N_("Dates as the numbers Excel keeps them in"))], "excel")


def test_time(column: Values) -> Iterator[Found]:
    """Times of day."""
    share = column.share(values.parse_time) if column.texts else 0.0
    native = column.native.get("time", 0)
    share = (share * column.weight * bool(column.texts) + native) / (column.weight * bool(column.texts) + native or 1)
    if share >= 0.6:
        yield Found("time", 0.3 + 0.65 * share, [Evidence(N_("{percent} % are times of day"), {"percent": percent(share)})])


def test_numbers(column: Values) -> Iterator[Found]:
    """Percent, money, decimals and whole numbers; the decimal mark is decided over the whole column."""
    numeric = {t: n for t, n in column.texts.items() if any(c.isdigit() for c in t)}
    point, comma, open_ = values.vote_decimal(numeric)
    mark = "," if comma > point else "."
    if not point and not comma and open_:
        mark = "," if all(t.count(".") for t in numeric if "." in t or "," in t) and open_ > 2 else "."
    if column.share(lambda t: values.parse_percent(t, mark) is not None) >= 0.6:
        yield Found("percent", 0.95, [Evidence(N_("Numbers with a percent sign"))], "", {"decimal": mark})
        return
    parsed = {t: values.parse_money(t, mark) for t in column.pick(500)}
    total = sum(column.texts[t] for t in parsed) or 1
    share = sum(column.texts[t] for t, amount in parsed.items() if amount) / total
    if share < 0.6:
        return
    marked = sum(column.texts[t] for t, amount in parsed.items() if amount and (amount[1] or re.search(r"[$€£¥₹]", t)))
    evidence = [_mark_evidence(point, comma, mark)] if point or comma else []
    extra = {"decimal": mark}
    if marked >= 0.3 * total or column.share(_SUFFIXED.search) >= 0.5:
        codes = [amount[1] for amount in parsed.values() if amount and amount[1]]
        extra["currency"] = max(set(codes), key=codes.count) if codes else ""
        yield Found("money", 0.3 + 0.66 * share, [Evidence(N_("Amounts with a currency sign")), *evidence], "", extra)
        return
    whole = all(amount[0] == amount[0].to_integral_value() for amount in parsed.values() if amount)
    if point and whole and column.share(lambda t: t.endswith(".0")) > 0.9:
        yield Found("integer", 0.7 * share, [Evidence(N_("Whole numbers written with “.0”"))], "float", extra)
        return
    kind = "integer" if whole and not point and not comma else "decimal"
    if "money" in column.hints and kind == "decimal":
        yield Found("money", 0.72 * share, evidence, "", extra)
    zeros = column.share(lambda t: len(t) > 1 and t[0] == "0" and t.isdigit())
    score = (0.72 if kind == "decimal" else 0.68) * share - (0.25 if zeros > 0.02 and kind == "integer" else 0)
    yield Found(kind, score, evidence or [Evidence(N_("{percent} % are numbers"), {"percent": percent(share)})], "", extra)


def _mark_evidence(point: int, comma: int, mark: str) -> Evidence:
    if mark == ",":
        return Evidence(N_("Numbers with decimal comma"))
    return Evidence(N_("Numbers with decimal point"))


def test_bool(column: Values) -> Iterator[Found]:
    """Yes and no."""
    native = column.native.get("bool", 0)
    folded = {fold(t.strip()) for t in column.texts}
    if native and not column.texts:
        yield Found("bool", 0.97, [Evidence(N_("Yes and no"))])
        return
    if not folded or len(folded) > 4 or not folded <= values.YES | values.NO:
        return
    both = bool(folded & values.YES) and bool(folded & values.NO)
    if folded <= {"0", "1"}:
        if both or "bool" in column.hints:
            yield Found("bool", 0.74 if "bool" in column.hints else 0.6 if not {"integer", "id"} & set(column.hints) else 0.3, [Evidence(N_("Only 0 and 1"))])
    elif both or "bool" in column.hints or folded & {"true", "false", "sim", "yes", "nao"}:
        yield Found("bool", 0.93 if both else 0.7, [Evidence(N_("Yes and no"))])


def test_places(column: Values) -> Iterator[Found]:
    """States, countries, cities and streets."""
    folded = [fold(t.strip()) for t in column.texts]
    br, us = (column.share(lambda t, s=states: fold(t.strip()) in s) for states in (lexicon.STATES_BR, lexicon.STATES_US))  # type: ignore[misc]
    if max(br, us) >= 0.85 and (len(set(folded)) >= 2 or "state" in column.hints):
        detail = "br" if br >= us else "us"
        yield Found("state", 0.85 * max(br, us), [Evidence(N_("{n} different states"), {"n": len(set(folded))})], detail)
    elif "state" in column.hints and column.share(_is_words) >= 0.6:
        yield Found("state", 0.62)
    names = column.share(lambda t: fold(t.strip()) in lexicon.COUNTRIES)
    codes = column.share(lambda t: fold(t.strip()) in lexicon.COUNTRY_CODES) if "country" in column.hints else 0.0
    if max(names, codes) >= 0.6:
        yield Found("country", 0.3 + 0.6 * max(names, codes), [Evidence(N_("{percent} % are countries"), {"percent": percent(max(names, codes))})])
    elif "country" in column.hints and column.share(_is_words) >= 0.7:
        yield Found("country", 0.6)
    if "city" in column.hints and column.share(_is_words) >= 0.6:
        yield Found("city", 0.66, [Evidence(N_("{n} different values"), {"n": len(set(folded))})])
    street = column.share(lambda t: lexicon.STREET.match(fold(t.strip())))
    if street >= 0.35 or "street" in column.hints and column.share(lambda t: len(t) > 3 and not t.isdigit()) > 0.5:
        yield Found("street", 0.5 + 0.42 * street, [Evidence(N_("{percent} % look like streets"), {"percent": percent(street)})] if street >= 0.1 else [])


def _is_words(text: str) -> bool:
    return bool(text) and all(_NAME_WORD.match(word) or word in "-/&()" for word in text.split()[:6])


def test_names(column: Values) -> Iterator[Found]:
    """People and companies."""
    chosen = column.pick(300)
    total = sum(chosen.values())
    company = sum(n for t, n in chosen.items() if lexicon.COMPANY.search(fold(t)) and not t.isdigit()) / total
    hinted_company = "company" in column.hints
    if company >= 0.3 or hinted_company and column.share(lambda t: any(c.isalpha() for c in t)) >= 0.7:
        evidence = [Evidence(N_("{percent} % have words of company names"), {"percent": percent(company)})] if company >= 0.1 else []
        yield Found("company", 0.5 + 0.45 * min(1.0, company * 1.6) if company >= 0.1 else 0.58, evidence)
    shaped = {t: n for t, n in chosen.items() if _is_person_shape(t)}
    shape = sum(shaped.values()) / total
    if shape < 0.6:
        return
    given = sum(n for t, n in shaped.items() if set(re.split(r"[\s,.]+", fold(t))) & lexicon.GIVEN) / total
    hinted = "person" in column.hints
    if given < (0.03 if hinted else 0.35) and not (hinted and shape > 0.8):
        return
    score = 0.45 + 0.5 * min(1.0, given * 1.5) - 0.5 * min(0.6, company) if given >= 0.1 else 0.55
    evidence = [Evidence(N_("{percent} % begin or end with a usual given name"), {"percent": percent(given)})] if given >= 0.1 else []
    yield Found("person", score * (0.6 + 0.4 * shape), evidence, _name_order(shaped, total))


def _is_person_shape(text: str) -> bool:
    words = text.replace(",", " ").split()
    return 1 <= len(words) <= 7 and all(_NAME_WORD.match(word) for word in words) and text.count(",") <= 1


def _name_order(shaped: Mapping[str, int], total: int) -> str:
    commas = sum(n for t, n in shaped.items() if "," in t) / total
    if commas > 0.5:
        return "last_first"
    several = sum(n for t, n in shaped.items() if len([w for w in t.split() if fold(w) not in lexicon.PARTICLES]) > 1) / total
    if several > 0.5:
        return "full"
    given = sum(n for t, n in shaped.items() if fold(t.split()[0]) in lexicon.GIVEN) / total
    return "first" if given > 0.3 else "last"


def test_texts(column: Values) -> Iterator[Found]:
    """Identifiers, choices, long texts, and plain text when nothing else fits."""
    count, distinct = column.weight, len(column.texts)
    lengths = [len(t) for t in column.texts]
    average = sum(len(t) * n for t, n in column.texts.items()) / count
    unique = distinct >= 0.98 * count
    coded = column.share(_CODE_WITH_DIGITS.match)
    if coded >= 0.9 and ("id" in column.hints and distinct > 1 or unique and count >= 5 and average >= 2):
        score = 0.72 if "id" in column.hints else 0.66 if max(lengths) - min(lengths) <= 4 else 0.45
        evidence = [Evidence(N_("No value comes twice"))] if unique else [Evidence(N_("{n} different values"), {"n": distinct})]
        yield Found("id", score + (0.05 if unique else 0.0), evidence)
    few = distinct <= max(4, min(60, count * 0.12)) and count >= 8
    if distinct > 1 and average <= 40 and (few or "choice" in column.hints and (count < 8 or distinct <= 0.5 * count)):
        shown = ", ".join(list(column.texts)[:6])
        yield Found("choice", 0.62 if few else 0.5, [Evidence(N_("{n} different values: {list}"), {"n": distinct, "list": shown})])
    if average > 70 or any("\n" in t for t in column.pick(100)) or "long_text" in column.hints and average > 12:
        yield Found("long_text", 0.72 if average > 70 else 0.58, [Evidence(N_("Long texts"))])
    yield Found("text", 0.4)


ALL = (
    test_email, test_url, test_tax_id, test_phone, test_postcode, test_date, test_time, test_numbers, test_bool, test_places, test_names, test_texts,
)  # fmt: skip


def text_of_value(value: Any) -> str:
    """A cell as the text that the tests look at: whole floats lose their ".0"."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def native_kind(value: Any) -> str:
    """The type that a spreadsheet gave a cell: "date", "datetime", "time", "bool", or "" for numbers and texts."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, datetime):
        return "datetime"
    if isinstance(value, date):
        return "date"
    return "time" if isinstance(value, time) else ""
