"""Groups of records that are one: pairs joined, unless two members are known not to be the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def join_pairs(
    pairs: Iterable[tuple[int, int, int]], apart: Collection[tuple[int, int]] = ()
) -> list[tuple[list[int], int]]:
    """Groups of the pairs (first, second, score): (members in order, best score), the best group first.

    Args:
        apart: pairs (smaller, larger) that are not the same; no group holds both.
    """
    group: dict[int, int] = {}
    members: dict[int, set[int]] = {}
    best: dict[int, int] = {}
    enemies: dict[int, set[int]] = {}
    for a, b in apart:
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)
    for first, second, score in sorted(pairs, key=lambda one: (-one[2], one[0], one[1])):
        a, b = group.setdefault(first, first), group.setdefault(second, second)
        mine, theirs = members.setdefault(a, {a}), members.setdefault(b, {b})
        if a == b:
            continue
        if enemies and any(enemies.get(one, _NONE) & theirs for one in mine):
            continue
        if len(mine) < len(theirs):
            a, b, mine, theirs = b, a, theirs, mine
        mine |= theirs
        for one in theirs:
            group[one] = a
        best[a] = max(best.get(a, 0), best.pop(b, 0), score)
        del members[b]
    found = [(sorted(one), best[root]) for root, one in members.items() if len(one) > 1]
    return sorted(found, key=lambda one: (-one[1], one[0]))


_NONE: frozenset[int] = frozenset()
