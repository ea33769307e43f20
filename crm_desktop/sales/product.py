"""Products and services with their prices."""

from __future__ import annotations

from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record


class Product(Record, Base):
    """Something the office sells."""

    __tablename__ = "product"
    __table_args__ = {"info": {"entity": True}}

    name = base.text(N_("Name"), required=True, searchable=True, in_list=True, width=240, section="main",
        aliases=("product", "product name", "produto", "producto", "item", "descricao do produto", "nombre del producto", "nome"))  # fmt: skip
    code = base.text(N_("Code"), searchable=True, in_list=True, section="main", index=True,
        aliases=("code", "sku", "part number", "codigo", "referencia", "ref", "stockcode", "product code"))  # fmt: skip
    category = base.text(N_("Category"), in_list=True, section="main",
        aliases=("category", "series", "categoria", "grupo", "familia", "linha"))  # fmt: skip
    unit = base.text(N_("Unit"), section="main", aliases=("unit", "unidade", "unidad", "un"))
    price = base.money(N_("Price"), in_list=True, section="main",
        aliases=("price", "sales price", "sales_price", "unit price", "preco", "precio", "valor", "list price", "preco de venda"))  # fmt: skip
    cost = base.money(N_("Cost"), sensitive=True, section="main", aliases=("cost", "custo", "costo", "coste"))
    currency = base.of_kind(Kind.CURRENCY, N_("Currency"), section="main", aliases=("currency", "moeda", "moneda"))
    active = base.flag(N_("Active"), default=True, in_list=True, section="main", aliases=("active", "ativo", "activo"))
    description = base.long_text(N_("Description"), searchable=True, section="main",
        aliases=("description", "descricao", "descripcion"))  # fmt: skip


PRODUCT = base.entity(
    Product, label=N_("Product"), plural=N_("Products"), new_label=N_("New product"), icon="ph.package",
    title_field="name", subtitle_field="code", list_columns=("name", "code", "category", "price", "active"),
    list_sort=("name", False), key_fields=("code", "name"), hue=4, sections=(("main", N_("Main")),),
)  # fmt: skip
