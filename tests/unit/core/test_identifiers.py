"""Numbers of documents by kind and country; phones, messengers and profiles as addresses to open."""

from __future__ import annotations

import pytest

from crm_desktop.core import formats, i18n, identifiers, phones, reach
from crm_desktop.core.errors import FieldError


@pytest.mark.parametrize(
    ("kind", "text", "country", "stored", "shown"),
    [
        ("cpf", "111.444.777-35", None, ("11144477735", "BR"), "111.444.777-35"),
        ("cpf", "1234567890", "BR", ("01234567890", "BR"), "012.345.678-90"),
        ("cnpj", "12.ABC.345/01DE-35", "BR", ("12ABC34501DE35", "BR"), "12.ABC.345/01DE-35"),
        ("nif", "501 964 843", None, ("501964843", "PT"), "501 964 843"),
        ("nif", "12345678-Z", "ES", ("12345678Z", "ES"), "12345678Z"),
        ("dni", "12345678z", None, ("12345678Z", "ES"), "12345678Z"),
        ("dni", "20.123.456", "AR", ("20123456", "AR"), "20.123.456"),
        ("nie", "X-2482300-W", None, ("X2482300W", "ES"), "X2482300W"),
        ("cif", "A13 585 625", None, ("A13585625", "ES"), "A13585625"),
        ("vat", "DE 136695976", None, ("DE136695976", "DE"), "DE136695976"),
        ("vat", "501964843", "PT", ("PT501964843", "PT"), "PT501964843"),
        ("rfc", "GODE 561231 GR8", None, ("GODE561231GR8", "MX"), "GODE561231GR8"),
        ("curp", "BOXW310820HNERXN09", None, ("BOXW310820HNERXN09", "MX"), "BOXW310820HNERXN09"),
        ("cuit", "20-05536168-2", None, ("20055361682", "AR"), "20-05536168-2"),
        ("rut", "12.531.909-2", "CL", ("125319092", "CL"), "12.531.909-2"),
        ("rut", "21-100342-001-7", "UY", ("211003420017", "UY"), "21-100342-001-7"),
        ("ein", "91-1144442", None, ("911144442", "US"), "91-1144442"),
        ("nit", "213.123.432-1", "CO", ("2131234321", "CO"), "213.123.432-1"),
        ("passport", " fx 123456 ", "BR", ("FX 123456", "BR"), "FX 123456"),
        ("other", "Card 7/b", None, ("Card 7/b", ""), "Card 7/b"),
    ],
)  # fmt: skip
def test_numbers_are_checked_kept_compact_and_shown_with_marks(kind, text, country, stored, shown):
    assert identifiers.check_identifier(kind, text, country) == stored
    assert identifiers.format_identifier(kind, *stored) == shown
    assert identifiers.check_identifier(kind, shown, stored[1]) == stored, "what is shown can be typed again"


@pytest.mark.parametrize(
    ("kind", "text", "country", "message"),
    [
        ("cpf", "111.444.777-34", "BR", "not a valid CPF: one of its digits"),
        ("cpf", "111.444.777", "BR", "too few or too many"),
        ("rut", "12.531.909-3", "CL", "one of its digits is wrong"),
        ("nie", "12345", None, "NIE"),
        ("vat", "XX12", None, "VAT"),
        ("curp", "hello", None, "CURP"),
        ("passport", "  ", None, "Write the number"),
    ],
)
def test_a_wrong_number_says_why(kind, text, country, message):
    with pytest.raises(FieldError, match=message) as caught:
        identifiers.check_identifier(kind, text, country)
    assert caught.value.field == "value"


@pytest.mark.parametrize(
    ("kind", "text", "stored", "shown"),
    [
        ("social", "instagram: @trigolilas", "https://www.instagram.com/trigolilas", "Instagram · trigolilas"),
        ("social", "https://instagram.com/trigolilas/?hl=en", "https://www.instagram.com/trigolilas", "Instagram · trigolilas"),
        ("social", "linkedin ana-lima", "https://www.linkedin.com/in/ana-lima", "LinkedIn · ana-lima"),
        ("social", "br.linkedin.com/in/ana-lima/", "https://br.linkedin.com/in/ana-lima", "LinkedIn · ana-lima"),
        ("social", "twitter.com/ana", "https://x.com/ana", "X · ana"),
        ("social", "fb/padaria.trigo", "https://www.facebook.com/padaria.trigo", "Facebook · padaria.trigo"),
        ("social", "https://www.facebook.com/profile.php?id=77", "https://www.facebook.com/profile.php?id=77", "Facebook · profile.php"),
        ("social", "mastodon.example/@ana", "https://mastodon.example/@ana", "mastodon.example/@ana"),
        ("messenger", "(41) 95550-0142", "https://wa.me/41955500142", None),
        ("messenger", "+55 41 99123-4567", "https://wa.me/5541991234567", "WhatsApp · 5541991234567"),
        ("messenger", "@marina", "https://t.me/marina", "Telegram · marina"),
        ("messenger", "telegram: marina", "https://t.me/marina", "Telegram · marina"),
        ("messenger", "signal +55 41 99123-4567", "https://signal.me/#p/+5541991234567", "Signal · +5541991234567"),
        ("messenger", "skype: live:ana", "skype:live:ana?chat", "Skype · live:ana"),
    ],
)  # fmt: skip
def test_profiles_in_any_spelling(kind, text, stored, shown):
    if shown is None:
        formats.set_default_country("BR")
        assert reach.parse_profile(kind, "(41) 99123-4567") == "https://wa.me/5541991234567"
        return
    assert reach.parse_profile(kind, text, "BR") == stored
    assert reach.profile_text(stored) == shown
    assert reach.parse_profile(kind, stored, "BR") == stored


@pytest.mark.parametrize(
    ("kind", "text"), [("social", "ana"), ("social", "@ana"), ("messenger", "ana"), ("social", "x: a b c")]
)
def test_a_name_without_its_network_is_asked_about(kind, text):
    with pytest.raises(FieldError, match=r"Which|not a name"):
        reach.parse_profile(kind, text, "BR")


def test_calls_chats_and_maps():
    assert reach.whatsapp_url("+5541991234567") == "https://wa.me/5541991234567"
    assert reach.whatsapp_url("+554133330142") == ""
    assert reach.whatsapp_url("+554133330142", "mobile") == "https://wa.me/554133330142"
    assert (
        reach.whatsapp_url("+5541991234567;ext=2") == reach.whatsapp_url("ask Rosa") == reach.whatsapp_url(None) == ""
    )
    assert reach.call_url("+554133330142;ext=12") == "tel:+554133330142;ext=12"
    assert reach.call_url("3333 0142") == "tel:33330142"
    assert reach.map_url(["Rua A, 1", "Itu"]) == "https://www.openstreetmap.org/search?query=Rua%20A%2C%201%2C%20Itu"
    assert reach.network_of("https://evil.example/wa.me") is None


def test_extensions_are_kept_and_read_in_the_language():
    stored = phones.normalize_phone("(41) 3333-0142 ramal 12", "BR")
    assert phones.format_phone(stored, "BR") == "(41) 3333-0142 ext. 12"
    assert phones.normalize_phone(phones.format_phone(stored, "BR"), "BR") == stored
    assert phones.format_phone(stored, "PT").startswith("+55 41 3333-0142")


@pytest.mark.parametrize(
    ("text", "message"),
    [("3333-0142", "Digits are missing"), ("+55 41 99123 45678 99999", "more digits"), ("+999 123456789", "No country"),
     ("ask Rosa at 123456", "not only a number"), ("(41) 3333-0142", "")],
)  # fmt: skip
def test_incomplete_phones_say_why(text, message):
    doubt = phones.phone_doubt(phones.normalize_phone(text, "BR"), "BR")
    assert message in doubt if message else doubt == ""
    assert i18n.language() == "en"
