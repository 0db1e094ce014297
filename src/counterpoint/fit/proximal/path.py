"""Fits under a penalty with an L1 part: what chains leave, the batch takes on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from counterpoint.fit.proximal.chains import follow_chains, suits
from counterpoint.fit.proximal.compiling import say_if_compiling
from counterpoint.fit.proximal.wave import flow
from counterpoint.fit.task import Path, PathTask, Watch


def sparse_path(task: PathTask, watch: Watch) -> Path:
    """Fit every alpha and fold of a loss under a penalty with an L1 part.

    Parameters and result as in `counterpoint.fit.path.smooth_path`.
    """
    say_if_compiling()
    path = task.beginning()
    with suppress(KeyboardInterrupt):
        if suits(task):
            follow_chains(task, path, watch)
        if not path.finished.all():
            path = flow(replace(task, known=path), watch)
    return path
