"""Address books: Outlook in three languages, Google, Thunderbird, Yahoo, Roundcube, LinkedIn."""

from __future__ import annotations

from crm_desktop.importing.programs.shape import Program, Table

_OUTLOOK = {
    "prefix": "Title | Tratamento | Tratamiento | Título",
    "first_name": "First Name | Primeiro nome | Nombre | Nome",
    "first_name+join": "Middle Name | Segundo nome | Nome do meio | Segundo nombre",
    "last_name": "Last Name | Sobrenome | Apellidos | Apelido",
    "suffix": "Suffix | Sufixo | Sufijo",
    "company_id": "Company | Empresa | Organización | Compañía",
    "department": "Department | Departamento",
    "job_title": "Job Title | Cargo | Puesto",
    "street:work": "Business Street | Rua do endereço comercial | Calle del trabajo | Rua (comercial)",
    "street+join:work": "Business Street 2 | Business Street 3 | Rua do endereço comercial 2 | Rua do endereço comercial 3 | "
    "Calle del trabajo 2 | Calle del trabajo 3",
    "city:work": "Business City | Cidade do endereço comercial | Ciudad de trabajo",
    "region:work": "Business State | Estado do endereço comercial | Provincia o estado de trabajo",
    "postcode:work": "Business Postal Code | CEP do endereço comercial | Código postal del trabajo",
    "country:work": "Business Country/Region | Business Country | País/Região da Empresa | País o región del trabajo",
    "street:home": "Home Street | Endereço residencial | Calle del domicilio | Calle (particular)",
    "street+join:home": "Home Street 2 | Home Street 3 | Endereço residencial 2 | Endereço residencial 3",
    "city:home": "Home City | Cidade do endereço residencial | Ciudad (particular)",
    "region:home": "Home State | Estado do endereço residencial | Estado o provincia (particular)",
    "postcode:home": "Home Postal Code | CEP do endereço residencial | Código postal del domicilio",
    "country:home": "Home Country/Region | Home Country | País/Região de Residência | País o región del domicilio",
    "street:other": "Other Street | Outro endereço | Otra calle",
    "street+join:other": "Other Street 2 | Other Street 3 | Outro endereço 2 | Outro endereço 3 | Otra calle 2 | Otra calle 3",
    "city:other": "Other City | Outra cidade | Otra ciudad",
    "region:other": "Other State | Outro Estado | Otra provincia o estado",
    "postcode:other": "Other Postal Code | Outro CEP | Otro código postal",
    "country:other": "Other Country/Region | Other Country | Outro País/Região | Otro país o región",
    "fax": "Business Fax | Fax comercial | Fax del trabajo",
    "phone": "Business Phone | Telefone comercial | Teléfono del trabajo",
    "phone+extra:work": "Business Phone 2 | Company Main Phone | Primary Phone | Telefone comercial 2 | "
    "Telefone principal da empresa | Telefone principal | Teléfono del trabajo 2 | Teléfono principal | "
    "Número de centralita de la organización",
    "phone2": "Home Phone | Telefone residencial | Particular",
    "phone2+extra:home": "Home Phone 2 | Telefone residencial 2 | Número particular 2",
    "mobile": "Mobile Phone | Telefone celular | Teléfono móvil | Móvil",
    "phone+extra:other": "Other Phone | Car Phone | Radio Phone | Outro telefone | Telefone do carro | Otro teléfono | "
    "Teléfono del automóvil | Pager | Radioteléfono | Radiofone",
    "fax+extra": "Home Fax | Other Fax | Fax residencial | Outro fax | Fax particular | Otro fax",
    "email": "E-mail Address | Email Address | Endereço de email | Endereço de e-mail | Dirección de correo electrónico",
    "email2": "E-mail 2 Address | Endereço de email 2 | Endereço de e-mail 2 | Dirección de correo electrónico 2",
    "email2+extra": "E-mail 3 Address | Endereço de email 3 | Endereço de e-mail 3 | Dirección del correo electrónico 3",
    "birthday": "Birthday | Aniversário | Data de nascimento | Cumpleaños",
    "gender": "Gender | Sexo | Género | Sexo",
    "website": "Web Page | Página da Web | Página web",
    "notes": "Notes | Anotações | Notas",
    "tags": "Categories | Categorias | Categorías",
    "-": "Initials | Iniciais | Iniciales | Priority | Prioridade | Prioridad | Private | Particular 1 | Sensitivity | "
    "Sensibilidade | Confidencialidad | E-mail Type | E-mail 2 Type | E-mail 3 Type | E-mail Display Name | "
    "E-mail 2 Display Name | E-mail 3 Display Name | Tipo de email | Tipo de email 2 | Tipo de email 3 | "
    "Nome para exibição do email | Nome para exibição do email 2 | Nome para exibição do email 3 | "
    "Tipo de correo electrónico | Tipo de correo electrónico 2 | Tipo de correo electrónico 3 | "
    "Nombre de pantalla de correo electrónico | Nombre de pantalla de correo electrónico 2 | "
    "Nombre de pantalla de correo electrónico 3 | Internet Free Busy | Disponibilidade da Internet | Directory Server | "
    "Mileage | Quilometragem | Kilometraje",
}
_OUTLOOK_SIGNS = (
    "E-mail Display Name | E-mail 2 Display Name | E-mail 2 Address | Business Street | Business Phone 2 | Home Street 2 | "
    "Company Main Phone | TTY/TDD Phone | Internet Free Busy | Government ID Number | Directory Server | Car Phone | "
    "Rua do endereço comercial | Telefone principal da empresa | Telefone TTY/TDD | Disponibilidade da Internet | "
    "Nome para exibição do email | Endereço de email 2 | Código do governo | Endereço residencial 2 | Radiofone | "
    "Calle del trabajo | Otra calle | Ciudad de trabajo | Número de teletipo | Nombre de pantalla de correo electrónico | "
    "Dirección de correo electrónico 2 | Número de centralita de la organización | Radioteléfono"
)
_GOOGLE = {
    "first_name": "Given Name | First Name",
    "first_name+join": "Additional Name | Middle Name",
    "last_name": "Family Name | Last Name",
    "prefix": "Name Prefix",
    "suffix": "Name Suffix",
    "name": "Name | File As",
    "nickname": "Nickname",
    "birthday": "Birthday",
    "notes": "Notes",
    "tags": "Group Membership | Labels",
    "company_id": "Organization 1 - Name | Organization Name",
    "job_title": "Organization 1 - Title | Organization Title",
    "department": "Organization 1 - Department | Organization Department",
    "-": "Yomi Name | Given Name Yomi | Additional Name Yomi | Family Name Yomi | Phonetic First Name | "
    "Phonetic Middle Name | Phonetic Last Name | Initials | Short Name | Maiden Name | Mileage | Priority | Sensitivity | "
    "Photo | Billing Information | Directory Server",
}
_THUNDERBIRD = {
    "first_name": "First Name",
    "last_name": "Last Name",
    "name": "Display Name",
    "nickname": "Nickname",
    "email": "Primary Email",
    "email2": "Secondary Email",
    "phone": "Work Phone",
    "phone2": "Home Phone",
    "fax": "Fax Number",
    "mobile": "Mobile Number",
    "phone+extra:other": "Pager Number",
    "street:home": "Home Address",
    "street+join:home": "Home Address 2",
    "city:home": "Home City",
    "region:home": "Home State",
    "postcode:home": "Home ZipCode",
    "country:home": "Home Country",
    "street:work": "Work Address",
    "street+join:work": "Work Address 2",
    "city:work": "Work City",
    "region:work": "Work State",
    "postcode:work": "Work ZipCode",
    "country:work": "Work Country",
    "job_title": "Job Title",
    "department": "Department",
    "company_id": "Organization",
    "website": "Web Page 1",
    "website+extra": "Web Page 2",
    "birthday+year": "Birth Year",
    "birthday+month": "Birth Month",
    "birthday+day": "Birth Day",
    "notes": "Notes",
    "-": "Screen Name | Custom 1 | Custom 2 | Custom 3 | Custom 4",
}
_YAHOO = {
    "first_name": "First | First Name",
    "first_name+join": "Middle | Middle Name",
    "last_name": "Last | Last Name",
    "nickname": "Nickname",
    "email": "Email",
    "email2": "Alternate Email 1",
    "email2+extra": "Alternate Email 2",
    "tags": "Category | Distribution Lists",
    "phone2": "Home",
    "phone": "Work",
    "mobile": "Mobile",
    "fax": "Fax",
    "phone+extra:other": "Pager | Other",
    "company_id": "Company",
    "job_title": "Title",
    "website": "Personal Website | Business Website",
    "street:work": "Work Address",
    "city:work": "Work City",
    "region:work": "Work State",
    "postcode:work": "Work ZIP",
    "country:work": "Work Country",
    "street:home": "Home Address",
    "city:home": "Home City",
    "region:home": "Home State",
    "postcode:home": "Home ZIP",
    "country:home": "Home Country",
    "birthday": "Birthday",
    "notes": "Comments",
    "-": "Yahoo! ID | Yahoo Phone | Messenger ID1 | Messenger ID2 | Messenger ID3 | Skype ID | IRC ID | ICQ ID | Primary",
}
_LINKEDIN = {
    "first_name": "First Name",
    "last_name": "Last Name",
    "email": "Email Address",
    "company_id": "Company",
    "job_title": "Position",
    "website": "URL",
    "created_at": "Connected On",
}

PROGRAMS = (
    Program("outlook", "Outlook", (Table("contact", _OUTLOOK, _OUTLOOK_SIGNS, 3),)),
    Program(
        "google_contacts",
        "Google Contacts",
        (
            Table(
                "contact",
                _GOOGLE,
                "Group Membership | Yomi Name | Phonetic First Name | Phone 1 - Value | E-mail 1 - Value | "
                "E-mail 1 - Type | E-mail 1 - Label | Phone 1 - Label | Phone 1 - Type | Organization 1 - Name | "
                "Additional Name | File As | Organization Name",
                3,
            ),
        ),
    ),
    Program(
        "thunderbird",
        "Thunderbird",
        (Table("contact", _THUNDERBIRD, "Primary Email | Secondary Email | Screen Name | Home ZipCode | Work ZipCode | "
               "Web Page 1 | Web Page 2 | Pager Number | Birth Year", 4),),
    ),
    Program(
        "yahoo", "Yahoo", (Table("contact", _YAHOO, "Yahoo! ID | Yahoo Phone | Messenger ID1 | Alternate Email 1 | "
                                 "Alternate Email 2 | Distribution Lists | Personal Website | Skype ID", 3),),
    ),
    Program("linkedin", "LinkedIn", (Table("contact", _LINKEDIN, "Connected On | Position | First Name | Email Address", 4),)),
)  # fmt: skip
