"""Tests of a column for words: e-mail and web addresses, places, people, companies, choices, texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.importing import cells, lexicon
from crm_desktop.importing.column_values import Found, Values, percent
from crm_desktop.importing.table import Evidence

_EMAIL = re.compile(r"^[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]{2,}$")
_NAME_WORD = re.compile(r"^[^\W\d_][^\W\d_'’`´.-]*(?:['’`´.-][^\W\d_]*)*\.?$")
_CODE_WITH_DIGITS = re.compile(r"^(?=.*\d)[\w./-]+$")


def find_email(column: Values) -> Iterator[Found]:
    """Addresses, also several in one cell."""
    share = column.share(
        lambda t: "@" in t and all(_EMAIL.match(p.strip(" <>")) for p in re.split(r"[;,\s]+", t.strip(" ;,")) if p)
    )
    if share >= 0.4 or share >= 0.2 and "email" in column.hints:
        yield Found(
            "email", 0.3 + 0.68 * share, [Evidence(N_("{percent} % have @ and a domain"), {"percent": percent(share)})]
        )


def find_url(column: Values) -> Iterator[Found]:
    """Web addresses."""
    share = column.share(lambda t: cells.classify_text(t) == cells.URL)
    if share >= 0.4:
        yield Found(
            "url", 0.3 + 0.65 * share, [Evidence(N_("{percent} % are web addresses"), {"percent": percent(share)})]
        )


def find_places(column: Values) -> Iterator[Found]:
    """States, countries, cities and streets."""
    folded = [fold(t.strip()) for t in column.texts]
    br = column.share(lambda t: fold(t.strip()) in lexicon.STATES_BR)
    us = column.share(lambda t: fold(t.strip()) in lexicon.STATES_US)
    if max(br, us) >= 0.85 and (len(set(folded)) >= 2 or "state" in column.hints):
        detail = "br" if br >= us else "us"
        yield Found(
            "state", 0.85 * max(br, us), [Evidence(N_("{n} different states"), {"n": len(set(folded))})], detail
        )
    elif "state" in column.hints and column.share(_is_words) >= 0.6:
        yield Found("state", 0.62)
    names = column.share(lambda t: fold(t.strip()) in lexicon.COUNTRIES)
    codes = column.share(lambda t: fold(t.strip()) in lexicon.COUNTRY_CODES) if "country" in column.hints else 0.0
    if max(names, codes) >= 0.6:
        yield Found(
            "country",
            0.3 + 0.6 * max(names, codes),
            [Evidence(N_("{percent} % are countries"), {"percent": percent(max(names, codes))})],
        )
    elif "country" in column.hints and column.share(_is_words) >= 0.7:
        yield Found("country", 0.6)
    if "city" in column.hints and column.share(_is_words) >= 0.6:
        yield Found("city", 0.66, [Evidence(N_("{n} different values"), {"n": len(set(folded))})])
    street = column.share(lambda t: lexicon.STREET.match(fold(t.strip())))
    if street >= 0.35 or "street" in column.hints and column.share(lambda t: len(t) > 3 and not t.isdigit()) > 0.5:
        yield Found(
            "street",
            0.5 + 0.42 * street,
            [Evidence(N_("{percent} % look like streets"), {"percent": percent(street)})] if street >= 0.1 else [],
        )


def _is_words(text: str) -> bool:
    return bool(text) and all(_NAME_WORD.match(word) or word in "-/&()" for word in text.split()[:6])


def find_names(column: Values) -> Iterator[Found]:
    """People and companies."""
    chosen = column.pick(200)
    total = sum(chosen.values())
    company = sum(n for t, n in chosen.items() if lexicon.COMPANY.search(fold(t)) and not t.isdigit()) / total
    hinted_company = "company" in column.hints
    average = sum(len(t) * n for t, n in chosen.items()) / total
    if (
        company >= 0.3
        and average <= 60
        or hinted_company
        and column.share(lambda t: any(c.isalpha() for c in t)) >= 0.7
    ):
        evidence = (
            [Evidence(N_("{percent} % have words of company names"), {"percent": percent(company)})]
            if company >= 0.1
            else []
        )
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
    evidence = (
        [Evidence(N_("{percent} % begin or end with a usual given name"), {"percent": percent(given)})]
        if given >= 0.1
        else []
    )
    yield Found("person", score * (0.6 + 0.4 * shape), evidence, _name_order(shaped, total))


def _has_given(text: str) -> bool:
    return bool(set(fold(text).split()) & lexicon.GIVEN)


def _is_person_shape(text: str) -> bool:
    words = text.replace(",", " ").split()
    return 1 <= len(words) <= 7 and all(_NAME_WORD.match(word) for word in words) and text.count(",") <= 1


def _name_order(shaped: Mapping[str, int], total: int) -> str:
    commas = sum(n for t, n in shaped.items() if "," in t) / total
    if commas > 0.5:
        # "Ana Souza, manager" has the given name first, "SOUZA, ANA" after the comma
        before = sum(n for t, n in shaped.items() if _has_given(t.partition(",")[0]))
        after = sum(n for t, n in shaped.items() if _has_given(t.partition(",")[2]))
        return "last_first" if after >= before else "full"
    several = (
        sum(n for t, n in shaped.items() if len([w for w in t.split() if fold(w) not in lexicon.PARTICLES]) > 1) / total
    )
    if several > 0.5:
        return "full"
    given = sum(n for t, n in shaped.items() if fold(t.split()[0]) in lexicon.GIVEN) / total
    return "first" if given > 0.3 else "last"


def find_texts(column: Values) -> Iterator[Found]:
    """Identifiers, choices, long texts, and plain text when nothing else fits."""
    count, distinct = column.weight, len(column.texts)
    lengths = [len(t) for t in column.texts]
    average = sum(len(t) * n for t, n in column.texts.items()) / count
    unique = distinct >= 0.98 * count
    named = column.hints[:1] == ("id",)
    coded = column.share(_CODE_WITH_DIGITS.match)
    if coded >= 0.9 and (named and distinct > 1 or unique and count >= 5 and average >= 2):
        score = 0.72 if named else 0.45 if column.hints else 0.66 if max(lengths) - min(lengths) <= 4 else 0.45
        evidence = (
            [Evidence(N_("No value comes twice"))]
            if unique
            else [Evidence(N_("{n} different values"), {"n": distinct})]
        )
        yield Found("id", score + (0.05 if unique else 0.0), evidence)
    few = distinct <= max(4, min(60, count * 0.12)) and count >= 8
    if distinct > 1 and average <= 40 and (few or "choice" in column.hints and (count < 8 or distinct <= 0.5 * count)):
        shown = ", ".join(list(column.texts)[:6])
        yield Found(
            "choice",
            0.62 if few else 0.5,
            [Evidence(N_("{n} different values: {list}"), {"n": distinct, "list": shown})],
        )
    if average > 70 or any("\n" in t for t in column.pick(100)) or "long_text" in column.hints and average > 12:
        yield Found("long_text", 0.72 if average > 70 else 0.58, [Evidence(N_("Long texts"))])
    yield Found("text", 0.4)
