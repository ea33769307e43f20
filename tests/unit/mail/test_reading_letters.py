"""E-mails are read as they come from mail programs: .eml of every kind, and Outlook's .msg."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.mail.eml import read_eml
from crm_desktop.mail.html_text import text_of_html
from crm_desktop.mail.read import read_letter
from tests.helpers.msg_files import msg_bytes


def raw(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def test_encoded_words_and_an_old_charset() -> None:
    letter = read_eml(raw(
        "From: =?iso-8859-1?Q?Jo=E3o_Arag=E3o?= <Joao@Example.com.br>", "To: =?utf-8?B?TMO6Y2lh?= <lucia@prado.example>,",
        " otto@example.org", "Cc: undisclosed-recipients:;", "Subject: =?utf-8?Q?Or=C3=A7amento?=",
        " =?utf-8?Q?_da_obra?=", "Date: Fri, 20 Nov 2026 14:05:00 -0300", "Message-ID: <abc@mail.example>",
        "Content-Type: text/plain; charset=windows-1252", "Content-Transfer-Encoding: 8bit", "",
        "Segue o orçamento – até já", encoding="cp1252",
    ))  # fmt: skip
    assert (letter.sender.name, letter.sender.address) == ("João Aragão", "Joao@Example.com.br")
    assert [str(one) for one in letter.to] == ["Lúcia <lucia@prado.example>", "otto@example.org"]
    assert letter.addresses == ["joao@example.com.br", "lucia@prado.example", "otto@example.org"]
    assert letter.subject == "Orçamento da obra"
    assert letter.text == "Segue o orçamento – até já"
    assert letter.message_id == "abc@mail.example"
    assert letter.date == datetime(2026, 11, 20, 17, 5, tzinfo=UTC)


def test_html_only_becomes_text_and_its_logo_is_no_attachment() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", "b@y.example", "Oferta"
    message.set_content("<html><head><style>p{}</style></head><body><p>Olá <b>Otto</b>,</p><ul><li>um<li>dois</ul>"
                        '<p>Veja <a href="https://x.example/p">aqui</a>&nbsp;&euro; 5</p>'
                        '<img src="cid:logo1"></body></html>', subtype="html")  # fmt: skip
    message.add_related(b"\x89PNG logo", "image", "png", cid="<logo1>", filename="logo.png")
    message.make_mixed()
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="preço: 1/2.pdf")
    letter = read_eml(message.as_bytes())
    assert letter.text == "Olá Otto,\n\n- um\n- dois\n\nVeja aqui (https://x.example/p) € 5"
    assert [(one.name, one.content) for one in letter.enclosures] == [("2.pdf", b"%PDF-1.4")]


def test_an_email_inside_an_email_is_an_attachment_and_not_the_text() -> None:
    inner = EmailMessage()
    inner["Subject"], inner["From"] = "Original", "c@z.example"
    inner.set_content("inner text")
    outer = EmailMessage()
    outer["Subject"], outer["From"] = "Fwd", "a@x.example"
    outer.set_content("see below")
    outer.add_attachment(inner)
    letter = read_eml(outer.as_bytes())
    assert letter.text == "see below"
    assert [one.name for one in letter.enclosures] == ["Original.eml"]
    assert read_eml(letter.enclosures[0].content).text == "inner text"


def test_an_unknown_charset_and_broken_headers_do_not_stop_it() -> None:
    letter = read_eml(raw(
        "From: \"broken <x@y.example", "To: =?utf-8?B?####?=", "Date: yesterday", "Subject: =?nonsense?Q?a?= b",
        'Content-Type: text/plain; charset="x-unknown"', "", "Preço não incluído", encoding="latin-1",
    ))  # fmt: skip
    assert "Pre" in letter.text and "o incl" in letter.text
    assert letter.date is None
    assert letter.subject


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe binary", b"just words\nand no header\n", b"Content-Type: multipart/mixed\n\n--x"]
)
def test_what_is_no_email_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    for name in ("a.eml", "a.msg"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match="no e-mail that can be read"):
            read_letter(tmp_path / name)


def test_a_saved_email_of_outlook(tmp_path: Path) -> None:
    path = tmp_path / "Visita.msg"
    path.write_bytes(msg_bytes(
        subject="Visita na quinta", body="Olá Lúcia,\r\naté quinta.", sender=("Renata Dias", "renata@office.example"),
        to=[("Lúcia Prado", "lucia@prado.example")], cc=[("'otto@example.org'", "otto@example.org")],
        sent=datetime(2026, 11, 20, 17, 5, tzinfo=UTC), message_id="<m1@office.example>",
        files={"planta.pdf": b"%PDF" * 2000, "nota.txt": b"pequena"},
    ))  # fmt: skip
    letter = read_letter(path)
    assert (letter.subject, letter.text) == ("Visita na quinta", "Olá Lúcia,\naté quinta.")
    assert str(letter.sender) == "Renata Dias <renata@office.example>"
    assert [str(one) for one in letter.to] == ["Lúcia Prado <lucia@prado.example>"]
    assert [str(one) for one in letter.cc] == ["otto@example.org"]
    assert (letter.message_id, letter.date) == ("m1@office.example", datetime(2026, 11, 20, 17, 5, tzinfo=UTC))
    assert [(one.name, len(one.content)) for one in letter.enclosures] == [("planta.pdf", 8000), ("nota.txt", 7)]


def test_html_of_outlook_becomes_text(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(msg_bytes(
        subject="s", html="<p>Olá <i>você</i></p>", sender=("", "a@x.example"), to=[("B", "b@y.example")]
    ))  # fmt: skip
    assert read_letter(path).text == "Olá você"


def test_tables_and_scripts_of_html() -> None:
    html = "<table><tr><td>Item</td><td>5</td></tr><tr><td>Sum</td><td>9</td></tr></table><script>x<y</script>end"
    assert text_of_html(html) == "Item 5\nSum 9\n\nend"
    assert text_of_html("a < b & c") == "a < b & c"
