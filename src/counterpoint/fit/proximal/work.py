"""What is known of every problem of a path, and of those at work."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from counterpoint.fit.design import Design
from counterpoint.fit.proximal.batch import Batch
from counterpoint.fit.proximal.model import Reference, References
from counterpoint.fit.proximal.screen import Screen
from counterpoint.fit.start import start_of_path
from counterpoint.fit.task import Path, PathTask

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


@dataclass
class Work:
    """The problems at work, on the columns of the screen; rows of every array match.

    Attributes
    ----------
    residual, slope
        Gradients of the data loss in the scores and in v.
    """

    a: Index
    g: Index
    v: Array
    z: Array
    residual: Array
    slope: Array
    data_loss: Array

    def subset(self, keep: Index) -> Work:
        return Work(
            self.a[keep],
            self.g[keep],
            self.v[keep],
            self.z[keep],
            self.residual[keep],
            self.slope[keep],
            self.data_loss[keep],
        )

    def joined(self, other: Work) -> Work:
        return Work(
            np.append(self.a, other.a),
            np.append(self.g, other.g),
            np.concatenate([self.v, other.v]),
            np.concatenate([self.z, other.z]),
            np.concatenate([self.residual, other.residual]),
            np.concatenate([self.slope, other.slope]),
            np.append(self.data_loss, other.data_loss),
        )

    @property
    def keys(self) -> list[tuple[int, int]]:
        return list(zip(self.a.tolist(), self.g.tolist(), strict=True))


@dataclass
class State:
    """What is known of every problem; rows run from strong to weak alpha."""

    path: Path
    entered: npt.NDArray[np.bool_]
    finished: npt.NDArray[np.bool_]
    near: npt.NDArray[np.bool_]
    steps: Index
    failures: Index
    violation: Array
    steepest: Array
    screen: Screen
    references: References = field(default_factory=References)
    held: dict[tuple[int, int], Array] = field(default_factory=dict)
    borrowed: dict[tuple[int, int], Reference | None] = field(default_factory=dict)

    def weights(self, a: Index, g: Index) -> Array:
        """Weights of some problems on the columns of the screen, (problems, outputs, width)."""
        return self.path.v[self._cells(a, g)]

    def keep(self, a: Index, g: Index, v: Array) -> None:
        """Set them."""
        self.path.v[self._cells(a, g)] = v

    def _cells(self, a: Index, g: Index) -> tuple[Index, Index, Index, Index]:
        outputs = np.arange(self.path.v.shape[2])[:, None]
        return a[:, None, None], g[:, None, None], outputs, self.screen.places

    @property
    def shown(self) -> Path:
        """What is finished so far."""
        gap = np.where(self.finished, self.path.gap, np.nan)
        return Path(self.path.v, self.path.data_loss, self.path.penalty, gap)


def fresh_state(task: PathTask) -> State:
    """The first alpha's starts, and what an earlier run has finished."""
    path, shape = task.beginning(), task.shape
    finished = path.finished
    # A chain that gave up has left weights there, also on columns that are not looked at.
    path.v[~finished] = 0.0
    path.v[0] = np.where(finished[0, :, None, None], path.v[0], start_of_path(task))
    screen, used = Screen(task.design), (path.v[finished][..., :-1] != 0).any(axis=(0, 1))
    screen.extend(used.astype(np.float64), used)
    return State(
        path=path,
        entered=finished.copy(),
        finished=finished,
        near=finished.copy(),
        steps=np.zeros(shape, dtype=np.intp),
        failures=np.zeros(shape, dtype=np.intp),
        violation=np.full(shape, np.inf),
        steepest=np.full(shape[1], np.inf),
        screen=screen,
    )


def no_work(task: PathTask, screen: Screen) -> Work:
    """No problem at work."""
    empty = np.zeros(0, dtype=np.intp)
    v = np.zeros((0, task.outputs, screen.design.width))
    z = np.zeros((0, task.outputs, task.targets.shape[1]))
    return Work(empty, empty, v, z, z, v, np.zeros(0))


def batch_of(task: PathTask, design: Design, a: Index, g: Index) -> Batch:
    """The problems at some places of the path, on all columns or on those of the screen."""
    # Where all problems share their targets, once.
    target, outputs = task.targets[None], task.groups_per_fold
    if outputs > 1:
        target = task.targets[g % outputs][:, None]
    return Batch(design, task.loss, task.penalty, task.alphas[a], g // outputs, target)
