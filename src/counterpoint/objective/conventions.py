"""The registry of other libraries' conventions of strength. Adding one is one entry.

Each entry says what the library minimises (or the step it takes) and how its parameter turns into
alpha, the strength in: mean data loss + alpha * (l1_ratio ||W||_1 + (1 - l1_ratio)/2 ||W||_F^2).
The loss is the library's own, as written in `Convention.loss`: where Counterpoint's has another
constant factor, alpha takes that factor too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

SideFact = Literal["n", "learning_rate"]


@dataclass(frozen=True)
class Rule:
    """How a parameter v turns into alpha and back, given one side fact s (1 if none is needed).

    Parameters
    ----------
    formula
        alpha as text, with ``{v}`` for the parameter's name.
    needs
        The side fact s: the total training weight ``n``, the ``learning_rate``, or none.
    to_alpha, from_alpha
        (v, s) to alpha, and (alpha, s) to v: inverse of each other.
    """

    formula: str
    needs: SideFact | None
    to_alpha: Callable[[float, float], float]
    from_alpha: Callable[[float, float], float]


@dataclass(frozen=True)
class NoFixedAlpha:
    """Why no alpha describes a parameter, and what to do instead."""

    reason: str


@dataclass(frozen=True)
class Convention:
    """One library's way to state the strength of a penalty.

    Parameters
    ----------
    name
        The name it is asked for by, such as ``sklearn.Ridge``.
    parameter
        What that library calls the strength.
    objective
        What it minimises, or the step it takes.
    loss
        The data loss in it, with its constant factor.
    rule
        How the parameter turns into alpha, or why it can't.
    note
        What else must hold for the two to be the same model.
    aliases
        Other names it is found by. Case and punctuation never count.
    """

    name: str
    parameter: str
    objective: str
    loss: str
    rule: Rule | NoFixedAlpha
    note: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def formula(self) -> str:
        """Alpha in terms of the library's parameter, as text; "none" where there is none."""
        if isinstance(self.rule, NoFixedAlpha):
            return "none"
        return self.rule.formula.format(v=self.parameter)


SAME = Rule("{v}", None, lambda v, _: v, lambda alpha, _: alpha)
TWICE = Rule("2 {v}", None, lambda v, _: 2.0 * v, lambda alpha, _: alpha / 2.0)
OVER_N = Rule("{v} / n", "n", lambda v, n: v / n, lambda alpha, n: alpha * n)
INVERSE_N = Rule("1 / ({v} n)", "n", lambda v, n: 1.0 / v / n, lambda alpha, n: 1.0 / alpha / n)
OVER_LEARNING_RATE = Rule(
    "{v} / learning_rate", "learning_rate", lambda v, eta: v / eta, lambda alpha, eta: alpha * eta
)

OMEGA = "Omega = l1_ratio ||W||_1 + (1 - l1_ratio)/2 ||W||^2"
WEIGHTS_ARE_N = "With sample weights, n is their sum."
INTERCEPT_PENALISED = "liblinear penalises the intercept: without one, the models are the same."
HALVE_FOR_SQUARES = (
    "Its mean squared error has no half: halve alpha for Counterpoint's squared loss."
)

_ROWS = (
    Convention(
        name="counterpoint",
        parameter="alpha",
        objective=f"mean loss + alpha Omega, {OMEGA}",
        loss="any",
        rule=SAME,
        aliases=("alpha",),
    ),
    Convention(
        name="sklearn.LogisticRegression",
        parameter="C",
        objective=f"C sum(loss) + Omega, {OMEGA}",
        loss="log loss",
        rule=INVERSE_N,
        note=f"{WEIGHTS_ARE_N} Its solver {INTERCEPT_PENALISED}",
        aliases=("LogisticRegression", "sklearn.linear_model.LogisticRegression"),
    ),
    Convention(
        name="sklearn.LinearSVC",
        parameter="C",
        objective="C sum(loss) + ||W||^2 / 2 (or ||W||_1)",
        loss="max(0, 1 - t z)^2 with no half, t = -1 or +1; or max(0, 1 - t z)",
        rule=INVERSE_N,
        note=f"{WEIGHTS_ARE_N} Its solver {INTERCEPT_PENALISED}",
        aliases=("LinearSVC", "sklearn.svm.LinearSVC", "liblinear"),
    ),
    Convention(
        name="sklearn.SGDClassifier",
        parameter="alpha",
        objective=f"mean loss + alpha Omega, {OMEGA}",
        loss="as chosen there; squared_error is (t - z)^2 / 2",
        rule=SAME,
        note=(
            "Its sample weights scale the loss but not the penalty: alpha here is then its alpha "
            "times the number of rows over the sum of the weights."
        ),
        aliases=("SGDClassifier", "sklearn.linear_model.SGDClassifier"),
    ),
    Convention(
        name="sklearn.Ridge",
        parameter="alpha",
        objective="sum((y - z)^2) + alpha ||w||^2",
        loss="(y - z)^2 / 2, once both sides are halved",
        rule=OVER_N,
        note=WEIGHTS_ARE_N,
        aliases=("Ridge", "sklearn.linear_model.Ridge"),
    ),
    Convention(
        name="sklearn.RidgeClassifier",
        parameter="alpha",
        objective="sum((t - z)^2) + alpha ||W||^2, t = -1 or +1",
        loss="(t - z)^2 / 2, once both sides are halved",
        rule=OVER_N,
        note=WEIGHTS_ARE_N,
        aliases=("RidgeClassifier", "sklearn.linear_model.RidgeClassifier"),
    ),
    Convention(
        name="sklearn.Lasso",
        parameter="alpha",
        objective="sum((y - z)^2) / (2 n) + alpha ||w||_1",
        loss="(y - z)^2 / 2",
        rule=SAME,
        note="l1_ratio = 1. It rescales sample weights to a mean of 1.",
        aliases=("Lasso", "sklearn.linear_model.Lasso"),
    ),
    Convention(
        name="sklearn.ElasticNet",
        parameter="alpha",
        objective=f"sum((y - z)^2) / (2 n) + alpha Omega, {OMEGA}",
        loss="(y - z)^2 / 2",
        rule=SAME,
        note="It rescales sample weights to a mean of 1.",
        aliases=("ElasticNet", "sklearn.linear_model.ElasticNet"),
    ),
    Convention(
        name="glmnet",
        parameter="lambda",
        objective=f"mean deviance / 2 + lambda Omega, {OMEGA}",
        loss="log loss (binomial, multinomial)",
        rule=SAME,
        note=(
            "Holds after its own standardising (each column to standard deviation 1, divisor n, "
            "unless standardize = FALSE); its alpha is l1_ratio. Family gaussian also scales y to "
            "standard deviation 1: scale y first."
        ),
    ),
    Convention(
        name="spark.mllib",
        parameter="regParam",
        objective=f"mean loss + regParam Omega, {OMEGA}",
        loss="log loss (LogisticRegression), max(0, 1 - t z) (LinearSVC)",
        rule=SAME,
        note=(
            "Holds after its own standardising (each column to standard deviation 1, divisor "
            "n - 1, unless standardization = false); its elasticNetParam is l1_ratio. "
            "LinearRegression also scales y to standard deviation 1: scale y first."
        ),
        aliases=("Spark MLlib", "spark.ml", "pyspark.ml", "spark"),
    ),
    Convention(
        name="keras.l2",
        parameter="l2",
        objective="mean loss + l2 ||W||^2, with no half",
        loss="as chosen there",
        rule=TWICE,
        note=f"With kernel_regularizer alone, so that the bias stays free. {HALVE_FOR_SQUARES}",
        aliases=("keras.regularizers.L2", "tf.keras.regularizers.L2"),
    ),
    Convention(
        name="keras.l1",
        parameter="l1",
        objective="mean loss + l1 ||W||_1",
        loss="as chosen there",
        rule=SAME,
        note=(
            "l1_ratio = 1. With kernel_regularizer alone, so that the bias stays free. "
            f"{HALVE_FOR_SQUARES}"
        ),
        aliases=("keras.regularizers.L1", "tf.keras.regularizers.L1"),
    ),
    Convention(
        name="torch.SGD.weight_decay",
        parameter="weight_decay",
        objective="w <- w - learning_rate (gradient of the mean loss + weight_decay w)",
        loss="as chosen there, with reduction='mean'",
        rule=SAME,
        note=f"Give biases a group with weight_decay = 0, or they decay too. {HALVE_FOR_SQUARES}",
        aliases=("torch.SGD", "torch.optim.SGD"),
    ),
    Convention(
        name="torch.Adam.weight_decay",
        parameter="weight_decay",
        objective="w <- w - learning_rate m / (sqrt(v) + eps), both from gradient + weight_decay w",
        loss="as chosen there, with reduction='mean'",
        rule=NoFixedAlpha(
            "Adam divides each weight's gradient, decay included, by a running size of its own, "
            "so a mini-batch run settles where no one alpha holds exactly, and a run stopped early "
            "is further off; for a full-batch run taken to convergence alone, convert "
            "weight_decay as torch.SGD.weight_decay"
        ),
        aliases=("torch.Adam", "torch.optim.Adam", "Adam"),
    ),
    Convention(
        name="torch.AdamW.weight_decay",
        parameter="weight_decay",
        objective="w <- (1 - learning_rate weight_decay) w - learning_rate m / (sqrt(v) + eps)",
        loss="as chosen there, with reduction='mean'",
        rule=NoFixedAlpha(
            "AdamW shrinks the weights beside a step whose size adapts to each weight, so the "
            "balance of data loss and penalty differs from weight to weight; put the penalty into "
            "the loss and convert that (keras.l2 for lambda ||W||^2), or train with plain SGD"
        ),
        aliases=("torch.AdamW", "torch.optim.AdamW", "AdamW"),
    ),
    Convention(
        name="sgd.decoupled_decay",
        parameter="shrink",
        objective="w <- (1 - shrink) w - learning_rate (gradient of the mean loss at the old w)",
        loss="any",
        rule=OVER_LEARNING_RATE,
        note=(
            "For plain SGD; shrink is the share of the weights taken away at each step (that is "
            "learning_rate times weight_decay in a library that multiplies the two)."
        ),
        aliases=("decoupled decay (plain SGD)", "decoupled decay", "weight decay each step"),
    ),
    Convention(
        name="nielsen.network2",
        parameter="lmbda",
        objective="w <- (1 - eta lmbda / n) w - (eta / batch size) sum of gradients",
        loss="cross-entropy summed over sigmoid outputs, or ||a - y||^2 / 2",
        rule=OVER_N,
        note=(
            "n is the number of training rows. The cost it prints for other data divides lmbda by "
            "their number instead."
        ),
        aliases=("network2", "Nielsen"),
    ),
)

CONVENTIONS: dict[str, Convention] = {row.name: row for row in _ROWS}
