"""Where a column of a file may go: the fields of the record type, and what hangs on a record."""

from __future__ import annotations

from collections.abc import Sequence

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.schema import Schema
from crm_desktop.importing.series_rows import series_fields

TAGS = "tags"
PHOTO = "photo"
"""A picture of the record, kept among its files."""
AS_FILE = N_("Pictures are kept among the files of the record")
OTHER = "@other"
"""What follows the name of an address field that stands for a further address: "street@other"."""
LINKS = "links."
EXTERNAL_ID = "external_id"
"""The id that the other program gave the record; see ``records/attached.py``."""

_ID_NAMES = (
    "id", "record id", "external id", "external identifier", "id registro", "id do registro", "id del registro", "id externo",
    "codigo externo", "identificador", "identificador externo", "entity id", "object id", "guid", "uuid", "hs object id",
    "xml id", "id externa", "system id", "source id", "legacy id", "old id", "id antigo", "id anterior", "id original",
)  # fmt: skip
_TAG_NAMES = ("tags", "tag", "labels", "categories", "groups", "group membership", "etiquetas", "marcadores", "categorias",
              "grupos", "categorias de contatos")  # fmt: skip
_LINK_NAMES = {
    "contact": (
        "contact",
        "contact name",
        "contact id",
        "contactid",
        "related to",
        "who",
        "contato",
        "contacto",
        "pessoa",
    ),
    "company": (
        "company",
        "account",
        "account name",
        "account id",
        "accountid",
        "empresa",
        "cliente",
        "conta",
        "cuenta",
    ),
    "deal": ("deal", "opportunity", "opportunity name", "oportunidade", "negocio", "oportunidad", "potentialid"),
    "case": ("case", "ticket", "chamado", "caso", "protocolo"),
}


def targets_of(schema: Schema, entity: Entity, fields: Sequence[Field]) -> tuple[Field, ...]:
    """Every field that a column may be imported into.

    Besides the importable fields: ``tags``; ``photo``, a picture kept among its files; ``external_id``, what another
    program calls the record; ``street@other`` and the like, a further address; ``links.contact`` and the like where the record type belongs to any number of other records.

    Args:
        fields: the declared fields of the record type and the office's own.
    """
    found = [one for one in fields if one.importable and not one.computed]
    found += series_fields(entity)
    for one in fields:
        if one.child.startswith("addresses."):
            found.append(one.but(name=one.name + OTHER, label=one.label, aliases=(), child=one.child + ".other"))
    if entity.listed:
        found.append(Field(TAGS, N_("Tags"), Kind.TEXT, aliases=_TAG_NAMES))
        found.append(Field(PHOTO, N_("Picture"), Kind.TEXT, aliases=("photo", "foto", "picture", "jpegphoto")))
        found.append(Field(EXTERNAL_ID, N_("Id in another program"), Kind.TEXT, aliases=_ID_NAMES))
    for child in entity.children:
        columns = {one.name for one in child.fields}
        if child.name == "links" and "entity" in columns:
            found += [
                Field(
                    LINKS + name, schema.entities[name].label, Kind.LINK, target=name, aliases=names, child=child.name
                )
                for name, names in _LINK_NAMES.items()
                if name in schema.entities
            ]
    return tuple(found)


def number_field(entity: Entity) -> Field | None:
    """The field by which other systems know a record of this type: its number, code or calendar id."""
    for name in ("number", "code", "uid", "login"):
        if entity.has(name):
            return entity.field(name)
    return None


def remarks_field(fields: Sequence[Field]) -> Field | None:
    """The long text that takes what fits nowhere else."""
    texts = {one.name: one for one in fields if one.kind is Kind.LONG_TEXT and not one.custom and not one.child}
    return texts.get("notes") or texts.get("description") or next(iter(texts.values()), None)
