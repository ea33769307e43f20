"""Duplicates in plain records: what is found, what is not, with what score and for which reasons."""

from __future__ import annotations

import random
from time import process_time
from typing import Any

import pytest

from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.dedupe import normal
from crm_desktop.dedupe.engine import Pair, find_pairs
from crm_desktop.dedupe.groups import join_pairs
from crm_desktop.dedupe.phonetic import sound
from crm_desktop.dedupe.rules import IMPORT, SCAN, TYPING, default_rule

FIRST = "ana bruno carla diego elisa fabio gilda hugo ivone jorge karen lauro marta nilo olga pedro rita saulo tania".split()
LAST = "abreu barros castro dutra esteves faria gomes horta ibarra jardim klein lacerda moura neves ortiz pires".split()


def _people(count: int, seed: int = 5) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    return [
        {
            "name": f"{rng.choice(FIRST).title()} {rng.choice(LAST).title()} {rng.choice(LAST).title()}",
            "birthday": f"19{rng.randint(40, 99)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}",
            "phone": [f"+5541{rng.randint(900000000, 999999999)}"], "street": f"Rua {rng.choice(LAST)}, {rng.randint(1, 999)}",
            "postcode": f"{rng.randint(80000, 89999)}-000", "city": rng.choice(["Curitiba", "Londrina", "Lapa"]),
        }
        for _ in range(count)
    ]  # fmt: skip


def _mistyped(text: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(text) - 1)
    return rng.choice([text[:at] + text[at + 1 :], text[:at] + text[at + 1] + text[at] + text[at + 2 :]])


def _pair(a: dict[str, Any], b: dict[str, Any], entity: str = "contact", moment: str = SCAN) -> Pair | None:
    found = [pair for pair in find_pairs([*_people(300), a, b], default_rule(entity, moment)) if pair.first == 300]
    return found[0] if found else None


def test_mistyped_copies_are_found_and_nothing_else() -> None:
    rng = random.Random(11)
    people = _people(800)
    copies = []
    for person in people[:200]:
        copy = dict(person) | {"name": _mistyped(person["name"], rng)}
        if rng.random() < 0.5:
            copy["phone"] = []
        if rng.random() < 0.5:
            copy["street"] = _mistyped(person["street"], rng)
        copies.append(copy)
    pairs = find_pairs([*people, *copies], default_rule("contact", SCAN))
    right = {(one.first, one.second) for one in pairs if one.second - 800 == one.first}
    assert len(right) >= 196
    wrong = [one for one in pairs if (one.first, one.second) not in right]
    assert len(wrong) <= 8
    assert all(one.score < 90 for one in wrong)


def test_a_value_that_many_share_counts_little() -> None:
    staff = [{"name": "ND", "phone": "+442072155000", "email": "enquiries@trade.gov.uk"} for _ in range(84)]
    staff += [
        {"name": f"{a.title()} {b.title()}", "phone": "+442072155000", "email": "enquiries@trade.gov.uk"}
        for a, b in zip(FIRST, LAST, strict=False)
    ]
    assert find_pairs(staff, default_rule("contact", SCAN)) == []
    named = [one | {"name": "Nadia Dobson"} if one["name"] == "ND" else one for one in staff]
    assert all(pair.score < 90 for pair in find_pairs(named, default_rule("contact", SCAN)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Marina Queirós", "email": "marina.q@exemplo.com"}, {"name": "Marina Queiros", "email": "Marina.Q@exemplo.com "}),
        ({"name": "William Smyth", "birthday": "1970-03-04"}, {"name": "Bill Smith", "birthday": "1970-03-04"}),
        ({"name": "D'Unger Otto", "phone": "+55 41 95550-0142"}, {"name": "D’Unger Otto", "phone": "041955500142"}),
        ({"name": "Souza Zuleide", "tax_id": "11144477735"}, {"name": "Zuleide Souza", "tax_id": "111.444.777-35"}),
    ],
)  # fmt: skip
def test_the_same_person_in_another_spelling(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = _pair(one, other)
    assert found is not None and found.score >= 90


def test_a_family_is_not_one_person() -> None:
    home = {"phone": "+5541955500100", "street": "Rua das Palmas, 10", "postcode": "80000-111", "city": "Curitiba"}
    found = _pair({"name": "Otávio Zanella", **home}, {"name": "Brígida Zanella", **home})
    assert found is None
    father = _pair({"name": "Otávio Zanella", **home}, {"name": "Otávio Zanella Filho", **home})
    assert father is None or father.score < 90


def test_another_tax_number_or_birthday_speaks_against() -> None:
    same = {"name": "Zulmira Quaresma", "phone": "+5541955500199"}
    assert (_pair(same, same) or Pair(0, 0, 0, ())).score >= 90
    other = _pair(same | {"tax_id": "11144477735"}, same | {"tax_id": "52998224725"})
    assert other is None or other.score < 70
    born = _pair(same | {"birthday": "1950-01-20"}, same | {"birthday": "1987-11-03"})
    assert born is None or born.score < 90


def test_names_parted_at_another_place_are_compared_word_by_word() -> None:
    home = {"phone": "+34610550014"}
    typed = {"name": "x", "first_name": "Adrián Tejada", "last_name": "Ordóñez", **home}
    found = _pair(typed, {"name": "x", "first_name": "Adrián", "last_name": "Tejada Ordóñez", **home})
    assert found is not None and ("name", "same", 1.0) in found.reasons and found.score >= 90
    other = _pair(typed, {"name": "x", "first_name": "Adrián", "last_name": "Yáñez Ordóñez"})
    assert other is None or (other.score < 80 and other.reasons[0][1] == "part")


def test_the_name_alone_never_is_enough_for_a_person() -> None:
    found = _pair({"name": "Zulmira Quaresma"}, {"name": "Zulmira Quaresma"})
    assert found is None or found.score < 90


def test_companies_without_their_legal_form() -> None:
    home = {"street": "Av. Sete de Setembro, 455", "city": "Curitiba"}
    found = _pair(
        {"name": "Padaria Sol Nascente Ltda.", **home}, {"name": "PADARIA SOL NASCENTE EIRELI", "street": "Avenida 7 de Setembro 455"},
        "company",
    )  # fmt: skip
    assert found is not None and found.score >= 70
    branch = _pair(
        {"name": "Rede Farol", "street": "Rua A, 10", "city": "Recife"}, {"name": "Rede Farol", "street": "Rua B, 99", "city": "Manaus"},
        "company",
    )  # fmt: skip
    assert branch is None or branch.score < 90
    numbered = _pair({"name": "Escola Estadual 12"}, {"name": "Escola Estadual 13"}, "company")
    assert numbered is None


def test_reasons_say_what_agreed() -> None:
    found = _pair(
        {"name": "Marina Queirós", "phone": "+5541955500142", "birthday": "1980-02-03"},
        {"name": "Marina Queiroz", "phone": "+5541955500142", "birthday": "1980-03-02"},
    )
    assert found is not None
    assert {(field, how) for field, how, _ratio in found.reasons} == {("phone", "same"), ("name", "similar"), ("birthday", "similar")}  # fmt: skip


def test_typing_is_broad_and_imports_are_strict() -> None:
    broad, strict = default_rule("contact", TYPING), default_rule("contact", IMPORT)
    assert broad.look_from < default_rule("contact", SCAN).look_from < strict.look_from
    near = {"name": "Marina Queirós", "city": "Curitiba"}, {"name": "Marina Queiros", "city": "Curitiba"}
    assert _pair(*near, moment=TYPING) is not None
    assert _pair(*near, moment=IMPORT) is None


def test_one_huge_block_takes_no_square_of_time() -> None:
    crowd = [{"name": "Maria Silva", "city": "Curitiba"} for _ in range(3000)]
    started = process_time()
    found = find_pairs(crowd, default_rule("contact", SCAN))
    assert len(found) < 500_000
    assert process_time() - started < 30, "4.5 million comparisons take a minute and more"


def test_a_cancelled_search_stops() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        find_pairs(_people(50), default_rule("contact", SCAN), progress)


def test_two_files_are_compared_only_across() -> None:
    person = _people(1)[0]
    found = find_pairs([person, dict(person), dict(person)], default_rule("contact", SCAN), sides=1)
    assert {(one.first, one.second) for one in found} == {(0, 1), (0, 2)}


def test_groups_join_pairs_and_respect_who_is_apart() -> None:
    assert join_pairs([(1, 2, 90), (2, 3, 80), (7, 8, 95)]) == [([7, 8], 95), ([1, 2, 3], 90)]
    assert join_pairs([(1, 2, 90), (2, 3, 80)], {(1, 3)}) == [([1, 2], 90)]


def test_words_are_written_one_way() -> None:
    assert normal.street("R. XV de Novembro, 123 - apto 4")[0] == "123"
    assert normal.street("Rua XV de Novembro 123") == normal.street("R XV de novembro, 123")
    assert normal.street("12224 Ventura Blvd.") == ("12224", "ventura")
    assert normal.company_name("* N. V. Philips' Gloeilampenfabrieken").words == ("philips", "gloeilampenfabrieken")  # type: ignore[union-attr]
    assert normal.email_key("Joao.Silva+crm@gmail.com") == normal.email_key("joaosilva@googlemail.com")
    assert (
        sound("souza") == sound("sousa") and sound("smith") == sound("smyth") and sound("felipe") == sound("phelippe")
    )
    assert normal.person_name(None, None, "Dr. João da Silva Filho") == normal.PersonName(("joao",), ("silva",), "jr")
