"""Exports of other programs: which program, which record type, which column is which field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.known_headers import DATE_PARTS, EMAIL, EXTRA, JOIN, LABELLED, NUMBER, TYPED
from crm_desktop.importing.programs.known import PROGRAMS, recognise
from crm_desktop.importing.targets import EXTERNAL_ID, targets_of

TableFile = Callable[..., Path]


@dataclass(frozen=True)
class Export:
    """Headers and one invented row of an export, and what must be said about it."""

    program: str
    entity: str
    headers: str
    row: str
    wanted: dict[str, str | None] = field(default_factory=dict)


EXPORTS = (
    Export("Outlook", "contact", "Title|First Name|Middle Name|Last Name|Suffix|Company|Department|Job Title|Business Street|Business City|"
           "Business State|Business Postal Code|Business Country/Region|Home Street|Home City|Business Fax|Business Phone|Home Phone|"
           "Mobile Phone|E-mail Address|E-mail Type|E-mail Display Name|E-mail 2 Address|Birthday|Categories|Notes|Sensitivity|Web Page",
           "Dr.|Ana|M|Souza||Sol Ltda|Vendas|Gerente|Rua A, 1|Curitiba|PR|80010-000|Brasil|Rua B, 2|Lapa|41 3333-1111|41 3333-2222|"
           "41 3333-4444|41 99111-2222|ana@sol.example|SMTP|Ana Souza|ana2@sol.example|1980-05-03|Amigos|Nada|Normal|www.sol.example",
           {"First Name": "first_name", "Company": "company_id", "Business City": "city", "Home City": "city@other",
            "Mobile Phone": "mobile", "E-mail 2 Address": "email2", "Sensitivity": None, "E-mail Display Name": None}),
    Export("Outlook", "contact", "Tratamento|Primeiro nome|Sobrenome|Empresa|Cargo|Rua do endereço comercial|Cidade do endereço comercial|"
           "Telefone comercial|Telefone residencial|Telefone celular|Endereço de email|Endereço de email 2|Nome para exibição do email|"
           "Categorias|Anotações|Telefone principal da empresa",
           "Sr.|João|Lima|Sol Ltda|Diretor|Rua A, 1|Curitiba|41 3333-1111|41 3333-2222|41 99111-2222|j@sol.example|j2@sol.example|"
           "João Lima|VIP|nada|41 3333-5555",
           {"Primeiro nome": "first_name", "Telefone celular": "mobile", "Rua do endereço comercial": "street",
            "Endereço de email": "email", "Anotações": "notes", "Telefone principal da empresa": "phone"}),
    Export("Outlook", "contact", "Nombre|Apellidos|Organización|Puesto|Calle del trabajo|Ciudad de trabajo|Código postal del trabajo|"
           "Teléfono del trabajo|Particular|Dirección de correo electrónico|Dirección de correo electrónico 2|Cumpleaños|Notas",
           "Lucía|García Pérez|Sol SL|Jefa|Calle A 1|Madrid|28001|91 555 01 01|91 555 02 02|l@sol.example|l2@sol.example|1980-05-03|x",
           {"Nombre": "first_name", "Apellidos": "last_name", "Organización": "company_id", "Particular": "phone2"}),
    Export("Google Contacts", "contact", "First Name|Middle Name|Last Name|Phonetic First Name|Name Prefix|Nickname|File As|Organization Name|"
           "Organization Title|Birthday|Notes|Photo|Labels|E-mail 1 - Label|E-mail 1 - Value|Phone 1 - Label|Phone 1 - Value",
           "Ana|M|Souza||Dra.|Aninha||Sol Ltda|Gerente|1980-05-03|x||* myContacts|Work|ana@sol.example|Mobile|+55 41 99111-2222",
           {"First Name": "first_name", "Organization Name": "company_id", "Labels": "tags", "E-mail 1 - Value": "email", "Photo": None}),
    Export("Thunderbird", "contact", "First Name|Last Name|Display Name|Nickname|Primary Email|Secondary Email|Screen Name|Work Phone|Home Phone|"
           "Fax Number|Pager Number|Mobile Number|Home Address|Home City|Home ZipCode|Work Address|Work City|Job Title|Organization|Web Page 1|"
           "Birth Year|Birth Month|Birth Day|Notes",
           "Ana|Souza|Ana Souza|Aninha|a@sol.example|b@sol.example|x|41 3333-1111|41 3333-2222|41 3333-3333||41 99111-2222|Rua B, 2|Lapa|83750-000|"
           "Rua A, 1|Curitiba|Gerente|Sol Ltda|www.sol.example|1980|5|3|x",
           {"Primary Email": "email", "Mobile Number": "mobile", "Birth Year": "birthday", "Organization": "company_id"}),
    Export("Yahoo", "contact", "First|Middle|Last|Nickname|Email|Category|Distribution Lists|Yahoo! ID|Home|Work|Pager|Fax|Mobile|Other|"
           "Alternate Email 1|Alternate Email 2|Personal Website|Title|Company|Work Address|Work City|Comments",
           "Ana||Souza||a@sol.example|||ana1|41 3333-2222|41 3333-1111|||41 99111-2222||b@sol.example|||Gerente|Sol Ltda|Rua A, 1|Curitiba|x",
           {"First": "first_name", "Home": "phone2", "Work": "phone", "Comments": "notes", "Company": "company_id"}),
    Export("HubSpot", "contact", "Record ID|First Name|Last Name|Email|Phone Number|Contact owner|Lead Status|Marketing contact status|Create Date|"
           "Associated Company|Associated Company IDs|Lifecycle Stage|Job Title|City",
           "51|Ana|Souza|a@sol.example|41 99111-2222|Helena Prado|New|Marketing contact|2024-03-01 10:22|Sol Ltda|77|Customer|Gerente|Curitiba",
           {"Record ID": EXTERNAL_ID, "Contact owner": "owner_id", "Associated Company": "company_id", "Lifecycle Stage": "lifecycle",
            "Create Date": "created_at", "Phone Number": "phone"}),
    Export("HubSpot", "contact", "ID do registro|Nome|Sobrenome|E-mail|Número de telefone|Proprietário do contato|Status do lead|Data de criação|"
           "Empresa associada|Fase do ciclo de vida",
           "51|Ana|Souza|a@sol.example|41 99111-2222|Helena Prado|Novo|2024-03-01 10:22|Sol Ltda|Cliente",
           {"ID do registro": EXTERNAL_ID, "Nome": "first_name", "Proprietário do contato": "owner_id"}),
    Export("HubSpot", "company", "Record ID|Company name|Company owner|Create Date|Phone Number|Last Activity Date|City|Country/Region|Industry|"
           "Company Domain Name", "77|Sol Ltda|Helena Prado|2024-03-01|41 3333-1111|2024-05-01|Curitiba|Brazil|Retail|sol.example",
           {"Record ID": EXTERNAL_ID, "Company name": "name", "Company Domain Name": "website", "Company owner": "owner_id"}),
    Export("HubSpot", "deal", "Record ID|Deal Name|Deal Stage|Close Date|Deal owner|Amount|Pipeline|Associated Company|Associated Contacts",
           "9|Forno novo|Proposal|2024-06-01|Helena Prado|12000|Sales|Sol Ltda|Ana Souza",
           {"Record ID": EXTERNAL_ID, "Deal Name": "name", "Deal Stage": "stage_id", "Close Date": "expected_close", "Amount": "amount"}),
    Export("HubSpot", "case", "Ticket ID|Ticket name|Pipeline|Ticket status|Create date|Priority|Ticket owner|Source",
           "4|Forno parado|Support|New|2024-06-01|High|Helena Prado|Email",
           {"Ticket ID": EXTERNAL_ID, "Ticket name": "subject", "Ticket owner": "owner_id"}),
    Export("Salesforce", "contact", "Id|IsDeleted|AccountId|LastName|FirstName|Salutation|Name|MailingStreet|MailingCity|MailingPostalCode|Phone|"
           "MobilePhone|Email|Title|LeadSource|Birthdate|OwnerId|HasOptedOutOfEmail|CreatedDate|SystemModstamp",
           "003A000001|false|001A000001|Souza|Ana|Ms.|Ana Souza|Rua A, 1|Curitiba|80010-000|41 3333-1111|41 99111-2222|a@sol.example|Gerente|Web|"
           "1980-05-03|005A000001|false|2024-03-01T10:22:00.000Z|2024-03-01T10:22:00.000Z",
           {"Id": EXTERNAL_ID, "AccountId": "company_id", "MailingCity": "city", "Title": "job_title", "CreatedDate": "created_at", "SystemModstamp": None}),
    Export("Salesforce", "contact", "Salutation|First Name|Last Name|Title|Account Name|Mailing Street|Mailing City|Mailing State/Province|"
           "Mailing Zip/Postal Code|Phone|Mobile|Email|Account Owner",
           "Ms.|Ana|Souza|Gerente|Sol Ltda|Rua A, 1|Curitiba|PR|80010-000|41 3333-1111|41 99111-2222|a@sol.example|Helena Prado",
           {"Account Name": "company_id", "Mailing State/Province": "region", "Title": "job_title"}),
    Export("Salesforce", "company", "Id|Name|Type|ParentId|BillingStreet|BillingCity|BillingPostalCode|Phone|Website|Industry|AnnualRevenue|"
           "NumberOfEmployees|OwnerId|CreatedDate",
           "001A000001|Sol Ltda|Customer||Rua A, 1|Curitiba|80010-000|41 3333-1111|sol.example|Retail|120000|12|005A000001|2024-03-01T10:22:00.000Z",
           {"Id": EXTERNAL_ID, "Name": "name", "BillingCity": "city", "NumberOfEmployees": "employees", "ParentId": "parent_id"}),
    Export("Salesforce", "deal", "Id|AccountId|Name|StageName|Amount|Probability|CloseDate|LeadSource|IsClosed|IsWon|ForecastCategory|OwnerId",
           "006A000001|001A000001|Forno novo|Prospecting|12000|10|2024-06-01|Web|false|false|Pipeline|005A000001",
           {"Id": EXTERNAL_ID, "Name": "name", "AccountId": "company_id", "StageName": "stage_id", "CloseDate": "expected_close"}),
    Export("Pipedrive", "contact", "Person - Name|Person - Organization|Person - Email - Work|Person - Phone - Work|Person - Phone - Mobile|"
           "Person - Owner|Person - ID|Person - Closed deals|Person - Label",
           "Ana Souza|Sol Ltda|a@sol.example|41 3333-1111|41 99111-2222|Helena Prado|5|2|Hot lead",
           {"Person - Name": "name", "Person - Organization": "company_id", "Person - ID": EXTERNAL_ID, "Person - Phone - Mobile": "mobile",
            "Person - Closed deals": None}),
    Export("Pipedrive", "deal", "Deal - ID|Deal - Title|Deal - Value|Deal - Currency of Value|Deal - Stage|Deal - Status|Deal - Owner|"
           "Deal - Expected close date|Person - Name|Person - Email|Organization - Name|Deal - Deal created",
           "8|Forno novo|12000|BRL|Proposal|open|Helena Prado|2024-06-01|Ana Souza|a@sol.example|Sol Ltda|2024-03-01 10:22:00",
           {"Deal - ID": EXTERNAL_ID, "Deal - Title": "name", "Deal - Value": "amount", "Person - Name": "contact_id",
            "Organization - Name": "company_id", "Deal - Stage": "stage_id"}),
    Export("Pipedrive", "deal", "Negócio - Título|Negócio - Valor|Negócio - Etapa|Negócio - Status|Negócio - Proprietário|Pessoa - Nome|Organização - Nome",
           "Forno novo|12000|Proposta|Aberto|Helena Prado|Ana Souza|Sol Ltda",
           {"Negócio - Título": "name", "Pessoa - Nome": "contact_id", "Organização - Nome": "company_id"}),
    Export("Pipedrive", "company", "Organization - Name|Organization - Address|Organization - Owner|Organization - ID|Organization - Open deals",
           "Sol Ltda|Rua A, 1|Helena Prado|5|2", {"Organization - Name": "name", "Organization - ID": EXTERNAL_ID}),
    Export("Pipedrive", "activity", "Activity - Subject|Activity - Type|Activity - Due date|Activity - Done|Person - Name|Organization - Name|Deal - Title",
           "Ligar|Call|2024-06-01|To do|Ana Souza|Sol Ltda|Forno novo",
           {"Activity - Subject": "subject", "Activity - Due date": "due", "Person - Name": "links.contact"}),
    Export("Zoho CRM", "contact", "Record Id|Contact Owner.id|Contact Owner|Lead Source|First Name|Last Name|Account Name.id|Account Name|Email|"
           "Title|Phone|Mobile|Created Time|Modified Time|Mailing Street|Mailing City|Mailing Zip",
           "zcrm_1|zcrm_9|Helena Prado|Web|Ana|Souza|zcrm_7|Sol Ltda|a@sol.example|Gerente|41 3333-1111|41 99111-2222|2024-03-01 10:22:00|"
           "2024-03-02 10:22:00|Rua A, 1|Curitiba|80010-000",
           {"Record Id": EXTERNAL_ID, "Account Name": "company_id", "Contact Owner": "owner_id", "Mailing City": "city", "Title": "job_title"}),
    Export("Zoho CRM", "deal", "Record Id|Deal Owner|Amount|Deal Name|Closing Date|Account Name|Stage|Contact Name|Created Time|Lead Source",
           "zcrm_1|Helena Prado|12000|Forno novo|2024-06-01|Sol Ltda|Proposal|Ana Souza|2024-03-01 10:22:00|Web",
           {"Deal Name": "name", "Stage": "stage_id", "Closing Date": "expected_close", "Contact Name": "contact_id"}),
    Export("SuiteCRM", "contact", "First Name|Last Name|ID|Salutation|Title|Department|Email Address|Mobile|Office Phone|Primary Address Street|"
           "Primary Address City|Primary Address State|Primary Address Postal Code|Date Created|Date Modified|Assigned User ID|Deleted",
           "Ana|Souza|a1b2-c3|Ms.|Gerente|Vendas|a@sol.example|41 99111-2222|41 3333-1111|Rua A, 1|Curitiba|PR|80010-000|2024-03-01 10:22|2024-03-02 10:22|1|0",
           {"ID": EXTERNAL_ID, "Office Phone": "phone", "Primary Address City": "city", "Deleted": None}),
    Export("EspoCRM", "contact", "id|name|salutationName|firstName|lastName|accountName|emailAddress|phoneNumber|addressStreet|addressCity|"
           "addressPostalCode|createdAt|assignedUserName|createdById",
           "5f3a9b|Ana Souza|Ms.|Ana|Souza|Sol Ltda|a@sol.example|41 99111-2222|Rua A, 1|Curitiba|80010-000|2024-03-01 10:22:00|Helena Prado|1",
           {"id": EXTERNAL_ID, "accountName": "company_id", "emailAddress": "email", "addressCity": "city"}),
    Export("Odoo", "contact", "id|name|is_company|parent_id/id|email|phone|mobile|function|street|city|zip|country_id|state_id|category_id|vat",
           "p.1|Ana Souza|0|p.7|a@sol.example|41 3333-1111|41 99111-2222|Gerente|Rua A, 1|Curitiba|80010-000|Brazil|Paraná|VIP|111.444.777-35",
           {"id": EXTERNAL_ID, "name": "name", "parent_id/id": "company_id", "function": "job_title", "country_id": "country", "state_id": "region",
            "vat": "tax_id", "is_company": None}),
    Export("Odoo", "deal", "name|partner_name|contact_name|expected_revenue|probability|stage_id|user_id|date_deadline|tag_ids",
           "Forno novo|Sol Ltda|Ana Souza|12000|10|New|Helena Prado|2024-06-01|VIP",
           {"name": "name", "partner_name": "company_id", "expected_revenue": "amount", "date_deadline": "expected_close"}),
    Export("Bitrix24", "contact", "ID|Saludo|Nombre|Apellido|Fecha de nacimiento|Tipo de contacto|Teléfono de trabajo|Móvil|E-mail de trabajo|Compañía|"
           "Persona responsable|Disponible para todos|Creado el",
           "5|Sra.|Lucía|García|03/05/1980|Cliente|91 555 01 01|600 11 22 33|l@sol.example|Sol SL|Helena Prado|Sí|01/03/2024 10:22:00",
           {"ID": EXTERNAL_ID, "Nombre": "first_name", "Móvil": "mobile", "Persona responsable": "owner_id"}),
    Export("Bitrix24", "contact", "ID|Имя|Фамилия|Тип контакта|Рабочий телефон|Мобильный телефон|Рабочий e-mail|Компания|Ответственный|Дата создания",
           "5|Анна|Иванова|Клиент|+7 495 123-45-67|+7 916 123-45-67|a@sol.example|Солнце|Елена|01.03.2024 10:22:00",
           {"ID": EXTERNAL_ID, "Имя": "first_name", "Фамилия": "last_name", "Рабочий телефон": "phone", "Компания": "company_id"}),
    Export("Bitrix24", "deal", "ID|Nome do negócio|Etapa do negócio|Valor|Moeda|Empresa|Contato|Pessoa responsável|Criado em|Disponível para todos",
           "5|Forno novo|Proposta|12000|BRL|Sol Ltda|Ana Souza|Helena Prado|01/03/2024 10:22:00|Sim",
           {"Nome do negócio": "name", "Etapa do negócio": "stage_id", "Valor": "amount"}),
    Export("Act!", "contact", "Company|Contact|Address 1|Address 2|City|State|ZIP Code|Country|ID/Status|Phone|Fax|Home Phone|Mobile Phone|Title|E-mail|"
           "Web Site|Referred By|Last Results|Record Manager|Edit Date|Create Date",
           "Sun Inc|Ann Smith|1 Main St|Suite 4|Boston|MA|02101|USA|Customer|617 555-0100|617 555-0101||617 555-0102|Manager|a@sun.example|sun.example|Web|"
           "Called|Helen|3/1/2024|3/15/2023",
           {"Company": "company_id", "Contact": "name", "ID/Status": "lifecycle", "Address 2": "street2", "Record Manager": "owner_id"}),
    Export("GoldMine", "contact", "ACCOUNTNO|COMPANY|CONTACT|LASTNAME|TITLE|DEPARTMENT|SECR|PHONE1|PHONE2|FAX|ADDRESS1|ADDRESS2|CITY|STATE|ZIP|COUNTRY|DEAR|"
           "SOURCE|KEY1|KEY2|RECID",
           "A5031234|Sun Inc|Ann Smith|Smith|Manager|Sales|Bob|(617)555-0100|(617)555-0101|(617)555-0102|1 Main St||Boston|MA|02101|USA|Ann|Web|Customer|East|X1",
           {"ACCOUNTNO": EXTERNAL_ID, "CONTACT": "name", "COMPANY": "company_id", "PHONE1": "phone", "DEAR": None}),
    Export("Microsoft Dynamics 365", "contact", "(Do Not Modify) Contact|(Do Not Modify) Row Checksum|(Do Not Modify) Modified On|Full Name|Job Title|"
           "Company Name|Email|Business Phone|Mobile Phone|Address 1: City|Owner",
           "3f2a-11|abc=|2024-03-01 10:22|Ana Souza|Gerente|Sol Ltda|a@sol.example|41 3333-1111|41 99111-2222|Curitiba|Helena Prado",
           {"(Do Not Modify) Contact": EXTERNAL_ID, "Full Name": "name", "Company Name": "company_id", "Address 1: City": "city"}),
    Export("Freshsales", "contact", "Id|First name|Last name|Job title|Emails|Work|Mobile|Sales owner|Account name|Lifecycle stage|Last contacted time|Created at",
           "7|Ana|Souza|Gerente|a@sol.example|41 3333-1111|41 99111-2222|Helena Prado|Sol Ltda|Customer|2024-03-01|2024-02-01",
           {"Id": EXTERNAL_ID, "Sales owner": "owner_id", "Work": "phone", "Account name": "company_id"}),
    Export("Insightly", "contact", "Record ID|Salutation|First Name|Last Name|Organization|Role|Email Address|Business Phone|Mobile Phone|Mail Address - Street|"
           "Mail Address - City|Mail Address - Postal Code|Tag List|Background",
           "7|Ms|Ana|Souza|Sol Ltda|Gerente|a@sol.example|41 3333-1111|41 99111-2222|Rua A, 1|Curitiba|80010-000|VIP|Nada",
           {"Record ID": EXTERNAL_ID, "Organization": "company_id", "Mail Address - City": "city", "Background": "notes"}),
    Export("Highrise", "contact", "First name|Last name|Company|Title|Email address - Work|Email address - Home|Phone number - Work|Phone number - Mobile|"
           "Address - Work Street|Address - Work City|Background|Tags",
           "Ana|Souza|Sol Ltda|Gerente|a@sol.example|b@sol.example|41 3333-1111|41 99111-2222|Rua A, 1|Curitiba|Nada|VIP",
           {"Email address - Work": "email", "Phone number - Mobile": "mobile", "Address - Work City": "city"}),
    Export("Capsule", "contact", "Id|Type|First Name|Last Name|Organisation|Job Title|About|Owner|Tags|Email Address|Work Phone|Address Street|City|Postcode|"
           "Created|Updated|Last Contacted",
           "7|Person|Ana|Souza|Sol Ltda|Gerente|Nada|Helena Prado|VIP|a@sol.example|41 3333-1111|Rua A, 1|Curitiba|80010-000|2024-03-01|2024-03-02|2024-03-03",
           {"Id": EXTERNAL_ID, "Organisation": "company_id", "About": "notes", "Address Street": "street"}),
    Export("RD Station", "contact", "Email|Nome|Telefone|Celular|Cargo|Empresa|Cidade|Estado|Estágio no funil|Dono do Lead|Total de conversões|"
           "Data da primeira conversão|Origem da primeira conversão|Tags",
           "a@sol.example|Ana Souza|41 3333-1111|41 99111-2222|Gerente|Sol Ltda|Curitiba|PR|Cliente|Helena Prado|3|01/03/2024 10:22|Busca|vip",
           {"Nome": "name", "Celular": "mobile", "Dono do Lead": "owner_id", "Estágio no funil": "lifecycle"}),
    Export("RD Station", "deal", "Nome|Empresa|Qualificação|Funil de vendas|Etapa|Estado|Motivo de Perda|Valor Único|Valor Recorrente|Fonte|Responsável|Contatos",
           "Forno novo|Sol Ltda|3|Vendas|Proposta|Em andamento||12000|0|Site|Helena Prado|Ana Souza",
           {"Nome": "name", "Etapa": "stage_id", "Valor Único": "amount", "Contatos": "contact_id"}),
    Export("Agendor", "contact", "Código|Nome|Empresa|Cargo|CPF|E-mail|Telefone|Celular|Endereço|Número|Bairro|Cidade|Estado|CEP|Origem do cliente|"
           "Usuário responsável|Ranking|Data de cadastro",
           "12|Ana Souza|Sol Ltda|Gerente|111.444.777-35|a@sol.example|41 3333-1111|41 99111-2222|Rua A|1|Centro|Curitiba|PR|80010-000|Site|Helena Prado|3|01/03/2024",
           {"Código": EXTERNAL_ID, "Número": "street", "Usuário responsável": "owner_id", "Origem do cliente": "source"}),
    Export("PipeRun", "deal", "Hash|Título|Funil|Etapa|Status|Valor de P&S|Valor de MRR|Nome do dono da oportunidade|Nome (Pessoa)|Nome fantasia (Empresa)|Temperatura",
           "abc1|Forno novo|Vendas|Proposta|Aberta|12000|0|Helena Prado|Ana Souza|Sol Ltda|Quente",
           {"Título": "name", "Valor de P&S": "amount", "Nome (Pessoa)": "contact_id", "Nome fantasia (Empresa)": "company_id"}),
    Export("Ploomes", "contact", "Nome|Empresa|CPF|E-mail|Telefones|Cargo|Responsável|Origem|Segmento|Marcadores|Criador|Data de atualização",
           "Ana Souza|Sol Ltda|111.444.777-35|a@sol.example|41 3333-1111|Gerente|Helena Prado|Site|Varejo|vip|Helena Prado|01/03/2024",
           {"Nome": "name", "Responsável": "owner_id", "Marcadores": "tags"}),
    Export("Bling / Omie / Conta Azul", "company", "ID|Código|Nome|Fantasia|Endereço|Número|Bairro|CEP|Cidade|UF|Fone|Celular|E-mail|CNPJ / CPF|IE / RG|Contribuinte|"
           "Tipos de Contato|Cliente desde",
           "1|12|Sol Comércio Ltda|Sol|Rua A|1|Centro|80010-000|Curitiba|PR|41 3333-1111|41 99111-2222|a@sol.example|11.222.333/0001-81|123|9|Cliente|01/03/2024",
           {"Fantasia": "name", "CNPJ / CPF": "tax_id", "Código": "number", "Fone": "phone"}),
)  # fmt: skip


@pytest.mark.parametrize("export", EXPORTS, ids=lambda one: f"{one.program}-{one.entity}-{one.headers[:12]}")
def test_an_export_is_recognised_and_its_columns_go_where_they_belong(
    sqlite_database: Database, table_file: TableFile, export: Export
) -> None:
    headers, row = export.headers.split("|"), export.row.split("|")
    assert len(headers) == len(row)
    guess = guess_plan(sqlite_database, table_file([headers, row, row], "data.csv"))
    assert (guess.program, guess.plan.entity) == (export.program, export.entity)
    assert export.program in str(guess.evidence[0])
    assert guess.plan.program
    found = {one.header: one.target for one in guess.plan.columns}
    assert {header: found[header] for header in export.wanted} == export.wanted


def test_tables_name_only_fields_that_are_there(schema: Schema) -> None:
    transforms = {"", EMAIL, EXTRA, JOIN, LABELLED, NUMBER, TYPED, *DATE_PARTS}
    for program in PROGRAMS:
        for table in program.tables:
            for entity, columns in {table.entity: table.columns, **(table.also or {})}.items():
                spec = schema.entity(entity)
                names = {one.name for one in targets_of(schema, spec, spec.fields)}
                for key in columns:
                    target, _plus, transform = key.partition(":")[0].partition("+")
                    assert target in names | {"@id", "-"}, f"{program.name}, {entity}: {key}"
                    assert transform in transforms, f"{program.name}, {entity}: {key}"


@pytest.mark.parametrize(
    "headers",
    [
        "Name|Email|Phone", "Nome|Telefone|E-mail|Cidade|Estado", "Cliente|CNPJ|Endereço|Bairro|Cidade|UF|CEP|Telefone",
        "First Name|Last Name|Email|Company|Job Title|City|State|Country", "Nombre|Apellidos|Teléfono|Correo|Empresa|Ciudad",
        "Código|Produto|Preço|Unidade", "Data|Descrição|Valor|Categoria", "ID|Subject|Status|Priority|Created",
        "Nome|Empresa|Cargo|Telefone|Celular|E-mail|Aniversário|Observações", "Protocolo|Assunto|Cliente|Responsável|Status|Data",
    ],
)  # fmt: skip
def test_lists_that_an_office_keeps_are_no_exports(headers: str) -> None:
    assert recognise(headers.split("|")) is None


def test_rows_of_deals_tell_about_their_people_too(sqlite_database: Database, table_file: TableFile) -> None:
    path = table_file([
        ["Deal - Title", "Deal - Value", "Deal - Owner", "Person - Name", "Person - Email", "Person - Phone", "Organization - Name"],
        ["Forno", "12000", "Helena", "Ana Souza", "a@sol.example", "41 99111-2222", "Sol Ltda"],
    ])  # fmt: skip
    found = {one.header: one.target for one in guess_plan(sqlite_database, path, "contact").plan.columns}
    assert (found["Person - Name"], found["Person - Email"], found["Organization - Name"]) == (
        "name",
        "email",
        "company_id",
    )
