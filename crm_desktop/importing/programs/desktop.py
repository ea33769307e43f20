"""Older desktop programs and Microsoft's: Act!, GoldMine, Dynamics 365."""

from __future__ import annotations

from crm_desktop.importing.programs.shape import Program, Table

_ACT = {
    "company_id": "Company",
    "name": "Contact",
    "first_name": "First Name",
    "last_name": "Last Name",
    "prefix": "Name Prefix",
    "suffix": "Name Suffix",
    "street": "Address 1",
    "street2": "Address 2",
    "street2+join": "Address 3",
    "city": "City",
    "region": "State",
    "postcode": "ZIP Code | Zip",
    "country": "Country",
    "lifecycle": "ID/Status",
    "phone": "Phone",
    "phone2": "Home Phone",
    "phone+extra:other": "Alternate Phone | Alt Phone | Toll-Free Phone | Pager",
    "fax": "Fax | Fax Phone",
    "mobile": "Mobile Phone",
    "email": "E-mail | E-mail Address | E-mail Login",
    "email2": "Personal E-mail",
    "website": "Web Site",
    "job_title": "Title",
    "department": "Department",
    "source": "Referred By",
    "birthday": "Birth Date | Birthdate",
    "owner_id": "Record Manager",
    "created_at": "Create Date",
    "notes+labelled": "Last Results | User 1 | User 2 | User 3 | User 4 | User 5 | User 6",
    "street:home": "Home Address 1",
    "street2:home": "Home Address 2",
    "city:home": "Home City",
    "region:home": "Home State",
    "postcode:home": "Home ZIP Code | Home Zip",
    "country:home": "Home Country",
    "-": "Salutation | Edit Date | Last Reach | Last Meeting | Last Attempt | Letter Date | Merge Date | Public/Private | "
    "Record Creator | Import Date | Ticker Symbol | Spouse | Assistant | Asst. Phone | 2nd Contact | 2nd Title | 2nd Phone",
}
_GOLDMINE = {
    "@id": "ACCOUNTNO",
    "company_id": "COMPANY",
    "name": "CONTACT",
    "last_name": "LASTNAME",
    "department": "DEPARTMENT",
    "job_title": "TITLE",
    "phone": "PHONE1",
    "phone+extra:work": "PHONE2",
    "phone+extra:other": "PHONE3",
    "fax": "FAX",
    "street": "ADDRESS1",
    "street2": "ADDRESS2",
    "street2+join": "ADDRESS3",
    "city": "CITY",
    "region": "STATE",
    "postcode": "ZIP",
    "country": "COUNTRY",
    "source": "SOURCE",
    "notes": "NOTES",
    "owner_id": "OWNER",
    "email": "EMAIL | CONTSUPREF | E-mail Address",
    "created_at": "CREATEON",
    "notes+labelled": "KEY1 | KEY2 | KEY3 | KEY4 | KEY5",
    "-": "DEAR | SECR | EXT1 | EXT2 | EXT3 | EXT4 | STATUS | MERGECODES | CREATEBY | CREATEAT | LASTUSER | LASTDATE | LASTTIME | "
    "RECID | U_COMPANY | U_CONTACT | U_LASTNAME | U_CITY | U_STATE | U_COUNTRY | U_KEY1",
}
_DYNAMICS_CONTACT = {
    "@id": "(Do Not Modify) Contact | contactid | Contact | (Não Modificar) Contato | (No modificar) Contacto",
    "name": "Full Name | fullname | Nome Completo | Nombre completo",
    "first_name": "First Name | firstname",
    "first_name+join": "Middle Name | middlename",
    "last_name": "Last Name | lastname",
    "company_id": "Company Name | parentcustomerid | parentcustomeridname | Nome da Empresa | Nombre de la compañía",
    "job_title": "Job Title | jobtitle",
    "email": "Email | emailaddress1 | Email Address 1",
    "email2": "emailaddress2 | Email Address 2",
    "phone": "Business Phone | telephone1",
    "phone2": "Home Phone | telephone2",
    "mobile": "Mobile Phone | mobilephone",
    "fax": "Fax",
    "website": "Website | websiteurl",
    "street": "Address 1: Street 1 | address1_line1",
    "street2": "Address 1: Street 2 | address1_line2",
    "street2+join": "Address 1: Street 3 | address1_line3",
    "city": "Address 1: City | address1_city",
    "region": "Address 1: State/Province | address1_stateorprovince",
    "postcode": "Address 1: ZIP/Postal Code | address1_postalcode",
    "country": "Address 1: Country/Region | address1_country",
    "street:other": "Address 2: Street 1 | address2_line1",
    "city:other": "Address 2: City | address2_city",
    "region:other": "Address 2: State/Province | address2_stateorprovince",
    "postcode:other": "Address 2: ZIP/Postal Code | address2_postalcode",
    "country:other": "Address 2: Country/Region | address2_country",
    "owner_id": "Owner | ownerid | owneridname",
    "birthday": "Birthday | birthdate",
    "gender": "Gender | gendercode",
    "notes": "Description | description",
    "created_at": "Created On | createdon",
    "do_not_contact": "donotbulkemail | Do not allow Bulk Emails",
    "-": "(Do Not Modify) Row Checksum | (Do Not Modify) Modified On | modifiedon | Status | Status Reason | statecode | statuscode | "
    "versionnumber | (Não Modificar) Soma de Verificação da Linha | (Não Modificar) Modificado em | "
    "(No modificar) Suma de comprobación de fila | (No modificar) Fecha de modificación",
}
_DYNAMICS_ACCOUNT = {
    **{key: value for key, value in _DYNAMICS_CONTACT.items() if key not in
       ("name", "first_name", "first_name+join", "last_name", "company_id", "job_title", "birthday", "gender", "mobile",
        "do_not_contact")},
    "@id": "(Do Not Modify) Account | accountid | Account",
    "name": "Account Name | name",
    "phone": "Main Phone | telephone1",
    "number": "Account Number | accountnumber",
    "kind": "Relationship Type | customertypecode",
    "industry": "Industry | industrycode",
    "revenue": "Annual Revenue | revenue",
    "employees": "Number of Employees | numberofemployees",
    "parent_id": "Parent Account | parentaccountid | parentaccountidname",
}  # fmt: skip
_DYNAMICS_DEAL = {
    "@id": "(Do Not Modify) Opportunity | opportunityid | Opportunity",
    "name": "Topic | name | Tópico | Tema",
    "company_id": "Account | Potential Customer | parentaccountid | customerid | Cliente Potencial",
    "contact_id": "Contact | parentcontactid",
    "amount": "Est. Revenue | Est. revenue | estimatedvalue | Actual Revenue",
    "expected_close": "Est. Close Date | Est. close date | estimatedclosedate",
    "probability": "Probability | closeprobability",
    "stage_id": "Pipeline Phase | stepname | Sales Stage",
    "owner_id": "Owner | ownerid",
    "description": "Description | description",
    "created_at": "Created On | createdon",
    "-": "(Do Not Modify) Row Checksum | (Do Not Modify) Modified On | modifiedon | Status Reason | statuscode | statecode | Rating",
}

PROGRAMS = (
    Program("act", "Act!", (Table("contact", _ACT, "ID/Status | Last Results | Last Reach | Record Manager | Referred By | Edit Date | "
                                  "Last Meeting | Last Attempt | Public/Private | Letter Date | 2nd Contact | Record Creator", 2),)),
    Program("goldmine", "GoldMine", (Table("contact", _GOLDMINE, "ACCOUNTNO | DEAR | SECR | PHONE1 | PHONE2 | KEY1 | KEY2 | KEY3 | "
                                           "MERGECODES | RECID | U_COMPANY | EXT1", 3),)),
    Program(
        "dynamics",
        "Microsoft Dynamics 365",
        (
            Table("contact", _DYNAMICS_CONTACT, "(Do Not Modify) Contact | (Do Not Modify) Row Checksum | "
                  "Address 1: Street 1 | Address 1: City | Address 1: ZIP/Postal Code | parentcustomerid | emailaddress1 | "
                  "address1_line1 | contactid | (Não Modificar) Contato | (No modificar) Contacto | fullname", 2),
            Table("company", _DYNAMICS_ACCOUNT, "(Do Not Modify) Account | (Do Not Modify) Row Checksum | Address 1: City | "
                  "accountid | accountnumber | primarycontactid | Primary Contact | address1_line1 | Main Phone", 3),
            Table("deal", _DYNAMICS_DEAL, "(Do Not Modify) Opportunity | (Do Not Modify) Row Checksum | Est. Revenue | "
                  "Est. Close Date | estimatedvalue | estimatedclosedate | opportunityid | Potential Customer", 2),
        ),
    ),
)  # fmt: skip
