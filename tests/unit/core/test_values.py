"""Whatever people type becomes the value they mean, or a sentence that says how to write it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal as D

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from crm_desktop.core import clock, formats, i18n, values
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.values import parse_value, parser_for
from crm_desktop.core.values_text import split_emails

NOW = datetime(2026, 3, 12, 12, 42, tzinfo=UTC)  # a Thursday


@pytest.fixture(autouse=True)
def brazil(monkeypatch):
    """Portuguese of Brazil, on a fixed day, in the zone of São Paulo."""
    monkeypatch.setenv("TZ", "America/Sao_Paulo")
    i18n.set_language("pt_BR")
    clock.set_clock(lambda: NOW)
    yield
    clock.set_clock(None)
    i18n.set_language("en")
    formats.set_region("")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15/03/2024", (2024, 3, 15)),
        ("15-3-24", (2024, 3, 15)),
        ("15.03.2024", (2024, 3, 15)),
        ("15 / 03 / 2024", (2024, 3, 15)),
        ("2024-03-15", (2024, 3, 15)),
        ("2024/3/15", (2024, 3, 15)),
        ("2024-03-15T10:20:30Z", (2024, 3, 15)),
        ("20240315", (2024, 3, 15)),
        ("15032024", (2024, 3, 15)),
        (20240315, (2024, 3, 15)),
        (20240315.0, (2024, 3, 15)),
        ("15/abr/2024", (2024, 4, 15)),
        ("15-dic-24", (2024, 12, 15)),
        ("15 de abril de 2024", (2024, 4, 15)),
        ("15 de abr. de 2024", (2024, 4, 15)),
        ("1º de maio de 2024", (2024, 5, 1)),
        ("16 Apr, 2021 00:02:00", (2021, 4, 16)),
        ("March 5th 2024", (2024, 3, 5)),
        ("March 5th, 2024, 3 PM", (2024, 3, 5)),
        ("Mar 5, 2024 at 10:30 am", (2024, 3, 5)),
        ("5 de marzo de 2024", (2024, 3, 5)),
        ("martes, 5 de marzo de 2024", (2024, 3, 5)),
        ("terça-feira, 5 de março de 2024", (2024, 3, 5)),
        ("Tue, 05 Mar 2024 10:00:00 +0000", (2024, 3, 5)),
        ("abr/2024", (2024, 4, 1)),
        ("03/2024", (2024, 3, 1)),
        ("15 abr", (2026, 4, 15)),
        ("15/4", (2026, 4, 15)),
        ("mar, 10/03", (2026, 3, 10)),  # "mar" is Tuesday here
        ("12/31/2024", (2024, 12, 31)),  # only one order is possible
        ("31/12/1999", (1999, 12, 31)),
        ("23/04/81", (1981, 4, 23)),
        ("23/04/46", (2046, 4, 23)),
        ("23/04/47", (1947, 4, 23)),
        ("15/03/2024 00:00", (2024, 3, 15)),
        ("15/03/2024 14h30", (2024, 3, 15)),
        (date(2024, 3, 15), (2024, 3, 15)),
        (datetime(2024, 3, 15, 23, 0), (2024, 3, 15)),
        ("hoje", (2026, 3, 12)),
        ("Amanhã", (2026, 3, 13)),
        ("mañana", (2026, 3, 13)),
        ("yesterday", (2026, 3, 11)),
        ("hoy", (2026, 3, 12)),
        ("+3d", (2026, 3, 15)),
        ("-2w", (2026, 2, 26)),
        ("+1m", (2026, 4, 12)),
        ("em 10 dias", (2026, 3, 22)),
        ("segunda", (2026, 3, 16)),
        ("lunes", (2026, 3, 16)),
        ("monday", (2026, 3, 16)),
        ("quinta-feira", (2026, 3, 19)),
        ("sábado", (2026, 3, 14)),
    ],
)
def test_dates(text, expected):
    assert parse_value(Kind.DATE, text) == date(*expected)


def test_date_orders_are_kept():
    assert parse_value(Kind.DATE, "03/04/2024", date_order="dmy") == date(2024, 4, 3)
    assert parse_value(Kind.DATE, "03/04/2024", date_order="mdy") == date(2024, 3, 4)
    assert parse_value(Kind.DATE, "24-04-03", date_order="ymd") == date(2024, 4, 3)
    i18n.set_language("en")
    assert parse_value(Kind.DATE, "3/4/2024") == date(2024, 3, 4)
    formats.set_region("en_GB")
    assert parse_value(Kind.DATE, "3/4/2024") == date(2024, 4, 3)


def test_spreadsheet_days_only_when_told():
    assert parser_for(Kind.DATE, serial="1900")(45366) == date(2024, 3, 15)
    assert parser_for(Kind.DATE, serial="1904")(43904) == date(2024, 3, 15)
    assert parser_for(Kind.LOCAL_DATETIME, serial="1900")(45366.75) == datetime(2024, 3, 15, 18)
    with pytest.raises(FieldError):
        parse_value(Kind.DATE, 45366)


def test_births_never_lie_ahead_with_a_pivot():
    assert parser_for(Kind.DATE, pivot=26)("05/11/32") == date(1932, 11, 5)


@pytest.mark.parametrize(
    "text", ["31/02/2024", "00/00/0000", "soon", "15/15/2024", "1/2/3/4", "2024", "99999999", "15/03/2024 lunch",
             "12:30", "0024-03-15", "5 foo 2024", "May the 4th be with you", "15/03/20245", True]
)  # fmt: skip
def test_what_is_no_date_is_said_with_an_example(text):
    with pytest.raises(FieldError, match="28/02/2024"):
        parse_value(Kind.DATE, text)


def test_the_error_names_the_field():
    with pytest.raises(FieldError) as caught:
        parse_value(Field("birth", "Birthday", Kind.DATE), "31/02/2024")
    assert caught.value.field == "birth"
    assert "31/02/2024" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15/03/2024 14:30", (2024, 3, 15, 17, 30)),
        ("15/03/2024, 14:30:15", (2024, 3, 15, 17, 30, 15)),
        ("15/03/2024 14h30", (2024, 3, 15, 17, 30)),
        ("15/03/2024 às 14h", (2024, 3, 15, 17)),
        ("2024-03-15T14:30:00Z", (2024, 3, 15, 14, 30)),
        ("2024-03-15 14:30:00+02:00", (2024, 3, 15, 12, 30)),
        ("2024-03-15 14:30:00.123456", (2024, 3, 15, 17, 30, 0, 123000)),
        ("15 Mar 2024 2:30 PM", (2024, 3, 15, 17, 30)),
        ("3/15/2024 12:05 a. m.", (2024, 3, 15, 3, 5)),
        ("20240315T143000Z", (2024, 3, 15, 14, 30)),
        ("20240315T143000", (2024, 3, 15, 17, 30)),
        ("Tue, 05 Mar 2024 10:00:00 +0000", (2024, 3, 5, 10)),
        ("15/03/2024 24:00", (2024, 3, 16, 3)),
        ("15/03/2024", (2024, 3, 15, 3)),
        (datetime(2024, 3, 15, 14, 30), (2024, 3, 15, 17, 30)),
        (datetime(2024, 3, 15, 14, 30, tzinfo=timezone(timedelta(hours=1))), (2024, 3, 15, 13, 30)),
        (date(2024, 3, 15), (2024, 3, 15, 3)),
    ],
)
def test_instants_are_utc(text, expected):
    assert parse_value(Kind.DATETIME, text) == datetime(*expected, tzinfo=UTC)
    wall = parse_value(Kind.LOCAL_DATETIME, text)
    assert wall.tzinfo is None
    assert wall == datetime(*expected) - timedelta(hours=3)


@pytest.mark.parametrize("text", ["15/03/2024 25:00", "15/03/2024 14:61", "14:30", "15/03/2024 13:00 pm", "x"])
def test_bad_times(text):
    with pytest.raises(FieldError):
        parse_value(Kind.DATETIME, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R$ 1.234,56", "1234.56"),
        ("R$1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("£68,486.66", "68486.66"),
        ("(1.200,00)", "-1200"),
        ("(R$ 1.200,00)", "-1200"),
        ("-R$ 1.200,00", "-1200"),
        ("R$ -1.200,00", "-1200"),
        ("-2,610.12", "-2610.12"),
        ("1.200,00-", "-1200"),
        ("−5", "-5"),
        ("$342.09K", "342090"),
        ("100 mil", "100000"),
        ("1,5 mi", "1500000"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234\u202f567,5", "1234567.5"),
        ("1'234.50", "1234.5"),
        ("12,34,567.89", "1234567.89"),
        ("1.234", "1234"),
        ("1,234", "1.234"),
        ("0.125", "0.125"),
        ("1234.5", "1234.5"),
        ("1234,5", "1234.5"),
        ("1.234.567", "1234567"),
        (".5", "0.5"),
        ("5,", "5"),
        ("EUR 10", "10"),
        ("10 €", "10"),
        ("10 reais", "10"),
        ("1.234,56 D", "-1234.56"),
        ("1.234,56 C", "1234.56"),
        ("1.5E3", "1500"),
        ("+7", "7"),
        ("12.5%", "12.5"),
        ("1234,56785", "1234.5679"),
        (12, "12"),
        (0.1, "0.1"),
        (1e-7, "0"),
        (D("3.25"), "3.25"),
    ],
)
def test_numbers(text, expected):
    assert parse_value(Kind.MONEY, text) == D(expected)
    assert parse_value(Kind.NUMBER, text) == D(expected)


def test_a_column_s_separator_settles_the_doubt():
    assert parse_value(Kind.MONEY, "1.234", decimal=".") == D("1.234")
    assert parse_value(Kind.MONEY, "1.234", decimal=",") == D(1234)
    assert parse_value(Kind.MONEY, "1,234", decimal=".") == D(1234)
    i18n.set_language("en")
    assert parse_value(Kind.MONEY, "1,234") == D(1234)


@pytest.mark.parametrize(
    "text", ["abc", "12 34", "1.2.3,4,5", "--5", "(5", "5)", "1e999", "12 apples", "99999999999999999", "11 98765-4321",
             "1,23.456.7", "R$", float("inf"), "1-2", "1/2"]
)  # fmt: skip
def test_what_is_no_number_is_said(text):
    with pytest.raises(FieldError):
        parse_value(Kind.MONEY, text)


def test_integers():
    assert parse_value(Kind.INTEGER, "1.234") == 1234
    assert parse_value(Kind.INTEGER, 7.0) == 7
    assert parse_value(Kind.INTEGER, "42") == 42
    with pytest.raises(FieldError, match="não é um número inteiro"):
        parse_value(Kind.INTEGER, "1,5")


@pytest.mark.parametrize("word", ["sim", "S", "Sí", "yes", "x", "1", 1, 1.0, "verdadeiro", "TRUE", True, "✓", "v"])
def test_yes(word):
    assert parse_value(Kind.BOOL, word) is True


@pytest.mark.parametrize("word", ["não", "Nao", "N", "no", "0", 0, 0.0, "falso", "false", False])
def test_no(word):
    assert parse_value(Kind.BOOL, word) is False


def test_neither():
    with pytest.raises(FieldError, match="não é sim nem não"):
        parse_value(Kind.BOOL, "maybe")


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.TEXT, Kind.LONG_TEXT)])
@pytest.mark.parametrize("blank", [None, "", "   ", "\u00a0", float("nan")])
def test_blank_is_nothing(kind, blank):
    assert parse_value(kind, blank) is None


def test_words_for_nothing():
    assert parse_value(Kind.DATE, "N/A") is None
    assert parse_value(Kind.MONEY, "-") is None
    assert parse_value(Kind.PHONE, "NA") is None
    assert parse_value(Kind.TEXT, "-") == "-"


STAGES = (Choice("new_lead", "New lead"), Choice("won", "Won"), Choice("a_plus", "A+"), Choice("a_minus", "A-"))


@pytest.fixture
def catalogues(tmp_path, monkeypatch):
    """Real catalogues with the labels of the stages."""
    for language, texts in (
        ("pt_BR", {"New lead": "Novo contato", "Won": "Ganho"}),
        ("es", {"New lead": "Cliente potencial nuevo", "Won": "Ganado"}),
    ):
        catalogue = Catalog(locale=language)
        for source, text in texts.items():
            catalogue.add(source, text)
        folder = tmp_path / "locale" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (folder / "crm_desktop.mo").open("wb") as stream:
            write_mo(stream, catalogue)
    caches = (values._catalogue, values.all_translations, values.choice_lookup)
    monkeypatch.setattr("crm_desktop.core.paths.resources", lambda: tmp_path)
    for cache in caches:
        cache.cache_clear()
    yield
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("new_lead", "new_lead"),
        ("NEW LEAD", "new_lead"),
        ("new-lead", "new_lead"),
        ("novo contato", "new_lead"),
        ("Cliente  Potencial Nuevo", "new_lead"),
        ("ganado", "won"),
        ("GANHO", "won"),
        ("A+", "a_plus"),
        ("A-", "a_minus"),
    ],
)
def test_choices_in_any_language(catalogues, text, key):
    assert parse_value(Field("stage", "Stage", Kind.CHOICE, choices=STAGES), text) == key


def test_unknown_choice_tells_the_known_ones(catalogues):
    i18n.set_language("es")
    with pytest.raises(FieldError, match="Ganado"):
        parse_value(Field("stage", "Stage", Kind.CHOICE, choices=STAGES), "perdido")


def test_several_choices():
    field = Field("tags", "Tags", Kind.CHOICES, choices=STAGES)
    assert parse_value(field, "won; New lead, x".replace(", x", "")) == ["won", "new_lead"]
    assert parse_value(field, "won,a+") == ["won", "a_plus"]
    assert parse_value(field, ["won", "won"]) == ["won"]


def test_numbers_as_choices():
    field = Field("level", "Level", Kind.CHOICE, choices=(Choice("1", "One"), Choice("2", "Two")))
    assert parse_value(field, 2.0) == "2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ana@example.com", "ana@example.com"),
        (" Ana.Souza@EXAMPLE.com.BR ", "Ana.Souza@example.com.br"),
        ("<ana@example.com>", "ana@example.com"),
        ("Ana Souza <ana@example.com>", "ana@example.com"),
        ("mailto:ana@example.com?subject=x", "ana@example.com"),
        ("o'neil+news@sub.example.co", "o'neil+news@sub.example.co"),
        ("josé@exämple.com", "josé@exämple.com"),
        ("ana@example.com;", "ana@example.com"),
    ],
)
def test_emails(text, expected):
    assert parse_value(Kind.EMAIL, text) == expected


@pytest.mark.parametrize(
    "text",
    ["ana", "ana@", "@example.com", "a b@example.com", "ana@example", "a..b@example.com", "a@b@c.com", "a@-x.com",
     "a@b.com, c@d.com"],
)  # fmt: skip
def test_bad_emails(text):
    with pytest.raises(FieldError, match="e-mail"):
        parse_value(Kind.EMAIL, text)


def test_split_emails():
    assert split_emails("Ana <ana@a.com>; bob@B.com / ana@a.com") == ["ana@a.com", "bob@b.com"]
    assert split_emails("a@b.com c@d.com.") == ["a@b.com", "c@d.com"]
    assert split_emails(None) == []
    with pytest.raises(FieldError):
        split_emails("nobody")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www.Example.com", "https://www.example.com"),
        ("http://example.com/", "http://example.com"),
        ("HTTPS://Example.com/Path?q=1#x", "https://example.com/Path?q=1#x"),
        ("example.com.br/loja", "https://example.com.br/loja"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("//example.com", "https://example.com"),
        ("https://münchen.de", "https://münchen.de"),
    ],
)
def test_urls(text, expected):
    assert parse_value(Kind.URL, text) == expected


@pytest.mark.parametrize(
    "text", ["no site", "javascript:alert(1)", "ana@example.com", "http://", "foo", "ftp:x", "a..b"]
)
def test_bad_urls(text):
    with pytest.raises(FieldError, match="endereço da web"):
        parse_value(Kind.URL, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Brasil", "BR"), ("brazil", "BR"), ("BR", "BR"), ("bra", "BR"), ("Alemanha", "DE"), ("Alemania", "DE"),
     ("EUA", "US"), ("EE. UU.", "US"), ("EE.UU.", "US"), ("USA", "US"), ("U.S.A.", "US"), ("United States", "US"),
     ("Reino Unido", "GB"), ("UK", "GB"), ("Holanda", "NL"), ("Espanha", "ES"), ("ESPAÑA", "ES"), ("Brasil (BR)", "BR"),
     ("NA", "NA"), ("Moçambique", "MZ"), ("México", "MX")],
)  # fmt: skip
def test_countries(text, code):
    assert parse_value(Kind.COUNTRY, text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("BRL", "BRL"), ("R$", "BRL"), ("euro", "EUR"), ("€", "EUR"), ("US$", "USD"), ("$", "BRL"),
     ("real brasileiro", "BRL"), ("US Dollar", "USD"), ("peso mexicano", "MXN")],
)  # fmt: skip
def test_currencies(text, code):
    assert parse_value(Kind.CURRENCY, text) == code


@pytest.mark.parametrize(
    ("text", "zone"),
    [("America/Sao_Paulo", "America/Sao_Paulo"), ("america/sao paulo", "America/Sao_Paulo"),
     ("São Paulo", "America/Sao_Paulo"), ("UTC", "UTC"), ("UTC-3", "Etc/GMT+3"), ("GMT+02:00", "Etc/GMT-2"),
     ("E. South America Standard Time", "America/Sao_Paulo"), ("Madrid", "Europe/Madrid")],
)  # fmt: skip
def test_time_zones(text, zone):
    assert parse_value(Kind.TIMEZONE, text) == zone


@pytest.mark.parametrize("kind", [Kind.COUNTRY, Kind.CURRENCY, Kind.TIMEZONE, Kind.LINK, Kind.USER, Kind.JSON])
def test_nonsense_is_refused(kind):
    with pytest.raises(FieldError):
        parse_value(kind, "Atlantis {")


def test_texts():
    assert parse_value(Kind.TEXT, "  Rua\u00a0das\n Flores ") == "Rua das Flores"
    assert parse_value(Kind.LONG_TEXT, "um\r\ndois_x000D_\n ") == "um\ndois"
    assert parse_value(Kind.TEXT, 60610.0) == "60610"
    assert parse_value(Kind.TEXT, date(2024, 3, 15)) == "15/03/2024"
    with pytest.raises(FieldError, match="cabem no máximo 5"):
        parse_value(Field("code", "Code", Kind.TEXT, max_length=5), "123456")


def test_links_and_json():
    assert parse_value(Kind.LINK, "42") == 42
    assert parse_value(Kind.USER, 42.0) == 42
    assert parse_value(Kind.JSON, '{"a": 1}') == {"a": 1}


def test_phones_and_tax_ids_follow_the_country():
    assert parse_value(Kind.PHONE, "(11) 98765-4321") == "+5511987654321"
    assert parse_value(Kind.PHONE, "600 123 456", country="ES") == "+34600123456"
    assert parse_value(Kind.TAX_ID, "111.444.777-35") == "11144477735"
    with pytest.raises(FieldError, match="CPF"):
        parse_value(Kind.TAX_ID, "111.444.777-00")
