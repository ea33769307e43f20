"""What other programs call the values of drop-downs, by the keys that our fields use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from crm_desktop.core.fields import Choice
from crm_desktop.core.values import choice_key, choice_lookup

_WORDS: dict[str, str] = {
    # states of tasks, cases and deals
    "done": "completed complete finished concluida concluido concluidas finalizada finalizado terminada terminado feita hecha "
    "hecho completada completado realizada realizado held closed fechada fechado encerrada",
    "planned": "not_started pending pendente pendiente planejada planificada scheduled agendada agendado in_progress "
    "em_andamento en_curso confirmed tentative confirmado deferred adiada waiting_on_someone_else nao_iniciada no_iniciada open aberta abierta needs_action",
    "cancelled": "canceled cancelada cancelado anulada not_held abandoned",
    "new": "novo nova nuevo nueva",
    "open": "in_progress em_andamento en_curso escalated assigned active aberto aberta abierto abierta reopened working "
    "em_atendimento en_proceso reaberto",
    "waiting": "on_hold pending pendente pendiente waiting_on_customer aguardando aguardando_cliente en_espera esperando_cliente",
    "solved": "resolved resolvido resolvida resuelto resuelta fixed answered",
    "closed": "encerrado encerrada fechado fechada cerrado cerrada done completed concluido",
    "won": "ganho ganha ganado ganada closed_won fechado_ganho vendido sold",
    "lost": "perdido perdida closed_lost fechado_perdido closed_lost_to_competition",
    # priorities
    "low": "baixa baixo baja bajo lowest p4 4 6 7 8 9",
    "normal": "medium media medio moderate p3 3 5 0",
    "high": "alta alto highest p2 2",
    "urgent": "urgente critical critica critico immediate emergency p1 1",
    # people and companies
    "lead": "prospect prospecto suspect novo_lead potential potencial subscriber",
    "qualified": "qualificado calificado opportunity sql mql marketing_qualified_lead sales_qualified_lead oportunidade",
    "customer": "client cliente active ativo activo buyer comprador",
    "former": "inactive inativo inactivo ex_cliente churned lost_customer former_customer antigo",
    "prospect": "potential potencial lead prospecto",
    "supplier": "vendor fornecedor proveedor supplier_vendor",
    "partner": "parceiro socio reseller revendedor distribuidor integrator",
    "competitor": "concorrente competidor",
    "referral": "external_referral employee_referral indicacao indicado referencia referido recomendacion word_of_mouth boca_a_boca",
    "website": "web site internet web_site web_form online online_store web_download web_research formulario pagina_web",
    "phone": "call cold_call telephone telefone telefono ligacao llamada inbound_call",
    "event": "trade_show conference seminar seminar_internal seminar_partner feira feria evento congreso",
    "campaign": "advertisement ads anuncio email_campaign campanha campana publicidad propaganda google_ads sales_email_alias mail",
    "social": "social_media facebook instagram linkedin twitter x_twitter chat redes_sociais redes_sociales whatsapp",
    "walk_in": "walk_in balcao mostrador loja tienda",
    # activities and calls
    "out": "outbound outgoing realizada efetuada saliente saida",
    "in": "inbound incoming recebida recibida entrante entrada missed",
    "call": "phone_call telefonema ligacao llamada",
    "meeting": "event appointment reuniao reunion evento compromisso cita",
    "visit": "visita onsite",
    "task": "to_do todo tarefa tarea",
    "messenger": "chat whatsapp telegram social_media",
    "web": "website portal form site internet",
    "in_person": "walk_in counter balcao presencial visit",
    "letter": "mail post carta correo_postal",
    "question": "inquiry enquiry duvida consulta product_inquiry information",
    "problem": "technical_issue technical bug incident incidente erro error issue falha",
    "complaint": "reclamacao reclamo queja billing_inquiry",
    "request": "feature_request solicitacao solicitud pedido refund_request cancellation_request",
    # sectors
    "technology": "software it ti telecom telecommunications tecnologia information_technology data_telecom_oem",
    "retail": "comercio varejo wholesale atacado comercio_al_por_menor",
    "health": "medical healthcare saude salud pharma pharmaceutical hospital hospital_health_care",
    "finance": "banking insurance financial_services financas finanzas bancos seguros",
    "public": "government governo gobierno nonprofit setor_publico sector_publico government_military",
    "manufacturing": "industria industry industrial",
    "hospitality": "hotel hotels tourism travel turismo hotelaria",
    "food": "restaurant restaurants alimentacao alimentacion gastronomia",
    "services": "service consulting consultoria employment marketing entertainment servicos servicios",
    "construction": "construcao construccion real_estate",
    "education": "educacao educacion school university",
    "transport": "logistics transportation transporte logistica",
    "agriculture": "agricultura agro agribusiness",
    "f": "female feminino femenino mulher mujer w woman",
    "m": "male masculino homem hombre man",
    "x": "other outro otro nonbinary diverse unspecified",
    # how people are addressed
    "mr": "herr mister sr senhor senor monsieur signore sir",
    "mrs": "ms frau sra senhora senora madame mme signora missus",
    "miss": "srta senhorita senorita fraulein mademoiselle mlle signorina",
    "dr": "doctor doutor doutora doctora dra doktor",
    "prof": "professor professora profesor profesora",
}
"""Keys of our choices with the words that stand for them. The choices of an office have keys and names of their own: one
whose name is among the words of a line has all of that line."""


@lru_cache(maxsize=1)
def _lines() -> dict[str, tuple[frozenset[str], ...]]:
    """The lines that a word stands in."""
    found: dict[str, list[frozenset[str]]] = {}
    for key, words in _WORDS.items():
        line = frozenset(word.replace("_", " ") for word in (key, *words.split()))
        for word in line:
            found.setdefault(word, []).append(line)
    return {word: tuple(lines) for word, lines in found.items()}


@lru_cache(maxsize=512)
def words_of(choices: tuple[Choice, ...]) -> dict[str, str]:
    """Stored keys by every word that stands for one: keys, labels in every language, and what other programs say."""
    found = dict(choice_lookup(choices))
    keys = {choice.key for choice in choices}
    for key, words in _WORDS.items():
        if key in keys:
            for word in words.split():
                found.setdefault(word.replace("_", " "), key)
    claimed: dict[str, set[str]] = {}
    for word, key in choice_lookup(choices).items():
        if key not in _WORDS:
            for line in _lines().get(word, ()):
                for other in line:
                    claimed.setdefault(other, set()).add(key)
    for word, wanting in claimed.items():
        if len(wanting) == 1:
            found.setdefault(word, next(iter(wanting)))
    return found


def match_choice(text: str, choices: tuple[Choice, ...]) -> tuple[str, bool]:
    """(stored key or "", whether it is one of our own spellings) of a value of another program."""
    folded = choice_key(text)
    own = choice_lookup(choices).get(folded)
    if own is not None:
        return own, True
    known = words_of(choices)
    found = known.get(folded) or known.get(_close(folded, tuple(known)), "")
    return found, False


@lru_cache(maxsize=8192)
def _close(text: str, known: Sequence[str]) -> str:
    """The one known word that a text is a slip of ("technolgy"), or the only one it contains whole."""
    if len(text) < 4:
        return ""
    close = [other for other in known if len(other) > 3 and fuzz.ratio(text, other) >= 85]
    if close:
        return max(close, key=lambda other: fuzz.ratio(text, other))
    words = set(text.split())
    inside = [other for other in known if len(other) > 3 and set(other.split()) <= words]
    return inside[0] if len(inside) == 1 else ""
