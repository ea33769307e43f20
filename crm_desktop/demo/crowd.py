"""Companies and their people by the thousand, with phones, addresses, tags, notes and what was done with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from crm_desktop.core.text import fold
from crm_desktop.demo import numbers
from crm_desktop.demo.scene import Customer, Ids, Rows, Scene
from crm_desktop.demo.words import SHARES, City, Words, deck, one_of, words_of
from crm_desktop.records.service import search_digits

SIZES = (3, 2, 4, 1, 5, 3, 2, 4, 3, 3)
"""People per company, in turn; the last group are people without a company."""
PER_GROUP = sum(SIZES) / len(SIZES)
MOST_CUSTOMERS = 20_000
"""How many contacts are remembered for deals and cases."""

_KINDS = deck({"customer": 52, "prospect": 33, "supplier": 6, "partner": 5, "competitor": 2, "other": 2})
_SOURCES = deck({"referral": 28, "website": 24, "phone": 12, "event": 10, "walk_in": 8, "campaign": 8, "social": 6,
                 "partner": 4})  # fmt: skip
_LIFECYCLES = {
    "customer": deck({"customer": 85, "former": 9, "qualified": 6}), "prospect": deck({"lead": 55, "qualified": 45}),
    "": deck({"lead": 40, "customer": 45, "qualified": 15}),
}  # fmt: skip
_OWNERS = deck({"HP": 16, "CB": 30, "BS": 30, "RS": 14, "DM": 10})
_TAGS = deck({"cliente": 34, "indicação": 18, "newsletter": 12, "feira 2026": 12, "contrato": 10, "vip": 8,
              "inadimplente": 6})  # fmt: skip
_CONTRACTS = deck({"none": 60, "bronze": 20, "silver": 14, "gold": 6})
_DONE = deck({"call": 40, "visit": 18, "email": 18, "task": 14, "meeting": 10})
_OUTCOMES = deck({"reached": 45, "interested": 20, "left_message": 15, "no_answer": 14, "not_interested": 6})
_HOURS = ("08:30", "09:00", "09:30", "10:00", "11:00", "13:30", "14:00", "15:00", "16:00", "16:30")
_LENGTHS = {"call": 15, "visit": 90, "meeting": 60}


@dataclass
class _Company:
    id: int
    name: str
    domain: str
    kind: str
    owner_id: int


class Crowd:
    """Makes groups of people, oldest first.

    Args:
        contacts: how many people in all.
        density: how much hangs on each of them; 1 is what an office of a thousand contacts has.
    """

    def __init__(self, scene: Scene, rows: Rows, contacts: int, density: float) -> None:
        self.scene, self.rows, self.contacts, self.density = scene, rows, contacts, density
        self.rng = scene.rng
        self.ids = Ids(0)
        self.countries = deck(SHARES)
        self.words = {key: words_of(key) for key in SHARES}
        self.groups = max(1, round(contacts / PER_GROUP))
        self.start = scene.start
        self.span = scene.now - self.start - timedelta(days=2)
        self.every = max(1, contacts // MOST_CUSTOMERS)
        self.made = 0

    def make(self) -> Iterator[int]:
        """Add the rows of every group; gives its number of people."""
        group = 0
        while self.made < self.contacts:
            size = min(SIZES[group % len(SIZES)], self.contacts - self.made)
            self._group(group, size)
            group += 1
            yield size

    def _group(self, group: int, size: int) -> None:
        rng = self.rng
        moment = self.start + self.span * min(1.0, group / self.groups)
        moment = self.scene.at(moment.date(), _HOURS[group % len(_HOURS)]) + timedelta(seconds=group % 1800)
        self.ids.move_to(moment)
        words = self.words[one_of(rng, self.countries)]
        city = one_of(rng, words.cities)
        if group % len(SIZES) == len(SIZES) - 1:
            for _ in range(size):
                self._person(words, city, None, moment)
            return
        company, latest = self._company(group, words, city, moment), None
        for _ in range(size):
            moment += timedelta(minutes=7)
            done = self._person(words, city, company, moment)
            latest = max(latest or done, done) if done else latest
        self._finish_company(company, words, moment, latest)

    def _company(self, group: int, words: Words, city: City, moment: datetime) -> _Company:
        rng = self.rng
        industry, heads = one_of(rng, words.heads)
        head = one_of(rng, heads)
        noun, adjective = one_of(rng, words.nouns), one_of(rng, words.adjectives)
        name = words.order.format(head=head, noun=noun[0], adj=adjective[0])
        sort_name = words.order.format(head=fold(head), noun=noun[1], adj=adjective[1]).lower()
        site = _plain(words.order.format(head="", noun=noun[1], adj=adjective[1]))
        company = _Company(
            self.ids.next(), name, f"{site}{group}.example" if group % 3 else f"{site}.{_plain(city.name)}.example",
            one_of(rng, _KINDS), self.scene.users[one_of(rng, _OWNERS)],
        )  # fmt: skip
        tax_id = numbers.company_tax_id(words.country, group) if group % 8 else None
        contract = one_of(rng, _CONTRACTS) if company.kind == "customer" and group % 4 == 0 else None
        self._row = [
            company.id, name, sort_name, f"{name} {words.suffixes[group % len(words.suffixes)]}" if group % 3 else None,
            tax_id, company.kind, industry, one_of(rng, _SOURCES),
            int(2 + 60 * rng.random() ** 3), str(10_000 + group) if company.kind == "customer" else None,
            company.owner_id, words.language, None, {"contrato": contract} if contract else None, moment,
            company.owner_id,
        ]  # fmt: skip
        self._point(company.id, "phone", "work", numbers.landline(words.country, city.area, group))
        if self.density > 0.3 or group % 2:
            self._point(company.id, "email", "work", f"contato@{company.domain}")
        if self.density > 0.3 and group % 2:
            self._point(company.id, "web", "work", f"https://{company.domain}")
        self._address(company.id, "work", words, city)
        return company

    def _finish_company(self, company: _Company, words: Words, moment: datetime, latest: datetime | None) -> None:
        row = self._row
        row[12] = latest
        self.rows.by_table["company"].append(tuple(row))
        if self.rng.random() < 0.25 * self.density:
            self._note("company", company.id, words, moment, company.owner_id)
        if self.rng.random() < 0.2 * self.density:
            self._tag("company", company.id)

    def _person(self, words: Words, city: City, company: _Company | None, moment: datetime) -> datetime | None:
        """Add one contact. Returns when somebody last spoke with them."""
        rng = self.rng
        number = self.made
        self.made += 1
        woman = rng.random() < 0.52
        first, last = one_of(rng, words.first[0 if woman else 1]), one_of(rng, words.last)
        family, folded = last
        if words.key == "es" or words.country == "BR" and number % 3 == 0:
            more = one_of(rng, words.last)
            family, folded = f"{family} {more[0]}", f"{folded} {more[1]}"
        contact_id = self.ids.next()
        owner_id = company.owner_id if company else self.scene.users[one_of(rng, _OWNERS)]
        customer = Customer(
            contact_id, f"{first[0]} {family}", company.id if company else None, company.name if company else "",
            owner_id, "pt" if words.key == "pp" else words.key,
        )  # fmt: skip
        if number % self.every == 0 and (company is None or company.kind in ("customer", "prospect")):
            self.scene.customers.append(customer)
        latest = self._past(customer, words, moment)
        kinds = _LIFECYCLES.get(company.kind if company else "", _LIFECYCLES[""])
        self.rows.by_table["contact"].append((
            contact_id, customer.name, f"{first[1]} {folded}", first[0], family, customer.company_id,
            one_of(rng, words.titles) if company else None, one_of(rng, kinds),
            one_of(rng, _SOURCES), owner_id, _birthday(rng) if rng.random() < 0.3 + 0.3 * self.density else None,
            "f" if woman else "m", numbers.cpf(number) if words.key == "pt" and number % 9 == 0 else None,
            words.language, number % 67 == 66, latest, moment, owner_id,
        ))  # fmt: skip
        self._reach(contact_id, number, words, city, company, f"{first[1]}.{last[1].replace(' ', '')}")
        if company is None or self.density > 0.3:
            self._address(contact_id, "work" if company else "home", words, city)
        self._extras(contact_id, number, words, moment, owner_id)
        return latest

    def _reach(
        self, contact_id: int, number: int, words: Words, city: City, company: _Company | None, local: str
    ) -> None:
        if number % 10 != 9:
            self._point(contact_id, "phone", "mobile", numbers.mobile(words.country, city.area, number * 7))
        if number % 4 != 3 or number % 10 == 9:
            address = f"{local}@{company.domain}" if company else f"{local}{number}@correio.example"
            self._point(contact_id, "email", "work" if company else "home", address)
        if number % 11 == 5 and self.density > 0.3:
            self._point(contact_id, "phone", "work", numbers.landline(words.country, city.area, number * 3),
                        number % 10 == 9)  # fmt: skip

    def _extras(self, contact_id: int, number: int, words: Words, moment: datetime, owner_id: int) -> None:
        rng, density = self.rng, self.density
        if rng.random() < 0.3 * density:
            self._tag("contact", contact_id)
        if rng.random() < 0.3 * density:
            self._note("contact", contact_id, words, moment, owner_id)
        if rng.random() < 0.35 * density:
            state = "given" if number % 7 else ("refused" if number % 2 else "withdrawn")
            self.rows.by_table["consent"].append((
                self.ids.next(), contact_id, "newsletter" if number % 3 else "marketing",
                "email" if number % 4 else "any", state,
                "Formulário do site" if number % 2 else "Ficha de cadastro", words.texts["wording"], moment,
            ))  # fmt: skip

    def _past(self, customer: Customer, words: Words, since: datetime) -> datetime | None:
        """Calls, visits and mails with a contact until a week ago. Returns when the last one was."""
        rng, latest = self.rng, None
        days = (self.scene.now - since).days - 7
        count = int(rng.random() * 4.4 * self.density + rng.random())
        if days < 1 or not count:
            return None
        for _ in range(count):
            day = since.date() + timedelta(days=rng.randrange(days))
            if day.weekday() >= 5:
                day -= timedelta(days=day.weekday() - 4)
            done = self._done(customer, words, max(day, since.date()), since)
            latest = max(latest or done, done)
        return latest

    def _done(self, customer: Customer, words: Words, day: date, since: datetime) -> datetime:
        rng, scene = self.rng, self.scene
        kind = one_of(rng, _DONE)
        subject, text = one_of(rng, words.texts[kind])
        starts = datetime.fromisoformat(f"{day}T{one_of(rng, _HOURS)}")
        ends = starts + timedelta(minutes=_LENGTHS.get(kind, 0))
        timed = kind in _LENGTHS
        done = max(scene.instant(ends), since)
        call = kind == "call"
        activity_id = self.ids.next()
        self.rows.by_table["activity"].append((
            activity_id, subject if len(subject) > 34 else f"{subject}: {customer.name}", kind, "done", "normal",
            None if timed else day, None, starts if timed else None, ends if timed else None,
            scene.zone.key if timed else None, False, scene.instant(starts) if timed else None,
            scene.instant(ends) if timed else None, None, None,
            None, customer.owner_id, ("in" if rng.random() < 0.3 else "out") if call else None,
            int(60 + 700 * rng.random()) if call else None,
            one_of(rng, _OUTCOMES) if call else None, done, text or None,
            max(since, done - timedelta(days=rng.randrange(6))), customer.owner_id,
        ))  # fmt: skip
        links = self.rows.by_table["activity_link"]
        links.append((self.ids.next(), activity_id, "contact", customer.id, None, done))
        if customer.company_id:
            links.append((self.ids.next(), activity_id, "company", customer.company_id, None, done))
        return min(done, scene.instant(starts)) if timed else done

    def _point(self, owner_id: int, kind: str, label: str, value: str, primary: bool = True) -> None:
        digits = search_digits(value) if kind == "phone" else None
        self.rows.by_table["contact_point"].append((self.ids.next(), owner_id, kind, label, value, digits, primary))

    def _address(self, owner_id: int, label: str, words: Words, city: City) -> None:
        rng = self.rng
        street, house = one_of(rng, words.streets), 10 + rng.randrange(1890)
        self.rows.by_table["address"].append((
            self.ids.next(), owner_id, label, f"{house} {street}" if words.country == "US" else f"{street}, {house}",
            one_of(rng, city.districts) or None, city.name, city.region,
            one_of(rng, city.postcodes), words.country, True,
        ))  # fmt: skip

    def _note(self, entity: str, record_id: int, words: Words, moment: datetime, owner_id: int) -> None:
        body = one_of(self.rng, words.texts["note"])
        hours = max(1.0, (self.scene.now - moment).total_seconds() / 3600 - 24)
        day = (moment + timedelta(hours=self.rng.random() * hours)).date()
        at = max(moment, self.scene.at(day, one_of(self.rng, _HOURS)))
        self.rows.by_table["note"].append((self.ids.next(), entity, record_id, body, False, at, owner_id))

    def _tag(self, entity: str, record_id: int) -> None:
        tag_id = self.scene.tags[one_of(self.rng, _TAGS)]
        self.rows.by_table["record_tag"].append((self.ids.next(), tag_id, entity, record_id))


def _plain(name: str) -> str:
    return "".join(c for c in fold(name) if c.isalnum())


def _birthday(rng: Random) -> date:
    return date(1950 + rng.randrange(55), 1 + rng.randrange(12), 1 + rng.randrange(28))
