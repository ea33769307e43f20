"""Bitrix24: leads, contacts, companies and deals, with headers in English, Portuguese, Spanish and Russian."""

from __future__ import annotations

from crm_desktop.importing.programs.shape import Program, Table

_REACH = {
    "phone": "Work phone | Work Phone | Telefone comercial | Telefone de trabalho | Teléfono de trabajo | Teléfono del trabajo | "
    "Рабочий телефон",
    "mobile": "Mobile | Mobile phone | Celular | Telefone celular | Móvil | Teléfono móvil | Мобильный телефон",
    "phone2": "Home phone | Telefone residencial | Teléfono particular | Домашний телефон",
    "fax": "Fax | Fax number | Номер факса",
    "phone+extra:other": "Other phone | Other phone number | Pager | Outro telefone | Otro teléfono | Другой телефон",
    "email": "Work e-mail | Work E-mail | E-mail comercial | E-mail de trabalho | E-mail de trabajo | "
    "Correo electrónico de trabajo | Рабочий e-mail",
    "email2": "Home e-mail | Private e-mail | E-mail pessoal | E-mail particular | E-mail personal | Частный e-mail",
    "email2+extra": "Other e-mail | E-mail for newsletters | Outro e-mail | Otro e-mail | Другой e-mail",
    "website": "Corporate website | Company website | Site corporativo | Site da empresa | Sitio web corporativo | Корпоративный сайт",
    "website+extra": "Personal website | Other website | Site pessoal | Facebook page | Личная страница | Другой сайт",
    "owner_id": "Responsible person | Responsible | Pessoa responsável | Responsável | Persona responsable | Responsable | "
    "Ответственный",
    "created_at": "Created | Created on | Date created | Criado em | Data de criação | Creado | Creado el | Fecha de creación | "
    "Дата создания",
    "street": "Address | Street, building | Street, house no. | Endereço | Rua, número | Dirección | Calle, número | Адрес | "
    "Улица, номер дома",
    "street2": "Suite / Apartment | Address (line 2) | Apartamento / sala | Квартира, офис, комната, этаж",
    "city": "City | Cidade | Ciudad | Населенный пункт | Город",
    "district": "Region | Район",
    "region": "State / Province | Estado / Província | Estado | Estado / Provincia | Provincia | Область",
    "postcode": "Zip | Postal code | CEP | Código postal | Почтовый индекс",
    "country": "Country | País | Страна",
}
_NOT = (
    "Available to everyone | Disponível para todos | Disponible para todos | Доступен для всех | Created by | Criado por | "
    "Creado por | Кем создан | Modified | Modified by | Modificado por | Modificado | Дата изменения | Кем изменен | "
    "Source information | Photo | Foto | Фотография | Skype ID | ICQ number | MSN/Live! | Jabber | Ad system | UTM Source | "
    "UTM Medium | UTM Campaign | UTM Content | UTM Term | Repeat lead"
)
_NAMES = {
    "prefix": "Salutation | Saudação | Tratamento | Saludo | Tratamiento | Обращение",
    "first_name": "First name | Nome | Primeiro nome | Nombre | Имя",
    "first_name+join": "Second name | Middle name | Segundo nome | Segundo nombre | Отчество",
    "last_name": "Last name | Sobrenome | Apellido | Apellidos | Фамилия",
    "birthday": "Date of birth | Birthdate | Data de nascimento | Fecha de nacimiento | Дата рождения",
    "job_title": "Position | Cargo | Puesto | Должность",
}
_CONTACT = {
    "@id": "ID",
    **_NAMES,
    "company_id": "Company | Company Name | Empresa | Nome da empresa | Compañía | Компания",
    "source": "Source | Fonte | Origem | Fuente | Origen | Источник",
    "notes": "Comment | Comentário | Comentario | Комментарий",
    "tags": "Contact type | Tipo de contato | Tipo de contacto | Тип контакта",
    "-": _NOT,
    **_REACH,
}
_LEAD = {
    **_CONTACT,
    "lifecycle": "Status | Stage | Estágio | Etapa | Статус | Стадия",
    "tags": "Lead Name | Nome do lead | Nombre del prospecto | Название лида",
    "-": _NOT + " | Status information | Currency | Amount | Total | Opportunity",
}
_COMPANY = {
    "@id": "ID",
    "name": "Company Name | Company name | Nome da empresa | Nombre de la compañía | Название компании",
    "kind": "Company type | Tipo de empresa | Tipo de compañía | Тип компании",
    "industry": "Industry | Setor | Ramo de atividade | Sector | Сфера деятельности",
    "employees": "Employees | Number of employees | Funcionários | Empleados | Кол-во сотрудников",
    "revenue": "Annual revenue | Receita anual | Ingresos anuales | Годовой оборот",
    "currency": "Currency | Moeda | Moneda | Валюта",
    "notes": "Comment | Comentário | Comentario | Комментарий",
    "-": _NOT + " | Logo | Payment details | Реквизиты",
    **_REACH,
}
_DEAL = {
    "@id": "ID",
    "name": "Deal Name | Deal name | Nome do negócio | Nombre de la negociación | Название сделки",
    "stage_id": "Deal stage | Stage | Etapa do negócio | Fase | Etapa | Etapa de la negociación | Стадия сделки | Стадия",
    "pipeline_id": "Pipeline | Funil | Embudo | Воронка",
    "amount": "Amount | Total | Valor | Total | Monto | Сумма",
    "currency": "Currency | Moeda | Moneda | Валюта",
    "probability": "Probability | Probabilidade | Probabilidad | Вероятность",
    "company_id": "Company | Empresa | Compañía | Компания",
    "contact_id": "Contact | Contato | Contacto | Контакт",
    "opened_on": "Start date | Data de início | Fecha de inicio | Дата начала",
    "expected_close": "Estimated close date | Expected close date | Data de fechamento estimada | Fecha estimada de cierre | "
    "Предполагаемая дата закрытия",
    "source": "Source | Fonte | Fuente | Источник",
    "owner_id": "Responsible person | Responsible | Pessoa responsável | Persona responsable | Ответственный",
    "created_at": "Created | Created on | Criado em | Creado el | Дата создания",
    "description": "Comment | Comentário | Comentario | Комментарий",
    "-": _NOT
    + " | Deal type | Tipo de negócio | Тип сделки | Closed | Fechado | Сделка закрыта | Repeat deal | Product | Price | "
    "Quantity",
}

PROGRAMS = (
    Program(
        "bitrix24",
        "Bitrix24",
        (
            Table("contact", _LEAD, "Lead Name | Available to everyone | Responsible person | Work phone | Work e-mail | "
                  "Status information | Nome do lead | Disponível para todos | Pessoa responsável | Nombre del prospecto | "
                  "Disponible para todos | Persona responsable | Название лида | Рабочий телефон | Ответственный | "
                  "Рабочий e-mail", 4),
            Table("contact", _CONTACT, "Contact type | Available to everyone | Responsible person | Work phone | Work e-mail | "
                  "Home e-mail | Disponível para todos | Pessoa responsável | Tipo de contato | Telefone de trabalho | "
                  "E-mail de trabalho | Disponible para todos | Persona responsable | Tipo de contacto | Teléfono de trabajo | "
                  "E-mail de trabajo | Рабочий телефон | Тип контакта | Ответственный | Рабочий e-mail | Мобильный телефон", 3),
            Table("company", _COMPANY, "Company type | Available to everyone | Responsible person | Work phone | Work e-mail | "
                  "Company Name | Tipo de empresa | Disponível para todos | Pessoa responsável | Tipo de compañía | "
                  "Disponible para todos | Persona responsable | Название компании | Тип компании | Рабочий телефон | "
                  "Ответственный | Сфера деятельности | Кол-во сотрудников", 3),
            Table("deal", _DEAL, "Deal Name | Deal stage | Available to everyone | Responsible person | Deal type | Repeat deal | "
                  "Nome do negócio | Etapa do negócio | Disponível para todos | Pessoa responsável | "
                  "Nombre de la negociación | Etapa de la negociación | Disponible para todos | Persona responsable | "
                  "Название сделки | Стадия сделки | Ответственный | Тип сделки", 3),
        ),
    ),
)  # fmt: skip
