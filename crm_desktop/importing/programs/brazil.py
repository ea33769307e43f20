"""Programs of Brazil: RD Station, Agendor, PipeRun, Ploomes, Moskit, Omie, Bling, Conta Azul and the public list of companies."""

from __future__ import annotations

from crm_desktop.importing.programs.shape import Program, Table

_PLACE = {
    "street": "Endereço | Logradouro | Rua",
    "street+join": "Número | Número do endereço | Endereço - Número",
    "street2": "Complemento | Endereço - Complemento",
    "district": "Bairro | Endereço - Bairro",
    "city": "Cidade | Município | Endereço - Cidade",
    "region": "Estado | UF | Endereço - UF | Endereço - Estado",
    "postcode": "CEP | Endereço - CEP",
    "country": "País | Endereço - País",
}
_RD_LEAD = {
    "email": "Email | E-mail",
    "name": "Nome",
    "phone": "Telefone",
    "mobile": "Celular",
    "company_id": "Empresa",
    "job_title": "Cargo",
    "website": "Site | Website",
    "lifecycle": "Estágio no funil | Estágio no Funil | Estágio do funil",
    "owner_id": "Dono do Lead | Dono do lead",
    "tags": "Tags",
    "created_at": "Data da primeira conversão | Data da Primeira Conversão",
    "source": "Origem da primeira conversão | Origem da Primeira Conversão",
    "city": "Cidade",
    "region": "Estado",
    "country": "País",
    "birthday": "Data de Nascimento | Data de nascimento",
    "notes": "Anotações",
    "-": "Total de conversões | Total de Conversões | Eventos (Últimos 100) | Data da última conversão | Data da Última Conversão | "
    "Lead Scoring - Perfil | Lead Scoring - Interesse | URL pública | Status para Comunicação por Email | Facebook | Twitter | "
    "Linkedin | Primeira conversão | Última conversão | Origem da última conversão | Origem da Última Conversão | "
    "Qualificado | Lead qualificado",
}
_RD_DEAL = {
    "@id": "ID | ID da negociação",
    "name": "Nome | Nome da negociação | Negociação",
    "company_id": "Empresa | Nome da empresa",
    "contact_id": "Contatos | Contato | Nome do contato",
    "stage_id": "Etapa | Etapa do funil",
    "pipeline_id": "Funil | Funil de vendas",
    "status": "Estado | Status | Status da negociação",
    "amount": "Valor Total | Valor total | Valor Único | Valor único",
    "lost_reason": "Motivo de Perda | Motivo de perda | Motivo da perda",
    "source": "Fonte | Origem",
    "owner_id": "Responsável | Responsável pela negociação",
    "expected_close": "Previsão de fechamento | Data prevista de fechamento",
    "closed_on": "Data de fechamento",
    "created_at": "Data de criação",
    "product_id": "Produtos",
    "-": "Qualificação | Valor Recorrente | Valor recorrente | Hora de criação | Hora de fechamento | Campanha | "
    "Data do primeiro contato | Data do último contato | Data da próxima tarefa | Pausada | Anotação do motivo de perda | Equipes do responsável",
}
_AGENDOR_PERSON = {
    "@id": "Código | Código da pessoa",
    "name": "Nome",
    "company_id": "Empresa",
    "job_title": "Cargo",
    "tax_id": "CPF",
    "birthday": "Aniversário | Data de nascimento",
    "email": "E-mail",
    "phone": "Telefone",
    "mobile": "Celular | WhatsApp",
    "fax": "Fax",
    "phone+extra:work": "Ramal",
    "source": "Origem do cliente | Origem",
    "tags": "Categoria",
    "owner_id": "Usuário responsável | Responsável",
    "notes": "Descrição",
    "website": "Site | Website",
    "created_at": "Data de cadastro",
    "-": "Ranking | Última atualização | Usuário que cadastrou | Privado | Acessos adicionais | Facebook | Twitter | LinkedIn | "
    "Skype | Instagram | Setor",
    **_PLACE,
}
_AGENDOR_COMPANY = {
    **{k: v for k, v in _AGENDOR_PERSON.items() if k not in ("company_id", "job_title", "birthday", "tax_id", "mobile", "-")},
    "@id": "Código | Código da empresa",
    "name": "Nome fantasia | Nome",
    "legal_name": "Razão social",
    "tax_id": "CNPJ",
    "industry": "Setor",
    "mobile": "Celular | WhatsApp",
    "-": "Ranking | Última atualização | Usuário que cadastrou | Acessos adicionais | Facebook | Twitter | LinkedIn | Skype",
}  # fmt: skip
_AGENDOR_DEAL = {
    "@id": "Código | Código do negócio",
    "name": "Título | Título do negócio",
    "company_id": "Empresa | Empresa relacionada",
    "contact_id": "Pessoa | Pessoa relacionada",
    "amount": "Valor | Valor total",
    "stage_id": "Etapa",
    "pipeline_id": "Funil",
    "status": "Status",
    "opened_on": "Data de início",
    "closed_on": "Data de conclusão",
    "lost_reason": "Motivo de perda",
    "owner_id": "Usuário responsável | Responsável",
    "description": "Descrição",
    "created_at": "Data de cadastro",
    "product_id": "Produtos | Produtos e serviços",
    "-": "Ranking | Última atualização | Usuário que cadastrou | Acessos adicionais",
}
_PIPERUN = {
    "@id": "ID | Hash",
    "name": "Título | Título (Oportunidade) | Oportunidade",
    "company_id": "Nome fantasia (Empresa) | Empresa | Razão social (Empresa)",
    "contact_id": "Nome (Pessoa) | Pessoa",
    "contact_id+email": "E-mail (Pessoa)",
    "stage_id": "Etapa",
    "pipeline_id": "Funil",
    "status": "Status",
    "amount": "Valor de P&S | Valor | Valor de Produtos e Serviços",
    "source": "Origem",
    "owner_id": "Nome do dono da oportunidade | Dono da oportunidade | Dono",
    "lost_reason": "Motivo de perda",
    "expected_close": "Previsão de fechamento",
    "closed_on": "Data de fechamento | Fechado em",
    "created_at": "Data de cadastro | Criado em | Cadastrado em",
    "tags": "Tags",
    "description": "Observação | Descrição",
    "-": "Valor de MRR | Temperatura | Lead Time | Link | Equipe | Atualizado em | Congelada | Deletada | Posição no funil",
}
_PLOOMES_CONTACT = {
    "@id": "Id | Código | Chave",
    "name": "Nome | Nome fantasia",
    "company_id": "Empresa | Cliente | Relacionamento empresa",
    "tax_id": "CPF | CPF/CNPJ | CNPJ",
    "email": "E-mail | Email",
    "phone": "Telefone | Telefones",
    "job_title": "Cargo",
    "department": "Departamento",
    "owner_id": "Responsável",
    "source": "Origem",
    "lifecycle": "Status",
    "tags": "Marcadores | Segmento",
    "notes": "Observação | Observações",
    "birthday": "Aniversário",
    "created_at": "Data de criação | Criado em",
    "-": "Criador | Atualizador | Data de atualização | Última atualização | Linha de negócio | Tipo",
    **_PLACE,
}
_PLOOMES_COMPANY = {
    **{k: v for k, v in _PLOOMES_CONTACT.items() if k not in ("company_id", "job_title", "department", "lifecycle", "birthday")},
    "legal_name": "Razão social",
    "industry": "Segmento",
    "tags": "Marcadores",
}  # fmt: skip
_MOSKIT = {
    "@id": "ID",
    "name": "Nome do Negócio | Nome do negócio",
    "amount": "Valor (R$) | Valor",
    "stage_id": "Fase | Fase Atual",
    "pipeline_id": "Funil",
    "status": "Status",
    "company_id": "Empresa | Empresas",
    "contact_id": "Contato | Contatos",
    "owner_id": "Responsável",
    "source": "Origem",
    "lost_reason": "Motivo da Perda",
    "expected_close": "Previsão de Fechamento",
    "created_at": "Data de Criação",
    "closed_on": "Data de Fechamento",
    "-": "Criado por | Última atualização",
}
_ERP = {
    "@id": "ID",
    "number": "Código | Código do Cliente | Código do cliente",
    "name": "Fantasia | Nome Fantasia | Nome fantasia | Nome | Cliente",
    "legal_name": "Razão Social | Razão social | Nome",
    "tax_id": "CNPJ / CPF | CNPJ/CPF | CPF / CNPJ | CPF/CNPJ | CNPJ",
    "registration": "IE / RG | Inscrição Estadual | Inscrição estadual | IE",
    "email": "E-mail | Email",
    "phone": "Fone | Telefone | Telefone Comercial",
    "mobile": "Celular | Telefone Celular",
    "fax": "Fax",
    "website": "Web Site | Site | Website",
    "owner_id": "Vendedor",
    "notes": "Observações | Observação",
    "created_at": "Data de Cadastro | Cliente desde | Data Cadastro",
    "tags": "Tags | Marcadores",
    "kind": "Tipos de Contato | Tipo de contato",
    "-": "Contribuinte | Código de regime tributário | Limite de crédito | Limite de Crédito | Condição de pagamento | Tipo Pessoa | "
    "Tipo de pessoa | Inscrição Municipal | Optante Simples | Suframa | Orgão emissor | Situação",
    **_PLACE,
}
_RECEITA = {
    "tax_id": "CNPJ | cnpj",
    "legal_name": "Razão social | RAZAO_SOCIAL | razao_social",
    "name": "Nome fantasia | NOME_FANTASIA | nome_fantasia",
    "founded": "Ano de abertura",
    "street": "logradouro | Logradouro",
    "street+join": "Número | numero",
    "street2": "complemento | Complemento",
    "district": "bairro | Bairro",
    "postcode": "cep | CEP",
    "region": "uf | UF",
    "city": "municipio | Município",
    "phone+join": "ddd_1 | ddd1",
    "phone": "telefone_1 | telefone1",
    "phone+extra:work": "telefone_2 | telefone2",
    "email": "correio_eletronico | email | E-mail",
    "notes+labelled": "cnae_fiscal_descricao | Atividade principal | CNAE Principal | cnae_fiscal",
    "-": "situacao_cadastral | data_situacao_cadastral | motivo_situacao_cadastral | natureza_juridica | porte | capital_social | "
    "identificador_matriz_filial | situacao_especial | ddd_2 | qualificacao_do_responsavel | opcao_pelo_simples",
}

PROGRAMS = (
    Program(
        "rd_station",
        "RD Station",
        (
            Table("contact", _RD_LEAD, "Estágio no funil | Dono do Lead | Total de conversões | Data da primeira conversão | "
                  "Data da última conversão | Lead Scoring - Perfil | Lead Scoring - Interesse | URL pública | "
                  "Origem da primeira conversão | Eventos (Últimos 100)", 2),
            Table("deal", _RD_DEAL, "Valor Único | Valor Recorrente | Motivo de Perda | Qualificação | Etapa | Funil de vendas | "
                  "Nome da negociação | Pausada | Anotação do motivo de perda | Data do primeiro contato", 3),
        ),
    ),
    Program(
        "agendor",
        "Agendor",
        (
            Table("deal", _AGENDOR_DEAL, "Título do negócio | Empresa relacionada | Pessoa relacionada | Usuário responsável | "
                  "Motivo de perda | Data de conclusão | Código do negócio | Produtos e serviços | Acessos adicionais", 3),
            Table("company", _AGENDOR_COMPANY, "Código da empresa | Origem do cliente | Usuário responsável | Ranking | "
                  "Usuário que cadastrou | Razão social | CNPJ | Nome fantasia | Acessos adicionais", 4),
            Table("contact", _AGENDOR_PERSON, "Código da pessoa | Origem do cliente | Usuário responsável | Ranking | "
                  "Usuário que cadastrou | Acessos adicionais", 2),
        ),
    ),
    Program("piperun", "PipeRun", (Table("deal", _PIPERUN, "Nome do dono da oportunidade | Dono da oportunidade | "
            "Nome fantasia (Empresa) | Nome (Pessoa) | Valor de P&S | Valor de MRR | Temperatura | Título (Oportunidade) | "
            "Congelada | Lead Time | Hash", 2),)),
    Program("ploomes", "Ploomes", (Table("contact", _PLOOMES_CONTACT, "Relacionamento empresa | Marcadores | Criador | "
            "Atualizador | Linha de negócio | Responsável | Segmento | Data de atualização", 4),
            Table("company", _PLOOMES_COMPANY, "Razão social | CNPJ | Marcadores | Criador | Atualizador | Linha de negócio | "
            "Responsável | Segmento | Data de atualização", 6))),
    Program("moskit", "Moskit", (Table("deal", _MOSKIT, "Nome do Negócio | Fase Atual | Valor (R$) | Fase | Motivo da Perda | "
            "Previsão de Fechamento", 3),)),
    Program("erp_brasil", "Bling / Omie / Conta Azul", (Table("company", _ERP, "CNPJ / CPF | CPF / CNPJ | IE / RG | Contribuinte | "
            "Código de regime tributário | Tipos de Contato | Inscrição Municipal | Suframa | Cliente desde | Optante Simples | "
            "Condição de pagamento", 3),)),
    Program("receita", "Receita Federal", (Table("company", _RECEITA, "situacao_cadastral | natureza_juridica | capital_social | "
            "cnae_fiscal | identificador_matriz_filial | correio_eletronico | ddd_1 | porte", 3),)),
)  # fmt: skip
