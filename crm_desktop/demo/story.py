"""The customers that the sample office works with this week: open deals, a full day, cases at risk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from crm_desktop.cases.deadlines import DEFAULTS
from crm_desktop.core.text import fold
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.demo import files, numbers
from crm_desktop.demo.scene import Customer, Ids, Rows, Scene
from crm_desktop.demo.trade import Trade
from crm_desktop.demo.words import City, load, one_of, words_of
from crm_desktop.records.files_service import attach_bytes
from crm_desktop.records.service import search_digits

MOVED = {"vrf": 2, "splits": 3, "recepcao": 2, "frio12": 1}
"""Deals that went one stage on, so many days ago."""

PARENTS = {"cesto": "cajueiros", "mare": "pedra"}
"""Branches to their parent companies."""
_AFFILIATIONS = (
    ("marina", "quintal", "Sócia", 4, 0), ("marina", "fogao", "Compras", 12, 7), ("otavio", "mare", "Conselheiro", 3, 0),
    ("gustavo", "cajueiros", "Sócio", 6, 0),
)  # fmt: skip
"""(person, company, role, years since, years until; 0: still there)."""
_RELATIONSHIPS = (
    ("marina", "spouse", "icaro"), ("marina", "referred_by", "silvia"), ("fatima", "sibling", "marina"),
    ("trigo", "supplier", "cedrinho"), ("beatriz", "friend", "marina"), ("dora", "referred_by", "marina"),
)  # fmt: skip


class Story:
    """Writes the records that the first pages show. Every day and hour is counted from now."""

    def __init__(self, scene: Scene, rows: Rows) -> None:
        self.scene, self.rows, self.rng = scene, rows, scene.rng
        self.data = load("story")
        self.ids = Ids(3)
        self.records: dict[str, tuple[str, int]] = {}
        """Key of the story to (record type, id)."""
        self.people: dict[str, Customer] = {}
        self.cities: dict[str, City] = {city.name: city for city in words_of("pt").cities}

    @property
    def contacts(self) -> int:
        """How many contacts the story has."""
        return len(self.data["contacts"])

    def meet(self) -> None:
        """Add the companies and the people; the old customers among them may get older deals and cases too."""
        for i, (key, name, industry, city, district, owner, contract) in enumerate(self.data["companies"]):
            self._company(i, key, name, industry, self.cities[city], district, self.scene.users[owner], contract)
        for i, person in enumerate(self.data["contacts"]):
            self._contact(i, *person)
        self._relate()

    def _relate(self) -> None:
        """Further companies of a few people, and what they are to each other."""
        day = self.scene.today.replace(day=1)
        for contact, company, role, since, until in _AFFILIATIONS:
            _entity, contact_id = self.records[contact]
            self.rows.add(
                "affiliation", id=self.ids.next(), contact_id=contact_id, company_id=self.records[company][1], role=role,
                since=day.replace(year=day.year - since), until=day.replace(year=day.year - until) if until else None,
                created_at=self.scene.now, created_by=self.scene.users["HP"],
            )  # fmt: skip
        for first, kind, second in _RELATIONSHIPS:
            (one, one_id), (other, other_id) = self.records[first], self.records[second]
            self.rows.add(
                "relationship", id=self.ids.next(), from_entity=one, from_id=one_id, to_entity=other, to_id=other_id,
                kind=kind, created_at=self.scene.now, created_by=self.scene.users["HP"],
            )  # fmt: skip

    def _company(
        self, i: int, key: str, name: str, industry: str, city: City, district: str, owner_id: int, contract: str
    ) -> None:
        words, known = words_of("pt"), any(c[3] == key and c[5] == "customer" for c in self.data["contacts"])
        created = self._known_since(i, known)
        self.ids.move_to(created)
        company_id = self.ids.next()
        self.records[key] = ("company", company_id)
        site = "".join(c for c in fold(" ".join(name.split()[1:])) if c.isalnum()) + ".example"
        add = self.rows.add
        add("company", id=company_id, name=name, sort_name=fold(name), legal_name=f"{name} Ltda.",
            tax_id=numbers.company_tax_id("BR", 900_000 + i), kind="customer" if known else "prospect",
            industry=industry, source="referral" if i % 2 else "event", employees=4 + 3 * i,
            number=str(1000 + i) if known else None,
            owner_id=owner_id, language="pt-BR", custom={"contrato": contract},
            created_at=created, created_by=owner_id)  # fmt: skip
        for kind, value in (
            ("phone", numbers.landline("BR", city.area, 100 + i)), ("email", f"contato@{site}"), ("web", f"https://{site}")
        ):  # fmt: skip
            self._point(company_id, kind, "work", value)
        street = f"{words.streets[i % len(words.streets)]}, {80 + 37 * i}"
        add("address", id=self.ids.next(), owner_id=company_id, label="work", street=street, district=district,
            city=city.name, region=city.region, postcode=one_of(self.rng, city.postcodes), country="BR",
            is_primary=True)  # fmt: skip

    def _contact(
        self, i: int, key: str, name: str, gender: str, company: str, title: str, lifecycle: str, owner: str,
        birthday: str, tags: list[str],
    ) -> None:  # fmt: skip
        scene, owner_id = self.scene, self.scene.users[owner]
        created = self._known_since(i, lifecycle == "customer") + timedelta(minutes=20)
        if lifecycle == "lead" and key != "aline":  # nobody has spoken with them yet
            created = scene.at(scene.today - timedelta(days=24 - i), "15:10")
        self.ids.move_to(created)
        contact_id, company_id = self.ids.next(), self.records[company][1]
        company_row = next(row for row in self.data["companies"] if row[0] == company)
        self.records[key] = ("contact", contact_id)
        self.people[key] = Customer(contact_id, name, company_id, company_row[1], owner_id, "pt")
        if lifecycle == "customer":
            scene.customers.append(self.people[key])
        first, last = name.split(" ", 1)
        self.rows.add(
            "contact", id=contact_id, name=name, sort_name=fold(name), first_name=first, last_name=last,
            company_id=company_id, job_title="Compras" if key == "marina" else title, lifecycle=lifecycle,
            source="referral" if i % 3 else "phone",
            owner_id=owner_id, birthday=self._birthday(i, birthday), gender=gender, language="pt-BR",
            do_not_contact=False, created_at=created, created_by=owner_id,
        )  # fmt: skip
        site = "".join(c for c in fold(" ".join(company_row[1].split()[1:])) if c.isalnum())
        mobile = numbers.mobile("BR", self.cities[company_row[3]].area, 142 + i * 13)
        if key == "queiroz":  # the same person again, as duplicates come into an office
            self._point(contact_id, "phone", "mobile", numbers.mobile("BR", "41", 142))
        else:
            self._point(contact_id, "phone", "mobile", mobile)
            self._point(contact_id, "email", "work", f"{fold(first)}@{site}.example")
        city = self.cities[company_row[3]]
        self.rows.add("address", id=self.ids.next(), owner_id=contact_id, label="work", district=company_row[4],
                      city=city.name, region=city.region, postcode=one_of(self.rng, city.postcodes), country="BR",
                      is_primary=True)  # fmt: skip
        if lifecycle == "customer":
            self.rows.add("consent", id=self.ids.next(), owner_id=contact_id, purpose="newsletter", channel="email",
                          state="given", source="Ficha de cadastro", wording=words_of("pt").texts["wording"],
                          at=created)  # fmt: skip
        for tag in tags:
            self.rows.add("record_tag", id=self.ids.next(), tag_id=scene.tags[tag], entity="contact",
                          record_id=contact_id)  # fmt: skip

    def trade(self, trade: Trade) -> Iterator[int]:
        """Add the open deals, what was won this month, and the cases; gives 0, once."""
        for place, deal in enumerate(self.data["deals"]):
            self._open_deal(place, *deal, trade=trade)
        for place, (name, company, contact, amount, owner, product) in enumerate(self.data["won"]):
            day = max(self.scene.today.replace(day=1), self.scene.today - timedelta(days=1 + 2 * place))
            self._deal(place, f"won{place}", name, company, contact, 0, 5, Decimal(amount), day, owner, product, "",
                       since=min(self.scene.at(day, "11:00"), self.scene.now), closed=day, trade=trade)  # fmt: skip
        for case in sorted(self.data["cases"], key=lambda one: one[8]):
            self._case(*case, trade=trade)
        yield 0

    def _open_deal(
        self, place: int, key: str, name: str, company: str, contact: str, stage: int, amount: int, closes: int,
        owner: str, days: int, product: str, step: str, *, trade: Trade,
    ) -> None:  # fmt: skip
        since = self.scene.minutes(-1440 * days)
        if key in MOVED:
            stage, since = stage - 1, since - timedelta(days=8)
        day = self.scene.today + timedelta(days=closes)
        self._deal(place, key, name, company, contact, 0, stage, Decimal(amount), day, owner, product, step,
                   since=since, closed=None, trade=trade)  # fmt: skip

    def _deal(
        self, place: int, key: str, name: str, company: str, contact: str, pipeline: int, stage: int, amount: Decimal,
        expected: date, owner: str, product: str, step: str, *, since: datetime, closed: date | None, trade: Trade,
    ) -> None:  # fmt: skip
        scene = self.scene
        opened = since - timedelta(days=6 + 9 * stage)
        self.ids.move_to(opened)
        deal_id, owner_id = self.ids.next(), scene.users[owner]
        self.records[key] = ("deal", deal_id)
        trade.numbers[f"deal-{opened.year}"] += 1
        self.rows.add(
            "deal", id=deal_id, name=name, company_id=self.records[company][1], contact_id=self.records[contact][1],
            pipeline_id=scene.pipelines[pipeline], stage_id=scene.stages[pipeline][stage][0],
            status=scene.stages[pipeline][stage][1], amount=amount, currency="BRL", expected_close=expected,
            product_id=scene.products[product][0], source="referral" if place % 2 else "website", owner_id=owner_id,
            opened_on=opened.astimezone(scene.zone).date(), closed_on=closed, next_step=step or None, stage_since=since,
            position=1024 * place, number=f"P-{opened.year}-{trade.numbers[f'deal-{opened.year}']:04d}",
            created_at=opened, created_by=owner_id,
        )  # fmt: skip

    def _case(
        self, key: str, subject: str, category: str, company: str, contact: str, owner: str, priority: str, status: str,
        opened_at: int, answered_at: int | None, due_at: int, channel: str, product: str, *, trade: Trade,
    ) -> None:  # fmt: skip
        scene = self.scene
        opened = scene.minutes(opened_at)
        self.ids.move_to(opened)
        case_id = self.ids.next()
        self.records[key] = ("case", case_id)
        custom = {"no_de_serie": "BR180-24-0731", "garantia_ate": str(scene.today + timedelta(days=159))}
        messages = self.data["messages"].get(key) or [["in", channel, contact, opened_at, subject + "."]]
        self.rows.add(
            "case", id=case_id, number=trade.case_number(opened), subject=subject, company_id=self.records[company][1],
            contact_id=self.records[contact][1], status=status, priority=priority, channel=channel, category=category,
            owner_id=scene.users[owner], team_id=scene.teams["atendimento"],
            product_id=scene.products[product][0] if product else None,
            respond_due=DEFAULTS[priority].dues(opened)[0], resolve_due=scene.minutes(due_at),
            responded_at=None if answered_at is None else scene.minutes(answered_at),
            waiting_since=scene.minutes(-600) if status == "waiting" else None, description=messages[0][4],
            custom=custom if key == "balcao" else None, created_at=opened, created_by=scene.users["RS"],
        )  # fmt: skip
        for kind, way, who, minutes, body in messages:
            ours = who in scene.users
            self.rows.add(
                "case_message", id=self.ids.next(), case_id=case_id, kind=kind, channel=way or None,
                author=scene.names[scene.users[who]] if ours else self.people[who].name,
                author_id=scene.users[who] if ours else None, body=body, at=scene.minutes(minutes),
                created_at=scene.minutes(minutes), created_by=scene.users[who] if ours else None,
            )  # fmt: skip

    def plan(self) -> None:
        """Add the calendar: appointments of these days, tasks, the meeting of every morning, and the notes."""
        scene = self.scene
        for day, start, end, kind, subject, owner, links, place, text in self.data["agenda"]:
            ends = self._wall(day, end)
            done = scene.instant(ends) <= scene.now
            self._activity(
                links, subject=subject, kind=kind, status="done" if done else "planned", starts=self._wall(day, start),
                ends=ends, owner_id=scene.users[owner], place=place or None, description=text or None,
                reminder_minutes=15 if kind in ("meeting", "visit") else None,
                direction="out" if kind == "call" else None, outcome="reached" if done and kind == "call" else None,
                duration=370 if done and kind == "call" else None, done_at=scene.instant(ends) if done else None,
            )  # fmt: skip
        for day, due_time, subject, owner, links, priority in self.data["tasks"]:
            self._activity(
                links, subject=subject, kind="task", status="planned", due_time=due_time or None,
                due=scene.today + timedelta(days=day), priority=priority, owner_id=scene.users[owner],
            )  # fmt: skip
        for day, days, subject, owner in self.data["all_day"]:
            self._activity(
                [], subject=subject, kind="meeting", status="planned", all_day=True, starts=self._wall(day, "00:00"),
                ends=self._wall(day + days, "00:00"), owner_id=scene.users[owner],
            )  # fmt: skip
        monday = scene.today - timedelta(days=scene.today.weekday() + 182)
        self._activity([], subject="Reunião da equipe", kind="meeting", status="planned", owner_id=scene.users["HP"],
                       starts=datetime.combine(monday, time(8, 30)), ends=datetime.combine(monday, time(9)),
                       rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", place="Sala de reuniões",
                       description="Helena, Caio, Renata, Davi")  # fmt: skip
        self._coming_weeks()
        for key, author, minutes, body, pinned in self.data["notes"]:
            entity, record_id = self.records[key]
            self.rows.add("note", id=self.ids.next(), entity=entity, record_id=record_id, body=body, pinned=pinned,
                          created_at=scene.minutes(minutes), created_by=scene.users[author])  # fmt: skip

    def _coming_weeks(self) -> None:
        """Add appointments with other customers, after this week."""
        scene, rng = self.scene, self.rng
        for i in range(min(30, len(scene.customers))):
            customer = one_of(rng, scene.customers)
            day = scene.today + timedelta(days=7 + i)
            if day.weekday() >= 5:
                day += timedelta(days=2)
            kind = ("call", "visit", "meeting")[i % 3]
            starts = datetime.combine(day, time(8 + i * 5 % 9, 30 * (i % 2)))
            subject, _text = one_of(rng, words_of(customer.spoken).texts[kind])
            activity_id = self._activity(
                [], subject=f"{subject}: {customer.name}", kind=kind, status="planned", starts=starts,
                ends=starts + timedelta(minutes=20 if kind == "call" else 60), owner_id=customer.owner_id,
            )  # fmt: skip
            self.rows.add("activity_link", id=self.ids.next(), activity_id=activity_id, entity="contact",
                          record_id=customer.id, activity_at=scene.now - timedelta(hours=3))  # fmt: skip

    def _activity(self, links: list[str], **values: Any) -> int:
        scene, starts = self.scene, values.get("starts")
        if starts is not None:
            values["zone"] = scene.zone.key
            values |= {"starts_at": scene.instant(starts), "ends_at": scene.instant(values["ends"])}
        day = starts.date() if starts is not None else values["due"]
        created = min(scene.at(day - timedelta(days=5), "10:00"), scene.now - timedelta(hours=3))
        usual = {"all_day": False, "priority": "normal", "created_at": created, "created_by": values["owner_id"]}
        activity_id = self.rows.add("activity", id=self.ids.next(), **usual | values)
        for key in links:
            entity, record_id = self.records[key]
            self.rows.add(
                "activity_link", id=self.ids.next(), activity_id=activity_id, entity=entity, record_id=record_id,
                activity_at=values.get("done_at") or created,
            )  # fmt: skip
        return activity_id

    def attach(self, uow: UnitOfWork, after: datetime, until: datetime) -> None:
        """Attach the files of a time."""
        plan = files.floor_plan("Trigo Lilás: planta da loja", 3.2, 4.0)
        contract = files.pdf("Contrato de manutenção", ["Panificadora Trigo Lilás", "Plano prata"])
        offer = files.pdf("Proposta", ["Construtora Prumo Alto", "Ar central, 3 andares"])
        panel = "Painel do balcão BR-180: código E4 (relé de partida), 14 °C.\n".encode()
        for key, minutes, name, content in (
            ("trigo", -260_000, "contrato-M-031.pdf", contract),
            ("chillers", -7_300, "consumo.csv", b"mes;kwh\n1;48200\n2;46900\n3;47650\n"),
            ("andares", -4_400, "proposta.pdf", offer),
            ("frio12", -132, "planta-da-loja.pdf", plan),
            ("marina", -132, "planta-da-loja.pdf", plan),
            ("balcao", -142, "painel-e4.txt", panel),
        ):
            uow.now = self.scene.minutes(minutes)
            if after < uow.now <= until:
                attach_bytes(uow, *self.records[key], name, content)

    def _known_since(self, i: int, customer: bool) -> datetime:
        scene = self.scene
        day = scene.start.date() + timedelta(days=i) if customer else scene.today - timedelta(days=220 - 6 * i)
        return scene.at(day, "10:00")

    def _birthday(self, i: int, text: str) -> date | None:
        if not text:
            return None
        today = self.scene.today
        born = (today.month, min(today.day, 28)) if text == "today" else tuple(map(int, text.split("-")))
        return date(1962 + 2 * i, *born)

    def _wall(self, day: int, hour: str) -> datetime:
        return datetime.combine(self.scene.today + timedelta(days=day), time.fromisoformat(hour))

    def _point(self, owner_id: int, kind: str, label: str, value: str) -> None:
        self.rows.add("contact_point", id=self.ids.next(), owner_id=owner_id, kind=kind, label=label, value=value,
                      search_digits=search_digits(value) if kind == "phone" else None, is_primary=True)  # fmt: skip
