"""Child rows of contacts and companies: contact points, addresses and consents."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.contacts.choices import (
    ADDRESS_LABELS,
    CHANNELS,
    CONSENT_PURPOSES,
    CONSENT_STATES,
    IDENTIFIER_KINDS,
    POINT_KINDS,
    POINT_LABELS,
)  # fmt: skip
from crm_desktop.core.entities import Child
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Row


class ContactPoint(Row, Base):
    """A phone, e-mail, web address, messenger or social profile of a person or a company.

    ``owner_id`` is the record; ids are unique in the whole database, so one column serves both record types.
    ``search_digits`` holds a phone's digits with and without country and area, for search.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        sa.Index("ix_contact_point_owner_id", "owner_id", "kind"),
        sa.Index("ix_contact_point_value", "value"),
        {"info": {"parent": "owner_id", "same": ("owner_id", "kind", "value"), "first_of": ("owner_id", "kind")}},
    )

    owner_id = sa.Column(sa.BigInteger, nullable=False)
    kind = base.choice(N_("Type"), POINT_KINDS, required=True)
    label = base.choice(N_("Label"), POINT_LABELS)
    value = base.text(N_("Value"), required=True)
    search_digits = base.text(N_("Digits"), in_form=False)
    is_primary = base.flag(N_("Primary"))
    note = base.text(N_("Note"))


_SAME_ADDRESS = ("owner_id", "street", "street2", "district", "city", "region", "postcode", "country")


class Address(Row, Base):
    """A postal address of a person or a company."""

    __tablename__ = "address"
    __table_args__ = (
        sa.Index("ix_address_owner_id", "owner_id"),
        sa.Index("ix_address_city", "city", "owner_id"),
        {"info": {"parent": "owner_id", "same": _SAME_ADDRESS, "first_of": ("owner_id",)}},
    )

    owner_id = sa.Column(sa.BigInteger, nullable=False)
    label = base.choice(N_("Label"), ADDRESS_LABELS)
    street = base.text(N_("Street and number"))
    street2 = base.text(N_("Complement"))
    district = base.text(N_("District"))
    city = base.text(N_("City"))
    region = base.text(N_("State or province"))
    postcode = base.text(N_("Postcode"))
    country = base.of_kind(Kind.COUNTRY, N_("Country"))
    is_primary = base.flag(N_("Primary"))


class Consent(Row, Base):
    """What a person allowed, for which purpose and channel, since when and where that is written."""

    __tablename__ = "consent"
    __table_args__ = (sa.Index("ix_consent_owner_id", "owner_id"), {"info": {"parent": "owner_id"}})

    owner_id = sa.Column(sa.BigInteger, nullable=False)
    purpose = base.choice(N_("Purpose"), CONSENT_PURPOSES, required=True)
    channel = base.choice(N_("Channel"), CHANNELS, required=True)
    state = base.choice(N_("State"), CONSENT_STATES, required=True)
    source = base.text(N_("Source"))
    wording = base.long_text(N_("Text shown"))
    at = base.instant(N_("Date"))
    proof = base.text(N_("Proof"))
    attachment_id = base.link(N_("Proof on file"), "attachment")


class Identifier(Row, Base):
    """A number by which an authority or another system knows a person or a company, besides the tax number."""

    __tablename__ = "identifier"
    __table_args__ = (
        sa.Index("ix_identifier_owner_id", "owner_id"),
        sa.Index("ix_identifier_value", "value"),
        {
            "info": {
                "parent": "owner_id",
                "same": ("owner_id", "kind", "value", "country"),
                "sensitive": True,
            }
        },
    )

    owner_id = sa.Column(sa.BigInteger, nullable=False)
    kind = base.choice(N_("Type"), IDENTIFIER_KINDS, required=True)
    value = base.text(N_("Number"), required=True)
    country = base.of_kind(Kind.COUNTRY, N_("Country"))
    note = base.text(N_("Note"))
    unchecked = base.flag(N_("Keep it as written, not checked"))


POINTS = Child(
    "points", "contact_point", "owner_id", N_("Phones and e-mails"), base.fields_of(ContactPoint),
    ("value", "search_digits"),
)  # fmt: skip
ADDRESSES = Child("addresses", "address", "owner_id", N_("Addresses"), base.fields_of(Address),
                  ("street", "district", "city", "postcode"))  # fmt: skip
IDENTIFIERS = Child(
    "identifiers", "identifier", "owner_id", N_("Document numbers"), base.fields_of(Identifier), ("value",)
)
CONSENTS = Child("consents", "consent", "owner_id", N_("Consents"), base.fields_of(Consent))


def point_field(name: str, label: str, kind: Kind, point: str, labels: str = "", **options: object) -> Field:
    """A field that stands for the primary (or so labelled) contact point of a record."""
    return Field(name, label, kind, child=f"points.{point}" + (f".{labels}" if labels else ""), **options)  # type: ignore[arg-type]


def address_field(name: str, label: str, column: str, **options: object) -> Field:
    """A field that stands for a column of the primary address."""
    kind = Kind.COUNTRY if column == "country" else Kind.TEXT
    return Field(name, label, kind, child=f"addresses.{column}", **options)  # type: ignore[arg-type]


SHARED_FIELDS = (
    point_field("email", N_("E-mail"), Kind.EMAIL, "email", in_list=True, section="reach", width=200, aliases=(
        "e-mail", "email", "mail", "email address", "e-mail address", "correio eletronico", "correo", "correo electronico",
        "email 1", "e-mail 1 - value", "primary email", "endereco de email", "endereco_eletronico", "email_1")),
    point_field("email2", N_("Other e-mail"), Kind.EMAIL, "email", "2", section="reach", aliases=(
        "email 2", "e-mail 2", "e-mail 2 address", "second email", "secondary email", "e-mail 2 - value", "outro email")),
    point_field("mobile", N_("Mobile"), Kind.PHONE, "phone", "mobile", in_list=True, section="reach", aliases=(
        "mobile", "mobile phone", "cell", "cell phone", "celular", "telefone celular", "movil", "telefono movil", "whatsapp",
        "mobile number", "telemovel")),
    point_field("phone", N_("Phone"), Kind.PHONE, "phone", "work", in_list=True, section="reach", aliases=(
        "phone", "telephone", "tel", "fone", "telefone", "telefono", "business phone", "work phone", "phone 1 - value",
        "telefone comercial", "telefone fixo", "telefono del trabajo", "phone number", "tel 1", "contact phone number")),
    point_field("phone2", N_("Home phone"), Kind.PHONE, "phone", "home", section="reach", aliases=(
        "home phone", "telefone residencial", "telefono particular", "particular", "tel 2", "telefone 2", "phone 2")),
    point_field("fax", N_("Fax"), Kind.PHONE, "phone", "fax", section="reach", aliases=(
        "fax", "business fax", "fax number", "fax comercial")),
    point_field("website", N_("Website"), Kind.URL, "web", section="reach", aliases=(
        "website", "web", "url", "web page", "site", "pagina web", "homepage", "web site", "web address", "pagina da web")),
    address_field("street", N_("Street and number"), "street", section="address", width=220, aliases=(
        "street", "address", "business street", "endereco", "logradouro", "rua", "direccion", "calle", "domicilio",
        "address 1", "street address", "morada", "mailing street", "billing street", "end")),
    address_field("street2", N_("Complement"), "street2", section="address", aliases=(
        "complement", "complemento", "address 2", "street 2", "business street 2")),
    address_field("district", N_("District"), "district", section="address", aliases=("district", "bairro", "barrio", "colonia")),
    address_field("city", N_("City"), "city", in_list=True, section="address", width=130, aliases=(
        "city", "town", "cidade", "municipio", "ciudad", "localidad", "localidade", "poblacion", "business city")),
    address_field("region", N_("State or province"), "region", section="address", width=80, aliases=(
        "state", "province", "region", "uf", "estado", "provincia", "business state", "state/province", "county")),
    address_field("postcode", N_("Postcode"), "postcode", section="address", width=100, aliases=(
        "zip", "zip code", "postal code", "postcode", "cep", "codigo postal", "cp", "business postal code", "zipcode")),
    address_field("country", N_("Country"), "country", section="address", width=100, aliases=(
        "country", "pais", "business country/region", "country/region", "business country", "pais/regiao")),
)  # fmt: skip
"""Fields that stand for child rows: usable in lists, filters, forms, imports and exports like any other.

``child`` is "points.<kind>[.<label>]" or "addresses.<column>". "points.email.2" is the second e-mail.
"""
