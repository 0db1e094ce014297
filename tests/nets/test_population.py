"""A population as a whole: modules of one's own, measures, stopping, files, plain PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss
from torch.nn import functional as F

from counterpoint import nets
from counterpoint.errors import InputError
from counterpoint.fit.nets import train

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 4)) * [1, 5, 1, 0.1]
Y = np.array(["a", "b", "c"])[(X[:, :3] / [1, 5, 1] + RNG.normal(size=(90, 3))).argmax(axis=1)]
ALPHAS = [1e-3, 1e-2]


def small(**changes: Any) -> nets.Population:
    settings = {"hidden": 5, "alphas": ALPHAS, "seeds": 2, "epochs": 6, "batch": 10, "rate": 0.2}
    return nets.fit(X, Y, **{**settings, "activation": "tanh", "scale": "standard", **changes})


def make() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3))


@pytest.mark.parametrize(
    ("optimizer", "penalty"), [("sgd", "l2"), ("momentum", "l1"), ("adam", "elasticnet")]
)
def test_a_module_trains_as_a_perceptron_of_its_shape(
    optimizer: str, penalty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    common: dict[str, Any] = {"optimizer": optimizer, "penalty": penalty, "precision": "double"}
    perceptrons = small(**common)
    first = perceptrons.model.initial((0, 1))

    def seeded() -> torch.nn.Module:
        module = make().double()
        module.load_state_dict({name: value[seed_of[0]] for name, value in first.items()})
        return module

    seed_of = [0]
    manual_seed = torch.manual_seed
    monkeypatch.setattr(
        torch, "manual_seed", lambda s: (seed_of.__setitem__(0, s % 2), manual_seed(s))[1]
    )
    modules = nets.fit_module(
        seeded,
        X,
        Y,
        alphas=ALPHAS,
        seeds=2,
        epochs=6,
        batch=10,
        rate=0.2,
        scale="standard",
        **common,
    )
    for name, value in perceptrons.state_dict(1e-2, 1, "last").items():
        other = modules.state_dict(1e-2, 1, "last")[name]
        torch.testing.assert_close(other, value, rtol=1e-9, atol=1e-12)


def test_images_keep_their_shape() -> None:
    images = RNG.normal(size=(30, 1, 6, 6)).astype("f4")
    population = nets.fit_module(
        lambda: torch.nn.Sequential(
            torch.nn.Conv2d(1, 2, 3), torch.nn.GroupNorm(1, 2), torch.nn.ReLU(),
            torch.nn.Dropout(0.2), torch.nn.Flatten(), torch.nn.Linear(32, 2),
        ),
        images, np.arange(30) % 2, alphas=[1e-3], epochs=2, batch=8, optimizer="adam",
    )  # fmt: skip
    assert population.predict_proba(images[:3]).shape == (3, 2)
    assert population.model.penalised == ("0.weight", "5.weight")
    with pytest.raises(InputError, match=r"rows of shape \(36,\); those trained on have"):
        population.predict(images[:3].reshape(3, 36))


def test_dropout_works_in_training_and_not_in_judging() -> None:
    def dropping(share: float) -> nets.Population:
        return nets.fit_module(
            lambda: torch.nn.Sequential(torch.nn.Dropout(share), make()),
            X,
            Y,
            epochs=2,
            alphas=[1e-3],
        )

    with_it, without = dropping(0.5), dropping(0.0)
    names = with_it.state_dict().keys()
    assert any(
        not torch.equal(with_it.state_dict(when="last")[n], without.state_dict(when="last")[n])
        for n in names
    )
    np.testing.assert_array_equal(with_it.predict_proba(X), with_it.predict_proba(X))


def test_frozen_layers_stay_as_they_are() -> None:
    def make_frozen() -> torch.nn.Module:
        module = make()
        torch.nn.init.eye_(module[0].weight)
        for part in module[0].parameters():
            part.requires_grad_(False)
        torch.nn.init.zeros_(module[0].bias)
        return module

    population = nets.fit_module(make_frozen, X, Y, alphas=ALPHAS, seeds=2, epochs=2)
    assert population.fit.history.has("train", "weight_norm[2.weight]")
    assert not population.fit.history.has("train", "weight_norm[0.weight]")
    plain = make()
    plain.load_state_dict(population.state_dict(1e-2, 1))
    assert torch.equal(plain[0].weight, torch.eye(5, 4))
    z = plain(torch.tensor(population.transform(X), dtype=torch.float32)).detach()
    np.testing.assert_allclose(population.decision_function(X, 1e-2, 1), z.numpy(), atol=1e-5)


def test_weights_that_were_never_finite_are_told_of() -> None:
    def broken() -> torch.nn.Module:
        module = make()
        torch.nn.init.constant_(module[0].weight, torch.nan)
        return module

    [finding] = nets.fit_module(broken, X, Y, alphas=[1e-3], epochs=2).findings
    assert finding.name == "weights_without_bound"


def test_a_member_loads_into_plain_pytorch() -> None:
    population = small()
    plain = make()
    plain.load_state_dict(population.state_dict(1e-3, 1))
    z = plain(torch.tensor(population.transform(X), dtype=torch.float32)).detach().double()
    np.testing.assert_allclose(population.decision_function(X, 1e-3, 1), z.numpy(), atol=1e-5)
    np.testing.assert_allclose(
        population.predict_proba(X, 1e-3, 1), z.softmax(-1).numpy(), atol=1e-5
    )
    assert (population.predict(X, 1e-3, 1) == population.classes[z.argmax(-1).numpy()]).all()


@pytest.mark.parametrize("loss", ["log", "bce", "brier", "quadratic", "squared"])
def test_the_history_is_what_sklearn_and_the_weights_say(loss: str) -> None:
    population = small(loss=loss, validation=(X, Y), precision="double", penalty="elasticnet")
    weights = population.state_dict(1e-2, 1, "last")
    values = {
        (split, quantity): value
        for split, quantity, value in population.history.filter(
            (pl.col("epoch") == 6) & (pl.col("alpha") == 1e-2) & (pl.col("seed") == 1)
        )
        .select("split", "quantity", "value")
        .iter_rows()
    }
    predicted = population.predict(X, 1e-2, 1, "last")
    assert values["validation", "accuracy"] == pytest.approx(accuracy_score(Y, predicted))
    if loss != "squared":
        p = population.predict_proba(X, 1e-2, 1, "last")
        onehot = (population.classes == Y[:, None]).astype(float)
        assert values["validation", "log_loss"] == pytest.approx(log_loss(Y, p))
        assert values["validation", "brier"] == pytest.approx(((p - onehot) ** 2).sum(1).mean())
    w = torch.cat([weights["0.weight"].flatten(), weights["2.weight"].flatten()]).numpy()
    penalty = 1e-2 * (0.5 * np.abs(w).sum() + 0.25 * (w**2).sum())
    assert values["train", "penalty"] == pytest.approx(penalty)
    objective = values["train", "data_loss"] + penalty
    assert values["train", "objective"] == pytest.approx(objective)
    norm = weights["0.weight"].norm().item()
    assert values["train", "weight_norm[0.weight]"] == pytest.approx(norm)


def test_steps_are_measured() -> None:
    """With one batch an epoch the last step's gradient is that of all rows."""
    population = small(batch=90, epochs=2, validation=None, precision="double", penalty="decay")
    one = small(batch=90, epochs=1, validation=None, precision="double", penalty="decay")
    before, after = (p.state_dict(1e-2, 1, "last") for p in (one, population))
    plain = make().double()
    plain.load_state_dict(before)
    x = torch.tensor(population.transform(X))
    label = torch.tensor(np.searchsorted(population.classes, Y))
    F.cross_entropy(plain(x), label).backward()
    slope = plain[0].weight.grad.norm().item()
    measured = population.curve("gradient_norm[0.weight]", "train")[2, 1, 1]
    assert measured == pytest.approx(slope)
    moved = (after["0.weight"] - before["0.weight"]).norm() / before["0.weight"].norm()
    ratio = population.curve("update_ratio[0.weight]", "train")[2, 1, 1]
    assert ratio == pytest.approx(moved.item())


def test_decay_has_no_objective_but_under_gradient_descent() -> None:
    assert small(penalty="decay").fit.history.has("train", "objective")
    for optimizer in ("momentum", "adam", "adamw"):
        history = small(penalty="decay", optimizer=optimizer, rate=0.01).fit.history
        assert not history.has("train", "penalty")
        assert not history.has("train", "objective")


def test_a_member_stops_alone_and_the_others_go_on_as_without_it() -> None:
    """At a rate that is too high alphas stop one by one; each trains as if it were alone."""
    choice: dict[str, Any] = {"seeds": 1, "epochs": 40, "optimizer": "adam", "rate": 0.05}
    choice |= {"precision": "double", "patience": 5}
    together = small(**choice, alphas=[1e-6, 0.02, 0.5])
    last, best = together.fit.last_epoch, together.fit.best_epoch
    assert last[2] < last[0] < best[1]  # what stays is found at another place than it began
    assert (best == np.nanargmin(together.curve("log_loss")[:, :, 0], axis=0)).all()
    for alpha, stopped, its_best in zip(together.alphas, last, best, strict=True):
        assert stopped == min(its_best + 5, 40)
        alone = small(**choice, alphas=[alpha])
        for when in ("best", "last"):
            for name, value in alone.state_dict(alpha, when=when).items():
                own = together.state_dict(alpha, when=when)[name]
                torch.testing.assert_close(own, value, rtol=1e-6, atol=1e-8)
        curve = together.history.filter(pl.col("alpha") == alpha)
        assert curve["epoch"].max() == stopped


def test_the_best_weights_are_those_of_the_best_epoch() -> None:
    choice: dict[str, Any] = {"seeds": 1, "epochs": 40, "optimizer": "adam", "rate": 0.05}
    population = small(**choice, alphas=[1e-6])
    best = int(population.fit.best_epoch[0])
    curve = population.curve("log_loss")[:, 0, 0]
    assert best == curve.argmin() < 40
    shorter = small(**{**choice, "epochs": best}, alphas=[1e-6])
    for name, value in shorter.state_dict(when="last").items():
        assert torch.equal(population.state_dict(when="best")[name], value)


def test_a_member_that_is_no_longer_finite_leaves_the_others_alone() -> None:
    population = small(alphas=[1e-3, 1e4], seeds=1, epochs=40)
    assert population.fit.last_epoch[1] < 40 == population.fit.last_epoch[0]
    alone = small(alphas=[1e-3], seeds=1, epochs=40)
    for name, value in alone.state_dict(when="last").items():
        own = population.state_dict(1e-3, when="last")[name]
        torch.testing.assert_close(own, value, rtol=1e-4, atol=1e-5)


def test_large_training_sets_are_measured_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "JUDGED", 20)
    population = small()
    assert population.fit.judged_rows == 20
    assert population.curve("accuracy", "train")[0, 0, 0] * 20 % 1 == pytest.approx(0, abs=1e-9)


def test_pytorch_s_own_state_stays_as_it_was() -> None:
    torch.manual_seed(5)
    expected, threads = torch.rand(1), torch.get_num_threads()
    torch.manual_seed(5)
    small(epochs=1)
    assert torch.equal(torch.rand(1), expected)
    assert torch.get_num_threads() == threads
    assert torch.is_grad_enabled()


def test_a_table_with_text_and_missing_cells() -> None:
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": np.where(X[:, 2] > 0, "up", "down")})
    frame = frame.with_columns(a=pl.when(pl.col("a") > 1.5).then(None).otherwise(pl.col("a")))
    population = nets.fit(frame, Y, hidden=(), alphas=[1e-3], epochs=2, batch=10, scale="standard")
    assert population.model.penalised == ("0.weight",)
    assert population.transform(frame).shape == (90, 4)
    assert np.isfinite(population.predict_proba(frame)).all()


def test_columns_are_scaled_and_filled_by_the_rows_that_train_alone() -> None:
    frame = pl.DataFrame(X, schema=list("abcd"))
    frame = frame.with_columns(a=pl.when(pl.col("a") > 1.0).then(None).otherwise(pl.col("a")))
    population = nets.fit(frame, Y, hidden=(), alphas=[1e-3], epochs=1, scale="standard")
    assert population.fit.validation is not None
    train_rows = np.delete(np.arange(90), population.fit.validation.last.row)
    a = frame["a"].to_numpy()[train_rows]
    b = frame["b"].to_numpy()[train_rows]
    assert population.inputs.fill[0] == pytest.approx(np.nanmean(a))
    transformed = population.transform(frame)
    assert transformed[np.isnan(frame["a"].to_numpy()), 0] == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(transformed[train_rows, 1], (b - b.mean()) / b.std())
    filled = nets.fit(frame, Y, hidden=(), alphas=[1e-3], epochs=1).transform(frame)
    assert filled[np.isnan(frame["a"].to_numpy()), 0] == pytest.approx(np.nanmean(a))


@pytest.mark.parametrize(
    ("optimizer", "rate", "penalty"),
    [
        ("sgd", 0.1, "l2"),
        ("momentum", 0.01, "l2"),
        ("adam", 0.001, "l2"),
        ("adamw", 0.001, "decay"),
    ],
)
def test_what_is_left_out_is_as_documented(optimizer: str, rate: float, penalty: str) -> None:
    settings = nets.fit(X, Y, hidden=2, epochs=1, optimizer=optimizer).fit.settings
    assert (settings.rates, settings.penalty) == ((rate,), penalty)
    assert (settings.alphas[0], settings.alphas[-1], len(settings.alphas)) == pytest.approx(
        (1e-6, 0.1, 11)
    )
    assert (settings.loss, settings.batch, settings.seeds) == ("log", 32, (0,))


def test_what_was_saved_is_read_back(tmp_path: Path) -> None:
    population = small()
    population.save(tmp_path / "it")
    again = nets.load(tmp_path / "it")
    assert repr(again) == repr(population)
    np.testing.assert_array_equal(again.predict_proba(X), population.predict_proba(X))
    assert again.history.equals(population.history, null_equal=True)
    assert again.findings == population.findings
    modules = nets.fit_module(make, X, Y, alphas=[1e-3], epochs=1)
    modules.save(tmp_path / "modules")
    with pytest.raises(InputError, match="pass the function that makes them"):
        nets.load(tmp_path / "modules")
    again = nets.load(tmp_path / "modules", make)
    np.testing.assert_array_equal(again.predict_proba(X), modules.predict_proba(X))


@pytest.mark.parametrize("name", ["population.json", "weights.safetensors", "arrays.npz"])
@pytest.mark.parametrize("damage", [None, b"", b"{}", b"\xff" * 40])
def test_a_folder_that_is_damaged_is_refused(
    tmp_path: Path, name: str, damage: bytes | None
) -> None:
    small(epochs=1).save(tmp_path)
    (tmp_path / name).unlink()
    if damage is not None:
        (tmp_path / name).write_bytes(damage)
    with pytest.raises(InputError, match=r"is missing|can be read"):
        nets.load(tmp_path)


def test_a_page_is_written(tmp_path: Path) -> None:
    page = small().report(tmp_path / "page.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "Take alpha" in page
    assert "<script" not in page
    assert "nan" not in page.lower().replace("nanum", "")
