"""A plain PyTorch loop, recorded: every number against the loop's own arithmetic."""

from __future__ import annotations

import copy
import io
import os
import subprocess
import sys

import pytest

import counterpoint as cp
from counterpoint.errors import InputError

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'counterpoint[torch]'")
from counterpoint.hooks.tally import Tally  # noqa: E402
from counterpoint.hooks.weights import Weights, norms_of  # noqa: E402

ROWS, FEATURES, CLASSES, BATCH = 60, 5, 3, 20


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(ROWS, FEATURES, generator=generator)
    return x, torch.randint(CLASSES, (ROWS,), generator=generator)


def make(optimiser=torch.optim.SGD, **settings):
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(FEATURES, 8), torch.nn.ReLU(), torch.nn.Linear(8, CLASSES)
    )
    return model, optimiser(model.parameters(), **{"lr": 0.1, **settings})


def batches(x, y):
    return zip(x.split(BATCH), y.split(BATCH), strict=True)


def values(history, quantity, split="train"):
    return history.series(split, quantity)["value"].to_list()


def squares(model):
    return sum(float((p.detach().double() ** 2).sum()) for p in model.parameters())


def test_every_update_against_the_loop_itself(tmp_path, data):
    """every=1: data loss, penalty, norms and ratio at the very weights of each update."""
    model, optimizer = make(weight_decay=0.01)
    criterion = torch.nn.CrossEntropyLoss()

    def ridge(net):
        return 0.05 * sum((p**2).sum() for p in net.parameters())

    expected = {key: [] for key in ("loss", "accuracy", "penalty", "norm", "gradient", "ratio")}
    with cp.torch.watch(model, optimizer, criterion, folder=tmp_path, penalty=ridge, every=1):
        for x, y in batches(*data):
            optimizer.zero_grad()
            scores = model(x)
            data_loss = criterion(scores, y)
            (data_loss + ridge(model)).backward()
            before = [p.detach().clone() for p in model.parameters()]
            expected["loss"].append(data_loss.item())
            expected["accuracy"].append((scores.argmax(1) == y).double().mean().item())
            expected["penalty"].append((0.05 + 0.005) * squares(model))
            expected["norm"].append(squares(model) ** 0.5)
            grads = sum(float((p.grad.double() ** 2).sum()) for p in model.parameters())
            expected["gradient"].append(grads**0.5)
            optimizer.step()
            moved = sum(
                float(((p.detach() - b).double() ** 2).sum())
                for p, b in zip(model.parameters(), before, strict=True)
            )
            expected["ratio"].append(moved**0.5 / expected["norm"][-1])
    [history] = cp.runs.read(tmp_path)
    names = ("data_loss", "accuracy", "penalty", "weight_norm", "gradient_norm", "update_ratio")
    for name, each in zip(names, expected.values(), strict=True):
        assert values(history, name) == pytest.approx(each, rel=1e-5), name
    assert values(history, "learning_rate") == [0.1] * 3
    assert history.facts["loss"] == "log"
    assert history.facts["classes"] == CLASSES
    assert "alpha" not in history.facts  # the decay is not all of the penalty


def test_rows_at_the_interval_are_means_of_what_came_since(tmp_path, data):
    model, optimizer = make()
    criterion = torch.nn.CrossEntropyLoss()
    losses, right = [], []
    with cp.torch.watch(model, optimizer, criterion, folder=tmp_path, every=4):
        for _ in range(3):
            for x, y in batches(*data):
                optimizer.zero_grad()
                scores = model(x)
                loss = criterion(scores, y)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                right.append((scores.argmax(1) == y).float().mean().item())
    [history] = cp.runs.read(tmp_path)
    assert history.series("train", "data_loss")["step"].to_list() == [1, 2, 4, 8, 9]
    parts = [slice(0, 1), slice(1, 2), slice(2, 4), slice(4, 8), slice(8, 9)]
    means = [sum(losses[p]) / len(losses[p]) for p in parts]
    assert values(history, "data_loss") == pytest.approx(means)
    shares = [sum(right[p]) / len(right[p]) for p in parts]
    assert values(history, "accuracy") == pytest.approx(shares)
    assert history.series("train", "weight_norm")["step"].to_list() == [1, 2, 4, 8]


def test_a_row_far_from_the_last_is_the_mean_of_25(tmp_path, monkeypatch):
    measured = []
    before = Weights.before_update
    monkeypatch.setattr(
        Weights, "before_update", lambda self: measured.append(run.step + 1) or before(self)
    )
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    model = torch.nn.Module()
    with cp.torch.watch(model, optimizer, folder=tmp_path) as run:
        for step in range(1, 101):
            loss = (weight * 0.0 + step).sum()
            run.batch(loss)
            loss.backward()
            optimizer.step()
    [history] = cp.runs.read(tmp_path)
    assert history.series("train", "data_loss")["step"].to_list() == [1, 2, 5, 10, 20, 50, 100]
    assert measured == [1, 2, 5, 10, 20, 50, 100]  # for rows alone
    assert values(history, "data_loss")[:3] == [1.0, 2.0, 4.0]
    assert values(history, "data_loss")[-2:] == [sum(range(26, 51)) / 25, sum(range(76, 101)) / 25]


def test_evaluations_are_told_from_training(tmp_path, data):
    model, optimizer = make()
    criterion = torch.nn.CrossEntropyLoss()
    x, y = data
    with cp.torch.watch(model, optimizer, criterion, folder=tmp_path) as run:
        for _ in range(2):
            model.train()
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
            model.eval()
            with torch.no_grad():
                for part in (slice(0, 50), slice(50, 60)):  # batches of unequal size
                    criterion(model(x[part]), y[part])
                whole = criterion(model(x), y).item() if run.step == 0 else None
        assert whole is None
        with run.evaluating("test"), torch.no_grad():
            expected = criterion(model(x), y).item()
            scores = model(x)
    [history] = cp.runs.read(tmp_path)
    assert history.series("validation", "data_loss")["step"].to_list() == [1, 2]
    assert values(history, "rows", "validation") == [60, 60]
    assert values(history, "data_loss", "validation")[-1] == pytest.approx(expected, rel=1e-6)
    assert values(history, "data_loss", "test") == pytest.approx([expected])
    share = (scores.argmax(1) == y).double().mean().item()
    assert values(history, "accuracy", "test") == [share]
    assert values(history, "data_loss")[0] != values(history, "data_loss", "validation")[0]


@pytest.mark.parametrize(
    ("optimiser", "settings", "kind"),
    [
        (torch.optim.SGD, {"weight_decay": 0.1}, "coupled"),
        (torch.optim.Adam, {"weight_decay": 0.1}, "coupled"),
        (torch.optim.AdamW, {"weight_decay": 0.1}, "decoupled"),
        (torch.optim.Adam, {"weight_decay": 0.1, "decoupled_weight_decay": True}, "decoupled"),
        (torch.optim.NAdam, {"weight_decay": 0.1}, "coupled"),
        (torch.optim.RMSprop, {"weight_decay": 0.1}, "coupled"),
        (torch.optim.Adagrad, {"weight_decay": 0.1}, "coupled"),
        (torch.optim.Adadelta, {"weight_decay": 0.1}, "coupled"),
        (torch.optim.ASGD, {"weight_decay": 0.1}, "coupled"),
        (torch.optim.Adafactor, {"weight_decay": 0.1}, "decoupled"),
        (torch.optim.SGD, {}, None),
    ],
)
def test_which_decay_is_in_the_objective(tmp_path, optimiser, settings, kind):
    """Against the update itself, with a gradient of zero and with ten times its size.

    Decoupled decay moves a weight by lr·decay·w, whatever the gradient; a coupled one goes through
    the optimiser's own arithmetic, with the gradient that it adds.
    """
    weight = torch.nn.Parameter(torch.full((2, 2), 3.0))
    model = torch.nn.Module()
    model.weight = weight
    optimizer = optimiser([weight], **{"lr": 0.01, **settings})
    weight.grad = torch.zeros_like(weight)
    with cp.torch.watch(model, optimizer, folder=tmp_path):
        optimizer.step()
    moved = 3.0 - float(weight.detach()[0, 0])
    decay = settings.get("weight_decay", 0.0)
    if kind == "decoupled":
        assert moved == pytest.approx(0.01 * decay * 3.0, rel=1e-4)
    elif kind == "coupled" and optimiser is torch.optim.Adam:
        assert moved == pytest.approx(0.01, rel=1e-4)  # the sign of a gradient that is decay alone
    elif kind is None:
        assert moved == 0.0
    [history] = cp.runs.read(tmp_path)
    assert history.facts.get("decay_kind") == kind
    half = 0.5 * decay * 4 * 9.0
    assert values(history, "penalty") == ([half] if kind == "coupled" else [])
    assert values(history, "decoupled_decay") == ([half] if kind == "decoupled" else [])
    assert history.facts.get("alpha") == (decay if kind == "coupled" else None)


def test_groups_decay_each_by_its_own(tmp_path):
    weight, bias = torch.nn.Parameter(torch.ones(3)), torch.nn.Parameter(torch.ones(5))
    groups = [{"params": [weight], "weight_decay": 0.2}, {"params": [bias], "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    with cp.torch.watch(torch.nn.Module(), optimizer, folder=tmp_path) as run:
        (weight.sum() + bias.sum()).backward()
        optimizer.step()
        run.log(split="train", my_number=3)
    [history] = cp.runs.read(tmp_path)
    assert values(history, "penalty") == pytest.approx([0.1 * 3])
    assert values(history, "gradient_norm") == pytest.approx([8**0.5])
    assert values(history, "my_number") == [3.0]
    assert history.facts["alpha"] == 0.2


def test_groups_of_two_decays_have_no_one_strength(tmp_path):
    groups = [
        {"params": [torch.nn.Parameter(torch.ones(3))], "weight_decay": decay}
        for decay in (0.2, 0.4)
    ]
    with cp.torch.watch(torch.nn.Module(), torch.optim.SGD(groups, lr=0.1), folder=tmp_path) as run:
        run.log(train_loss=1.0)
    [history] = cp.runs.read(tmp_path)
    assert "alpha" not in history.facts
    assert history.facts["weight_decay"] == 0.4


def test_many_weights_are_not_copied(tmp_path, monkeypatch):
    monkeypatch.setattr("counterpoint.hooks.weights.MOST_COPIED", 3)
    for count in (3, 4):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(count))], lr=0.1)
        with cp.torch.watch(torch.nn.Module(), optimizer, folder=tmp_path):
            optimizer.step()
    few, many = cp.runs.read(tmp_path)
    assert values(few, "update_ratio") == [0.0]
    assert values(many, "update_ratio") == []
    assert values(many, "weight_norm") == [2.0]


def test_norms_of_half_precision_do_not_overflow():
    assert norms_of([torch.full((4,), 60_000.0, dtype=torch.float16)]) == [120_000.0]


def one_step(tmp_path, criterion, scores, labels):
    weight = torch.nn.Parameter(torch.zeros(()))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    with cp.torch.watch(torch.nn.Module(), optimizer, criterion, folder=tmp_path):
        criterion(scores + weight, labels).sum().backward()
        optimizer.step()
    return cp.runs.read(tmp_path)[0]


def test_other_criteria(tmp_path):
    nn = torch.nn
    scores = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 3.0]])
    half = one_step(
        tmp_path / "sum", nn.CrossEntropyLoss(reduction="sum"), scores, torch.tensor([0, 1])
    )
    mean = nn.functional.cross_entropy(scores, torch.tensor([0, 1])).item()
    assert values(half, "data_loss") == pytest.approx([mean])
    none = one_step(
        tmp_path / "none", nn.CrossEntropyLoss(reduction="none"), scores, torch.tensor([0, 1])
    )
    assert values(none, "data_loss") == pytest.approx([mean])
    assert values(none, "accuracy") == [0.5]
    assert none.facts["loss"] == "log"
    weights = torch.tensor([1.0, 5.0, 1.0])
    weighted = one_step(
        tmp_path / "weighted", nn.CrossEntropyLoss(weight=weights), scores, torch.tensor([0, 1])
    )
    assert "loss" not in weighted.facts  # what an accuracy allows of it is another matter
    named = tmp_path / "named"
    with cp.torch.watch(*make(), criterion := nn.CrossEntropyLoss(), folder=named):
        criterion(target=torch.tensor([0, 1]), input=scores)
    assert values(cp.runs.read(named)[0], "accuracy", "validation") == [0.5]
    ignored = one_step(tmp_path / "ignored", nn.CrossEntropyLoss(), scores, torch.tensor([0, -100]))
    assert values(ignored, "accuracy") == [1.0]
    binary = one_step(
        tmp_path / "bce",
        nn.BCEWithLogitsLoss(),
        torch.tensor([[0.3], [-2.0], [0.1], [0.2]]),
        torch.tensor([[1.0], [0.0], [0.0], [1.0]]),
    )
    assert values(binary, "accuracy") == [0.75]
    assert binary.facts["classes"] == 2
    probabilities = one_step(
        tmp_path / "p", nn.BCELoss(), torch.tensor([0.3, 0.6]), torch.tensor([0.0, 1.0])
    )
    assert values(probabilities, "accuracy") == [1.0]
    one_hot = one_step(tmp_path / "mse", nn.MSELoss(), scores, torch.eye(3)[[0, 1]])
    assert values(one_hot, "accuracy") == [0.5]
    assert one_hot.facts["loss"] == "squared"
    of_none = torch.tensor([[1.5, -0.5, 0.0], [0.0, 1.0, 0.0]])
    assert values(one_step(tmp_path / "of", nn.MSELoss(), scores, of_none), "accuracy") == []
    regression = one_step(tmp_path / "r", nn.MSELoss(), torch.ones(3, 1), torch.zeros(3, 1))
    assert values(regression, "accuracy") == []
    assert values(regression, "data_loss") == [1.0]
    many = one_step(tmp_path / "many", nn.BCEWithLogitsLoss(), scores, torch.ones(2, 3))
    assert values(many, "accuracy") == []
    assert "loss" not in many.facts
    pixels = one_step(
        tmp_path / "px", nn.CrossEntropyLoss(), torch.ones(2, 3, 4, 4), torch.zeros(2, 4, 4).long()
    )
    assert values(pixels, "accuracy") == [1.0]


def test_a_loss_that_is_a_function(tmp_path, data):
    model, optimizer = make()
    x, y = data
    with cp.torch.watch(model, optimizer, folder=tmp_path, train_samples=ROWS, classes=7) as run:
        scores = model(x)
        loss = torch.nn.functional.cross_entropy(scores, y)
        run.batch(loss, scores, y)
        loss.backward()
        optimizer.step()
    [history] = cp.runs.read(tmp_path)
    assert values(history, "data_loss") == pytest.approx([loss.item()])
    assert values(history, "accuracy") == [(scores.argmax(1) == y).double().mean().item()]
    assert history.facts["classes"] == 7  # as the user says
    assert history.facts["train_samples"] == ROWS


def test_what_breaks_down_is_recorded(tmp_path, data):
    model, optimizer = make(lr=1e30)
    criterion = torch.nn.CrossEntropyLoss()
    with cp.torch.watch(model, optimizer, criterion, folder=tmp_path, every=1):
        for x, y in batches(*data):
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
    [history] = cp.runs.read(tmp_path)
    losses = values(history, "data_loss")
    assert losses[0] < 10
    assert losses[-1] != losses[-1]


def test_a_copy_of_what_is_watched_is_not_watched(tmp_path, data):
    """Averaged weights and checkpoints copy models whole, criteria in them included."""
    model, optimizer = make()
    model.criterion = torch.nn.CrossEntropyLoss()
    x, y = data
    with cp.torch.watch(model, optimizer, model.criterion, folder=tmp_path, every=1):
        copied = copy.deepcopy(model)
        saved = io.BytesIO()
        torch.save(model, saved)
        copied.criterion(copied[1](x)[:, :3], y)
        model.criterion(torch.ones(4, 3, requires_grad=True) * 1.0, y[:4])
        optimizer.step()
    saved.seek(0)
    torch.load(saved, weights_only=False).criterion(torch.ones(4, 3), y[:4])
    [history] = cp.runs.read(tmp_path)
    assert values(history, "data_loss") == pytest.approx([torch.tensor(3.0).log().item()])
    assert "forward" not in vars(model.criterion)


def test_two_listen_to_one_criterion_and_leave_in_any_order(tmp_path, data):
    x, y = data
    criterion = torch.nn.CrossEntropyLoss()
    runs = [
        cp.torch.watch(*make(), criterion, folder=tmp_path / name, every=1) for name in ("a", "b")
    ]
    model, _ = make()
    first = criterion(model(x), y).item()
    runs[0].close()
    criterion(input=model(x[:20]), target=y[:20])
    runs[1].close()
    criterion(model(x), y)
    assert "forward" not in vars(criterion)
    rows = {name: cp.runs.read(tmp_path / name)[0] for name in ("a", "b")}
    assert values(rows["a"], "data_loss") == pytest.approx([first])
    second = torch.nn.functional.cross_entropy(model(x[:20]), y[:20]).item()
    # Rows of the two mini-batches: 60 and 20.
    assert values(rows["b"], "data_loss") == pytest.approx([(3 * first + second) / 4])


def test_who_overheard_a_criterion_before_does_so_after(tmp_path):
    criterion, heard = torch.nn.CrossEntropyLoss(), []
    own = criterion.forward

    def forward(*args):
        heard.append(args)
        return own(*args)

    criterion.forward = forward
    model, optimizer = make()
    cp.torch.watch(model, optimizer, criterion, folder=tmp_path).close()
    assert criterion.forward is forward


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_mini_batches_of_any_form_count_alike(tmp_path, data, reduction):
    """A last one that is smaller, and evaluations in inference mode and out of it."""
    x, y = data
    model, optimizer = make()
    criterion = torch.nn.CrossEntropyLoss(reduction=reduction)
    with cp.torch.watch(model, optimizer, criterion, folder=tmp_path):
        model.eval()
        for begin in range(0, ROWS, 25):
            with torch.inference_mode(begin == 0):
                criterion(model(x[begin : begin + 25]), y[begin : begin + 25])
        optimizer.step()
    [history] = cp.runs.read(tmp_path)
    whole = torch.nn.functional.cross_entropy(model(x), y).item()
    assert values(history, "data_loss", "validation") == pytest.approx([whole])
    right = (model(x).argmax(1) == y).double().mean().item()
    assert values(history, "accuracy", "validation") == pytest.approx([right])
    assert values(history, "rows", "validation") == [ROWS]


def test_nothing_stays_behind_and_the_training_is_the_same(tmp_path, data):
    """Weights after a watched training are those of an unwatched one, bit for bit."""
    found = []
    for watched in (False, True):
        model, optimizer = make(torch.optim.Adam, lr=0.01, weight_decay=0.1)
        criterion = torch.nn.CrossEntropyLoss()
        run = cp.torch.watch(model, optimizer, criterion, folder=tmp_path) if watched else None
        for _ in range(20):
            for x, y in batches(*data):
                optimizer.zero_grad()
                criterion(model(x), y).backward()
                optimizer.step()
        if run is not None:
            run.close()
            run.close()
            assert "forward" not in vars(criterion)
            assert not optimizer._optimizer_step_post_hooks
        found.append(torch.cat([p.detach().ravel() for p in model.parameters()]))
    assert torch.equal(*found)


def test_one_that_closes_before_any_update_lets_go_too(tmp_path):
    model, optimizer = make()
    cp.torch.watch(model, optimizer, folder=tmp_path).close()
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks
    assert list(tmp_path.iterdir()) == []


def test_resuming_counts_on(tmp_path):
    for resume in (None, 2):
        weight = torch.nn.Parameter(torch.ones(3))
        optimizer = torch.optim.SGD([weight], lr=0.1)
        settings = {"folder": tmp_path, "every": 1, "resume_after_step": resume}
        with cp.torch.watch(torch.nn.Module(), optimizer, **settings):
            for _ in range(3):
                weight.grad = torch.ones(3)
                optimizer.step()
    [history] = cp.runs.read(tmp_path)
    assert history.series("train", "weight_norm")["step"].to_list() == [1, 2, 3, 4, 5]


def test_training_in_evaluation_mode_is_training(tmp_path, data):
    """As after an evaluation that nobody followed with model.train(): its gradient is asked for."""
    model, optimizer = make()
    criterion = torch.nn.CrossEntropyLoss()
    x, y = data
    model.eval()
    losses, held_out = [], []
    with cp.torch.watch(model, optimizer, criterion, folder=tmp_path, every=2):
        for _ in range(2):
            for part in batches(x, y):
                optimizer.zero_grad()
                loss = criterion(model(part[0]), part[1])
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            held_out += [criterion(model(x[:30]), y[:30]).item()]  # and nobody said no_grad
            with torch.no_grad():
                held_out[-1] += criterion(model(x[30:]), y[30:]).item()
    [history] = cp.runs.read(tmp_path)
    assert history.series("train", "data_loss")["step"].to_list() == [1, 2, 4, 6]
    means = [losses[0], losses[1], sum(losses[2:4]) / 2, sum(losses[4:]) / 2]
    # The loss before the gradient of step 4 is of the same mode: taken for training with it.
    recorded = values(history, "data_loss")
    assert [*recorded[:2], recorded[3]] == pytest.approx([*means[:2], means[3]])
    assert values(history, "rows", "validation") == [30, 60]
    assert values(history, "data_loss", "validation")[-1] == pytest.approx(held_out[1] / 2)


def test_one_evaluation_within_inference_mode_and_out_of_it(tmp_path, data):
    model, optimizer = make()
    criterion = torch.nn.CrossEntropyLoss()
    with cp.torch.watch(model.eval(), optimizer, criterion, folder=tmp_path):
        for mode in (torch.inference_mode, torch.no_grad):
            with mode():
                expected = criterion(model(data[0]), data[1]).item()
    [history] = cp.runs.read(tmp_path)
    assert values(history, "rows", "validation") == [2 * ROWS]
    assert values(history, "data_loss", "validation") == pytest.approx([expected])


def test_mini_batches_of_many_lengths_do_not_pile_up():
    tally = Tally()
    for rows in range(1, 101):
        tally.add(torch.tensor(1.0), torch.zeros(rows, 2), torch.zeros(rows).long())
    assert tally.rows > 0  # summed up before anybody asks
    assert tally.means() == {"data_loss": 1.0, "accuracy": 1.0}
    assert tally.rows == 5050
    sequences = Tally()
    for length in (4, 5, 6):
        labels = torch.arange(2 * length).reshape(2, length) % 2
        sequences.add(torch.tensor(1.0), torch.zeros(2, 2, length), labels)
    assert sequences.means()["accuracy"] == 0.5


def test_far_from_a_row_training_in_evaluation_mode_is_not_heard(tmp_path):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    model = torch.nn.Module().eval()
    with cp.torch.watch(model, optimizer, folder=tmp_path) as run:
        for step in range(1, 101):
            loss = (weight * 0.0 + step).sum()
            run.batch(loss)
            loss.backward()
            optimizer.step()
    [history] = cp.runs.read(tmp_path)
    assert values(history, "data_loss")[-2:] == [sum(range(26, 51)) / 25, sum(range(76, 101)) / 25]
    assert values(history, "data_loss", "validation") == []


def test_within_evaluating_nothing_is_training(tmp_path, data):
    model, optimizer = make()
    criterion = torch.nn.CrossEntropyLoss()
    with cp.torch.watch(model, optimizer, criterion, folder=tmp_path) as run:
        with run.evaluating("test"):
            with run.evaluating("train"):
                pass
            loss = criterion(model(data[0]), data[1])
        loss.backward()
        optimizer.step()
    [history] = cp.runs.read(tmp_path)
    assert values(history, "data_loss") == []
    assert values(history, "rows", "test") == [ROWS]


def test_a_gradient_that_a_closure_has_yet_to_compute_is_not_recorded(tmp_path, data):
    model, optimizer = make()
    criterion = torch.nn.CrossEntropyLoss()

    def closure():
        optimizer.zero_grad()
        loss = criterion(model(data[0]), data[1])
        loss.backward()
        return loss

    with cp.torch.watch(model, optimizer, criterion, folder=tmp_path, every=1):
        optimizer.step(closure)
        optimizer.step(closure=closure)
        optimizer.step(None)
    [history] = cp.runs.read(tmp_path)
    assert history.series("train", "gradient_norm")["step"].to_list() == [3]
    assert history.series("train", "update_ratio")["step"].to_list() == [1, 2, 3]


def test_an_update_after_the_weights_change_their_kind(tmp_path):
    weight = torch.nn.Parameter(torch.full((3,), 1.5, dtype=torch.bfloat16))
    model = torch.nn.ParameterList([weight])
    optimizer = torch.optim.SGD([weight], lr=1e-4)
    with cp.torch.watch(model, optimizer, folder=tmp_path, every=1):
        for _ in range(2):
            weight.grad = torch.ones_like(weight)
            optimizer.step()
            weight.grad = None
            model.float()
    [history] = cp.runs.read(tmp_path)
    assert values(history, "update_ratio")[1] == pytest.approx(1e-4 / 1.5, rel=1e-3)


def test_the_rate_asked_for_is_a_fact_also_where_it_warms_up(tmp_path):
    model, optimizer = make(lr=0.5)
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 10)
    with cp.torch.watch(model, optimizer, folder=tmp_path, every=1):
        optimizer.step()
    [history] = cp.runs.read(tmp_path)
    assert history.facts["learning_rate"] == 0.5
    assert values(history, "learning_rate") == [0.0]


SCRIPT = """
import sys, torch, counterpoint as cp
w = torch.nn.Parameter(torch.ones(3, 2))
optimizer, criterion = torch.optim.SGD([w], lr=0.1), torch.nn.CrossEntropyLoss()
cp.torch.watch(torch.nn.Module(), optimizer, criterion, folder=sys.argv[1])
for _ in range(3):
    criterion(torch.ones(4, 3) @ w, torch.tensor([0, 1, 0, 1])).backward()
    optimizer.step()
with torch.no_grad():
    criterion(torch.ones(4, 3) @ w, torch.tensor([0, 1, 0, 1]))
"""


def test_without_with_the_last_row_and_evaluation_are_there_when_the_program_ends(tmp_path):
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], check=True)
    [history] = cp.runs.read(tmp_path)
    assert history.series("train", "data_loss")["step"].to_list() == [1, 2, 3]
    assert values(history, "rows", "validation") == [4.0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_that_ends_writes_nothing(tmp_path):
    fork = SCRIPT + "\nimport os\nif os.fork() == 0:\n    sys.exit()\nos.wait()\n"
    subprocess.run([sys.executable, "-c", fork, str(tmp_path)], check=True)
    [history] = cp.runs.read(tmp_path)
    assert values(history, "rows", "validation") == [4.0]


def test_mistakes_get_one_sentence(tmp_path, monkeypatch):
    model, optimizer = make()
    with pytest.raises(InputError, match="every is 0: pass a whole number from 1"):
        cp.torch.watch(model, optimizer, every=0)
    with pytest.raises(InputError, match="classes is 'many'"):
        cp.torch.watch(model, optimizer, folder=tmp_path, classes="many")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can't hold a record"):
        cp.torch.watch(model, optimizer, folder=tmp_path / "file")
    with pytest.raises(InputError, match="criterion is a function, which can't be listened to"):
        cp.torch.watch(model, optimizer, torch.nn.functional.cross_entropy, folder=tmp_path)
    with pytest.raises(InputError, match="optimizer is a CrossEntropyLoss"):
        cp.torch.watch(model, torch.nn.CrossEntropyLoss(), optimizer, folder=tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda *_: False)
        with pytest.raises(InputError, match="nothing can be written in it"):
            cp.torch.watch(model, optimizer, folder=tmp_path)
    run = cp.torch.watch(model, optimizer, folder=tmp_path)
    with pytest.raises(InputError, match="the loss is a float"):
        run.batch(0.5)
    with pytest.raises(InputError, match="split is 'other'"), run.evaluating("other"):
        pass
