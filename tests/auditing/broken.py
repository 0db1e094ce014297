"""The textbook network with one fault each, and what the audit has to say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditing.textbook import Network
from counterpoint.auditing import audit

Sizes = tuple[int, ...]

#: A small network, one of the textbook's form, and one with two hidden layers.
SIZES: tuple[Sizes, ...] = ((12, 6, 3), (64, 30, 10), (40, 20, 20, 5))


class DecayGrows(Network):
    """w <- (1 + rate * alpha) w: chainer 261, deeppy 17, estool 35."""

    def decay(self, w):
        return -super().decay(w)


class CostOverItsOwnSet(Network):
    """lambda over the rows that are evaluated."""

    def cost(self, X, y):
        return self.data_part(X, y) + self.penalty(len(y))


class TheBlowUp(CostOverItsOwnSet, DecayGrows):
    """THEORY's case: both at once."""


class DecayTwice(Network):
    """The slope of lambda/n |w|^2 for a penalty of lambda/2n |w|^2: DenseNet 57."""

    def decay(self, w):
        return 2 * super().decay(w)


class DecayHalf(Network):
    def decay(self, w):
        return super().decay(w) / 2


class LambdaOverBatch(Network):
    def step(self, X, y):
        own, self.n_train = self.n_train, len(y)
        super().step(X, y)
        self.n_train = own


class LambdaUndivided(Network):
    def decay(self, w):
        return self.lmbda * w


class DecayRateTwice(Network):
    def decay(self, w):
        return self.eta * super().decay(w)


class DecayWithoutRate(Network):
    def decay(self, w):
        return super().decay(w) / self.eta


class DecayForgotten(Network):
    def decay(self, w):
        return 0.0


class DecayOfFirstLayerOnly(Network):
    def decay(self, w):
        return super().decay(w) if w is self.weights[0] else 0.0


class KindsExchanged(Network):
    """keras-adamw 39."""

    def decay(self, w):
        return self.l1 / self.n_train * w + self.lmbda / self.n_train * np.sign(w)


class SignForWeight(Network):
    def decay(self, w):
        return self.lmbda / self.n_train * np.sign(w)


class BiasesDecay(Network):
    def bias_decay(self, b):
        return self.lmbda / self.n_train * b


class Scaled(Network):
    """A loss scale: chainer 7335."""

    factor = 128.0

    def slopes(self, X, y):
        by_weight, by_bias = super().slopes(X, y)
        k = self.scale(len(y))
        return [k * g for g in by_weight], [k * g for g in by_bias]

    def scale(self, n):
        return self.factor


class SumForMean(Scaled):
    def scale(self, n):
        return n


class MeanOfMean(Scaled):
    def scale(self, n):
        return 1 / n


class SlopeTwice(Scaled):
    factor = 2.0


class Climbs(Scaled):
    factor = -1.0


class _OneArray(Network):
    """Change one array's slope: ``which`` is its list and its place in it."""

    which = (0, 0)

    def slopes(self, X, y):
        both = super().slopes(X, y)
        part, layer = self.which
        both[part][layer] = self.changed(both[part][layer], len(y))
        return both

    def changed(self, g, n):
        raise NotImplementedError


class FirstLayerClimbs(_OneArray):
    def changed(self, g, n):
        return -g


class LastBiasForgotten(_OneArray):
    which = (1, -1)

    def changed(self, g, n):
        return 0.0 * g


class BiasesSummed(_OneArray):
    which = (1, 0)

    def changed(self, g, n):
        return n * g


class FirstLayerForgotten(_OneArray):
    def changed(self, g, n):
        return 0.0 * g


class SquareTransposed(_OneArray):
    which = (0, 1)

    def changed(self, g, n):
        return np.ascontiguousarray(g.T)


class HiddenDerivativeForgotten(Network):
    def hidden_error(self, error, layer, a):
        return error @ self.weights[layer + 1].T


class HiddenDerivativeOfTanh(Network):
    def hidden_error(self, error, layer, a):
        return error @ self.weights[layer + 1].T * (1 - a**2)


class WeightsNotTransposed(Network):
    """Errors go back through w where they should go through its transpose."""

    def hidden_error(self, error, layer, a):
        w = self.weights[layer + 1]
        return error @ (w if w.shape[0] == w.shape[1] else w.T) * a * (1 - a)


class OutputDerivativeForgotten(Network):
    def output_error(self, a, t):
        return a - t


class OutputDerivativeTooMuch(Network):
    def output_error(self, a, t):
        return (a - t) * a * (1 - a)


class LabelsShiftedInStep(Network):
    def output_error(self, a, t):
        return super().output_error(a, np.roll(t, 1, axis=1))


class InputsCentred(Network):
    def slopes(self, X, y):
        by_weight, by_bias = super().slopes(X, y)
        a = self.activations(X)
        error = self.output_error(a[-1], self.target(y))
        by_weight[-1] = (a[-2] - 0.5).T @ error / len(y)
        return by_weight, by_bias


class FirstRowOnly(Network):
    def slopes(self, X, y):
        return super().slopes(X[:1], y[:1])


class LastRowDropped(Network):
    def slopes(self, X, y):
        return super().slopes(X[:-1], y[:-1])


class PairsBroken(Network):
    def step(self, X, y):
        super().step(X, np.roll(y, 1))


class LabelsIgnored(Network):
    def step(self, X, y):
        super().step(X, np.zeros_like(y))


class NeverReset(Network):
    def slopes(self, X, y):
        now = super().slopes(X, y)
        before = getattr(self, "kept", None)
        if before is not None:
            now = tuple(
                [g + k for g, k in zip(*both, strict=True)]
                for both in zip(now, before, strict=True)
            )
        self.kept = now
        return now


class MomentumForgotten(Network):
    def step(self, X, y):
        for v in self.velocity:
            v[...] = 0.0
        super().step(X, y)


class Noisy(Network):
    def slopes(self, X, y):
        rng = np.random.default_rng(int(1e6 * abs(X).sum()) + len(y))
        return tuple(
            [g + 0.05 * rng.standard_normal(g.shape) for g in part] for part in super().slopes(X, y)
        )


class CostOfPenaltyTwice(Network):
    def cost(self, X, y):
        return self.data_part(X, y) + 2 * self.penalty(self.n_train)


class CostLessPenalty(Network):
    def cost(self, X, y):
        return self.data_part(X, y) - self.penalty(self.n_train)


class CostWithoutPenalty(Network):
    """mlxtend 741: what is reported is not what is minimised."""

    def cost(self, X, y):
        return self.data_part(X, y)


class CostOfL1(Network):
    def cost(self, X, y):
        sizes = sum(np.abs(w).sum() for w in self.weights)
        return self.data_part(X, y) + self.lmbda / self.n_train * sizes


class CostOfNorms(Network):
    def cost(self, X, y):
        norms = sum(np.linalg.norm(w) for w in self.weights)
        return self.data_part(X, y) + self.lmbda / self.n_train * norms / 2


class CostOfLastLayer(Network):
    def penalty(self, n):
        return self.lmbda / n * (self.weights[-1] ** 2).sum() / 2


class CostWithBiases(Network):
    def penalty(self, n):
        return super().penalty(n) + self.lmbda / n * sum((b**2).sum() for b in self.biases) / 2


class CostSummed(Network):
    def data_part(self, X, y):
        return self.loss_per_row(X, y).sum()


class CostOverTrainingRows(Network):
    def data_part(self, X, y):
        return self.loss_per_row(X, y).sum() / self.n_train


class CostOverOneLess(Network):
    def data_part(self, X, y):
        return self.loss_per_row(X, y).sum() / (len(y) - 1)


class CostInBits(Network):
    def data_part(self, X, y):
        return super().data_part(X, y) / np.log(2)


class CostOfOtherLabels(Network):
    def data_part(self, X, y):
        return super().data_part(X, np.roll(y, 1))


class CostWithDropout(Network):
    def loss_per_row(self, X, y):
        return super().loss_per_row(X * (np.random.uniform(size=X.shape) > 0.2), y)  # noqa: NPY002


class CostTrains(Network):
    def cost(self, X, y):
        self.step(X, y)
        return super().cost(X, y)


class AccuracyOfTheLeast(Network):
    def accuracy(self, X, y):
        return np.mean(self.outputs(X).argmin(axis=1) == y)


class AccuracyOfHiddenUnits(Network):
    def accuracy(self, X, y):
        return np.mean(self.activations(X)[1].argmax(axis=1) == y)


@dataclass(frozen=True)
class Case:
    """A fault and what has to be said: the finding, and a place that its evidence names."""

    kind: type[Network]
    finding: str
    where: tuple[str, ...]
    options: dict[str, object]
    more: tuple[str, ...] = ()
    square: bool = False

    def make(self, sizes: Sizes, seed: int) -> Network:
        if self.square:
            sizes = (sizes[0], sizes[1], sizes[1], *sizes[2:])
        return self.kind(sizes, seed=seed, **{"eta": 0.3, "lmbda": 5.0, **self.options})


BCE: dict[str, object] = {"cost": "bce"}
BOTH: dict[str, object] = {"l1": 1.5}
STEP, COST = ("step",), ("cost",)
FIRST, LAST = ("weights[0]",), ("weights[-1]",)

CASES: tuple[Case, ...] = (
    Case(DecayGrows, "decay_sign", ("weights[0]", "weights[-1]"), {}),
    Case(DecayGrows, "decay_sign", FIRST, {**BCE, "momentum": 0.9}),
    Case(TheBlowUp, "decay_sign", ("weights[0]", "weights[-1]"), {}, more=("reported_penalty",)),
    Case(DecayTwice, "decay_strength", FIRST, {}),
    Case(DecayTwice, "decay_strength", FIRST, {"momentum": 0.9}),
    Case(DecayHalf, "decay_strength", FIRST, BCE),
    Case(LambdaOverBatch, "decay_strength", FIRST, {}),
    Case(LambdaUndivided, "decay_strength", FIRST, {}),
    Case(DecayRateTwice, "decay_strength", FIRST, {}),
    Case(DecayWithoutRate, "decay_strength", FIRST, {}),
    Case(DecayForgotten, "decay_strength", ("weights[0]", "weights[-1]"), {}),
    Case(DecayOfFirstLayerOnly, "decay_strength", LAST, {}),
    Case(KindsExchanged, "decay_kind", FIRST, BOTH),
    Case(SignForWeight, "decay_kind", FIRST, {}),
    Case(BiasesDecay, "decay_on_biases", ("biases[0]", "biases[-1]"), {}),
    Case(Scaled, "step_scale", STEP, {}),
    Case(SumForMean, "step_scale", STEP, BCE),
    Case(MeanOfMean, "step_scale", STEP, {}),
    Case(SlopeTwice, "step_scale", STEP, {"momentum": 0.9}),
    Case(Climbs, "step_scale", STEP, {}),
    Case(FirstLayerClimbs, "wrong_gradient", FIRST, {}),
    Case(LastBiasForgotten, "wrong_gradient", ("biases[-1]",), {}),
    Case(BiasesSummed, "wrong_gradient", ("biases[0]",), BCE),
    Case(FirstLayerForgotten, "wrong_gradient", FIRST, {}),
    Case(SquareTransposed, "wrong_gradient", ("weights[1]",), {}, square=True),
    Case(HiddenDerivativeForgotten, "wrong_gradient", ("weights[-2]",), {}),
    Case(HiddenDerivativeForgotten, "wrong_gradient", ("weights[-2]",), {**BCE, "momentum": 0.5}),
    Case(HiddenDerivativeOfTanh, "wrong_gradient", ("weights[-2]",), BCE),
    Case(WeightsNotTransposed, "wrong_gradient", ("weights[-3]",), {}, square=True),
    Case(OutputDerivativeForgotten, "other_loss", ("output error",), {}),
    Case(OutputDerivativeTooMuch, "other_loss", ("output error",), BCE),
    Case(LabelsShiftedInStep, "wrong_gradient", LAST, BCE),
    Case(InputsCentred, "wrong_gradient", LAST, {}),
    Case(FirstRowOnly, "row_order", STEP, {}),
    Case(LastRowDropped, "row_order", STEP, {}),
    Case(PairsBroken, "row_order", STEP, {}),
    Case(LabelsIgnored, "labels_ignored", STEP, {}),
    Case(NeverReset, "momentum_differs", STEP, {}),
    Case(MomentumForgotten, "momentum_differs", STEP, {"momentum": 0.9}),
    Case(Noisy, "moves_otherwise", STEP, {}),
    Case(CostOverItsOwnSet, "reported_penalty", ("set size",), {}),
    Case(CostOfPenaltyTwice, "reported_penalty", COST, {}),
    Case(CostLessPenalty, "reported_penalty", COST, {}),
    Case(CostWithoutPenalty, "reported_penalty", COST, {}),
    Case(CostOfL1, "reported_penalty", ("kind",), {}),
    Case(CostOfNorms, "reported_penalty", ("norm",), {}),
    Case(CostOfLastLayer, "reported_penalty", FIRST, {}),
    Case(CostWithBiases, "reported_penalty", ("biases[0]",), {}),
    Case(CostSummed, "reported_loss", COST, {}),
    Case(CostOverTrainingRows, "reported_loss", COST, {}),
    Case(CostOverOneLess, "reported_loss", COST, {}),
    Case(CostInBits, "reported_loss", COST, BCE),
    Case(CostOfOtherLabels, "reported_loss", COST, {}),
    Case(CostWithDropout, "not_repeatable", COST, {}),
    Case(CostTrains, "not_repeatable", COST, {}),
    Case(AccuracyOfTheLeast, "accuracy_elsewhere", ("accuracy",), {}),
    Case(AccuracyOfHiddenUnits, "accuracy_elsewhere", ("accuracy",), {}),
)


def name_of(case: Case) -> str:
    """The case in words, for a test's name and the table."""
    return "-".join([case.kind.__name__, *(f"{k}={v}" for k, v in case.options.items())])


def place_named(place: str, network: Network) -> str:
    """``weights[-1]`` as the audit names it."""
    for layer in range(1, len(network.weights) + 1):
        place = place.replace(f"[-{layer}]", f"[{len(network.weights) - layer}]")
    return place


def verdict(case: Case, sizes: Sizes, seed: int) -> tuple[bool, list[str]]:
    """Whether the audit names the fault with its place, and what else it finds."""
    network = case.make(sizes, seed)
    found = {finding.name: finding for finding in audit(network, seed=seed).findings}
    wanted = {place_named(place, network) for place in case.where}
    named = found.get(case.finding)
    right = named is not None and wanted <= set(named.evidence["where"])
    others = [name for name in found if name not in (case.finding, *case.more)]
    return right and all(name in found for name in case.more), others
