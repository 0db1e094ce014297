"""Counts answers against labels: precision and recall of each diagnosis, with their intervals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from counterpoint.scores.wilson import wilson_ends
from diagnoses import DIAGNOSES


@dataclass(frozen=True)
class Answer:
    """What a tool said of a log.

    Attributes
    ----------
    read
        Whether it could read it.
    found : diagnosis → ``problem``, ``caution`` or ``note``
        In our names. Remarks that are no diagnosis are left out.
    """

    read: bool
    found: Mapping[str, str]


@dataclass(frozen=True)
class Share:
    """A count of successes, and of how many.

    Its `interval` is Wilson's, 95%.
    """

    hits: int
    of: int

    def record(self) -> dict[str, Any]:
        """As it stands in the results: share and ends of the interval are None of nothing."""
        if not self.of:
            return {"hits": 0, "of": 0, "share": None, "interval": None}
        share = self.hits / self.of
        low, high = wilson_ends(share, self.of)
        ends = [round(float(low), 4), round(float(high), 4)]
        return {"hits": self.hits, "of": self.of, "share": round(share, 4), "interval": ends}


Line = Mapping[str, Any]
Pairs = Iterable[tuple[Line, Answer]]


def is_hit(name: str, also: Iterable[str], answer: Answer) -> bool:
    """Whether a required diagnosis was made, or one that says as much."""
    return name in answer.found or any(other in answer.found for other in also)


def wrong_names(line: Line, answer: Answer) -> list[str]:
    """Diagnoses made that the labels forbid."""
    right = {*line["required"], *line["allowed"]}
    return [name for name in answer.found if name in DIAGNOSES and name not in right]


def by_diagnosis(pairs: Pairs) -> dict[str, dict[str, Any]]:
    """Precision and recall of each diagnosis, and in how many runs it would be wrong.

    A log that was not read misses what is required of it.
    """
    true: Counter[str] = Counter()
    false: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    barred: Counter[str] = Counter()
    for line, answer in pairs:
        barred.update(DIAGNOSES.keys() - line["required"].keys() - set(line["allowed"]))
        for name, also in line["required"].items():
            needed[name] += 1
            hit[name] += is_hit(name, also, answer)
            true[name] += name in answer.found
        false.update(wrong_names(line, answer))
    return {
        name: {
            "precision": Share(true[name], true[name] + false[name]).record(),
            "recall": Share(hit[name], needed[name]).record(),
            "wrong in": barred[name],
        }
        for name in DIAGNOSES
        if needed[name] or false[name] or true[name]
    }


def overall(pairs: Pairs) -> dict[str, Any]:
    """What a user meets first: is it read, are faults named, are healthy runs left alone?"""
    pairs = list(pairs)
    faulty = [pair for pair in pairs if _grave(pair[0])]
    healthy = [(line, a) for line, a in pairs if not line["is_fault"] and not _grave(line)]
    named = [any(is_hit(n, line["required"][n], a) for n in _grave(line)) for line, a in faulty]
    alarms = {
        level: [any(a.found[n] == level for n in wrong_names(line, a)) for line, a in healthy]
        for level in ("problem", "caution")
    }
    return {
        "read": Share(sum(a.read for _, a in pairs), len(pairs)).record(),
        "faulty runs named": Share(sum(named), len(named)).record(),
        "healthy runs with a wrong problem": Share(sum(alarms["problem"]), len(healthy)).record(),
        "healthy runs with a wrong caution": Share(sum(alarms["caution"]), len(healthy)).record(),
    }


def _grave(line: Line) -> list[str]:
    return [name for name in line["required"] if DIAGNOSES[name] != "note"]


def confusions(pairs: Pairs) -> list[str]:
    """What is missed and what is wrongly said, kind by kind, the most frequent first."""
    missed: dict[tuple[str, str], list[str]] = defaultdict(list)
    wrong: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line, answer in pairs:
        for name, also in line["required"].items():
            if not is_hit(name, also, answer):
                said = ",".join(answer.found) or ("nothing" if answer.read else "not read")
                missed[name, line["kind"]].append(f"{line['log']} (said {said})")
        for name in wrong_names(line, answer):
            needed = ",".join(line["required"]) or "nothing"
            wrong[name, line["kind"]].append(f"{line['log']} (required {needed})")
    out = []
    for title, table in (("MISSED", missed), ("WRONGLY SAID", wrong)):
        totals = Counter[str]()
        for (name, _), logs in table.items():
            totals[name] += len(logs)
        for name, total in totals.most_common():
            out.append(f"{title} {name}: {total}")
            kinds = {kind: logs for (n, kind), logs in table.items() if n == name}
            for kind, logs in sorted(kinds.items(), key=lambda item: -len(item[1])):
                out.append(f"    {len(logs):3} in {kind}: {'; '.join(logs[:3])}")
    return out
