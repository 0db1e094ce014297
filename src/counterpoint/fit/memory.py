"""How much memory a sweep may take, and what is done with it: all of that arithmetic.

What grows with the rows is counted in bytes a row, what grows with the columns in bytes a block
or a factor; the figures are peaks that were measured, temporary arrays included.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from counterpoint.blocks import block_bytes
from counterpoint.errors import InputError
from counterpoint.fit.threads import threads_given

#: Raw scores held at once where no limit is set.
SCORES_AT_ONCE = 16_000_000
#: Bytes that the products of each row's columns may take where no limit is set.
ROW_PRODUCTS = 256 * 2**20
#: Raw scores that fits from a closed form are certified with at once, where one has no more.
CERTIFIED_AT_ONCE = 2_500_000
#: Bytes for each raw score of the problems at work: scores, directions, curvatures, weights.
SCORE_BYTES = 40
#: Blocks of rows that a thread holds at once.
BLOCKS_HELD = 6
#: Width beyond which a preconditioner is a diagonal, and matrices of that width that others hold.
FACTORED_WIDTH = 2000
FACTORS_HELD = 6
#: Weights of a working set under an L1 penalty beyond which their moments are not formed at all.
WORKING_SET = 5000
#: Matrices of that order that are held beside those that problems and outputs keep.
MOMENTS_HELD = 10
#: Rows to judge on, at the least.
LEAST_JUDGED = 1000

_UNITS = {"": 1, "B": 1} | {
    f"{letter}{suffix}": base**power
    for power, letter in enumerate("KMGT", start=1)
    for suffix, base in (("B", 1000), ("IB", 1024))
}


@dataclass(frozen=True)
class Demand:
    """What is to be swept.

    Attributes
    ----------
    n, features, folds
    outputs, apart : int
        Of the loss with most outputs; how many of these are fitted apart.
    alphas, sweeps : int
    held_out : int
        Rows that judge.
    dense : bool
        Whether X is dense.
    one_by_one : bool
        Whether rows are judged by the fit on all rows as it would be without each.
    """

    n: int
    features: int
    folds: int
    outputs: int
    apart: int
    alphas: int
    sweeps: int
    held_out: int
    dense: bool
    one_by_one: bool = False

    @property
    def base(self) -> int:
        """Bytes of what any sweep holds: a few numbers a row, and factors."""
        a_row = 60 + 20 * self.folds + 24 * self.outputs
        if self.apart > 1 or self.outputs == 1:
            a_row += 16 * self.folds * self.outputs
        return self.n * a_row + FACTORS_HELD * self._factor + self._leaving_out

    @property
    def thread(self) -> int:
        """Bytes that a thread takes for its blocks of rows."""
        return BLOCKS_HELD * block_bytes(self.n, 8.0 * self.features)

    @property
    def problem(self) -> int:
        """Bytes that one more problem at work takes."""
        share = 2 * self._factor // self.apart // self.folds
        return SCORE_BYTES * self.scores + share

    @property
    def scores(self) -> int:
        """Raw scores of one problem."""
        return self.n * self.outputs // self.apart

    @property
    def kept_row(self) -> int:
        """Bytes that the sweeps keep of a row that was judged on."""
        return self.sweeps * self.alphas * (8 * self.outputs + 32)

    @property
    def judged_row(self) -> int:
        """Bytes that a row takes while it is judged, when no problem is at work, and after."""
        return self.alphas * 48 * self.outputs + self.kept_row

    @property
    def rotation(self) -> int:
        """Bytes that turning wide data into the space of its rows takes."""
        return 40 * self.n * self.features

    @property
    def closed_form(self) -> int:
        """Bytes that a thread takes for a fold's decomposition, and certificates from it."""
        order = min(self.n, self.features)
        all_rows = self.rotation if self.features > self.n else 0
        one = self.n * self.outputs
        certified = min(self.alphas * one, max(CERTIFIED_AT_ONCE, one))
        return (FACTORS_HELD + self.folds) * 8 * order**2 + all_rows + 2 * SCORE_BYTES * certified

    @property
    def _leaving_out(self) -> int:
        """Bytes of leaving rows out one by one: X as the fit scales it, scores, Hessians."""
        if not self.one_by_one:
            return 0
        tied = min(self.features, self.n) * self.outputs // self.apart
        cells = self.n * (self.features + self.alphas * self.outputs)
        return 36 * cells + FACTORS_HELD * 8 * tied**2

    @property
    def _factor(self) -> int:
        """Bytes of a square matrix for each output."""
        width = self.features + 1
        return 8 * self.outputs * width**2 if width <= FACTORED_WIDTH else 0


@dataclass(frozen=True)
class Plan:
    """What a sweep does with its memory.

    Attributes
    ----------
    single_copy : bool
        Whether X is copied in single precision; else its blocks are converted as they are used.
    scores_at_once : int
        Raw scores of the problems that are at work together.
    judged_rows : int, or None
        Rows to judge on; all that are held out by default.
    row_products : int
        Bytes that the products of each row's columns may take.
    rotate : bool
        Whether wide data may be turned into the space of its rows.
    closed_form : bool
        Whether the squared loss may be solved from a decomposition of each fold.
    working_set : int
        Weights of a working set whose moments may be held.
    threads : int, or None
        Threads at most; those given by default.
    """

    single_copy: bool = True
    scores_at_once: int = SCORES_AT_ONCE
    judged_rows: int | None = None
    row_products: int = ROW_PRODUCTS
    rotate: bool = True
    closed_form: bool = True
    working_set: int = WORKING_SET
    threads: int | None = None


UNLIMITED = Plan()


def plan(demand: Demand, limit: int | None) -> Plan:
    """Decide what a sweep holds in memory beyond the data passed to it.

    Parameters
    ----------
    limit
        Bytes; None for no limit.

    Raises
    ------
    InputError
        Where not even one problem fits, with the memory that would do.

    Examples
    --------
    >>> demand = Demand(10**6, 100, 6, 1, 1, 20, 1, 10**6, True)
    >>> plan(demand, None).single_copy
    True
    >>> small = plan(demand, parse_memory("700MB"))
    >>> small.single_copy, small.judged_rows < 10**6
    (False, True)
    """
    if limit is None:
        # All folds together: they share each pass over the data.
        return Plan(scores_at_once=max(SCORES_AT_ONCE, demand.folds * demand.n * demand.outputs))
    judged = min(demand.held_out, LEAST_JUDGED)
    needed = demand.base + demand.thread + 2 * max(demand.problem, judged * demand.judged_row)
    if needed > limit:
        raise InputError(
            f"memory is {size_in_words(limit)}, and this sweep takes {size_in_words(needed)} at "
            "the least; give it that much, or fewer rows, columns, folds or alphas."
        )
    threads = 1 + min(threads_given() - 1, (limit - needed) // 2 // max(1, demand.thread))
    room = limit - demand.base - threads * demand.thread
    judged = min(demand.held_out, room // 2 // demand.judged_row)
    spare = room - judged * demand.kept_row - demand.problem
    copy = 4 * demand.n * demand.features if demand.dense else 0
    single_copy = demand.dense and copy <= spare // 2
    spare -= copy if single_copy else 0
    row_products = min(ROW_PRODUCTS, spare // 4)
    rotate = demand.rotation <= spare
    problems = 1 + (spare - row_products) // demand.problem
    at_once = min(SCORES_AT_ONCE, problems * demand.scores)
    moments = MOMENTS_HELD + 3 * demand.apart + at_once // demand.scores
    return Plan(
        single_copy=single_copy,
        scores_at_once=at_once,
        judged_rows=None if judged == demand.held_out else judged,
        row_products=row_products,
        rotate=rotate,
        closed_form=threads * demand.closed_form <= spare,
        working_set=min(WORKING_SET, math.isqrt(spare // 4 // (8 * moments))),
        threads=threads,
    )


def parse_memory(memory: Any) -> int:
    """Bytes of a size such as ``2GB``, ``500MB``, ``1.5GiB`` or a number of bytes.

    Raises
    ------
    InputError
        Where it is neither.

    Examples
    --------
    >>> parse_memory("2GB"), parse_memory("0.5 GiB"), parse_memory(10**9)
    (2000000000, 536870912, 1000000000)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)\s*", str(memory))
    known = isinstance(memory, (int, str)) and not isinstance(memory, bool)
    if not known or match is None or match[2].upper() not in _UNITS or float(match[1]) == 0:
        raise InputError(f"memory is {memory!r}; give a size such as '2GB', '500MB' or '2GiB'.")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def size_in_words(size: int) -> str:
    """Bytes in decimal units, rounded up.

    Examples
    --------
    >>> size_in_words(1_234_567_890), size_in_words(41_000_000)
    ('1.3 GB', '41 MB')
    """
    if size >= 10**9:
        return f"{-(-size // 10**8) / 10:,.1f} GB"
    return f"{-(-size // 10**6):,} MB"
