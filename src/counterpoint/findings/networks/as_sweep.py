"""A population's members of one seed as a sweep over alpha, so that sweeps' findings read it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from counterpoint.fit.nets.result import PopulationFit, When
from counterpoint.fit.result import DataFacts, HeldOut, SweepFit
from counterpoint.fit.validation import score_rows

Array = npt.NDArray[np.float64]


def as_sweep(fit: PopulationFit, seed: int, when: When) -> SweepFit | None:
    """The members of a seed, weak alpha to strong; None without probabilities to judge.

    Members whose outputs are not finite are left out.

    Raw scores are logarithms of the probabilities, which is what log loss and its scale part hang
    on, whatever the networks' own loss.
    """
    if fit.validation is None or not fit.history.has("validation", "log_loss"):
        return None
    judged, seeds = fit.validation.at(when), fit.settings.seeds
    members = np.arange(len(fit.settings.alphas)) * len(seeds) + seeds.index(seed)
    members = members[np.isfinite(judged.raw[members]).all(axis=(1, 2))]
    if not len(members):
        return None
    held_out = _held_out(judged, members, fit.settings.loss)
    alphas = fit.alphas[members // len(seeds)]
    epoch = (fit.best_epoch if when == "best" else fit.last_epoch)[members]

    def measured(quantity: str) -> Array:
        if not fit.history.has("train", quantity):
            return np.full(len(members), np.nan)
        return np.asarray(fit.history.curve("train", quantity)[epoch, members])

    weights = _weights(fit, members, when)
    share = fit.class_count / fit.class_count.sum()
    held_out_count = np.bincount(held_out.label_index, minlength=len(fit.classes))
    outputs = len(fit.classes)
    return SweepFit(
        loss="log",
        loss_label=_LABELS[fit.settings.loss],
        penalty_name="l2" if fit.settings.penalty == "decay" else fit.settings.penalty,
        l1_ratio=fit.settings.l1_ratio,
        alphas=alphas,
        classes=fit.classes,
        feature_names=tuple(f"x{j}" for j in range(fit.features)),
        coef=weights[:, None, :],
        intercept=np.zeros((len(members), outputs)),
        data_loss=measured("data_loss"),
        penalty=measured("penalty"),
        gap=np.full(len(members), np.nan),
        weight_norm=np.linalg.norm(weights, axis=1),
        nonzero=np.count_nonzero(weights, axis=1),
        train_margin=np.full(len(members), np.nan),
        greatest_weight=np.abs(weights).max(axis=1),
        fold_relative_gap=np.zeros((len(members), 1)),
        scores=score_rows(held_out, alphas),
        held_out=held_out,
        facts=DataFacts(
            n=fit.train_rows + len(held_out.row),
            n_features=fit.features,
            class_count=fit.class_count + held_out_count,
            class_share=share,
            held_out_share=held_out_count / held_out_count.sum(),
            duplicates=(),
            constant=(),
            missing_cells=0,
            notes=(),
        ),
        fill=np.zeros(fit.features),
        pending=np.empty(0),
        base_rate_loss=float(-(share[share > 0] * np.log(share[share > 0])).sum()),
        tol=0.0,
        scale="none",
        scheme=f"{len(held_out.row):,} rows held out",
        seed=fit.settings.order_seed,
    )


_LABELS = {
    "log": "log loss (softmax)",
    "bce": "cross-entropy of sigmoids (summed)",
    "brier": "Brier score (softmax)",
    "quadratic": "quadratic cost (sigmoids)",
}


def _held_out(all_members: HeldOut, members: npt.NDArray[np.intp], loss: str) -> HeldOut:
    raw = all_members.raw[members]
    if loss in ("bce", "quadratic"):
        raw = -np.logaddexp(0.0, -raw)  # the logarithm of a sigmoid; its share comes by a constant
    if raw.shape[1] == 2:
        raw = raw[:, 1:] - raw[:, :1]
    return HeldOut(
        row=all_members.row,
        label_index=all_members.label_index,
        fold=all_members.fold,
        weight=all_members.weight,
        raw=raw,
        predicted=all_members.predicted[members],
        log_loss=all_members.log_loss[members],
        brier=all_members.brier[members],
        own_loss=all_members.own_loss[members],
        calibrated=False,
    )


def _weights(fit: PopulationFit, members: npt.NDArray[np.intp], when: When) -> Array:
    """All penalised weights of each member in a row."""
    prefix = "weight_norm["
    names = [q.removeprefix(prefix)[:-1] for _, q in fit.history.columns if q.startswith(prefix)]
    parts = [fit.parameters(when)[name].double().numpy()[members] for name in names]
    return np.concatenate([part.reshape(len(members), -1) for part in parts], axis=1)
