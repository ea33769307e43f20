"""Salesforce: reports with labels and Data Loader exports with API names."""

from __future__ import annotations

from crm_desktop.importing.programs.shape import Program, Table

_MAIL = {
    "street": "MailingStreet | Mailing Street | Endereço de correspondência",
    "city": "MailingCity | Mailing City",
    "region": "MailingState | Mailing State/Province | Mailing State",
    "postcode": "MailingPostalCode | Mailing Zip/Postal Code | Mailing Zip",
    "country": "MailingCountry | Mailing Country",
    "street:other": "OtherStreet | Other Street",
    "city:other": "OtherCity | Other City",
    "region:other": "OtherState | Other State/Province",
    "postcode:other": "OtherPostalCode | Other Zip/Postal Code",
    "country:other": "OtherCountry | Other Country",
}
_SYSTEM = (
    "IsDeleted | MasterRecordId | SystemModstamp | LastModifiedById | LastModifiedDate | CreatedById | LastViewedDate | "
    "LastReferencedDate | LastActivityDate | PhotoUrl | JigsawContactId | Jigsaw | IsEmailBounced | EmailBouncedDate | "
    "EmailBouncedReason | RecordTypeId | LastCURequestDate | LastCUUpdateDate | MailingLatitude | MailingLongitude | "
    "MailingGeocodeAccuracy | Last Modified Date | Last Activity | Last Modified By | CleanStatus"
)
_CONTACT = {
    "@id": "Id | Contact ID | 18-Digit Contact ID",
    "prefix": "Salutation",
    "first_name": "FirstName | First Name",
    "first_name+join": "MiddleName | Middle Name",
    "last_name": "LastName | Last Name",
    "name": "Name | Full Name | Contact Name",
    "suffix": "Suffix",
    "company_id": "Account Name | Account.Name",
    "company_id+number": "AccountId | Account ID",
    "job_title": "Title",
    "department": "Department",
    "phone": "Phone | Business Phone",
    "mobile": "MobilePhone | Mobile | Mobile Phone",
    "phone2": "HomePhone | Home Phone",
    "phone+extra:other": "OtherPhone | Other Phone",
    "fax": "Fax",
    "email": "Email",
    "birthday": "Birthdate",
    "source": "LeadSource | Lead Source",
    "owner_id": "OwnerId | Contact Owner | Owner.Name",
    "notes": "Description | Contact Description",
    "do_not_contact": "HasOptedOutOfEmail | Email Opt Out | DoNotCall",
    "created_at": "CreatedDate | Created Date",
    "-": _SYSTEM + " | ReportsToId | AssistantName | AssistantPhone | HasOptedOutOfFax | Account Owner",
    **_MAIL,
}
_LEAD = {
    "@id": "Id | Lead ID",
    "prefix": "Salutation",
    "first_name": "FirstName | First Name",
    "last_name": "LastName | Last Name",
    "name": "Name",
    "company_id": "Company | Company / Account",
    "job_title": "Title",
    "phone": "Phone",
    "mobile": "MobilePhone | Mobile",
    "fax": "Fax",
    "email": "Email",
    "website": "Website",
    "source": "LeadSource | Lead Source",
    "lifecycle": "Status | Lead Status",
    "owner_id": "OwnerId | Lead Owner",
    "notes": "Description",
    "do_not_contact": "HasOptedOutOfEmail",
    "street": "Street",
    "city": "City",
    "region": "State | State/Province",
    "postcode": "PostalCode | Zip/Postal Code",
    "country": "Country",
    "created_at": "CreatedDate | Create Date",
    "-": _SYSTEM
    + " | IsConverted | ConvertedDate | ConvertedAccountId | ConvertedContactId | ConvertedOpportunityId | "
    "IsUnreadByOwner",
}
_ACCOUNT = {
    "@id": "Id | Account ID | 18-Digit Account ID",
    "name": "Name | Account Name",
    "kind": "Type | Account Type",
    "parent_id": "Parent Account | Parent.Name",
    "parent_id+number": "ParentId | Parent Account ID",
    "number": "AccountNumber | Account Number",
    "street:work": "BillingStreet | Billing Street",
    "city:work": "BillingCity | Billing City",
    "region:work": "BillingState | Billing State/Province",
    "postcode:work": "BillingPostalCode | Billing Zip/Postal Code",
    "country:work": "BillingCountry | Billing Country",
    "street:other": "ShippingStreet | Shipping Street",
    "city:other": "ShippingCity | Shipping City",
    "region:other": "ShippingState | Shipping State/Province",
    "postcode:other": "ShippingPostalCode | Shipping Zip/Postal Code",
    "country:other": "ShippingCountry | Shipping Country",
    "phone": "Phone",
    "fax": "Fax",
    "website": "Website",
    "industry": "Industry",
    "revenue": "AnnualRevenue | Annual Revenue",
    "employees": "NumberOfEmployees | Employees",
    "notes": "Description | Account Description",
    "owner_id": "OwnerId | Account Owner",
    "source": "AccountSource | Account Source",
    "founded": "YearStarted | Year Started",
    "created_at": "CreatedDate | Created Date",
    "-": _SYSTEM + " | Sic | SicDesc | Ownership | TickerSymbol | Rating | Site | DunsNumber | NaicsCode | NaicsDesc",
}
_DEAL = {
    "@id": "Id | Opportunity ID",
    "name": "Name | Opportunity Name",
    "company_id": "Account Name | Account.Name",
    "company_id+number": "AccountId | Account ID",
    "contact_id": "Primary Contact",
    "contact_id+number": "ContactId",
    "stage_id": "StageName | Stage",
    "amount": "Amount",
    "probability": "Probability | Probability (%)",
    "expected_close": "CloseDate | Close Date",
    "source": "LeadSource | Lead Source",
    "owner_id": "OwnerId | Opportunity Owner",
    "next_step": "NextStep | Next Step",
    "description": "Description",
    "currency": "CurrencyIsoCode | Opportunity Currency | Amount Currency",
    "created_at": "CreatedDate | Created Date",
    "-": _SYSTEM + " | IsClosed | IsWon | IsPrivate | ForecastCategory | ForecastCategoryName | ExpectedRevenue | "
    "TotalOpportunityQuantity | FiscalQuarter | FiscalYear | Fiscal | Fiscal Period | HasOpportunityLineItem | "
    "Pricebook2Id | CampaignId | HasOpenActivity | HasOverdueTask | Age | Owner Role",
}
_CASE = {
    "@id": "Id | Case ID",
    "number": "CaseNumber | Case Number",
    "subject": "Subject",
    "company_id": "Account Name",
    "company_id+number": "AccountId | Account ID",
    "contact_id": "Contact Name",
    "contact_id+number": "ContactId | Contact ID",
    "status": "Status",
    "priority": "Priority",
    "channel": "Origin | Case Origin",
    "category": "Type | Reason | Case Reason",
    "owner_id": "OwnerId | Case Owner",
    "description": "Description",
    "created_at": "CreatedDate | Date/Time Opened | Opened Date",
    "solved_at": "ClosedDate | Date/Time Closed | Closed Date",
    "-": _SYSTEM
    + " | IsClosed | IsEscalated | SuppliedName | SuppliedEmail | SuppliedPhone | SuppliedCompany | Age | Open | Closed",
}
_TASK = {
    "@id": "Id | Activity ID",
    "subject": "Subject",
    "due": "ActivityDate | Date | Due Date",
    "status": "Status",
    "priority": "Priority",
    "owner_id": "OwnerId | Assigned | Assigned To",
    "description": "Description | Full Comments | Comments",
    "kind": "TaskSubtype | Type",
    "links.contact": "Contact | Name | Company / Contact",
    "links.contact+number": "WhoId | Contact ID",
    "links.company": "Company / Account | Account Name",
    "links.company+number": "AccountId | Account ID",
    "duration": "CallDurationInSeconds | Call Duration",
    "created_at": "CreatedDate | Created Date",
    "-": _SYSTEM
    + " | IsClosed | IsHighPriority | IsArchived | CallObject | CallType | RecurrenceActivityId | IsRecurrence",
}
_PRODUCT = {
    "@id": "Id | Product ID",
    "name": "Name | Product Name",
    "code": "ProductCode | Product Code | StockKeepingUnit",
    "description": "Description | Product Description",
    "active": "IsActive | Active",
    "category": "Family | Product Family",
    "price": "UnitPrice | List Price | Standard Price",
    "unit": "QuantityUnitOfMeasure",
    "created_at": "CreatedDate | Created Date",
    "-": _SYSTEM,
}

PROGRAMS = (
    Program(
        "salesforce",
        "Salesforce",
        (
            Table("contact", _CONTACT, "AccountId | MailingStreet | MailingCity | MailingPostalCode | ReportsToId | "
                  "HasOptedOutOfEmail | Mailing Street | Mailing City | Mailing State/Province | Mailing Zip/Postal Code | "
                  "Contact Owner | LeadSource | SystemModstamp | 18-Digit Contact ID", 3),
            Table("contact", _LEAD, "IsConverted | ConvertedContactId | LeadSource | Company / Account | "
                  "IsUnreadByOwner | Lead Owner | Lead ID | Lead Status", 2),
            Table("company", _ACCOUNT, "BillingStreet | BillingPostalCode | ShippingStreet | NumberOfEmployees | "
                  "AnnualRevenue | AccountSource | TickerSymbol | AccountNumber | Billing State/Province | "
                  "Billing Zip/Postal Code | Shipping State/Province | 18-Digit Account ID", 2),
            Table("deal", _DEAL, "StageName | CloseDate | ForecastCategory | ForecastCategoryName | Pricebook2Id | IsWon | "
                  "Opportunity ID | Opportunity Owner | Fiscal Period | Owner Role | Opportunity Currency", 2),
            Table("case", _CASE, "CaseNumber | SuppliedEmail | SuppliedName | IsEscalated | Case Number | Date/Time Opened | "
                  "Case Owner | Case Reason | Date/Time Closed", 2),
            Table("activity", _TASK, "WhoId | WhatId | ActivityDate | TaskSubtype | IsHighPriority | CallDurationInSeconds | "
                  "Full Comments | Company / Account | Activity ID", 2),
            Table("product", _PRODUCT, "ProductCode | QuantityUnitOfMeasure | StockKeepingUnit | Product Family | "
                  "IsActive | Product Code | Family", 2),
        ),
    ),
)  # fmt: skip
