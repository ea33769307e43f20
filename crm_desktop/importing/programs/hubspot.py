"""HubSpot: contacts, companies, deals, tickets and tasks, in English, Portuguese and Spanish."""

from __future__ import annotations

from crm_desktop.importing.programs.shape import Program, Table

_CONTACT = {
    "@id": "Record ID | Contact ID | ID do registro | ID de registro | ID del registro",
    "first_name": "First Name | Nome | Nombre",
    "last_name": "Last Name | Sobrenome | Apellidos",
    "email": "Email | E-mail | Correo",
    "email2+extra": "Additional email addresses | Work email | Endereços de e-mail adicionais",
    "phone": "Phone Number | Número de telefone | Número de teléfono",
    "mobile": "Mobile Phone Number | WhatsApp Phone Number | Número de celular | Número de teléfono móvil",
    "fax": "Fax Number | Número de fax",
    "owner_id": "Contact owner | Proprietário do contato | Propietario del contacto",
    "company_id": "Associated Company | Company Name | Primary Associated Company | Nome da empresa | Empresa associada | "
    "Nombre de la empresa | Empresa asociada",
    "company_id+number": "Associated Company IDs (Primary) | Primary Associated Company ID",
    "job_title": "Job Title | Cargo",
    "lifecycle": "Lifecycle Stage | Fase do ciclo de vida | Estágio do ciclo de vida | Etapa del ciclo de vida",
    "source": "Original Source | Original Traffic Source | Fonte original | Origem original | Fuente original",
    "website": "Website URL | URL do site | URL del sitio web",
    "street": "Street Address | Endereço | Dirección",
    "city": "City | Cidade | Ciudad",
    "region": "State/Region | Estado/Região | Estado o región",
    "postcode": "Postal Code | Código postal | CEP",
    "country": "Country/Region | País/Região | País o región",
    "birthday": "Date of birth | Data de nascimento | Fecha de nacimiento",
    "do_not_contact": "Unsubscribed from all email | Descadastrado de todos os e-mails",
    "created_at": "Create Date | Data de criação | Fecha de creación",
    "notes+labelled": "Message | Mensagem | Mensaje",
    "-": "Last Activity Date | Última data de atividade | Last Modified Date | Time First Seen | Time Last Seen | "
    "Number of Pageviews | Number of Form Submissions | Associated Company IDs | Associated Contact IDs",
}
_COMPANY = {
    "@id": "Record ID | Company ID | ID do registro | ID de registro | ID del registro",
    "name": "Company name | Name | Nome da empresa | Nombre de la empresa",
    "website": "Company Domain Name | Website URL | Nome de domínio da empresa | Nombre de dominio de la empresa",
    "owner_id": "Company owner | Proprietário da empresa | Propietario de la empresa",
    "phone": "Phone Number | Número de telefone | Número de teléfono",
    "industry": "Industry | Setor | Sector",
    "employees": "Number of Employees | Número de funcionários | Número de empleados",
    "revenue": "Annual Revenue | Receita anual | Ingresos anuales",
    "street": "Street Address | Endereço | Dirección",
    "street2": "Street Address 2 | Endereço 2",
    "city": "City | Cidade | Ciudad",
    "region": "State/Region | Estado/Região | Estado o región",
    "postcode": "Postal Code | Código postal",
    "country": "Country/Region | País/Região | País o región",
    "founded": "Year Founded | Ano de fundação",
    "notes": "Description | About Us | Descrição | Descripción",
    "kind": "Type | Tipo",
    "parent_id": "Parent Company | Empresa principal",
    "created_at": "Create Date | Data de criação | Fecha de creación",
    "-": "Last Activity Date | Last Modified Date | Associated Contact IDs | Number of Associated Deals | LinkedIn Bio",
}
_DEAL = {
    "@id": "Record ID | Deal ID | ID do registro | ID de registro | ID del registro",
    "name": "Deal Name | Nome do negócio | Nombre del negocio",
    "stage_id": "Deal Stage | Etapa do negócio | Fase do negócio | Etapa del negocio",
    "pipeline_id": "Pipeline",
    "amount": "Amount | Valor | Importe | Valor do negócio",
    "currency": "Currency | Moeda | Moneda",
    "expected_close": "Close Date | Data de fechamento | Fecha de cierre",
    "owner_id": "Deal owner | Proprietário do negócio | Propietario del negocio",
    "company_id": "Associated Company | Associated Company (Primary) | Empresa associada",
    "company_id+number": "Associated Company IDs | Associated Company IDs (Primary)",
    "contact_id": "Associated Contacts | Associated Contact | Contato associado",
    "contact_id+number": "Associated Contact IDs",
    "probability": "Deal probability | Probabilidade do negócio",
    "source": "Original Source Type | Original Source",
    "lost_reason": "Closed Lost Reason | Motivo da perda",
    "description": "Deal Description | Descrição do negócio",
    "next_step": "Next Step",
    "created_at": "Create Date | Data de criação | Fecha de creación",
    "-": "Last Activity Date | Last Modified Date | Amount in company currency | Weighted amount | Forecast category",
}
_TICKET = {
    "@id": "Ticket ID | Record ID | ID do ticket",
    "subject": "Ticket name | Nome do ticket",
    "status": "Ticket status | Status do ticket",
    "priority": "Priority | Prioridade | Prioridad",
    "owner_id": "Ticket owner | Proprietário do ticket",
    "description": "Ticket description | Descrição do ticket",
    "channel": "Source | Fonte",
    "category": "Category | Categoria",
    "created_at": "Create date | Data de criação",
    "solved_at": "Close date | Data de fechamento",
    "company_id": "Associated Company | Empresa associada",
    "contact_id": "Associated Contacts | Associated Contact",
    "solution": "Resolution",
    "-": "Pipeline | Last Modified Date",
}

PROGRAMS = (
    Program(
        "hubspot",
        "HubSpot",
        (
            Table("contact", _CONTACT, "Record ID | Contact owner | Lifecycle Stage | Associated Company | Lead Status | "
                  "Original Source | Create Date | Associated Company IDs | Proprietário do contato | Fase do ciclo de vida | "
                  "ID do registro | ID del registro | Propietario del contacto | Etapa del ciclo de vida | "
                  "Estágio do ciclo de vida | Status do lead", 3),
            Table("company", _COMPANY, "Record ID | Company owner | Company Domain Name | Number of Form Submissions | "
                  "Number of Associated Deals | Associated Contact IDs | Lifecycle Stage | Proprietário da empresa | "
                  "Nome de domínio da empresa | ID do registro | Propietario de la empresa | "
                  "Nombre de dominio de la empresa | ID del registro", 2),
            Table("deal", _DEAL, "Record ID | Deal Name | Deal Stage | Pipeline | Deal owner | Nome do negócio | "
                  "Etapa do negócio | Fase do negócio | Proprietário do negócio | ID do registro | Nombre del negocio | "
                  "Etapa del negocio | Propietario del negocio | ID del registro", 3),
            Table("case", _TICKET, "Ticket ID | Ticket name | Ticket status | Ticket owner | Ticket description | "
                  "Nome do ticket | Status do ticket | Proprietário do ticket", 2),
        ),
    ),
)  # fmt: skip
