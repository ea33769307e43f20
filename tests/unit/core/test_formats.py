"""Values look as people of each region write them, and what is shown can be typed again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_desktop.core import clock, formats, i18n
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.money import round_cents
from crm_desktop.core.values import parse_value
from tests.helpers.thorough import times

LANGUAGES = ["en", "pt_BR", "es"]
REGIONS = ["", "en_GB", "pt_PT", "es_MX", "en_CA", "es_AR", "en_IN"]
NOW = datetime(2026, 3, 12, 12, 42, tzinfo=UTC)  # a Thursday


@pytest.fixture(autouse=True)
def settled(monkeypatch):
    monkeypatch.setenv("TZ", "America/Sao_Paulo")
    clock.set_clock(lambda: NOW)
    yield
    clock.set_clock(None)
    i18n.set_language("en")
    formats.set_region("")
    formats.set_default_country("")
    formats.set_default_currency("")


def use(language: str, region: str = "") -> None:
    i18n.set_language(language)
    formats.set_region(region)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def field(kind: Kind, **more) -> Field:
    return Field("x", "X", kind, **more)


@pytest.mark.parametrize(
    ("language", "short", "weekday", "long", "month", "moment"),
    [
        ("en", "3/9/2026", "Mon, 3/9", "March 9, 2026", "March 2026", "3/12/2026, 9:42 AM"),
        ("pt_BR", "09/03/2026", "seg., 09/03", "9 de março de 2026", "março de 2026", "12/03/2026, 09:42"),
        ("es", "09/03/2026", "lun, 09/03", "9 de marzo de 2026", "marzo de 2026", "12/03/2026, 9:42"),
    ],
)
def test_dates(language, short, weekday, long, month, moment):
    use(language)
    day = date(2026, 3, 9)
    assert formats.format_date(day) == short
    assert formats.format_date(day, "weekday") == weekday
    assert formats.format_date(day, "long") == long
    assert formats.format_date(day, "month") == month
    assert plain(formats.format_datetime(NOW)) == moment
    assert formats.format_date(None) == formats.format_datetime(None) == ""


def test_instants_are_shown_in_the_local_zone():
    use("pt_BR")
    late = datetime(2026, 3, 13, 1, 30, tzinfo=UTC)
    assert formats.format_date(late) == "12/03/2026"
    assert formats.format_time(late) == "22:30"
    assert formats.format_datetime(datetime(2026, 3, 13, 1, 30)) == "13/03/2026, 01:30"


def test_relative():
    use("en")
    shown = [plain(formats.format_relative(NOW + timedelta(days=days))) for days in (0, -1, 1, -2, -5, 5, -6, 300)]
    assert shown == [
        "today, 9:42 AM", "yesterday", "tomorrow", "Tue, 3/10", "Sat, 3/7", "Tue, 3/17", "3/6/2026", "1/6/2027",
    ]  # fmt: skip
    assert formats.format_relative(date(2026, 3, 12)) == "today"
    assert plain(formats.format_relative(NOW - timedelta(days=1), with_time=True)) == "yesterday, 9:42 AM"


@pytest.mark.parametrize(
    ("language", "number", "money", "whole", "percent", "compact"),
    [
        ("en", "1,234,567.891", "-$1,234.57", "$934,200", "12.5%", "100K"),
        ("pt_BR", "1.234.567,891", "-R$ 1.234,57", "R$ 934.200", "12,5%", "100 mil"),
        ("es", "1.234.567,891", "-1.234,57 €", "934.200 €", "12,5 %", "100 mil"),
    ],
)
def test_numbers(language, number, money, whole, percent, compact):
    use(language)
    assert plain(formats.format_number(D("1234567.8910"))) == number
    assert plain(formats.format_money(D("-1234.565"))) == money
    assert plain(formats.format_money(934200, cents=False)) == whole
    assert plain(formats.format_percent(D("12.5"))) == percent
    assert plain(formats.format_compact(100_000)) == compact


def test_money_of_other_countries():
    use("pt_BR")
    assert plain(formats.format_money(12, "USD")) == "US$ 12,00"
    assert plain(formats.format_money(12, "JPY")) == "JP¥ 12"
    use("en")
    assert plain(formats.format_money(12, "BRL")) == "R$12.00"
    assert plain(formats.format_money(12, "CHF")) == "CHF 12.00"


def test_small_things():
    use("pt_BR")
    assert [formats.format_duration(n) for n in (0, 45, 90, 4800, 98000)] == [
        "0 s", "45 s", "1 min 30 s", "1 h 20 min", "1 d 3 h",
    ]  # fmt: skip
    assert [plain(formats.format_size(n)) for n in (512, 123_456, 1_200_000)] == ["512 B", "123 kB", "1,2 MB"]
    assert formats.month_name(3) == "março"
    assert formats.weekday_names(short=True)[0] == "seg."
    assert formats.first_weekday() == 6
    assert formats.uses_24h()
    use("es")
    assert formats.first_weekday() == 0
    use("en")
    assert not formats.uses_24h()


def test_regions_and_defaults():
    use("en")
    assert (formats.default_country(), formats.default_currency()) == ("US", "USD")
    use("es", "es_MX")
    assert (formats.default_country(), formats.default_currency()) == ("MX", "MXN")
    use("pt_BR")
    assert (formats.default_country(), formats.default_currency(), formats.region()) == ("BR", "BRL", "pt_BR")
    formats.set_default_country("pt")
    assert (formats.default_country(), formats.default_currency()) == ("PT", "EUR")
    formats.set_default_currency("usd")
    assert formats.default_currency() == "USD"
    with pytest.raises(ValueError, match="xx_YY"):
        formats.set_region("xx_YY")
    assert formats.region() == "pt_BR"


def test_english_words_with_brazilian_numbers():
    use("en", "pt_BR")
    assert formats.format_date(date(2026, 3, 9)) == "09/03/2026"
    assert formats.month_name(3) == "March"
    assert formats.format_number(D("1234.5")) == "1.234,5"


def test_values_of_every_kind():
    use("pt_BR")
    stage = field(Kind.CHOICE, choices=(Choice("won", "Won"),))
    assert formats.format_value(stage, "won") == "Ganha"
    assert formats.format_value(stage, "xyzzy") == "xyzzy"
    assert formats.format_value(field(Kind.CHOICES, choices=(Choice("a", "A"), Choice("b", "B"))), ["a", "b"]) == "A, B"
    assert formats.format_value(field(Kind.PHONE), "+5511987654321") == "(11) 98765-4321"
    assert formats.format_value(field(Kind.PHONE), "95550-0163 Rosa") == "95550-0163 Rosa"
    assert formats.format_value(field(Kind.TAX_ID), "11222333000181") == "11.222.333/0001-81"
    assert formats.format_value(field(Kind.COUNTRY), "DE") == "Alemanha"
    assert plain(formats.format_value(field(Kind.MONEY), D("5"), currency="EUR")) == "€ 5,00"
    assert formats.format_value(field(Kind.JSON), {"a": "ç"}) == '{"a": "ç"}'
    for kind in Kind:
        assert formats.format_value(field(kind), None) == ""


def test_an_editor_rounds_nothing():
    use("pt_BR")
    assert formats.edit_text(field(Kind.MONEY), D("0.1234")) == "0,1234"
    assert formats.edit_text(field(Kind.MONEY), D("5.0000")) == "5,00"
    assert formats.edit_text(field(Kind.PERCENT), D("12.5000")) == "12,5"


languages = st.sampled_from(LANGUAGES)
regions = st.sampled_from(REGIONS)
days = st.dates(date(1000, 1, 1), date(9999, 12, 31))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)).map(
    lambda when: when.replace(second=0, microsecond=0)
)
amounts = st.decimals(D("-1e12"), D("1e12"), places=4)


@settings(max_examples=times(100, 300))
@given(languages, regions, days, st.sampled_from(["short", "medium", "long", "full", "iso"]))
def test_dates_come_back(language, region, day, style):
    use(language, region)
    assert parse_value(Kind.DATE, formats.format_date(day, style)) == day


@settings(max_examples=times(100, 300))
@given(languages, regions, moments, st.sampled_from(["short", "medium", "long"]))
def test_moments_come_back(language, region, moment, style):
    use(language, region)
    assert parse_value(Kind.LOCAL_DATETIME, formats.format_datetime(moment, style)) == moment
    instant = moment.replace(tzinfo=UTC)
    assert parse_value(Kind.DATETIME, formats.format_datetime(instant, style)) == instant


@settings(max_examples=times(120, 400))
@given(languages, regions, amounts, st.sampled_from(["BRL", "EUR", "USD", "MXN", "GBP", "CHF", "ARS"]))
def test_amounts_come_back(language, region, amount, currency):
    use(language, region)
    assert parse_value(Kind.MONEY, formats.format_money(amount, currency)) == round_cents(amount)
    assert parse_value(Kind.MONEY, formats.edit_text(field(Kind.MONEY), amount)) == amount
    assert parse_value(Kind.NUMBER, formats.format_number(amount)) == amount
    assert parse_value(Kind.PERCENT, formats.format_percent(amount)) == amount


@given(languages, regions, st.integers(-(10**12), 10**12))
def test_whole_numbers_come_back(language, region, number):
    use(language, region)
    assert parse_value(Kind.INTEGER, formats.format_integer(number)) == number


@given(languages, st.booleans())
def test_yes_and_no_come_back(language, value):
    use(language)
    assert parse_value(Kind.BOOL, formats.format_bool(value)) is value


def test_every_country_comes_back():
    for language in LANGUAGES:
        use(language)
        for code in ("BR", "US", "GB", "ES", "PT", "CI", "CD", "CG", "KR", "KP", "BO", "CZ", "MK", "NA", "GS", "HK"):
            assert parse_value(Kind.COUNTRY, formats.country_name(code)) == code


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.TEXT, " Rua  A "), (Kind.LONG_TEXT, "a\r\nb"), (Kind.INTEGER, "1.234"), (Kind.MONEY, "R$ 5,5"),
        (Kind.PERCENT, "5%"), (Kind.DATE, "15/3/24"), (Kind.DATETIME, "15/3/24 10:00"),
        (Kind.LOCAL_DATETIME, "15/3/24 10:00"), (Kind.BOOL, "sim"), (Kind.LINK, "5"), (Kind.JSON, '{"a": [1]}'),
        (Kind.PHONE, "(11) 98765-4321"), (Kind.PHONE, "(11) 3333-4444 ramal 5"), (Kind.PHONE, "5550-0163 Rosa"),
        (Kind.EMAIL, "Ana <A@B.COM>"), (Kind.URL, "b.com/x"), (Kind.TAX_ID, "111.444.777-35"), (Kind.COUNTRY, "Brasil"),
        (Kind.CURRENCY, "R$"), (Kind.TIMEZONE, "são paulo"),
    ],
)  # fmt: skip
def test_a_stored_value_stays_as_it_is_and_can_be_shown_and_typed(kind, typed):
    use("pt_BR")
    stored = parse_value(kind, typed)
    assert parse_value(kind, stored) == stored
    if kind is not Kind.JSON:
        assert parse_value(kind, formats.edit_text(field(kind), stored)) == stored
