"""Networks that were trained together, with what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import Tensor

from counterpoint.errors import InputError
from counterpoint.findings.finding import Finding
from counterpoint.findings.networks import find_in_population
from counterpoint.fit.nets.history import tidy
from counterpoint.fit.nets.losses import output_loss_named
from counterpoint.fit.nets.model import Model
from counterpoint.fit.nets.result import Array, PopulationFit, When
from counterpoint.nets.arguments import one_of
from counterpoint.nets.rows import Inputs


@dataclass(frozen=True, eq=False, repr=False)
class Population:
    """Networks over a range of penalty strengths and seeds.

    Made by `fit` and `fit_module`. A member is named by its alpha and its seed, by default those
    of the `chosen` one; its weights are kept as of two times, ``best`` (the epoch of its least
    validation log loss) and ``last``.

    Attributes
    ----------
    model : Model
        The network without its weights.
    fit : PopulationFit
        All numbers.
    inputs : Inputs
        How rows become what the networks see.
    """

    model: Model
    fit: PopulationFit
    inputs: Inputs

    def __repr__(self) -> str:
        alphas, seeds = self.alphas, self.fit.settings.seeds
        alpha, seed, epoch = self.chosen
        return (
            f"<Population of {len(alphas)} alphas x {len(seeds)} seeds, {self.fit.epochs} epochs: "
            f"take alpha {alpha:.3g}, seed {seed}, epoch {epoch}>"
        )

    @property
    def alphas(self) -> Array:
        """Penalty strengths, ascending."""
        return self.fit.alphas

    @property
    def classes(self) -> npt.NDArray[np.generic]:
        """Labels, in the order of the outputs."""
        return self.fit.classes

    @property
    def chosen(self) -> tuple[float, int, int]:
        """Alpha, seed and epoch of the least validation log loss.

        Without validation rows the data loss of the training rows decides, and for a loss without
        probabilities its own value.
        """
        member, epoch = self.fit.chosen
        return *self.fit.settings.members[member], epoch

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the training means, problems first."""
        return find_in_population(self.fit)

    def explain(self) -> str:
        """The findings in plain words."""
        from counterpoint.report.terminal import explanation

        return explanation(self.findings)

    @cached_property
    def history(self) -> pl.DataFrame:
        """Tidy table: alpha, seed, epoch, split, quantity, value. Epoch 0 is before all steps."""
        return tidy(self.fit.history, self.fit.settings.members, self.fit.last_epoch)

    def curve(self, quantity: str, split: str = "validation") -> Array:
        """One quantity, (epochs + 1, alphas, seeds); NaN after a member has stopped.

        Raises
        ------
        InputError
            It was not measured.
        """
        if not self.fit.history.has(split, quantity):
            known = ", ".join(" ".join(column) for column in self.fit.history.columns)
            raise InputError(f"{split} {quantity} was not measured; choose one of {known}.")
        return self.fit.curve(quantity, split)

    def state_dict(
        self, alpha: Any = None, seed: Any = None, when: When = "best"
    ) -> dict[str, Tensor]:
        """Weights and biases of a member, as plain PyTorch loads them.

        For perceptrons that is ``torch.nn.Sequential(Linear, activation, Linear, ...)``, which
        takes rows as `transform` gives them; for modules of one's own what the factory makes.

        Parameters
        ----------
        alpha, seed
            Of the member; of the `chosen` one by default.
        when
            ``best`` or ``last``.

        Raises
        ------
        InputError
            There is no such member.
        """
        at = self.member(alpha, seed)
        parameters = self.fit.parameters(self._when(when))
        return {name: value[at].clone() for name, value in parameters.items()} | {
            name: value.clone() for name, value in self.fit.constants.items()
        }

    def transform(self, X: Any) -> npt.NDArray[Any]:
        """New rows as the networks see them: encoded, filled and scaled, (n, ...)."""
        return self.inputs.of(X)

    def decision_function(
        self, X: Any, alpha: Any = None, seed: Any = None, when: When = "best"
    ) -> Array:
        """Raw outputs for new rows, (n, classes); the member as in `state_dict`."""
        at = self.member(alpha, seed)
        parameters = self.fit.parameters(self._when(when))
        own = {name: value[at : at + 1] for name, value in parameters.items()}
        x = torch.tensor(self.transform(X), dtype=next(iter(own.values())).dtype)
        with torch.no_grad():
            z = self.model.to("cpu", x.dtype).outputs(own, x)[0]
        return np.asarray(z.T.double().numpy())

    def predict_proba(
        self, X: Any, alpha: Any = None, seed: Any = None, when: When = "best"
    ) -> Array:
        """Class probabilities of new rows, (n, classes); the member as in `state_dict`.

        Separate sigmoids are divided by their sum.

        Raises
        ------
        InputError
            The loss has no probabilities, or there is no such member.
        """
        loss = output_loss_named(self.fit.settings.loss)
        if loss.log_probability is None:
            raise InputError(
                f"the outputs of {loss.label} are no probabilities; use decision_function, or "
                "train on loss 'brier' or 'log'."
            )
        z = torch.from_numpy(self.decision_function(X, alpha, seed, when))
        return np.asarray(loss.log_probability(z.T).exp().T.numpy())

    def predict(
        self, X: Any, alpha: Any = None, seed: Any = None, when: When = "best"
    ) -> npt.NDArray[np.generic]:
        """Predicted labels of new rows, (n,); the member as in `state_dict`."""
        labels: npt.NDArray[np.generic] = self.classes[
            self.decision_function(X, alpha, seed, when).argmax(axis=1)
        ]
        return labels

    def report(self, path: str | Path) -> Path:
        """Write one self-contained page; returns its path."""
        from counterpoint.files import write_atomically
        from counterpoint.report.population_page import render_population

        return write_atomically(Path(path), render_population(self.fit, self.findings))

    def save(self, folder: str | Path) -> Path:
        """Write weights, history and the rest; `load` reads them back."""
        from counterpoint.nets.storage import save

        return save(self, Path(folder))

    def member(self, alpha: Any = None, seed: Any = None) -> int:
        """Where a member stands among all.

        Raises
        ------
        InputError
            It was not trained.
        """
        chosen_alpha, chosen_seed, _ = self.chosen
        if alpha is not None and not isinstance(alpha, Real):
            raise InputError(f"alpha is {alpha!r}; give one of the alphas that were trained.")
        wanted = chosen_alpha if alpha is None else float(alpha)
        nearest = int(np.abs(self.alphas - wanted).argmin())
        if not np.isclose(self.alphas[nearest], wanted, rtol=1e-6, atol=0.0):
            raise InputError(
                f"alpha {wanted!r} was not trained; the nearest that was is "
                f"{float(self.alphas[nearest])!r}."
            )
        seeds = self.fit.settings.seeds
        if seed is not None and seed not in seeds:
            known = ", ".join(map(str, seeds))
            raise InputError(f"seed {seed!r} was not trained; choose one of {known}.")
        if seed is not None:
            return nearest * len(seeds) + seeds.index(int(seed))
        if alpha is None:
            return nearest * len(seeds) + seeds.index(chosen_seed)
        return self.fit.best_seed(nearest)

    @staticmethod
    def _when(when: Any) -> When:
        return "best" if one_of(when, "when", ("best", "last")) == "best" else "last"
