"""Tests of a column for numbers of every kind: tax numbers, phones, postal codes, dates, times, amounts, yes and no."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
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
from crm_desktop.importing import values
from crm_desktop.importing.column_values import Found, Values, percent
from crm_desktop.importing.table import Evidence

_PHONE = re.compile(r"^(?:tel\.?:?|fone:?|fax:?|cel\.?:?)?\s*\+?[\d(][\d\s().\-/–·]{4,22}\d$", re.IGNORECASE)
_PHONE_AND_WORDS = re.compile(
    r"^\+?[\d(][\d\s().\-/]{5,20}\d(?:\s*(?:x|ext\.?|ramal|r\.)\s*\d+|\s*[-(]?\s*[^\W\d_].{1,30}"
    r"|\s*[,;/|]\s*\+?[\d(].{6,40})$",
    re.IGNORECASE,
)
_PHONE_RUN = re.compile(r"\+?[\d(][\d\s().\-]{5,20}\d")
_DECIMAL = re.compile(r"^-?\d+[.,]\d+$")
_PHONE_MARKS = re.compile(r"^\+|\(\d|\d-\d{3,4}$|^0\d|\d{3}[ .]\d{3}")
_POSTCODE_LIKE = re.compile(r"^\d{4,5}-\d{3}$|^\d{5}-\d{4}$")
_AMERICAN = re.compile(r"^(?:1[ -])?\(?\d{3}\)?[ .-]\s?\d{3}[ .-]\d{4}$")
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
_YEARLY = re.compile(r"^(?:19|20)\d\d-")
_NO_YEAR = re.compile(r"^\d{1,2}\s*[/.-]\s*(?:\d{1,2}|[^\W\d_]{3,9})\.?$|^\d{1,2} de [^\W\d_]{4,9}$", re.IGNORECASE)
_SUFFIXED = re.compile(r"\d\s*(?:k|m|mil|mi|mn|bi)\b", re.IGNORECASE)
_TAX_SHAPE = re.compile(r"^[\dA-Z][\dA-Z./ -]{6,20}$", re.IGNORECASE)


_OTHER_TAX_IDS: tuple[tuple[str, str, tuple[int, ...], float, Callable[[str], bool]], ...] = (
    ("nif.es", "NIF", (9,), 0.6, es_nif.is_valid),
    ("nif.pt", "NIF", (9, 11), 0.75, pt_nif.is_valid),
    ("cuit", "CUIT", (11,), 0.7, cuit.is_valid),
    ("rfc", "RFC", (12, 13), 0.7, rfc.is_valid),
    ("vat", "VAT", tuple(range(8, 15)), 0.6, lambda text: text[:2].isalpha() and vat.is_valid(text)),
)


def _is_br(text: str) -> str:
    compact = compact_tax_id(text)
    if len(compact) < 8 or len(compact) > 14:
        return ""
    if len(compact) <= 11 and is_cpf(compact.zfill(11)):
        return "cpf"
    return "cnpj" if is_cnpj(compact.zfill(14)) else ""


def find_tax_id(column: Values) -> Iterator[Found]:
    """Tax numbers, by their check digits."""
    if column.share(lambda t: len(t) >= 7 and _TAX_SHAPE.match(t) and sum(c.isdigit() for c in t) >= 6) < 0.5:
        return
    hinted = "tax_id" in column.hints
    cpf = column.share(lambda t: _is_br(t) == "cpf")
    cnpj = column.share(lambda t: _is_br(t) == "cnpj")
    brazilian = "CPF/CNPJ" if min(cpf, cnpj) > 0.1 else "CPF" if cpf > cnpj else "CNPJ"
    detail_br = "cpf" if cpf > 4 * cnpj else "cnpj" if cnpj > 4 * cpf else "cpf_cnpj"
    options: list[tuple[float, str, str, float]] = [(cpf + cnpj, detail_br, brazilian, 0.6)]
    for detail, name, lengths, least, is_valid in _OTHER_TAX_IDS:
        share = column.share(_shaped(lengths, is_valid), 120)
        options.append((share, detail, name, least))
    share, detail, name, least = max(options, key=lambda option: option[0])
    if share < (0.25 if hinted else least) or column.weight < 3 and not hinted and share < 1:
        return
    evidence = [Evidence(N_("{percent} % have right check digits ({name})"), {"percent": percent(share), "name": name})]
    short = column.count(
        lambda t: t.isdigit() and (detail == "cnpj" and len(t) < 14 or detail == "cpf" and len(t) < 11)
    )
    if short:
        evidence.append(Evidence(N_("{n} have lost zeros at the beginning"), {"n": short}))
    yield Found("tax_id", 0.6 + 0.39 * share, evidence, detail)


def _shaped(lengths: tuple[int, ...], is_valid: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: len(compact_tax_id(text)) in lengths and is_valid(text)


def find_phone(column: Values) -> Iterator[Found]:
    """Phone numbers: by their shape, and by whether they exist in a country."""
    plain = column.share(lambda t: _PHONE.match(t) and 6 <= sum(c.isdigit() for c in t) <= 15)
    words = column.share(lambda t: not _PHONE.match(t) and _PHONE_AND_WORDS.match(t))
    hinted = "phone" in column.hints
    if plain + words < (0.3 if hinted else 0.6):
        return
    if not hinted and column.share(_POSTCODE_LIKE.match) > 0.8:
        return
    sample = [t for t in column.pick(40) if _PHONE.match(t)]
    if len(sample) < 3:
        sample += [found[0] for t in column.pick(40) if not _PHONE.match(t) and (found := _PHONE_RUN.search(t))]
    if not sample:
        return
    if not hinted and sum(bool(_DECIMAL.match(t)) for t in sample) > 0.5 * len(sample):
        return
    marks = sum(bool(_PHONE_MARKS.search(t)) for t in sample) / len(sample)
    if not hinted and marks < 0.5 and min(sum(c.isdigit() for c in t) for t in sample) < 9:
        return
    region, valid = _region(sample)
    if not hinted and marks < 0.5 and valid < 0.85:
        return
    if not hinted and valid < 0.3:
        return
    score = (plain + words) * (0.55 + 0.25 * min(1.0, marks) + 0.2 * valid)
    plus = sum(t.startswith(("+", "00")) for t in sample) > 0.6 * len(sample)
    if valid >= 0.75 and (plus or len(sample) >= 5):
        evidence = [
            Evidence(
                N_("{percent} % are phone numbers of {country}"),
                {"percent": percent(valid), "country": region or str(Evidence(N_("several countries")))},
            )
        ]
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
        dial = {
            "+55": "BR",
            "+34": "ES",
            "+351": "PT",
            "+1": "US",
            "+44": "GB",
            "+54": "AR",
            "+52": "MX",
            "+56": "CL",
            "+57": "CO",
        }
        best = max(dial, key=lambda code: sum(c.startswith(code) for c in codes))
        same = sum(c.startswith(best) for c in codes) > 0.6 * len(codes)
        return (dial[best] if same else ""), ok
    if sum(bool(_AMERICAN.match(t)) for t in sample) > 0.6 * len(sample):
        valid = sum(bool(to_e164(t, "US")) for t in sample) / len(sample)
        if valid >= 0.75:
            return "US", valid
    few = sample[:: max(1, len(sample) // 8)]
    best_region, best_share = "", 0.0
    for region in _REGIONS:
        share = sum(bool(to_e164(t, region)) for t in few) / len(few)
        # few digits are a number almost everywhere: a rare country must fit much better than the usual ones
        if share > best_share + (0.02 if region not in ("FR", "DE", "CO", "CL") else 0.35):
            best_region, best_share = region, share
        if best_share == 1.0:
            break
    return best_region, sum(bool(to_e164(t, best_region)) for t in sample) / len(sample) if best_region else 0.0


def find_postcode(column: Values) -> Iterator[Found]:
    """Postal codes; plain digits only where the header says so."""
    hinted = "postcode" in column.hints
    for detail, pattern, own in _POSTCODES:
        if not own and not hinted:
            continue
        share = column.share(pattern.match)
        if detail == "pt" and not hinted and column.share(_YEARLY.match) > 0.9:
            continue  # "2024-001" is a number of papers
        if share >= (0.5 if hinted else 0.8) and (hinted or column.weight >= 3):
            score = (0.85 if own else 0.65) * share
            yield Found(
                "postcode",
                score,
                [Evidence(N_("{percent} % look like postal codes"), {"percent": percent(share)})],
                detail,
            )
            return


def find_date(column: Values) -> Iterator[Found]:
    """Dates; the order of day, month and year is decided over the whole column."""
    if "date" in column.hints and column.share(_NO_YEAR.match) >= 0.6:
        yield Found("text", 0.7, [Evidence(N_("Days without a year"))], "no_year")
    votes = values.vote_order(column.texts)
    order = votes.order or "dmy"
    parsed = {text: values.parse_date(text, order) for text in column.pick(300)}
    serials = [text for text, when in parsed.items() if when is None and values.is_excel_serial(text)]
    if 0 < len(serials) < 0.5 * len(parsed):
        parsed.update((text, values.parse_date(text, order, serials=True)) for text in serials)
    else:
        serials = []
    native = column.native.get("date", 0) + column.native.get("datetime", 0)
    good = sum(column.texts[t] for t, when in parsed.items() if when is not None)
    of = sum(column.texts[t] for t in parsed)
    share = (good + native) / (of + native) if of + native else 0.0
    if share < (0.4 if "date" in column.hints else 0.6) or not _plausible(parsed, column):
        yield from _excel_serials(column)
        return
    timed = sum(column.texts[t] for t, when in parsed.items() if isinstance(when, datetime)) + column.native.get(
        "datetime", 0
    )
    evidence = [Evidence(N_("{percent} % are dates"), {"percent": percent(share)}), *_order_evidence(votes)]
    detail = ""
    if good and all(t.isdigit() for t in parsed if parsed[t]):
        detail = "yyyymmdd"
    elif any(values.has_month_name(t) for t in list(parsed)[:20]):
        detail = "names"
    score = (
        0.3 + 0.66 * share - (0.3 if detail == "yyyymmdd" and "date" not in column.hints and column.weight < 4 else 0)
    )
    if serials:
        count = column.count(values.is_excel_serial)
        evidence.append(Evidence(N_("{n} are numbers, as Excel keeps dates"), {"n": count}))
    if votes.two_digit:
        evidence.append(Evidence(N_("Years of two digits in {n}: the century is assumed"), {"n": votes.two_digit}))
    extra = {
        "date_order": votes.order if votes.order or not votes.open else None,
        "open_order": bool(votes.open and not votes.order),
        "two_digit_years": votes.two_digit > 0,
        "excel_serials": bool(serials),
    }
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


_UNIX = re.compile(r"^(?:1[0-9]|[2-9])\d{8}(?:\.\d+)?$")
_UNIX_MS = re.compile(r"^(?:1[0-9]|[2-9])\d{11}$")


def _excel_serials(column: Values) -> Iterator[Found]:
    if "date" not in column.hints:
        return
    for detail, pattern, text in (
        ("unix", _UNIX, N_("Dates as seconds since 1970")), ("unix_ms", _UNIX_MS, N_("Dates as milliseconds since 1970")),
    ):  # fmt: skip
        if column.share(pattern.match) >= 0.9:
            yield Found("datetime", 0.9, [Evidence(text)], detail)
            return
    share = column.share(lambda t: re.match(r"^\d{5}(?:\.\d+)?$", t) is not None and 10_000 <= float(t) <= 60_000)
    if share >= 0.8:
        yield Found(
            "date",
            0.75 * share,
            [Evidence(N_("Dates as the numbers Excel keeps them in"))],
            "excel",
            {"excel_serials": True},
        )


def find_time(column: Values) -> Iterator[Found]:
    """Times of day."""
    share = column.share(values.parse_time) if column.texts else 0.0
    native = column.native.get("time", 0)
    share = (share * column.weight * bool(column.texts) + native) / (column.weight * bool(column.texts) + native or 1)
    if share >= 0.6:
        yield Found(
            "time", 0.3 + 0.65 * share, [Evidence(N_("{percent} % are times of day"), {"percent": percent(share)})]
        )


def find_numbers(column: Values) -> Iterator[Found]:
    """Percent, money, decimals and whole numbers; the decimal mark is decided over the whole column."""
    numeric = {t: n for t, n in column.texts.items() if any(c.isdigit() for c in t)}
    point, comma, open_ = values.vote_decimal(numeric)
    mark = "," if comma > point else "."
    if not point and not comma and open_:
        mark = "," if all(t.count(".") for t in numeric if "." in t or "," in t) and open_ > 2 else "."
    if column.share(lambda t: values.parse_percent(t, mark) is not None) >= 0.6:
        yield Found("percent", 0.95, [Evidence(N_("Numbers with a percent sign"))], "", {"decimal": mark})
        return
    parsed = {t: values.parse_money(t, mark) for t in column.pick(300)}
    total = sum(column.texts[t] for t in parsed) or 1
    share = sum(column.texts[t] for t, amount in parsed.items() if amount) / total
    if share < 0.6:
        return
    marked = sum(column.texts[t] for t, amount in parsed.items() if amount and (amount[1] or re.search(r"[$€£¥₹]", t)))
    evidence = [_mark_evidence(mark)] if point + comma >= 0.03 * len(numeric) and point + comma else []
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
    odd = point + comma
    kind = "integer" if whole and not odd or odd < 0.03 * len(numeric) else "decimal"
    if "money" in column.hints and "integer" not in column.hints:
        yield Found("money", (0.72 if kind == "decimal" else 0.5) * share, evidence, "", extra)
    zeros = column.share(lambda t: len(t) > 1 and t[0] == "0" and t.isdigit())
    score = (0.72 if kind == "decimal" else 0.68) * share - (0.25 if zeros > 0.02 and kind == "integer" else 0)
    yield Found(
        kind, score, evidence or [Evidence(N_("{percent} % are numbers"), {"percent": percent(share)})], "", extra
    )


def _mark_evidence(mark: str) -> Evidence:
    if mark == ",":
        return Evidence(N_("Numbers with decimal comma"))
    return Evidence(N_("Numbers with decimal point"))


def find_bool(column: Values) -> Iterator[Found]:
    """Yes and no."""
    native = column.native.get("bool", 0)
    folded = {fold(t.strip()) for t in column.texts}
    if native and not column.texts:
        yield Found("bool", 0.97, [Evidence(N_("Yes and no"))])
        return
    if not folded or not folded <= values.YES | values.NO:
        return
    both = bool(folded & values.YES) and bool(folded & values.NO)
    if folded <= {"0", "1"}:
        if both or "bool" in column.hints:
            yield Found(
                "bool",
                0.74 if "bool" in column.hints else 0.6 if not {"integer", "id"} & set(column.hints) else 0.3,
                [Evidence(N_("Only 0 and 1"))],
            )
    elif both or "bool" in column.hints or folded & {"true", "false", "sim", "yes", "nao"}:
        yield Found("bool", 0.93 if both else 0.7, [Evidence(N_("Yes and no"))])
