"""Upright lines at the alphas that held-out log loss speaks for, named where there is room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from counterpoint.findings.words import strength
from counterpoint.report import theme
from counterpoint.report.axes import place_across
from counterpoint.report.layers import LETTER, layer, text
from counterpoint.report.marks import Candidate, Marks
from counterpoint.report.theme import Spec

#: Plots narrower than this have no room for a candidate's reason.
_ROOMY = 500


def candidate_lines(
    alphas: npt.NDArray[np.float64], marks: Marks, width: int, labelled: bool
) -> list[Spec]:
    """Upright lines at the candidates; the one to take is drawn through and named in bold."""
    lines = [_line(candidate) for candidate in marks.candidates]
    if not (labelled and lines):
        return lines
    names = [_name(candidate, roomy=width >= _ROOMY) for candidate in marks.candidates]
    left, right = _room(alphas, marks.candidates, width)
    if len(names) == 2 and len(names[0]) * LETTER <= left and len(names[1]) * LETTER <= right:
        weak, strong = marks.candidates
        return [*lines, _label(weak, names[0], "right"), _label(strong, names[1], "left")]
    return [*lines, _common_label(alphas, marks.candidates, names, width)]


def _common_label(
    alphas: npt.NDArray[np.float64],
    candidates: Sequence[Candidate],
    names: Sequence[str],
    width: int,
) -> Spec:
    """One label at the alpha to take, that names the other too; it stays within the plot."""
    at = next(i for i, candidate in enumerate(candidates) if candidate.taken)
    others = [f"dashed {name}" for i, name in enumerate(names) if i != at]
    words = "; ".join([names[at], *others])
    left, right = _room(alphas, [candidates[at]], width)
    half = len(words) * LETTER / 2.0
    side = "center" if half <= min(left, right) else "left" if left < right else "right"
    return _label(candidates[at], words, side)


def _room(
    alphas: npt.NDArray[np.float64], candidates: Sequence[Candidate], width: int
) -> tuple[float, float]:
    """Pixels to the left of the first candidate and to the right of the last."""
    first, last = (place_across(alphas, candidates[i].alpha) for i in (0, -1))
    return width * first, width * (1.0 - last)


def _name(candidate: Candidate, roomy: bool) -> str:
    words = f"{'take ' if candidate.taken else ''}{strength(candidate.alpha)}"
    return f"{words}: {candidate.why}" if roomy else words


def _line(candidate: Candidate) -> Spec:
    dash = [1, 0] if candidate.taken else [3, 3]
    rule = {"type": "rule", "color": theme.INK.light, "strokeDash": dash, "strokeWidth": 1.2}
    return layer([{"alpha": candidate.alpha}], rule)


def _label(candidate: Candidate, words: str, side: str) -> Spec:
    mark = text(
        words,
        align=side,
        baseline="bottom",
        dy=-5,
        dx={"right": -3, "left": 3, "center": 0}[side],
        color=theme.INK.light,
        fontWeight="bold" if candidate.taken else "normal",
    )
    return layer([{"alpha": candidate.alpha}], mark, y={"value": 0})
