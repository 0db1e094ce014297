"""One work: everyone climbs the ladder of tolerances, then the rung found is repeated in turn."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from contestants import Contestant
from environments import NoEnvironment, interpreter
from problem import Problem
from process import Outcome, run_child

#: Relative distance to the best known objective that everyone is held to, at every alpha and fold.
GOAL = 1e-6
#: Seconds beyond which a run is not repeated.
SLOW = 120.0


@dataclass(frozen=True)
class Settings:
    """How a contest is held."""

    repeats: int
    limit: float
    threads: int
    environments: Path


@dataclass
class Standing:
    """How far a contestant has come.

    Attributes
    ----------
    out
        (status, reason) of one who takes no part.
    climbed
        Its runs on the ladder, loosest tolerance first.
    repeated
        Seconds of further runs at the tolerance that counts.
    """

    contestant: Contestant
    python: Path | None = None
    out: tuple[str, str] | None = None
    climbed: list[Outcome] = field(default_factory=list)
    repeated: list[float] = field(default_factory=list)


def contest(
    problem: Problem, contestants: list[Contestant], settings: Settings
) -> Iterator[dict[str, Any]]:
    """Run a work; after each run, its record: what is known of the optimum, how everyone did."""
    facts = problem.facts()
    standings = [_enter(contestant, facts, settings.environments) for contestant in contestants]
    taking_part = [standing for standing in standings if standing.out is None]
    about = {
        "problem": facts,
        "goal": GOAL,
        "repeats": settings.repeats,
        "limit_seconds": settings.limit,
        "threads": settings.threads,
    }
    with tempfile.TemporaryDirectory() as holder:
        folder = Path(holder) / "problem"
        problem.save(folder)
        run = partial(_run, problem, folder, settings)
        for _ in _rounds(taking_part, problem, settings, run):
            best = best_known(taking_part, problem)
            yield about | {
                "best_known_proven_within": _proven(taking_part, best),
                "contestants": {
                    s.contestant.name: _record(s, standings[0], best, settings.limit)
                    for s in standings
                    if s.climbed or s.out is not None
                },
            }


def _rounds(
    taking_part: list[Standing],
    problem: Problem,
    settings: Settings,
    run: Callable[[Standing, float], Outcome],
) -> Iterator[None]:
    """Every run of a contest, one at a time."""
    yield from _climb(taking_part, problem, settings.limit, run)
    best = best_known(taking_part, problem)
    for _ in range(settings.repeats - 1):
        yield from _repeat(taking_part, best, run)


def _run(
    problem: Problem, folder: Path, settings: Settings, standing: Standing, tolerance: float
) -> Outcome:
    contestant, limit = standing.contestant, settings.limit
    outcome = run_child(
        contestant, standing.python, problem, folder, tolerance, limit, settings.threads
    )
    _tell(contestant, outcome)
    return outcome


def _climb(
    taking_part: list[Standing],
    problem: Problem,
    limit: float,
    run: Callable[[Standing, float], Outcome],
) -> Iterator[None]:
    """Let everyone climb as far as it has to."""

    def climbs(standing: Standing) -> bool:
        return _climbs(standing, best_known(taking_part, problem), limit)

    # What one finds may be better than what another was held to: go round until all rest.
    while climbing := [standing for standing in taking_part if climbs(standing)]:
        for standing in climbing:
            while climbs(standing):
                rung = standing.contestant.ladder[len(standing.climbed)]
                standing.climbed.append(run(standing, rung))
                yield


def _repeat(
    taking_part: list[Standing], best: np.ndarray, run: Callable[[Standing, float], Outcome]
) -> Iterator[None]:
    """Run once more, in turn, everyone who is there and was not slow."""
    for standing in taking_part:
        last = standing.climbed[-1]
        if reached(standing.contestant, last, best) and last.facts["seconds"] <= SLOW:
            again = run(standing, last.tolerance)
            standing.repeated += [] if again.seconds is None else [again.seconds]
            yield


def _enter(contestant: Contestant, facts: dict[str, Any], environments: Path) -> Standing:
    refusal = contestant.refuses(facts)
    if refusal is not None:
        missing = refusal.startswith("missing: ")
        status = "missing" if missing else "not supported"
        return Standing(contestant, out=(status, refusal.removeprefix("missing: ")))
    try:
        return Standing(contestant, interpreter(contestant.environment, environments))
    except NoEnvironment as error:
        return Standing(contestant, out=("missing", str(error).removeprefix("missing: ")))


def best_known(standings: list[Standing], problem: Problem) -> np.ndarray:
    """Least objective that anyone has found, (alphas, folds)."""
    found = [outcome.objective for standing in standings for outcome in standing.climbed]
    return np.fmin.reduce([np.full(problem.shape, np.inf), *found])


def worst(outcome: Outcome, best: np.ndarray) -> float | None:
    """Greatest relative distance to the best known among the fits that were delivered."""
    if not outcome.fits:
        return None
    # Weights that have run away may have an infinite objective, which JSON has no number for.
    return min(float(np.nanmax((outcome.objective - best) / best)), 1e99)


def complete(contestant: Contestant, outcome: Outcome) -> bool:
    """Whether it ended by itself with every fit that was asked."""
    every = contestant.best_alpha_only or outcome.fits == outcome.objective.size
    return outcome.status == "done" and every


def reached(contestant: Contestant, outcome: Outcome, best: np.ndarray) -> bool:
    distance = worst(outcome, best)
    return complete(contestant, outcome) and distance is not None and distance <= GOAL


def _climbs(standing: Standing, best: np.ndarray, limit: float) -> bool:
    """Whether there is a next rung that it should try."""
    if not standing.climbed:
        return True
    last = standing.climbed[-1]
    # Who gives up on a fit does so at tighter settings too.
    ended = not complete(standing.contestant, last)
    ended |= len(standing.climbed) == len(standing.contestant.ladder)
    return not (ended or _spent(standing, limit) or reached(standing.contestant, last, best))


def _spent(standing: Standing, limit: float) -> bool:
    """Whether its runs together took the limit: one that is so slow tries no tighter setting."""
    return sum(outcome.seconds or 0.0 for outcome in standing.climbed) >= limit


def _proven(standings: list[Standing], best: np.ndarray) -> dict[str, Any] | None:
    """How far the best known may be from the optimum, by the certificates that came with fits."""
    floors = [outcome.floor for standing in standings for outcome in standing.climbed]
    floor = np.fmax.reduce([np.full(best.shape, -np.inf), *floors])
    distance = (best - floor) / best
    if not np.isfinite(distance).all():
        return None
    # Rounding of the two sums may put the best known below the floor by some 1e-16.
    return {"relative": float(distance.max()), "holds": bool((distance > -1e-12).all())}


def _record(standing: Standing, first: Standing, best: np.ndarray, limit: float) -> dict[str, Any]:
    contestant = standing.contestant
    record: dict[str, Any] = {"label": contestant.label, "note": contestant.note}
    if standing.out is not None:
        return record | {"status": standing.out[0], "reason": standing.out[1]}
    counts = _that_counts(standing, best)
    status = "reached" if reached(contestant, counts, best) else counts.status
    facts = counts.facts
    return record | {
        "status": "not reached" if status == "done" else status,
        "reason": _reason(standing, status, limit),
        "versions": facts.get("versions", {}),
        "tolerance": counts.tolerance,
        "seconds": [s for s in (counts.seconds, *standing.repeated) if s is not None],
        "engine_seconds": facts.get("engine_seconds"),
        "warm_up_seconds": facts.get("warm_up_seconds"),
        "loaded_bytes": facts.get("loaded_bytes"),
        "peak_bytes": facts.get("peak_bytes"),
        "worst": worst(counts, best),
        "fits": counts.fits,
        "fits_asked": best.size,
        "support": _support(counts, first.climbed[-1] if first.climbed else None),
        "ladder": [
            {
                "tolerance": outcome.tolerance,
                "status": outcome.status,
                "seconds": outcome.seconds,
                "worst": worst(outcome, best),
                "fits": outcome.fits,
            }
            for outcome in standing.climbed
        ],
    }


def _reason(standing: Standing, status: str, limit: float) -> str | None:
    """Why it did not get there, where that is known."""
    last = standing.climbed[-1]
    if last.reason is not None or status == "reached":
        return last.reason
    if last.status == "done" and not complete(standing.contestant, last):
        return f"at {last.tolerance:g} it gives up after {last.fits:,} fits"
    if last.status == "over the limit" and len(standing.climbed) > 1:
        return f"at {last.tolerance:g} it is over the limit"
    if _spent(standing, limit) and len(standing.climbed) < len(standing.contestant.ladder):
        return "tighter settings were not tried for want of time"
    return None


def _that_counts(standing: Standing, best: np.ndarray) -> Outcome:
    """The last run if it got there, else the finished one that came nearest, else the last."""
    last = standing.climbed[-1]
    done = [o for o in standing.climbed if o.status == "done" and o.fits]
    if reached(standing.contestant, last, best) or not done:
        return last
    return min(done, key=lambda outcome: (-outcome.fits, worst(outcome, best)))


def _support(outcome: Outcome, first: Outcome | None) -> dict[str, Any] | None:
    """Weights that are not zero, and the share of them in common with the first contestant's."""
    if outcome.nonzero is None:
        return None
    record: dict[str, Any] = {"nonzero": int(np.unpackbits(outcome.nonzero).sum())}
    if first is None or first.nonzero is None:
        return record
    both = ~np.isnan(outcome.objective) & ~np.isnan(first.objective)
    mine, theirs = (np.unpackbits(each.nonzero[both]) for each in (outcome, first))
    return record | {"in_common": float((mine & theirs).sum() / max((mine | theirs).sum(), 1))}


def _tell(contestant: Contestant, outcome: Outcome) -> None:
    took = "" if outcome.seconds is None else f"{outcome.seconds:.3g} s, "
    what = outcome.reason or f"{took}{outcome.fits} fits"
    print(f"  {contestant.name} at {outcome.tolerance:g}: {outcome.status}, {what}", flush=True)
