"""Contacts: the people."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.contacts.choices import LIFECYCLE, SOURCES
from crm_desktop.contacts.company import SECTIONS
from crm_desktop.contacts.points import ADDRESSES, CONSENTS, IDENTIFIERS, POINTS, SHARED_FIELDS
from crm_desktop.core.fields import Choice, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record

GENDERS = (Choice("f", N_("Female")), Choice("m", N_("Male")), Choice("x", N_("Other")))


class Contact(Record, Base):
    """A person. ``name`` is the whole name as shown; its parts are kept beside it where they are known."""

    __tablename__ = "contact"
    __table_args__ = (
        sa.Index(
            "ix_contact_sort_name", "sort_name", "id", "owner_id", "created_by"
        ),  # who may see it, without its row
        {"info": {"entity": True}},
    )

    name = base.text(N_("Name"), required=True, searchable=True, in_list=True, section="main", sort_by="sort_name", width=210,
        aliases=("name", "full name", "contact name", "nome", "nome completo", "nombre", "nombre completo", "contato", "contacto",
        "display name", "file as", "nome do contato", "customer name", "person", "representante", "nome_cli", "nome cliente"))  # fmt: skip
    sort_name = base.text(N_("Sort key"), binary_order=True, in_form=False, importable=False, system=True)
    prefix = base.text(
        N_("Salutation"),
        section="main",
        part_of="name",
        aliases=("title", "salutation", "prefix", "tratamento", "tratamiento", "name prefix"),
    )
    first_name = base.text(N_("First name"), section="main", part_of="name",
        aliases=("first name", "given name", "given_name", "primeiro nome", "nombre de pila", "firstname", "prenome"))  # fmt: skip
    last_name = base.text(N_("Last name"), section="main", part_of="name",
        aliases=("last name", "surname", "family name", "sobrenome", "apellido", "apellidos", "lastname", "ultimo nome"))  # fmt: skip
    suffix = base.text(
        N_("Suffix"), section="main", part_of="name", aliases=("suffix", "name suffix", "sufixo", "sufijo")
    )
    nickname = base.text(N_("Nickname"), searchable=True, section="main", aliases=("nickname", "apelido", "apodo"))
    company_id = base.link(N_("Company"), "company", searchable=True, in_list=True, section="main", width=200,
        aliases=("company", "company name", "organization", "empresa", "organizacao", "organizacion", "account name", "account",
        "organization name", "organization 1 - name", "compania", "parent name", "account id"))  # fmt: skip
    job_title = base.text(N_("Job title"), searchable=True, in_list=True, section="main", width=150,
        aliases=("job title", "position", "cargo", "funcao", "puesto", "organization title", "organization 1 - title", "cargo_representante", "role"))  # fmt: skip
    department = base.text(N_("Department"), section="main",
        aliases=("department", "departamento", "setor", "organization department", "unit"))  # fmt: skip
    lifecycle = base.choice(N_("Lifecycle"), LIFECYCLE, required=True, forward=True, in_list=True, section="main", default="lead",
        aliases=("lifecycle", "lifecycle stage", "status", "situacao", "estagio", "situacion"))  # fmt: skip
    source = base.choice(N_("Source"), SOURCES, in_list=True, section="main",
        aliases=("source", "lead source", "origem", "origen", "fonte", "lead source text"))  # fmt: skip
    owner_id = base.user(N_("Owner"), in_list=True, section="main",
        aliases=("owner", "contact owner", "vendedor", "responsavel", "responsable", "vend", "comercial", "contact owner name", "assigned to"))  # fmt: skip
    birthday = base.day(N_("Birthday"), section="more",
        aliases=("birthday", "birth date", "date of birth", "aniversario", "data de nascimento", "nascimento", "fecha de nacimiento", "cumpleanos", "nasc", "date_of_birth"))  # fmt: skip
    gender = base.choice(N_("Gender"), GENDERS, section="more", sensitive=True, aliases=("gender", "sexo", "genero"))
    tax_id = base.of_kind(Kind.TAX_ID, N_("Tax number"), searchable=True, section="more", index=True, sensitive=True,
        aliases=("cpf", "nif", "dni", "nie", "curp", "rfc", "tax id", "ssn", "cpf/cnpj", "documento"))  # fmt: skip
    number = base.text(N_("Customer number"), searchable=True, section="more", index=True,
        aliases=("customer number", "customer id", "contact id", "codigo", "cod cliente", "numero", "id cliente", "numero de cliente", "customerid"))  # fmt: skip
    language = base.text(N_("Language"), section="more", aliases=("language", "idioma", "lingua"))
    do_not_contact = base.flag(
        N_("Do not contact"),
        section="more",
        forward=True,
        aliases=("do not contact", "opt out", "email opt out", "nao contatar"),
    )
    last_activity_at = base.instant(N_("Last contact"), in_list=True, in_form=False, importable=False, system=True, index=True,
        width=120)  # fmt: skip
    notes = base.long_text(N_("Remarks"), searchable=True, section="more",
        aliases=("notes", "remarks", "comments", "observacoes", "observacao", "obs", "notas", "observaciones", "description", "note"))  # fmt: skip


CONTACT = base.entity(
    Contact, label=N_("Contact"), plural=N_("Contacts"), new_label=N_("New contact"), icon="ph.users",
    title_field="name", subtitle_field="company_id",
    list_columns=("name", "company_id", "city", "mobile", "email", "last_activity_at"), list_sort=("name", False),
    key_fields=("number", "email", "tax_id", "mobile", "phone", "name"), children=(POINTS, ADDRESSES, IDENTIFIERS, CONSENTS),
    extra_fields=SHARED_FIELDS, sections=SECTIONS, hue=1,
)  # fmt: skip
