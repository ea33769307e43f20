"""Headers of address books and other CRMs that name two things at once: "Home City", "Phone 2 - Type", "Other Fax"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crm_desktop.core.text import fold

JOIN, LABELLED, EXTRA, TYPED, TYPE = "join", "labelled", "extra", "typed", "type"
LAST_FIRST, NUMBER, EMAIL = "last_first", "number", "email"
FRACTION = "fraction"
"""Percent as a spreadsheet keeps it: 0.25 is 25 %."""
DAY, MONTH, YEAR, TIME = "day", "month", "year", "time"
DATE_PARTS = (YEAR, MONTH, DAY)

FILLER = frozenset(
    "de do da das dos del la el los las of the e y and o or a en em para for no nr n value valor primary".split()
)
ID_WORDS = frozenset("id code codigo cod number numero num no nr key guid".split())

_WORK = frozenset(
    "business work office comercial trabajo trabalho empresa company billing mailing organization org".split()
)
_HOME = frozenset("home residencial residencia particular domicilio casa personal private".split())
_OTHER = frozenset("other outro outra otro otra shipping delivery entrega alternate secondary alternativo".split())
_CONTEXTS = ((_HOME, "home"), (_OTHER, "other"), (_WORK, "work"))
_ALL_CONTEXTS = _WORK | _HOME | _OTHER

_PARTS = (
    (frozenset({"box", "apartado", "caixa"}), "street2"),
    (frozenset("zip zipcode postcode cep postal cp plz".split()), "postcode"),
    (frozenset({"country", "pais", "land"}), "country"),
    (frozenset("state region province provincia estado uf county".split()), "region"),
    (frozenset({"district", "bairro", "barrio", "colonia"}), "district"),
    (frozenset("city cidade ciudad town locality localidad municipio".split()), "city"),
    (
        frozenset(
            "street calle rua address addresses endereco enderecos direcciones direccion logradouro morada domicilio".split()
        ),
        "street",
    ),
)
_PART_WORDS = frozenset().union(*(words for words, _part in _PARTS)) | {"po", "code", "codigo", "area", "extended"}

_PHONE = frozenset(
    "phone phones telephone tel fone telefone telefono mobile cell cellphone celular cel movil telemovel whatsapp fax pager".split()
)
_MOBILE = frozenset("mobile cell cellphone celular cel movil telemovel whatsapp".split())
_FAX = frozenset({"fax"})
_ODD = frozenset("car carro pager radio other outro otro telex isdn callback tty tdd teletipo".split())
_PEOPLE = frozenset("assistant assistente asistente manager gerente spouse".split())
_PHONE_WORDS = (
    _PHONE
    | _ALL_CONTEXTS
    | _ODD
    | frozenset(
        "number numero main principal contact contato contacto customer cliente client user land line fixo fijo".split()
    )
)

_MAIL = frozenset("email emails mail correo correio".split())
_MAIL_WORDS = (
    _MAIL
    | _ALL_CONTEXTS
    | frozenset(
        "address endereco direccion electronico eletronico electronic contact contato contacto customer user main principal".split()
    )
)
_TYPE_WORDS = frozenset({"type", "label", "tipo", "etiqueta"})
_SITE = frozenset("website site web url homepage page pagina www".split())

_EXACT: dict[str, tuple[str, str]] = {
    "middle name": ("first_name", JOIN), "additional name": ("first_name", JOIN), "segundo nome": ("first_name", JOIN),
    "segundo nombre": ("first_name", JOIN), "nome do meio": ("first_name", JOIN),
    "birth day": ("birthday", DAY), "birth month": ("birthday", MONTH), "birth year": ("birthday", YEAR),
    "ddd": ("phone", JOIN), "area code": ("phone", JOIN), "codigo de area": ("phone", JOIN),
    "organization department": ("department", ""), "organization 1 department": ("department", ""),
    "organization 1 name": ("company_id", ""), "organization 1 title": ("job_title", ""),
    "work company": ("company_id", ""), "work title": ("job_title", ""), "work dept": ("department", ""),
    "job team function": ("department", ""), "occupation": ("job_title", ""), "profissao": ("job_title", ""),
    "profesion": ("job_title", ""), "street number": ("street", JOIN), "house number": ("street", JOIN),
    "categories": ("tags", ""), "anotacoes": ("notes", ""), "info": ("notes", ""), "note": ("notes", ""),
    "pagina da web": ("website", ""), "pagina web": ("website", ""), "particular": ("phone2", ""),
    "file as": ("name", ""), "sexo": ("gender", ""), "role": ("job_title", ""),
    "summary": ("subject", ""), "tzid": ("zone", ""), "reminder minutes": ("reminder_minutes", ""),
    "completed": ("done_at", ""), "organizationname": ("name", ""), "institution": ("name", ""),
    "supplier": ("name", ""), "entry type": ("kind", ""),
    # directories (RFC 4519) and what cards say beyond their columns
    "sn": ("last_name", ""), "l": ("city", ""), "st": ("region", ""), "ou": ("department", ""),
    "other details": ("notes", LABELLED),
}  # fmt: skip


FURTHER: dict[str, tuple[str, ...]] = {
    "dob": ("birthday",), "data de nasc": ("birthday",), "data nascimento": ("birthday",), "fecha nacimiento": ("birthday",),
    "apellidos y nombre": ("name",), "apellido y nombre": ("name",), "nombre y apellidos": ("name",), "nombre y apellido": ("name",),
    "last first": ("name",), "last name first name": ("name",), "sobrenome e nome": ("name",), "nome e sobrenome": ("name",),
    "quem": ("name",), "nome e telefone": ("name",), "nome contato": ("name", "contact_id"), "pessoa de contato": ("name", "contact_id"),
    "persona de contacto": ("name", "contact_id"), "contact person": ("name", "contact_id"), "a c": ("contact_id",),
    "proveedor": ("company_id", "name"), "fornecedor": ("company_id", "name"), "vendor": ("company_id", "name"),
    "firma": ("company_id", "name"), "loja": ("company_id", "name"), "estabelecimento": ("company_id", "name"),
    "defeito": ("subject",), "problema": ("subject",), "ocorrencia": ("subject",), "solicitacao": ("subject",), "averia": ("subject",),
    "incidencia": ("subject",), "servico": ("subject",), "servicio": ("subject",), "pedido": ("subject", "number"),
    "compromisso": ("subject",), "evento": ("subject",), "atividade": ("subject", "kind"), "actividad": ("subject", "kind"),
    "o que fazer": ("subject",), "proposta": ("name", "number"), "orcamento": ("name", "number"), "presupuesto": ("name", "number"),
    "projeto": ("name",), "proyecto": ("name",), "project": ("name",), "obra": ("name",),
    "os": ("number",), "ordem de servico": ("number",), "orden de servicio": ("number",), "n proposta": ("number",),
    "tecnico": ("owner_id",), "atendente": ("owner_id",), "consultor": ("owner_id",), "corretor": ("owner_id",), "rep": ("owner_id",),
    "encarregado": ("owner_id",), "quem atendeu": ("owner_id",), "account manager": ("owner_id",), "sales rep": ("owner_id",),
    "abertura": ("created_at",), "data abertura": ("opened_on", "created_at"), "aberto em": ("created_at",), "entrada": ("created_at",),
    "fecha de entrada": ("created_at",), "data envio": ("opened_on",), "data de envio": ("opened_on",), "data do pedido": ("opened_on",),
    "fechamento": ("solved_at", "closed_on"), "conclusao": ("solved_at", "done_at", "closed_on"), "encerramento": ("solved_at",),
    "cierre": ("solved_at", "closed_on"), "data fechamento": ("solved_at", "closed_on"), "desde": ("created_at",), "cliente desde": ("created_at",),
    "data do cadastro": ("created_at",), "data de entrada": ("created_at",), "data": ("starts", "opened_on", "due", "created_at"),
    "fecha": ("starts", "opened_on", "due", "created_at"), "date": ("starts", "opened_on", "due", "created_at"),
    "valor total": ("amount", "price"), "importe total": ("amount",), "valor proposta": ("amount",), "total geral": ("amount",),
    "job position": ("job_title",), "ocupacao": ("job_title",), "ocupacion": ("job_title",), "area": ("department",),
    "como conheceu": ("source",), "como nos conocio": ("source",), "indicacao": ("source",), "how did you hear": ("source",),
    "zona": ("district",), "setor bairro": ("district",), "colonia": ("district",), "freguesia": ("district",),
    "concelho": ("city",), "distrito": ("region", "district"), "comuna": ("city",), "departamento": ("region",), "comunidad autonoma": ("region",),
    "instagram": ("website",), "facebook": ("website",), "linkedin": ("website",),
    "apto": ("street2",), "apartamento": ("street2",), "unit": ("street2",), "piso": ("street2",), "referencia": ("street2",),
    "historico": ("notes", "description"), "anotacoes": ("notes", "description"), "mensagem": ("notes", "description"),
    "detalle": ("notes", "description"), "detalhes": ("notes", "description"), "info adicional": ("notes", "description"),
    "perfil": ("tags",), "classificacao": ("tags",), "tipo cliente": ("kind", "tags"), "tipo de cliente": ("kind", "tags"),
    "grupo cliente": ("tags",), "mailing": ("tags",), "lista": ("tags",),
}  # fmt: skip
"""What offices call a column, by its words (short ones written out), with the fields that it may be, the likeliest first."""


@dataclass(frozen=True)
class Known:
    """What a header says: the field, how its cells are used, and for phones and addresses whose they are.

    ``nothing`` marks headers that are known to be of no use ("E-mail 2 Display Name").
    """

    target: str = ""
    transform: str = ""
    label: str = ""
    nothing: bool = False


NOTHING = Known(nothing=True)


@lru_cache(maxsize=4096)
def known(words: tuple[str, ...]) -> Known | None:
    """What a header's folded words say; None where they are no known pattern."""
    exact = _EXACT.get(" ".join(words))
    if exact:
        return Known(*exact)
    content = [word for word in words if word not in FILLER and not word.isdigit()]
    numbers = [int(word) for word in words if word.isdigit()]
    if not content:
        return None
    number = numbers[0] if numbers else 0
    have = frozenset(content)
    return (
        _phone(have, number)
        or _email(have, number)
        or _site(have, number)
        or _address(have, numbers, words[-1].isdigit())
    )


def _phone(have: frozenset[str], number: int) -> Known | None:
    if not have & _PHONE:
        return None
    if have & _TYPE_WORDS and have <= _PHONE_WORDS | _TYPE_WORDS:
        return Known("phone", TYPE)
    if have & _PEOPLE:
        return NOTHING
    if not have <= _PHONE_WORDS:
        return None
    again = EXTRA if number > 1 else ""
    if have & _FAX:
        return Known("fax", EXTRA if have & (_HOME | _ODD) else again, "fax")
    if have & _ODD:
        return Known("phone", EXTRA, "other")
    if have & _MOBILE:
        return Known("mobile", again, "mobile")
    if have & _HOME:
        return Known("phone2", again, "home")
    return Known("phone", again, "work")


def _email(have: frozenset[str], number: int) -> Known | None:
    if not have & _MAIL:
        return None
    if have & _TYPE_WORDS:
        return Known("email", TYPE)
    if have & {"display", "pantalla", "exibicao", "name", "nome", "nombre"}:
        return NOTHING
    if not have <= _MAIL_WORDS:
        return None
    if number > 2:
        return Known("email2", EXTRA)
    return Known("email2" if number == 2 or have & _OTHER else "email")


def _site(have: frozenset[str], number: int) -> Known | None:
    if not have & _SITE or not have <= _SITE | _ALL_CONTEXTS | _TYPE_WORDS:
        return None
    if have & _TYPE_WORDS:
        return NOTHING
    return Known("website", EXTRA if number > 1 or have & (_OTHER | _HOME) else "")


def _address(have: frozenset[str], numbers: list[int], line: bool) -> Known | None:
    if not have <= _PART_WORDS | _ALL_CONTEXTS | {"line"}:
        if have & _TYPE_WORDS and have - _TYPE_WORDS <= _PART_WORDS:
            return Known("street", TYPE)
        return NOTHING if "formatted" in have and have & _PART_WORDS else None
    column = next((column for words, column in _PARTS if have & words), "")
    if not column or len(have) == 1 and not numbers and not have & {"street"}:
        return None
    label = next((label for words, label in _CONTEXTS if have & words and have - words), "")
    if column == "street" and "extended" in have:
        return Known("street2", "", label or _numbered(numbers))
    if (
        column == "street" and line and numbers[-1] > 1
    ):  # "Address 2" is a second line, "Address 2 Street" another address
        return Known("street2", JOIN if numbers[-1] > 2 else "", label)
    return Known(column, "", label or _numbered(numbers))


def _numbered(numbers: list[int]) -> str:
    """ "Address 2 City" belongs to another address than "Address 1 City"."""
    return "other" if numbers and numbers[0] > 1 else ""


def point_label(text: str) -> str | None:
    """The label of a phone or e-mail by what a file calls its type: "* Home", "CELL VOICE", "Celular"."""
    have = frozenset(re.split(r"[\W_]+", fold(text)))
    if have & _FAX:
        return "fax"
    if have & _MOBILE or "iphone" in have:
        return "mobile"
    if have & _HOME:
        return "home"
    if have & (_WORK | {"main", "principal", "trab", "oficina"}):
        return "work"
    return "other" if have & (_ODD | {"pager", "custom", "video"}) else None
