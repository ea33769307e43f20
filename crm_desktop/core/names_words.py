"""Words that tell the parts of names apart, folded: titles, particles, suffixes, second given names, companies."""

from __future__ import annotations

TITLES = frozenset(
    """dr dra drs doutor doutora doctor doctora sr sra srta srs senhor senhora senhorita senor senora senorita prof
    profa professor professora profesor profesora ing eng enga engo engenheiro engenheira ingeniero ingeniera
    arq arquiteto arquiteta lic lcdo lcda licdo adv advogado advogada abogado pe padre frei fray rev reverendo
    exmo exma ilmo ilma dna dona don dom mr mrs ms miss mx sir dame madam mme mlle herr frau cap capt cel gen
    maj sgt ten dep ver""".split()
)
"""Before a name. "D" counts only with a dot, "don" and "dom" only before at least two names."""

SUFFIXES = frozenset(
    "jr jnr junior filho filha neto neta sobrinho sobrinha bisneto sr snr ii iii iv phd md msc mba esq dds cpa".split()
)
"""After a name, where at least two names stand before them."""

PARTICLES = frozenset(
    """de da do das dos del della di du van von der den ter ten la las los le lo el al bin ibn ben st san santa mac
    d""".split()
)
"""They belong to the word that follows."""

OPENERS = frozenset("de da do das dos del della di du van von der den ter ten le la bin ibn ben d".split())
"""Particles that may begin a surname; "la", "los", "san" and the like only continue one."""

JOINERS = frozenset({"e", "y", "i"})
"""They join two surnames to one."""

IBERIAN_SIGNS = frozenset({"da", "do", "das", "dos", "del", "e", "y", "de"})

SECOND_NAMES = frozenset(
    """abel adao adelaide adolfo adriana adriano afonso agustin aida alba alberto alejandra alejandro alessandra
    alexandra alexandre alfonso alfredo alice alicia aline alonso alvaro amalia amanda amelia amparo ana anabel
    andre andrea andreia andres angel angela angeles angelica antonia antonio aparecida armando arturo artur
    arthur augusta augusto aurelio aurora barbara beatriz belen benedita benedito benito bernardo betania bianca
    blanca bruna bruno camila candido carla carlos carmen carmo carolina caroline catarina cecilia celia celso
    cesar christina cinthia clara clarice claudia claudio clemente clotilde conceicao concepcion consuelo
    cristiane cristiano cristina cristobal cristian cristhian dalva daniel daniela daniele danilo dario david
    debora denis denise diana diego diogo dolores domingos domingo edgar edson eduarda eduardo elena eliana
    eliane elias elisa elisabete elisabeth elizabeth elvira emanuel emilia emiliano emilio enrique erica ernesto
    esperanza esteban estela ester esther eugenia eugenio eva evaristo fabiana fabiano fabio fabricio fatima
    federico felicia felipe fernanda fernando filipa filipe filomena flavia flavio florencia francisca francisco
    frederico gabriel gabriela genoveva geraldo gerardo german gilberto gloria goncalo gonzalo graca gracas
    graciela guadalupe guilherme guillermo gustavo heitor helena helio henrique herminia hugo humberto ignacio
    igor ines ingrid inacio irene isabel isabela isabella isidro ivan ivone jaime javier jeronimo jesus joana
    joao joaquim joaquin jonas jorge jose josefa josefina juan juana julia juliana juliano julieta julio karina
    karla katia larissa laura lauro leandro leila leonardo leonor leopoldo leticia lidia ligia lilian lorena
    lorenzo lourdes lourenco lucas lucia luciana luciano lucila luis luisa luiz luiza luz magdalena maite manoel
    manuel manuela marcela marcelo marcia marcio marco marcos margarida margarita maria mariana mariano marie
    marina mario marisa marlene marta martin martina mateo mateus matheus matias mauricio mauro maximo mercedes
    micaela michele miguel milagros miriam monica montserrat murilo natalia natividad nelson nicolas nieves
    noelia norma nuria octavio olga orlando oscar osvaldo otavio pablo paloma patricia paula paulo pedro
    penha pilar priscila rafael rafaela raimunda raimundo ramiro ramon raquel raul rebeca regina reinaldo
    remedios renata renato rene ricardo rita roberta roberto rocio rodolfo rodrigo rogerio rosa rosana rosangela
    rosario ruben ruth salvador samuel sandra santiago sara sebastian sebastiao sergio silvana silvia silvio
    simone socorro sofia soledad sonia susana suzana tadeu tania tatiana teodoro teresa tereza thais thiago
    tiago tomas trinidad ursula valentina valeria vanessa vera veronica vicente victor victoria vinicius violeta
    virginia vitor vitoria vivian viviane wagner wellington xavier ximena yolanda
    marie""".split()
)
"""Given names that often stand second: "Ana Paula", "José Carlos", "María del Carmen"."""

COMPANY_ENDS = frozenset(
    """ltda ltd llc llp inc corp co gmbh ag kg bv nv sarl srl spa oy ab plc eireli epp mei lda unipessoal slu sau sll
    sas sapi cv scp scl cb sl sa me s/a s/s ss sociedad limitada anonima incorporated limited company
    corporation cia associados associates hnos hermanos irmaos filhos hijos sons""".split()
)
COMPANY_WORDS = frozenset(
    """abogados academia acougue administradora administracao advocacia advogados agencia agropecuaria alimentos
    armazem arquitetura asesores asesoria asociacion associacao association assessoria assistencia autopecas
    ayuntamiento bakery bank banco bar bazar biblioteca boutique cabinet cafe cafeteria casa centro centre
    center church clinic clinica clube club colegio college comercial comercio commerce condominio confeccoes
    confederacao conselho construcciones construcoes construtora consulting consultores consultoria contabil
    contabilidade cooperativa council credito department departamento deposito design diario distribuidora
    distribuciones distribuidor editora educacao electronics embaixada empreendimentos empresa energia
    engenharia engineering enterprises escola escuela escritorio espacio estudio explotaciones exportacao
    fabrica faculdade farmacia federacao federal ferragens ferreteria finance financeira floricultura foundation
    franquia fundacao fundacion fundo fundos garage gestao gestion gobierno governo grafica group grupo
    hipermercado holding hospital hospitalar hotel igreja iglesia imobiliaria imoveis importadora impressos
    inmobiliaria industria industrial industrias industries informatica ingenieria institute instituto insurance
    international internacional investimentos inversiones joalheria junta laboratorio laboratorios laboratory
    law lanchonete libreria livraria loja lojas logistica madeireira magazine maquinas market marketing
    materiais mecanica medicina mercado mercearia metalurgica ministerio moda motel motors moveis municipal
    municipio museu museo odontologia oficina operadora optica organizacao otica padaria panaderia panificadora
    papelaria partners peluqueria petshop pizzaria planos posada pousada posto prefeitura produtora produtos
    promotora publicidade quimica radio recursos refrigeracao representacoes restaurant restaurante revista
    salao saude school secretaria secretariado seguradora seguros services servicios servicos shop shopping
    sindicato sistema sistemas sociedade society software solucoes soluciones solutions store studio suministros
    supermercado supermercados systems taller talleres tecidos tecnologia technologies technology telecom textil
    textiles tienda tintas tours trade trading transportadora transportes transporte travel tribunal turismo
    unimed uniodonto union companhia coop beneficencia beneficente caixa irmandade mutua seguro instituicao
    nacional universidad universidade university usina veterinaria viagens viajes""".split()
)
