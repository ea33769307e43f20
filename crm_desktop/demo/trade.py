"""Deals that were won and lost, and cases that were solved, in the order in which they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from crm_desktop.cases.deadlines import DEFAULTS
from crm_desktop.demo.scene import Customer, Ids, Rows, Scene
from crm_desktop.demo.words import deck, load, one_of

_LOST = deck({"price": 34, "competitor": 22, "timing": 16, "no_budget": 12, "no_answer": 12, "no_need": 4})
_COMPETITORS = ("Frio Forte", "Ártico Sul", "ClimaMax Serviços")
_SOURCES = deck({"referral": 40, "website": 25, "phone": 15, "event": 10, "partner": 10})
_PRIORITIES = deck({"normal": 60, "high": 22, "low": 14, "urgent": 4})
_CHANNELS = deck({"phone": 42, "email": 30, "messenger": 18, "web": 6, "in_person": 4})
_NOW = deck({"HP": 45, "RS": 30, "DM": 25})
_FRESH = 3
"""So many open cases have just come in: nobody has taken or answered them."""
_SERVICE = deck({"RS": 34, "DM": 34, "CB": 10, "BS": 10, "HP": 6, "IN": 6})


class Trade:
    """Makes deals and cases of the customers that the crowd remembered."""

    def __init__(self, scene: Scene, rows: Rows) -> None:
        self.scene, self.rows, self.rng = scene, rows, scene.rng
        self.texts = load("texts")
        self.numbers: Counter[str] = Counter()
        """The last number of each series."""
        self.codes = sorted(scene.products)

    def closed_deals(self, count: int) -> Iterator[int]:
        """Add deals that were won or lost before this month; gives 1 for each."""
        scene, ids = self.scene, Ids(1)
        month = scene.at(scene.today.replace(day=1), "00:00")
        span = month - scene.start - timedelta(days=20)
        for i in range(count):
            opened = self._office_hours(scene.start + span * ((i + 1) / count) ** 0.8, i)
            ids.move_to(opened)
            ends = opened + timedelta(days=4 + self.rng.randrange(75))
            ends = min(ends, month - timedelta(days=1 + i % 9))
            self._deal(ids, self._customer((i + 1) / count), opened, max(ends, opened + timedelta(hours=6)))
            yield 1

    def open_deals(self, count: int) -> Iterator[int]:
        """Add open deals of the last two months; gives 1 for each."""
        ids = Ids(5)
        for i in range(count):
            opened = self._office_hours(self.scene.now - timedelta(days=60 * (1 - i / count) + 2), i)
            ids.move_to(opened)
            self._deal(ids, self._customer(1.0), opened, None)
            yield 1

    def _deal(self, ids: Ids, customer: Customer, opened: datetime, closed: datetime | None) -> None:
        rng, scene = self.rng, self.scene
        texts = self.texts[customer.spoken]
        template = one_of(rng, texts["deal"])
        service = closed is not None and "anu" in template.lower()
        pipeline = 1 if service else 0
        won = closed is not None and rng.random() < (0.72 if service else 0.52)
        outcome = "open" if closed is None else "won" if won else "lost"
        places = [stage for stage, kind in scene.stages[pipeline] if kind == outcome]
        amount = Decimal(round(24 + 560 * rng.random() ** 2.6) * 100)
        local = (closed or opened).astimezone(scene.zone).date()
        year = opened.year
        self.numbers[f"deal-{year}"] += 1
        reason = one_of(rng, _LOST) if outcome == "lost" else None
        self.rows.by_table["deal"].append((
            ids.next(), template.format(n=2 + rng.randrange(18)), customer.company_id, customer.id,
            scene.pipelines[pipeline], one_of(rng, places), outcome, amount, "BRL",
            local + timedelta(days=rng.randrange(5, 60) if closed is None else rng.randrange(-10, 15)),
            scene.products[one_of(rng, self.codes)][0], one_of(rng, _SOURCES),
            customer.owner_id, opened.astimezone(scene.zone).date(), local if closed else None, reason,
            one_of(rng, _COMPETITORS) if reason == "competitor" else None,
            one_of(rng, texts["step"]) if closed is None else None, closed or opened, None,
            1024 * self.numbers.total(), f"P-{year}-{self.numbers[f'deal-{year}']:04d}", opened, customer.owner_id,
        ))  # fmt: skip

    def solved_cases(self, count: int) -> Iterator[int]:
        """Add cases that were solved; gives 1 for each."""
        scene, ids = self.scene, Ids(2)
        span = scene.now - scene.start - timedelta(days=9)
        for i in range(count):
            opened = self._office_hours(scene.start + span * (i + 1) / count, i)
            ids.move_to(opened)
            self._case(ids, self._customer((i + 1) / count), opened, solved=True)
            yield 1

    def open_cases(self, count: int) -> Iterator[int]:
        """Add open cases of the last two days; gives 1 for each."""
        ids = Ids(6)
        for i in range(count, 0, -1):
            fresh = i <= _FRESH
            opened = self.scene.minutes(-30 * i if fresh else -60 * (3 + 43 * i / count))
            ids.move_to(opened)
            self._case(ids, self._customer(1.0), opened, solved=False, fresh=fresh)
            yield 1

    def case_number(self, opened: datetime) -> str:
        """The next protocol number of the year in which a case was opened."""
        year = opened.astimezone(self.scene.zone).year
        self.numbers[f"case-{year}"] += 1
        return f"{year}-{self.numbers[f'case-{year}']:06d}"

    def _case(self, ids: Ids, customer: Customer, opened: datetime, *, solved: bool, fresh: bool = False) -> None:
        rng, scene = self.rng, self.scene
        texts = self.texts[customer.spoken]["case"]
        category, subject, asked, answered, solution = one_of(rng, texts)
        owner_id = scene.users[one_of(rng, _SERVICE if solved else _NOW)]
        priority = one_of(rng, _PRIORITIES) if solved else "normal"
        respond_due, resolve_due = DEFAULTS[priority].dues(opened)
        assert respond_due is not None and resolve_due is not None
        late = rng.random()
        responded = opened + (respond_due - opened) * (1.3 if late < 0.06 else 0.05 + 0.7 * rng.random())
        done = max(responded, opened + (resolve_due - opened) * (1.2 if late < 0.09 else 0.1 + 0.8 * rng.random()))
        done = min(done, scene.now - timedelta(hours=1))
        closed = solved and done < scene.now - timedelta(days=14)
        if not solved:
            responded = min(responded, scene.now - timedelta(minutes=20))
        status = "closed" if closed else "solved" if solved else "new" if fresh else "open"
        case_id, channel = ids.next(), one_of(rng, _CHANNELS)
        self.rows.by_table["case"].append((
            case_id, self.case_number(opened), subject, customer.company_id, customer.id, status, priority, channel,
            category, None if fresh else owner_id, scene.teams["atendimento"], None, respond_due, resolve_due,
            None if fresh else responded, done if solved else None, done if closed else None, None,
            solution if solved else None, asked, None, opened, scene.users["RS"],
        ))  # fmt: skip
        said: list[tuple[str, str, int | None, str, datetime]] = [("in", customer.name, None, asked, opened)]
        if not fresh:
            said.append(("out", scene.names[owner_id], owner_id, answered, responded))
        if solved:
            said.append(("out", scene.names[owner_id], owner_id, solution, done))
        self.rows.by_table["case_message"].extend(
            (ids.next(), case_id, kind, channel, author, author_id, body, at, at, author_id)
            for kind, author, author_id, body, at in said
        )

    def _customer(self, part: float) -> Customer:
        """One of the customers that were there when that part of the time had passed."""
        return self.scene.customers[int(self.rng.random() * len(self.scene.customers) * min(1.0, part))]

    def _office_hours(self, moment: datetime, i: int) -> datetime:
        day = moment.astimezone(self.scene.zone).date()
        if day.weekday() == 6:
            day += timedelta(days=1)
        return self.scene.at(day, f"{8 + i % 10:02d}:{i * 7 % 60:02d}")
