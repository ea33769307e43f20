"""Words that say little: legal forms, kinds of street, placeholders; and short forms of given names in en, pt and es."""

from __future__ import annotations

LEGAL_FORMS = frozenset(
    """ltda limitada sa s/a me epp eireli mei ss cia companhia compania cooperativa coop sl slu sll sau slne scl scp sc cb
    inc incorporated corp corporation co company llc llp lp plc ltd limited pty gmbh mbh ag kg kgaa ohg ug ev nv bv vof cv
    spa srl sarl sas eurl snc ab asa oy oyj aps sp zoo kk kft sro doo rl de cv""".split()
)
"""Legal forms of companies without dots; "N V" is written together before it is looked up."""

GENERIC = frozenset(
    """the a o os as el la los las and e y i et und of de do da dos das del di for para com group grupo holding holdings
    international internacional servicos servicios services service solucoes soluciones solutions comercio comercial
    industria industrial industries consultoria consulting consultores associados asociados associates""".split()
)
"""Words of company names that many companies share: they count, but little."""

STREET_KINDS = frozenset(
    """street st str road rd avenue ave av aven avenida boulevard blvd blv bulevar drive dr lane ln court ct crt place pl
    circuit cct crescent cres close cl terrace tce highway hwy parade pde square sq way parkway pkwy
    rua r travessa tv trav alameda al praca pca pc estrada estr est rodovia rod largo lg viela vila vl quadra
    calle c cl carrera cra kra paseo pso plaza pza ronda camino cno carretera ctra via glorieta pasaje
    strasse laan straat weg rue""".split()
)
"""Kinds of street, whole and short: "R.", "Rua" and nothing are the same street."""

UNITS = frozenset(
    """apto ap apartamento apartment apt unit suite ste sala sl conj conjunto cj bloco bl casa cs loja lj andar piso pta
    puerta esc flat fl floor room km lote lt box po""".split()
)
"""What follows is no house number."""

DIRECTIONS = frozenset("n s e w ne nw se sw north south east west norte sul sur leste este oeste".split())

PLACEHOLDERS = frozenset(
    """nd na n/a none null nil unknown test teste prueba xxx xx x tbd tba tbc anonymous desconhecido desconocido
    vacant vago vacante sem nome sin nombre no name nao informado informar n consumidor final""".split()
)
"""Not a name at all; a text of nothing but these words is empty."""

FREE_MAIL = frozenset(
    """gmail.com googlemail.com hotmail.com outlook.com live.com msn.com yahoo.com yahoo.com.br yahoo.es icloud.com me.com
    aol.com uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com r7.com zipmail.com.br proton.me
    protonmail.com gmx.com gmx.net gmx.de hotmail.es hotmail.com.br outlook.com.br outlook.es live.com.pt sapo.pt
    telefonica.net mail.com example.com""".split()
)
"""Domains that say nothing about where somebody works."""

ROLES = frozenset(
    """info contato contacto contact vendas ventas sales financeiro office admin administracao suporte soporte support
    hello ola atendimento comercial compras rh hr marketing sac faturamento enquiries mail noreply no-reply""".split()
)
"""E-mail boxes that several people share."""

SUFFIXES = frozenset("jr jnr junior filho neto sobrinho sr snr senior ii iii iv".split())
SAME_SUFFIX = {"jnr": "jr", "junior": "jr", "filho": "jr", "snr": "sr", "senior": "sr"}

_NICKNAMES = """
william bill billy will willy liam|robert bob bobby rob robbie bert|richard rick ricky dick rich|james jim jimmy jamie
john johnny jack|joseph joe joey|michael mike mick mickey|thomas tom tommy|charles charlie chuck|edward ed eddie ted ned
david dave davy|daniel dan danny|samuel sam sammy|matthew matt|andrew andy drew|anthony tony|christopher chris kit
nicholas nick nicky|alexander alex sandy|benjamin ben benny|stephen steven steve|peter pete|gregory greg|jeffrey jeff
kenneth ken kenny|lawrence larry|leonard leo len|patrick pat paddy|philip phil|ronald ron ronnie|timothy tim|walter walt
elizabeth liz lizzie beth betty eliza lisa|margaret maggie meg peggy|katherine catherine kate katie kathy cathy
jennifer jen jenny|susan sue susie|deborah debbie deb|barbara barb|rebecca becky|patricia patty tricia trish|victoria vicky tori
christine christina chris tina|jessica jess jessie|pamela pam|sandra sandy|dorothy dot dottie|abigail abby|amanda mandy
joao joaozinho jota|jose ze zeca zezinho pepe jose|francisco chico paco pancho kiko fran quico|antonio toninho tonho tono toni
manoel manuel mane manolo manu|joaquim quim ximo|sebastiao tiao|luis luiz lula lucho|pedro pedrinho perico|carlos carlinhos carlitos
paulo paulinho|eduardo edu dudu lalo|ricardo rico|roberto beto|alberto beto|gilberto gil|fernando nando|rafael rafa|gabriel gabi biel
guilherme gui|guillermo memo guille|gustavo guga|leonardo leo|rodrigo digo|felipe lipe pipe|marcelo celo|daniel dani|andre dede
ignacio nacho iñaki inaki|jesus chus suso|enrique quique kike|santiago santi iago|javier javi|alejandro alex ale|vicente chente
rosario charo|dolores lola|concepcion concha conchita|mercedes merche|pilar pili|isabel isa bel|guadalupe lupe|consuelo chelo
teresa tere teca|francisca paca chica|josefa pepa|maria mari maruja mariazinha|antonia tonha toña|margarida guida|helena lena leninha
ana aninha anita|juliana ju juli|fernanda fe nanda|patricia pati|beatriz bia bea|gabriela gabi|rafaela rafa|carolina carol
luciana lu|mariana mari|adriana dri|camila mila|amanda mandinha|daniela dani|tatiana tati|cristina cris|eliana lili|vanessa nessa
"""


def _nicknames() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for number, line in enumerate(_NICKNAMES.replace("\n", "|").split("|")):
        for word in line.split():
            groups.setdefault(word, set()).add(str(number))
    return {word: frozenset(numbers) for word, numbers in groups.items()}


NICKNAMES = _nicknames()
"""Given name or short form to the groups it stands in: two that share a group may be one name."""
