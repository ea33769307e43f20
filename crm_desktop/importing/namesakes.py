"""Which of several records of the same name a row means: the one in the same city, or with the same e-mail domain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crm_desktop.core.entities import Entity
from crm_desktop.core.text import fold
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.dedupe.words import FREE_MAIL
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.lookup import select_in

_COMPANY = "company_id"


class Namesakes:
    """Tells namesakes apart by what a row says besides the name; what it learns about them is kept for the import."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._places: dict[int, set[str]] = {}
        self._domains: dict[int, set[str]] = {}
        self._companies: dict[int, int | None] = {}

    def choose(self, spec: Entity, ids: Sequence[int], batch: Batch, position: int) -> int | None:
        """The record that a row means; None where that is not certain.

        Args:
            ids: the records of the same name, of the type ``spec``.
        """
        self._learn(spec, [one for one in ids if one not in self._places])
        found: set[int] | None = None
        cities, domains = _cities(batch, position), _domains(batch, position)
        companies = batch.values.get(_COMPANY) if spec.name != "company" else None
        company = companies[position] if companies is not None else None
        for told in (
            {one for one in ids if self._companies.get(one) == company} if company else None,
            {one for one in ids if self._domains[one] & domains} if domains else None,
            {one for one in ids if self._places[one] & cities} if cities else None,
        ):
            if told:  # what speaks of none of them says nothing; what speaks of others is no certainty
                found = told if found is None else found & told
        return found.pop() if found is not None and len(found) == 1 else None

    def _learn(self, spec: Entity, ids: Sequence[int]) -> None:
        if not ids:
            return
        places: dict[int, set[str]] = defaultdict(set)
        domains: dict[int, set[str]] = defaultdict(set)
        connection = self._uow.connection
        children = {child.name for child in spec.children}
        if "addresses" in children:
            for identity, city in select_in(connection, "address", ("t.owner_id", "t.city"), "owner_id", ids):
                if city:
                    places[identity].add(fold(city))
        if "points" in children:
            where = "t.kind IN ('email', 'web')"
            for identity, value in select_in(
                connection, "contact_point", ("t.owner_id", "t.value"), "owner_id", ids, where
            ):
                domain = _domain(value)
                if domain:
                    domains[identity].add(domain)
        if _COMPANY in spec.stored:
            columns = ("t.id", f't."{_COMPANY}"')
            self._companies.update(select_in(connection, spec.table, columns, "id", ids))
        for identity in ids:
            self._places[identity], self._domains[identity] = places[identity], domains[identity]


def _domain(value: str) -> str:
    """The domain of an e-mail or web address, without that of a provider for everybody."""
    host = fold(value).rpartition("@")[2].split("//")[-1].split("/")[0].removeprefix("www.")
    return "" if host in FREE_MAIL else host


def _cities(batch: Batch, position: int) -> set[str]:
    found = set()
    for parts in batch.addresses.values():
        cities = parts.get("city")
        if cities is not None and cities[position]:
            found.add(fold(str(cities[position])))
    return found


def _domains(batch: Batch, position: int) -> set[str]:
    reach = [(c.kind, c.values[position]) for c in batch.points]
    found = {_domain(str(value)) for kind, value in reach if kind in ("email", "web") and value}
    return found - {""}
