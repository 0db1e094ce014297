"""The results as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from summary import (
    Comparison,
    Record,
    Row,
    best_peer,
    comparisons,
    figure,
    growths,
    is_contest,
    nobody,
    ours,
    rows_of,
)


def summary_table(works: dict[str, Record]) -> str:
    """One row a work: Counterpoint, the best peer, how many times faster, the target."""
    lines = []
    for name, work in works.items():
        if not is_contest(name, work):
            continue
        mine, peer = ours(work), best_peer(work)
        compared = comparisons(work)
        lines.append(
            (
                work["title"],
                "not reached" if mine is None else _seconds(mine),
                nobody(work) if peer is None else f"{peer.label}: {_seconds(peer)}",
                "; ".join(map(_times, compared)),
                "; ".join(map(_target, compared)),
            )
        )
    head = ("work", "Counterpoint", "fastest peer", "times faster", "target")
    return table(head, lines)


def _times(comparison: Comparison) -> str:
    if comparison.times is None:
        return "–"
    named = f" ({comparison.peer})" if comparison.named else ""
    return f"{'> ' if comparison.at_least else ''}{figure(comparison.times)}{named}"


def _target(comparison: Comparison) -> str:
    if comparison.target is None:
        return "–"
    met = {True: "met", False: "not met", None: "open"}[comparison.met]
    return f"{comparison.target:g}: {met}"


def details(works: dict[str, Record]) -> str:
    """One table a work with everyone in it, and why who is not."""
    parts = []
    for name, work in works.items():
        if not is_contest(name, work):
            continue
        parts += [f"### {work['title']}", _description(work)]
        rows = rows_of(work)
        ran = [row for row in rows if "ladder" in row.record]
        head = ("", "time", "runs", "farthest above", "tolerance", "peak memory", "warm-up")
        parts.append(table(head, map(_detail, ran)))
        notes = [f"{row.label}: {row.record['note']}." for row in ran if row.record["note"]]
        if notes:
            parts.append(" ".join(notes))
        rest = [f"{row.label}: {row.record['reason']}" for row in rows if row not in ran]
        if rest:
            parts.append(f"Not taking part: {'; '.join(rest)}.")
    return "\n\n".join(parts)


def _description(work: Record) -> str:
    problem, machine = work["problem"], work["machine"]
    proven = work["best_known_proven_within"]
    floor = f" The best known objectives are proven to {proven['relative']:.1g}." if proven else ""
    folds = f", {problem['folds']} folds and the fit on every row" if problem["folds"] else ""
    quick = " **A cut of the data, to see that it all works.**" if work["quick"] else ""
    return (
        f"{problem['rows']:,} rows × {problem['columns']:,} columns, {problem['classes']} classes, "
        f"{problem['alphas']} alphas from {problem['alpha_least']:.3g} to "
        f"{problem['alpha_greatest']:.3g}{folds}. {machine['processor']}, "
        f"{work['threads']} threads, {work['date']}.{floor}{quick}"
    )


def _detail(row: Row) -> tuple[str, ...]:
    record = row.record
    peak, warm_up = record["peak_bytes"], record["warm_up_seconds"]
    return (
        row.label,
        _seconds(row),
        str(len(record["seconds"])),
        _distance(row),
        f"{record['tolerance']:g}",
        "–" if peak is None else f"{peak / 2**30:.2f} GiB",
        "–" if warm_up is None else f"{figure(warm_up)} s",
    )


def _distance(row: Row) -> str:
    record = row.record
    if row.status == "failed":
        return f"failed: {record['reason']}"
    distance = "–" if row.worst is None else f"{max(row.worst, 0):.1e}"
    fits, asked = record["fits"], record["fits_asked"]
    partial = f", {fits:,} of {asked:,} fits" if fits != asked else ""
    if row.reached:
        return distance + partial
    reason = f": {record['reason']}" if record["reason"] else ""
    return f"{distance}{partial} ({row.status}{reason})"


def _seconds(row: Row) -> str:
    if row.status == "over the limit":
        return "over the limit"
    return "–" if row.seconds is None else f"{figure(row.seconds)} s"


def growth_table(works: dict[str, Record]) -> str:
    """Seconds as rows, alphas, folds and classes grow."""
    lines = []
    for axis, series in growths(works).items():
        done = [(size, ours(work)) for size, work in series]
        times = [(size, row.seconds) for size, row in done if row is not None and row.seconds]
        if len(times) < 2:
            continue
        (least, first), (most, last) = times[0], times[-1]
        steps = ", ".join(f"{size:,}: {figure(seconds)} s" for size, seconds in times)
        lines.append((axis, steps, f"{figure(most / least)} ×", f"{figure(last / first)} ×"))
    return table(("what grows", "Counterpoint", "more of it", "more time"), lines)


def profile_table(profiles: dict[str, Record]) -> str:
    """Where the time goes on one thread: the parts that take a twentieth of it or more."""
    lines = []
    for profile in profiles.values():
        total = profile["seconds"]
        shares = [(part, own / total) for part, own in profile["parts"].items()]
        named = ", ".join(f"{part} {share:.0%}" for part, share in shares if share >= 0.05)
        lines.append((profile["title"], f"{figure(total)} s", named))
    return table(("work", "one thread, profiled", "where it goes"), lines)


def limit_sentence(record: Record) -> str:
    """How near the dense sweep comes to the machine's own rate."""
    if "share" not in record:
        return f"Not measured: {record['missing']}."
    met = "met" if record["share"] >= record["target"] else "not met"
    return (
        f"A square float32 product ran at {record['float32_rate'] / 1e9:,.0f} Gflop/s here, and "
        f"the useful products of the MNIST sweep at {record['share']:.0%} of that over its "
        f"{figure(record['engine_seconds'])} s (target {record['target']:.0%}: {met})."
    )


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
