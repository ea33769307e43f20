"""Companies."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.contacts.choices import COMPANY_KINDS, INDUSTRIES, SOURCES
from crm_desktop.contacts.points import ADDRESSES, CONSENTS, IDENTIFIERS, POINTS, SHARED_FIELDS
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record


class Company(Record, Base):
    """An organisation: customer, prospect, supplier, partner."""

    __tablename__ = "company"
    __table_args__ = (
        sa.Index(
            "ix_company_sort_name", "sort_name", "id", "owner_id", "created_by"
        ),  # who may see it, without its row
        {"info": {"entity": True}},
    )

    name = base.text(N_("Name"), required=True, searchable=True, in_list=True, section="main", sort_by="sort_name",
        width=230, aliases=("company", "company name", "account name", "account", "empresa", "nome fantasia", "fantasia", "razao social",
        "organization", "organizacao", "organizacion", "cliente", "nombre de la empresa", "business name", "nome da empresa", "vendor name",
        "supplier", "nome_fantasia", "compania"))  # fmt: skip
    sort_name = base.text(N_("Sort key"), binary_order=True, in_form=False, importable=False, system=True)
    legal_name = base.text(N_("Legal name"), searchable=True, section="main", width=230,
        aliases=("legal name", "razao social", "razao_social", "razon social", "registered name"))  # fmt: skip
    tax_id = base.of_kind(Kind.TAX_ID, N_("Tax number"), searchable=True, in_list=True, section="main", index=True,
        aliases=("tax id", "vat", "vat number", "cnpj", "cgc", "cpf/cnpj", "nif", "cif", "rfc", "cuit", "tax number", "ein"))  # fmt: skip
    registration = base.text(N_("State registration"), section="main", aliases=("ie", "inscricao estadual", "insc est"))
    kind = base.choice(N_("Relationship"), COMPANY_KINDS, in_list=True, section="main", default="prospect",
        aliases=("type", "tipo", "account type", "customer type", "categoria"))  # fmt: skip
    industry = base.choice(N_("Industry"), INDUSTRIES, in_list=True, section="main",
        aliases=("industry", "sector", "setor", "ramo", "segmento", "ramo de atividade", "rubro"))  # fmt: skip
    parent_id = base.link(N_("Parent company"), "company", section="main",
        aliases=("parent company", "subsidiary of", "matriz", "empresa mae", "empresa matriz", "parent account"))  # fmt: skip
    source = base.choice(N_("Source"), SOURCES, section="main", aliases=("source", "lead source", "origem", "origen"))
    employees = base.integer(
        N_("Employees"), section="more", aliases=("employees", "funcionarios", "empleados", "no. of employees")
    )
    revenue = base.money(N_("Yearly revenue"), section="more", sensitive=True,
        aliases=("revenue", "annual revenue", "faturamento", "facturacion"))  # fmt: skip
    founded = base.integer(
        N_("Founded in"), section="more", aliases=("year established", "founded", "fundacao", "ano de fundacao")
    )
    number = base.text(N_("Customer number"), searchable=True, section="more", index=True,
        aliases=("customer number", "customer id", "account id", "codigo", "cod cliente", "codigo do cliente", "numero de cliente", "id cliente", "registro_ans"))  # fmt: skip
    owner_id = base.user(N_("Owner"), in_list=True, section="main",
        aliases=("owner", "account owner", "sales agent", "vendedor", "responsavel", "responsable", "vend", "comercial", "account owner name"))  # fmt: skip
    currency = base.of_kind(Kind.CURRENCY, N_("Currency"), section="more", aliases=("currency", "moeda", "moneda"))
    language = base.text(N_("Language"), section="more", aliases=("language", "idioma"))
    last_activity_at = base.instant(
        N_("Last contact"), in_list=True, in_form=False, importable=False, system=True, index=True
    )
    notes = base.long_text(N_("Remarks"), searchable=True, section="more",
        aliases=("notes", "remarks", "comments", "observacoes", "observacao", "obs", "notas", "observaciones", "description", "descricao"))  # fmt: skip


SECTIONS = (("main", N_("Main")), ("reach", N_("Reach")), ("address", N_("Address")), ("more", N_("More")))

COMPANY = base.entity(
    Company, label=N_("Company"), plural=N_("Companies"), new_label=N_("New company"), icon="ph.buildings",
    title_field="name", subtitle_field="city", list_columns=("name", "kind", "city", "phone", "owner_id", "last_activity_at"),
    list_sort=("name", False), key_fields=("tax_id", "number", "email", "name"), children=(POINTS, ADDRESSES, IDENTIFIERS, CONSENTS),
    extra_fields=SHARED_FIELDS, sections=SECTIONS, hue=2,
)  # fmt: skip
