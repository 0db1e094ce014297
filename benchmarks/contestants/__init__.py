"""Everyone who takes part, Counterpoint first. A peer is one module with its convention in it."""

from __future__ import annotations

from contestants import (
    adelie,
    celer,
    counterpoint,
    glmnet,
    glum,
    intelex,
    liblinear,
    ridge_cv,
    scikit_learn,
    skglm,
    snapml,
    torch_lbfgs,
)
from contestants.base import Contestant

CONTESTANTS: dict[str, Contestant] = {
    contestant.name: contestant
    for module in (
        counterpoint,
        scikit_learn,
        intelex,
        glmnet,
        adelie,
        skglm,
        celer,
        glum,
        liblinear,
        snapml,
        torch_lbfgs,
        ridge_cv,
    )
    for contestant in module.CONTESTANTS
}

__all__ = ["CONTESTANTS", "Contestant"]
