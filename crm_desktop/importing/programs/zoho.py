"""Zoho CRM: contacts, leads, accounts, deals, tasks, calls, events, cases, products, vendors."""

from __future__ import annotations

from crm_desktop.importing.programs.shape import Program, Table

_TIMES = {"created_at": "Created Time | Hora de criação | Hora de creación"}
_NOT = (
    "Modified Time | Modified By | Created By | Last Activity Time | Tag Color | Exchange Rate | Locked | Layout | "
    "Record Image | Change Log Time | Hora de modificação | Modificado por | Criado por"
)
_PERSON = {
    "prefix": "Salutation | Saudação | Saludo",
    "first_name": "First Name | Primeiro nome | Nombre",
    "last_name": "Last Name | Sobrenome | Apellidos",
    "name": "Full Name | Contact Name | Nome completo",
    "email": "Email | E-mail | Correo electrónico",
    "email2": "Secondary Email | E-mail secundário",
    "phone": "Phone | Telefone | Teléfono",
    "mobile": "Mobile | Celular | Móvil",
    "phone2": "Home Phone | Telefone residencial",
    "phone+extra:other": "Other Phone | Outro telefone",
    "fax": "Fax",
    "job_title": "Title | Título | Designation",
    "department": "Department | Departamento",
    "source": "Lead Source | Fonte do lead | Fuente de la oportunidad",
    "birthday": "Date of Birth | Data de nascimento",
    "do_not_contact": "Email Opt Out",
    "notes": "Description | Descrição | Descripción",
    "tags": "Tag | Tags | Marca",
    "street": "Mailing Street | Street | Rua de correspondência",
    "city": "Mailing City | City",
    "region": "Mailing State | State",
    "postcode": "Mailing Zip | Zip Code",
    "country": "Mailing Country | Country",
    "street:other": "Other Street",
    "city:other": "Other City",
    "region:other": "Other State",
    "postcode:other": "Other Zip",
    "country:other": "Other Country",
    **_TIMES,
}
_CONTACT = {
    **_PERSON,
    "@id": "Record Id | Contact Id | CONTACTID | Id do registro",
    "company_id": "Account Name | Nome da conta | Nombre de cuenta",
    "company_id+number": "ACCOUNTID | Account Name.id | Account Id",
    "owner_id": "Contact Owner | Contact Owner Name | Proprietário do contato | Propietario de contacto",
    "-": _NOT
    + " | Contact Owner.id | SMOWNERID | Reporting To | Reporting To.id | Vendor Name.id | Assistant | Asst Phone | "
    "Twitter | Skype ID | Created By.id | Modified By.id | Contact Owner Id",
}
_LEAD = {
    **_PERSON,
    "@id": "Record Id | Lead Id | LEADID",
    "company_id": "Company | Empresa",
    "owner_id": "Lead Owner | Lead Owner Name | Proprietário do lead",
    "lifecycle": "Lead Status | Status do lead",
    "website": "Website",
    "-": _NOT + " | Lead Owner.id | Rating | No. of Employees | Annual Revenue | Skype ID | Twitter | SMOWNERID",
}
_ACCOUNT = {
    "@id": "Record Id | Account Id | ACCOUNTID",
    "name": "Account Name | Nome da conta | Nombre de cuenta",
    "owner_id": "Account Owner | Account Owner Name | Proprietário da conta",
    "phone": "Phone",
    "fax": "Fax",
    "website": "Website",
    "kind": "Account Type | Tipo de conta",
    "number": "Account Number",
    "industry": "Industry",
    "employees": "Employees",
    "revenue": "Annual Revenue",
    "parent_id": "Parent Account",
    "parent_id+number": "Parent Account.id | PARENTACCOUNTID",
    "notes": "Description",
    "tags": "Tag",
    "street:work": "Billing Street",
    "city:work": "Billing City",
    "region:work": "Billing State",
    "postcode:work": "Billing Code",
    "country:work": "Billing Country",
    "street:other": "Shipping Street",
    "city:other": "Shipping City",
    "region:other": "Shipping State",
    "postcode:other": "Shipping Code",
    "country:other": "Shipping Country",
    "currency": "Currency",
    "-": _NOT + " | Account Owner.id | SIC Code | Ticker Symbol | Ownership | Rating | Account Site | SMOWNERID",
    **_TIMES,
}
_DEAL = {
    "@id": "Record Id | Deal Id | POTENTIALID | Potential Id",
    "name": "Deal Name | Potential Name | Nome do negócio | Nombre del trato",
    "company_id": "Account Name | Nome da conta",
    "company_id+number": "Account Name.id | ACCOUNTID",
    "contact_id": "Contact Name | Nome do contato",
    "contact_id+number": "Contact Name.id | CONTACTID",
    "stage_id": "Stage | Estágio | Fase",
    "pipeline_id": "Pipeline",
    "amount": "Amount | Valor | Importe",
    "probability": "Probability (%) | Probability",
    "expected_close": "Closing Date | Data de fechamento | Fecha de cierre",
    "owner_id": "Deal Owner | Potential Owner | Deal Owner Name | Proprietário do negócio",
    "source": "Lead Source",
    "next_step": "Next Step",
    "lost_reason": "Reason For Loss | Reason For Loss__s",
    "description": "Description",
    "currency": "Currency",
    "tags": "Tag",
    "-": _NOT
    + " | Deal Owner.id | Expected Revenue | Type | Campaign Source | Campaign Source.id | Sales Cycle Duration | "
    "Overall Sales Duration | Lead Conversion Time | SMOWNERID",
    **_TIMES,
}
_TASK = {
    "@id": "Record Id | ACTIVITYID | Task Id | task id",
    "subject": "Subject | Assunto | Asunto",
    "due": "Due Date | Data de vencimento",
    "status": "Status",
    "priority": "Priority | Prioridade",
    "owner_id": "Task Owner | Task Owner Name",
    "links.contact": "Contact Name",
    "links.contact+number": "Contact Name.id | CONTACTID",
    "links.company": "Related To",
    "description": "Description",
    "-": _NOT
    + " | Closed Time | Send Notification Email | Recurring Activity | Task Owner.id | Related To.id | Reminder | SEID",
    **_TIMES,
}
_CALL = {
    "@id": "Record Id | CALLID | Call Id",
    "subject": "Subject | Assunto",
    "direction": "Call Type | Tipo de chamada",
    "starts": "Call Start Time | Hora de início da chamada",
    "duration": "Call Duration (in seconds) | Call Duration In Seconds",
    "owner_id": "Call Owner | Call Owner Name",
    "links.contact": "Contact Name | To / From",
    "links.contact+number": "Contact Name.id | CONTACTID",
    "links.company": "Related To",
    "outcome": "Call Result",
    "description": "Description | Call Agenda",
    "-": _NOT
    + " | Call Duration | Call Owner.id | Related To.id | Call Purpose | Reminder | Outgoing Call Status | SEID",
    **_TIMES,
}
_CASE = {
    "@id": "Record Id | CASEID",
    "number": "Case Number",
    "subject": "Subject",
    "owner_id": "Case Owner | Case Owner Name",
    "status": "Status",
    "priority": "Priority",
    "channel": "Case Origin",
    "category": "Type | Case Reason",
    "company_id": "Account Name | Related To",
    "company_id+number": "Account Name.id | ACCOUNTID",
    "contact_id": "Reported By",
    "product_id": "Product Name",
    "description": "Description",
    "solution": "Solution",
    "-": "Modified By | Created By | Case Owner.id | Last Activity Time | Tag Color",
    **_TIMES,
}
_PRODUCT = {
    "@id": "Record Id | PRODUCTID",
    "name": "Product Name",
    "code": "Product Code",
    "category": "Product Category",
    "price": "Unit Price",
    "unit": "Usage Unit",
    "active": "Product Active",
    "description": "Description",
    "-": _NOT
    + " | Product Owner | Product Owner.id | Vendor Name | Vendor Name.id | Handler | Reorder Level | Qty Ordered | "
    "Quantity in Stock | Quantity in Demand | Commission Rate | Taxable | Tax | Manufacturer",
    **_TIMES,
}
_VENDOR = {
    "@id": "Record Id | VENDORID",
    "name": "Vendor Name",
    "owner_id": "Vendor Owner | Vendor Owner Name",
    "phone": "Phone",
    "email": "Email",
    "website": "Website",
    "street": "Street",
    "city": "City",
    "region": "State",
    "postcode": "Zip Code",
    "country": "Country",
    "notes": "Description",
    "-": _NOT + " | Vendor Owner.id",
    **_TIMES,
}

PROGRAMS = (
    Program(
        "zoho",
        "Zoho CRM",
        (
            Table("contact", _CONTACT, "Contact Owner | Contact Owner.id | Account Name.id | Created Time | Mailing Zip | "
                  "CONTACTID | Modified Time | Last Activity Time | Asst Phone | Reporting To.id | Contact Owner Name", 3),
            Table("contact", _LEAD, "Lead Owner | Lead Owner.id | Lead Status | Created Time | LEADID | Modified Time | "
                  "Last Activity Time", 3),
            Table("company", _ACCOUNT, "Account Owner | Account Owner.id | Billing Code | Shipping Code | Created Time | "
                  "Modified Time | ACCOUNTID | Parent Account.id | Account Owner Name | SIC Code", 3),
            Table("deal", _DEAL, "Deal Owner | Deal Owner.id | Closing Date | Potential Name | Potential Owner | POTENTIALID | "
                  "Created Time | Lead Conversion Time | Campaign Source | Deal Owner Name", 2),
            Table("activity", _TASK, "Task Owner | Task Owner.id | Task Owner Name | ACTIVITYID | Closed Time | Created Time | "
                  "Send Notification Email", 2),
            Table("activity", _CALL, "Call Owner | Call Owner Name | Call Start Time | Call Duration (in seconds) | CALLID | "
                  "Call Purpose | Call Type | Outgoing Call Status", 3),
            Table("case", _CASE, "Case Owner | Case Origin | Created Time | CASEID | Reported By | Modified Time", 3),
            Table("product", _PRODUCT, "Product Owner | Product Active | Usage Unit | Qty Ordered | Quantity in Demand | "
                  "PRODUCTID | Product Code | Product Category", 3),
            Table("company", _VENDOR, "Vendor Owner | Vendor Name | VENDORID | GL Account | Vendor Owner.id", 2),
        ),
    ),
)  # fmt: skip
