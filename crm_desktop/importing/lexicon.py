"""Words that column headers, totals and notes are made of, in English, Portuguese and Spanish (and some neighbours)."""

from __future__ import annotations

import re
from functools import lru_cache

from crm_desktop.core.text import fold

_HINTS = {
    "person": (
        "name nome nombre names nomes apellido apellidos sobrenome surname firstname lastname fullname first "
        "last middle given family contact contato contacto person pessoa persona cliente customer client "
        "clientes vendedor seller salesperson owner agent responsavel "
        "responsable manager gerente nick nickname apelido representante atendente funcionario employee "
        "spouse conjuge father mother pai mae recipient requester solicitante paciente aluno socio titular "
        "vorname nachname nom prenom display"
    ),
    "company": (
        "supplier fornecedor proveedor vendor "
        "company empresa compania firma organization organisation "
        "organizacao organizacion razao razon fantasia account conta cuenta business corporation "
        "employer negocio estabelecimento instituicao "
        "merchant parent matriz filial societe denominacao"
    ),
    "email": "email mail e-mail emails correo correio eletronico electronico",
    "phone": (
        "phone telephone tel fone telefone telefono celular cel mobile movil movel fax whatsapp whats ramal "
        "extension ext ddd pager beeper telex telefones handy"
    ),
    "url": "url website web site homepage link pagina page sitio facebook instagram linkedin twitter blog www",
    "street": (
        "address endereco direccion domicilio domicilios street logradouro rua calle av avenida end via "
        "morada adresse dir numero complemento address1 address2 street1 street2"
    ),
    "city": "city cidade ciudad municipio town localidad localidade poblacion pueblo suburb mun village ort ville",
    "state": "state estado uf provincia province region county regiao",
    "country": "country pais nation nacionalidade nacionalidad countries",
    "postcode": "zip zipcode postcode postal cep cp codpostal plz postalcode",
    "date": (
        "date data fecha birthday birth birthdate nascimento nasc nacimiento cumpleanos aniversario "
        "aniversary dob created modified updated criado alterado cadastro alta baja vencimento due emissao "
        "emision inicio start end fim fin validade abertura encerramento fechamento closing closed opened "
        "datum day dia month mes year ano since desde anniversary registro timestamp"
    ),
    "time": "time hora hour horario duration duracao duracion hours horas minutes seconds minutos",
    "money": (
        "amount value valor total price preco precio custo costo cost revenue receita ingreso saldo balance "
        "budget salary salario importe monto montante faturamento capital limite credit credito debito "
        "unitprice preu pay discount desconto descuento fee tax imposto"
    ),
    "percent": "percent percentage percentual porcentaje probability probabilidade aliquota rate taxa",
    "integer": (
        "quantity quantidade cantidad qty qtd qtde count employees funcionarios empleados age idade edad "
        "units unidades score points pontos number num no nro nr n seq"
    ),
    "tax_id": (
        "cpf cnpj cgc nif cif nie dni vat rfc cuit cuil ruc rut ein tin tva iva rg ie passport passaporte "
        "pasaporte documento document inscricao insc"
    ),
    "id": (
        "id code codigo cod uid guid key chave clave ref reference referencia matricula identifier "
        "identificador sku ean barcode isbn handle external rec record protocolo ticket invoice nota"
    ),
    "bool": (
        "active ativo activo enabled subscribed newsletter optin optout opt valid valido has is kids blocked "
        "bloqueado principal primary"
    ),
    "choice": (
        "type tipo category categoria status situacao estatus stage etapa gender sexo genero group grupo "
        "class classe segment segmento priority prioridade source origem origen fonte channel canal sector "
        "setor ramo industry industria language idioma lingua titulo salutation tratamento trato prefix "
        "prefixo suffix sufixo level nivel tier currency moeda moneda payment pagamento marital civil modality "
        "modalidade subject assunto asunto product produto producto item stockcode series office regional "
        "territory labels label tags tag campaign"
    ),
    "job": (
        "title job cargo puesto role funcao funcion position profession profissao profesion ocupacao "
        "ocupacion department depto departamento occupation grade"
    ),
    "long_text": (
        "note notes nota notas obs observacao observacoes observacion observaciones comment comments "
        "comentario comentarios description descricao descripcion remarks memo details detalhes detalle "
        "message mensagem mensaje historico history history text texto summary resumo body bio"
    ),
}
_EXTRA = (
    "de do da del la el los las of the e y and a o em en para for com con home work business other casa "
    "trabalho trabajo comercial residencial particular outro otro main alt alternate secondary primary 1 "
    "2 3 4 5 i ii iii new old from to per by start end min max avg mean no yes file row line linha "
    "latitude longitude lat lon x y z freq frequency bairro neighborhood barrio colonia distrito "
    "district header heading cabecalho encabezado var field fields col attr campo campos columna coluna "
    "version location local lugar place event subject summary reminder show as mode format size length "
    "weight color colour test result question answer variable var1 var2 field1 field2 var3 col1 col2 "
    "column value1 value2 attribute property parameter default required unit measure description_en "
    "unnamed counter some year quarter week forecast actual plan team department unit organization "
    "function reports senior post contract terms expense area service supplier body family entity "
    "transaction paid ref cost centre center gross net"
)
KNOWN: dict[str, str] = {word: "" for word in _EXTRA.split()}
for _kind, _words in _HINTS.items():
    for _word in _words.split():
        KNOWN.setdefault(_word, _kind)
        if not KNOWN[_word]:
            KNOWN[_word] = _kind
for _word in _EXTRA.split()[:60]:
    KNOWN[_word] = ""

TOTAL = re.compile(
    r"^(?:grand |sub[- ]?)?(?:total|totals|totais|totales|suma|soma|sum|subtotal|somatorio|media|average|"
    r"promedio)(?:\s+(?:geral|general|gen|parcial|final|de|do|da|of|:)\b.*)?\s*[:=]?(?:\s*[\d.,]+(?:\s+[^\W\d_]+)?)?$"
)
NOTE = re.compile(
    r"^(?:fonte|source|fuente|nota|note|notes|notas|obs|observacao|\*|emitido|gerado|generado|generated|"
    r"printed|impresso|impreso|exported|exportado|pagina|page \d|relatorio|report |informe |copyright|©|"
    r"\d+ (?:registros?|records?|rows|linhas|filas|itens|items|clientes|contatos|contactos)|(?:total de |"
    r"numero de |number of )?(?:registros|records|rows)\b|fim do|end of|fin de)"
)
INSTRUCTIONS = re.compile(
    r"instru|readme|read me|leia|faq|ajuda|help|ayuda|lee ?me|legend|metadata|dicionario|dictionary|"
    r"glossa|notes|notas|sobre|about|capa|cover|indice|index|log\b|config|param|lista|lookup|aux|"
    r"tabelas?\b"
)
COMPANY = re.compile(
    r"\b(?:ltda|eireli|epp|inc|llc|ltd|limited|corp|corporation|gmbh|plc|sarl|s/a|s\.\s?a\.?|s\.\s?l\.?|s\.\s?r\.\s?l|sociedad|"
    r"sociedade|compan(?:y|ia|hia)|lda|unipessoal|industria|industrias|industries|comercio|comercial|servicos|"
    r"servicios|services|group|grupo|holding|holdings|solutions|associacao|asociacion|association|cooperativa|"
    r"fundacao|foundation|fundacion|instituto|institute|universidade|university|universidad|hospital|clinica|banco|"
    r"bank|escola|school|colegio|council|partners|technologies|technology|systems|sistemas|consulting|consultoria|"
    r"transportes|construtora|distribuidora|restaurante|hotel|supermercado|farmacia|posto|auto|loja|store|agency|"
    r"agencia|trading|international|laboratorios?|plano de saude|odontologia|saude|administradora|seguros|"
    r"insurance|trust)\b|"
    # short endings say company only at the end: "Padaria Sol SA", "Bar do Ze ME"
    r"\b(?:sa|sas|sl|slu|srl|spa|me|mei|cia|co|bv|nv|ag|oy|ab|as|kg)\.?$|\b(?:n\s?v|b\.\s?v|n\.\s?v|c\.?i\.?a)\.?$"
)
STREET = re.compile(
    r"^(?:r\.?|rua|av\.?|avda\.?|avenida|al\.?|alameda|tv\.?|travessa|praca|pca\.?|pc\.?|plaza|pza\.?|"
    r"estrada|est\.?|rod\.?|rodovia|largo|vila|quadra|qd\.?|sqn|sqs|calle|c/|cl\.?|cra\.?|carrera|camino|"
    r"paseo|pje\.?|pasaje|ronda|carretera|ctra\.?|via|urb\.?|rue|via|strada|barrio|sitio|fazenda|po box|"
    r"p\.?o\.? box|apartado|caixa postal)\s+\S|^\d+[\w-]*\s+.*\b(?:st|street|ave?|avenue|rd|road|blvd|"
    r"boulevard|dr|drive|ln|lane|way|ct|court|pl|place|pkwy|hwy|sq|square|terrace|close|row)\b\.?|"
    r".*(?:strasse|straße|gata|vagen|laan|straat|weg)\b.*\d"
)
STATES_BR = frozenset("ac al ap am ba ce df es go ma mt ms mg pa pb pr pe pi rj rn rs ro rr sc sp se to".split())
STATES_US = frozenset(
    (
        "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc "
        "nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr"
    ).split()
)
COUNTRIES = frozenset(
    fold(name)
    for name in (
        "Brasil|Brazil|Brésil|Argentina|Uruguay|Uruguai|Paraguay|Paraguai|Chile|Perú|Peru|Bolivia|Bolívia|"
        "Ecuador|Equador|Colombia|Colômbia|Venezuela|México|Mexico|Cuba|España|Spain|Espanha|Portugal|France|"
        "França|Francia|Germany|Alemanha|Alemania|Deutschland|Italy|Itália|Italia|United Kingdom|Reino Unido|"
        "UK|England|Inglaterra|Scotland|Ireland|Irlanda|USA|U.S.A.|US|United States|United States of America|"
        "Estados Unidos|EUA|EEUU|Canada|Canadá|Netherlands|Holanda|Países Baixos|Belgium|Bélgica|Switzerland|"
        "Suíça|Suiza|Austria|Áustria|Sweden|Suécia|Norway|Noruega|Denmark|Dinamarca|Finland|Finlândia|Poland|"
        "Polônia|Polonia|Czech Republic|Hungary|Hungria|Romania|Romênia|Greece|Grécia|Turkey|Turquia|Russia|"
        "Rússia|Ukraine|Ucrânia|China|Japan|Japão|Japón|Korea|South Korea|Coreia do Sul|India|Índia|"
        "Australia|Austrália|New Zealand|South Africa|África do Sul|Angola|Moçambique|Mozambique|Cabo Verde|"
        "Israel|Egypt|Egito|Morocco|Marrocos|Marruecos|Philippines|Filipinas|Indonesia|Thailand|Tailândia|"
        "Vietnam|Panamá|Panama|Costa Rica|Guatemala|Honduras|El Salvador|Nicaragua|República Dominicana|"
        "Dominican Republic|Puerto Rico|Jordan|Kenya|Singapore|Luxembourg|Andorra|Iceland|Croatia|Slovenia|"
        "Slovakia|Bulgaria|Serbia|EIRE|Channel Islands|Nigeria|Saudi Arabia|United Arab Emirates|Hong Kong|"
        "Taiwan|Malaysia"
    ).split("|")
)
COUNTRY_CODES = frozenset(
    (
        "br ar uy py cl pe bo ec co ve mx es pt fr de it gb uk us ca nl be ch at se no dk fi pl cz hu ro gr "
        "tr ru ua cn jp kr in au nz za ao mz ie"
    ).split()
)
GIVEN = frozenset(
    (
        "maria jose joao antonio francisco carlos paulo pedro lucas luiz luis marcos rafael daniel marcelo "
        "bruno eduardo felipe rodrigo gabriel gustavo manoel manuel ana adriana juliana marcia fernanda "
        "patricia aline sandra camila amanda bruna jessica leticia julia luciana vanessa mariana helena rosa "
        "marina beatriz claudia carmen isabel pilar dolores josefa teresa lucia cristina marta laura elena "
        "raquel javier miguel angel jesus alejandro david pablo sergio jorge fernando alberto juan diego "
        "andres victor ramon enrique vicente raul alvaro jaime john james robert michael william richard "
        "joseph thomas charles christopher matthew anthony mark donald steven paul andrew joshua kenneth "
        "kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric stephen "
        "jonathan larry justin scott brandon mary patricia jennifer linda elizabeth barbara susan jessica "
        "sarah karen nancy lisa margaret betty sandra ashley dorothy kimberly emily donna michelle carol "
        "amanda melissa deborah stephanie rebecca sharon peter henry frank anna eva emma hans karl jean "
        "pierre marie sofia olivia roberto ricardo renata sonia silvia monica simone tatiana viviane "
        "leonardo leandro thiago tiago vitor hugo nuno rui joaquim ines catarina martin alice steve jane "
        "mike tom bob jim joe bill"
    ).split()
)
ENGLISH = frozenset(
    (
        "name first last date birth birthday phone city state country zip address street company account "
        "created amount price order customer start end time"
    ).split()
)
IBERIAN = frozenset(
    (
        "nome nombre data fecha nascimento nacimiento telefone telefono cidade ciudad estado pais cep "
        "endereco direccion empresa criado valor preco precio pedido cliente inicio fim fin hora"
    ).split()
)
PARTICLES = frozenset("de da do das dos del la las los y e di van von der den le du santa san".split())


_GLUED_ID = re.compile(r"\b(?!(?:IN)?VALID\b|(?:UN)?PAID\b)([A-Z]{3,})ID\b")


@lru_cache(maxsize=20_000)
def header_words(text: str) -> tuple[str, ...]:
    """The folded words of a header: "E-mail_2 Address" and "emailAddress" both give words."""
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])", " ", text.strip())
    spaced = _GLUED_ID.sub(r"\1 ID", spaced)
    spaced = re.sub(r"(?i)\be-?mail", "email", spaced)
    spaced = re.sub(r"(?<=[^\W\d_])(?=\d)", " ", spaced)
    return tuple(word for word in re.split(r"[\W_]+", fold(spaced)) if word)


_LONG = dict(
    pair.split("=") for pair in (
        "nasc=nascimento nac=nacimiento dt=data tel=telefone tels=telefone fones=telefone telef=telefone cel=celular cels=celular "
        "end=endereco ender=endereco dir=direccion direc=direccion cod=codigo resp=responsavel aniv=aniversario cumple=cumpleanos "
        "pob=poblacion prov=provincia mun=municipio munic=municipio cad=cadastro vend=vendedor sit=situacao situac=situacao "
        "prev=previsao prob=probabilidade mov=movil apell=apellidos depto=departamento dept=departamento insc=inscricao "
        "compl=complemento obs=observacoes observ=observacoes qtd=quantidade qtde=quantidade cant=cantidad vlr=valor vl=valor "
        "venc=vencimento ult=ultima logr=logradouro bair=bairro cid=cidade est=estado nom=nome hist=historico desc=descricao "
        "descr=descricao prior=prioridade func=funcionario forn=fornecedor emp=empresa razon=razon mail=email corr=correo "
        "orc=orcamento prod=produto cat=categoria contat=contato org=organization addr=address ph=phone mob=mobile "
        "qty=quantity amt=amount num=numero nro=numero"
    ).split()
)  # fmt: skip
_UNIT = re.compile(
    r"\s*[(\[](?:R\$|US\$|U\$S|MX\$|[$€£%]|BRL|USD|EUR|MXN|reais|euros|dolares|un|und|kg|h|hs|min|dias|days)[)\]]\s*$",
    re.I,
)
_SIGN = re.compile(r"\s*(?:R\$|US\$|[€£%]|#)\s*$")


def without_unit(header: str) -> str:
    """A header without the unit at its end: "Valor (R$)" and "Prob. %" are "Valor" and "Prob."."""
    shorter = _SIGN.sub("", _UNIT.sub("", header))
    return shorter if any(c.isalpha() for c in shorter) else header


@lru_cache(maxsize=5000)
def long_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a header with the usual short forms written out: "dt nasc" is "data nascimento"."""
    return tuple(_LONG.get(word, word) for word in words)


def known_share(text: str) -> float:
    """How many of the words of a would-be header are header words (0..1)."""
    found = [word for word in long_words(header_words(text)) if not word.isdigit()]
    if not found or len(found) > 8:
        return 0.0
    return sum(1 for word in found if word in KNOWN) / len(found)


_WEAK = ("person", "company")
_ATTRIBUTES = (
    "email",
    "phone",
    "url",
    "street",
    "city",
    "state",
    "country",
    "postcode",
    "date",
    "time",
    "money",
    "percent",
    "tax_id",
    "bool",
    "id",
)
_CONTACT = frozenset("contact contato contacto owner vendor vendedor representante".split())
_KIND_WORDS = frozenset("type tipo status situacao category categoria label labels".split())
_ID_WORDS = frozenset("id code codigo cod ref key chave".split())


@lru_cache(maxsize=5000)
def hints(header: str) -> tuple[str, ...]:
    """The kinds that a header suggests, the likeliest first: "Company Phone" is a phone, "Phone 1 - Type" a choice."""
    found = long_words(header_words(header))
    kinds = list(dict.fromkeys(KNOWN[word] for word in found if KNOWN.get(word)))
    if not kinds:
        return ()
    if found[-1] in _KIND_WORDS or found[0] in ("tipo", "status", "situacao"):
        return ("choice",)
    if found[0] in ("is", "has", "e", "es") and len(found) > 1:
        return ("bool", *kinds)
    if found[-1] in _ID_WORDS or found[0] in _ID_WORDS:
        place = [kind for kind in kinds if kind in ("postcode", "country", "state", "tax_id", "phone", "city")]
        return (*place, "id") if place else ("id",)
    if "street" in kinds and set(kinds) & {"email", "url", "city", "state", "country", "postcode"}:
        kinds.remove("street")
    strong = [kind for kind in kinds if kind in _ATTRIBUTES and kind != "id"]
    if "money" in strong and set(strong) & {"email", "phone", "url", "street", "date"}:
        strong.remove("money")
    if strong:
        kinds = strong + [kind for kind in kinds if kind not in strong and kind not in (*_WEAK, "integer", "id")]
    elif "person" in kinds and "company" in kinds:
        kinds = ["person"] if set(found) & _CONTACT else ["company", "person"]
    elif "person" in kinds and len(kinds) > 1:
        kinds.remove("person")
    return tuple(kinds)
