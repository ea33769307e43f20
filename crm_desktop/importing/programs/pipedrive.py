"""Pipedrive: people, organizations, deals, activities, products, with and without the name of the list before."""

from __future__ import annotations

from crm_desktop.importing.programs.shape import Program, Table

_PERSON = {
    "@id": "Person - ID | Pessoa - ID | Persona - ID",
    "name": "Person - Name | Pessoa - Nome | Persona - Nombre",
    "first_name": "Person - First name | Pessoa - Nome próprio | Persona - Nombre de pila",
    "last_name": "Person - Last name | Pessoa - Sobrenome | Persona - Apellido",
    "company_id": "Person - Organization | Organization - Name | Pessoa - Organização | Organização - Nome | "
    "Persona - Organización | Organización - Nombre",
    "email": "Person - Email | Person - Email - Work | Pessoa - E-mail | Pessoa - E-mail - Trabalho | "
    "Persona - Correo electrónico | Persona - Correo electrónico - Trabajo",
    "email2": "Person - Email - Home | Person - Email - Other | Pessoa - E-mail - Casa | Pessoa - E-mail - Outro | "
    "Persona - Correo electrónico - Casa",
    "phone": "Person - Phone | Person - Phone - Work | Pessoa - Telefone | Pessoa - Telefone - Trabalho | "
    "Persona - Teléfono | Persona - Teléfono - Trabajo",
    "phone2": "Person - Phone - Home | Pessoa - Telefone - Casa | Persona - Teléfono - Casa",
    "mobile": "Person - Phone - Mobile | Pessoa - Telefone - Celular | Persona - Teléfono - Móvil",
    "phone+extra:other": "Person - Phone - Other | Pessoa - Telefone - Outro | Persona - Teléfono - Otro",
    "owner_id": "Person - Owner | Pessoa - Proprietário | Persona - Propietario",
    "job_title": "Person - Job title | Pessoa - Cargo | Persona - Cargo",
    "birthday": "Person - Birthday | Pessoa - Data de nascimento | Persona - Cumpleaños",
    "tags": "Person - Label | Person - Labels | Pessoa - Etiqueta | Pessoa - Etiquetas | Persona - Etiqueta",
    "notes": "Person - Notes | Pessoa - Notas | Persona - Notas",
    "street": "Person - Postal address | Pessoa - Endereço | Persona - Dirección",
    "created_at": "Person - Person created | Pessoa - Pessoa criada em | Persona - Persona creada",
    "-": "Person - Open deals | Person - Closed deals | Person - Won deals | Person - Lost deals | "
    "Person - Next activity date | Person - Last activity date | Person - Activities to do | Person - Done activities | "
    "Person - Total activities | Person - Update time | Person - Email messages count | Person - People | "
    "Person - Instant messenger | Person - Profile picture | Person - Visible to",
}
_ORGANIZATION = {
    "@id": "Organization - ID | Organização - ID | Organización - ID",
    "name": "Organization - Name | Organização - Nome | Organización - Nombre",
    "owner_id": "Organization - Owner | Organização - Proprietário | Organización - Propietario",
    "street": "Organization - Address | Organização - Endereço | Organización - Dirección",
    "street2": "Organization - Apartment/suite no of Address",
    "district": "Organization - District/sublocality of Address",
    "city": "Organization - City/town/village/locality of Address",
    "region": "Organization - State/county of Address",
    "postcode": "Organization - ZIP/Postal code of Address",
    "country": "Organization - Country of Address",
    "tags": "Organization - Label | Organization - Labels | Organização - Etiqueta | Organización - Etiqueta",
    "industry": "Organization - Industry | Organização - Setor",
    "employees": "Organization - Number of employees | Organização - Número de funcionários",
    "revenue": "Organization - Annual revenue | Organização - Receita anual",
    "website": "Organization - Website | Organização - Site",
    "notes": "Organization - Notes | Organização - Notas",
    "created_at": "Organization - Organization created | Organização - Organização criada em | Organización - Organización creada",
    "-": "Organization - Open deals | Organization - Closed deals | Organization - Won deals | Organization - Lost deals | "
    "Organization - Next activity date | Organization - Last activity date | Organization - People | "
    "Organization - Total activities | Organization - Done activities | Organization - Activities to do | "
    "Organization - Full/combined address of Address | Organization - House number of Address | "
    "Organization - Street/road name of Address | Organization - Region of Address | Organization - Update time",
}
_DEAL = {
    "@id": "Deal - ID | Negócio - ID | Trato - ID",
    "name": "Deal - Title | Negócio - Título | Trato - Título",
    "amount": "Deal - Value | Negócio - Valor | Trato - Valor",
    "currency": "Deal - Currency of Value | Negócio - Moeda de Valor | Deal - Currency",
    "company_id": "Deal - Organization | Organization - Name | Negócio - Organização | Organização - Nome | "
    "Trato - Organización | Organización - Nombre",
    "contact_id": "Deal - Contact person | Person - Name | Negócio - Pessoa de contato | Pessoa - Nome | "
    "Trato - Persona de contacto | Persona - Nombre",
    "stage_id": "Deal - Stage | Negócio - Etapa | Trato - Etapa",
    "pipeline_id": "Deal - Pipeline | Negócio - Funil | Trato - Embudo",
    "status": "Deal - Status | Negócio - Status | Trato - Estado",
    "owner_id": "Deal - Owner | Negócio - Proprietário | Trato - Propietario",
    "probability": "Deal - Probability | Negócio - Probabilidade | Trato - Probabilidad",
    "expected_close": "Deal - Expected close date | Negócio - Data de fechamento esperada | Trato - Fecha prevista de cierre",
    "closed_on": "Deal - Deal closed on | Negócio - Negócio fechado em | Trato - Trato cerrado el",
    "lost_reason": "Deal - Lost reason | Negócio - Motivo da perda | Trato - Razón de pérdida",
    "tags": "Deal - Label | Deal - Labels | Negócio - Etiqueta | Trato - Etiqueta",
    "source": "Deal - Source channel | Deal - Source origin",
    "product_id": "Deal - Product name",
    "created_at": "Deal - Deal created | Negócio - Negócio criado em | Negócio - Negócio criado | Trato - Trato creado",
    "-": "Deal - Weighted value | Deal - Won time | Deal - Lost time | Deal - Update time | Deal - Last stage change | "
    "Deal - Next activity date | Deal - Last activity date | Deal - Total activities | Deal - Done activities | "
    "Deal - Activities to do | Deal - Product quantity | Deal - Product amount | Deal - Email messages count | "
    "Deal - Last email received | Deal - Last email sent | Deal - Visible to | Deal - Stage order",
}
_ACTIVITY = {
    "@id": "Activity - ID | Atividade - ID",
    "subject": "Activity - Subject | Atividade - Assunto | Actividad - Asunto",
    "kind": "Activity - Type | Atividade - Tipo | Actividad - Tipo",
    "due": "Activity - Due date | Atividade - Data de vencimento | Actividad - Fecha de vencimiento",
    "due_time": "Activity - Due time | Activity - Time",
    "status": "Activity - Done | Atividade - Concluída | Atividade - Feito | Actividad - Hecho",
    "links.deal": "Activity - Deal | Deal - Title | Negócio - Título",
    "links.contact": "Activity - Contact person | Person - Name | Pessoa - Nome",
    "links.company": "Activity - Organization | Organization - Name | Organização - Nome",
    "owner_id": "Activity - Assigned to user | Atividade - Atribuída ao usuário | Actividad - Asignada al usuario",
    "description": "Activity - Note | Atividade - Nota | Actividad - Nota",
    "place": "Activity - Location | Atividade - Local",
    "priority": "Activity - Priority | Atividade - Prioridade",
    "created_at": "Activity - Add time | Atividade - Hora de adição",
    "-": "Activity - Marked as done time | Activity - Last notification time | Activity - Update time | Activity - Creator",
}
_PRODUCT = {
    "@id": "Product - ID | Produto - ID",
    "name": "Product - Name | Produto - Nome | Producto - Nombre",
    "code": "Product - Product code | Produto - Código do produto",
    "category": "Product - Category | Produto - Categoria",
    "unit": "Product - Unit | Produto - Unidade",
    "price": "Product - Unit prices | Product - Unit price | Product - Unit price (EUR) | Product - Unit price (USD) | "
    "Produto - Preço unitário | Produto - Preços unitários",
    "cost": "Product - Cost per unit",
    "active": "Product - Active | Produto - Ativo",
    "description": "Product - Description | Produto - Descrição",
}
_BARE_PERSON = {
    "@id": "ID",
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "company_id": "Organization",
    "email": "Email - Work | Email",
    "email2": "Email - Home",
    "email2+extra": "Email - Other",
    "phone": "Phone - Work | Phone",
    "phone2": "Phone - Home",
    "mobile": "Phone - Mobile",
    "phone+extra:other": "Phone - Other",
    "tags": "Label | Labels",
    "owner_id": "Owner",
    "created_at": "Person created",
    "-": "Open deals | Closed deals | Won deals | Lost deals | Next activity date | Last activity date | Update time",
}

PROGRAMS = (
    Program(
        "pipedrive",
        "Pipedrive",
        (
            Table("activity", _ACTIVITY, "Activity - Subject | Activity - Type | Activity - Due date | Activity - Done | "
                  "Atividade - Assunto | Atividade - Tipo | Actividad - Asunto | Actividad - Tipo", 2),
            Table("deal", _DEAL, "Deal - Title | Deal - Value | Deal - Stage | Deal - Status | Deal - Owner | Deal - Pipeline | "
                  "Negócio - Título | Negócio - Valor | Negócio - Etapa | Negócio - Status | Negócio - Proprietário | "
                  "Trato - Título | Trato - Valor | Trato - Etapa", 2, {"contact": _PERSON, "company": _ORGANIZATION}),
            Table("contact", _PERSON, "Person - Name | Person - Email | Person - Phone | Person - Email - Work | "
                  "Person - Phone - Work | Person - Organization | Person - Owner | Person - ID | Pessoa - Nome | "
                  "Pessoa - E-mail | Pessoa - Telefone | Pessoa - E-mail - Trabalho | Pessoa - Telefone - Trabalho | "
                  "Pessoa - Organização | Persona - Nombre | Persona - Teléfono", 2, {"company": _ORGANIZATION}),
            Table("company", _ORGANIZATION, "Organization - Name | Organization - Address | Organization - Owner | "
                  "Organization - ID | Organization - People | Organização - Nome | Organização - Endereço | "
                  "Organização - Proprietário | Organización - Nombre | Organización - Dirección", 2),
            Table("product", _PRODUCT, "Product - Name | Product - Product code | Product - Unit prices | Product - Unit | "
                  "Produto - Nome | Produto - Código do produto", 2),
            Table("contact", _BARE_PERSON, "Email - Work | Email - Home | Email - Other | Phone - Work | Phone - Home | "
                  "Phone - Mobile | Open deals | Closed deals | Person created", 4),
        ),
    ),
)  # fmt: skip
