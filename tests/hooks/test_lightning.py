"""The Lightning callback, against real Lightning: what its module saw, written down by itself."""

from __future__ import annotations

import itertools

import pytest

import counterpoint as cp
from counterpoint.errors import InputError

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("default"),  # Lightning's own, on workers and loggers
]
reason = "needs Lightning: pip install 'counterpoint[hooks]'"
lightning = pytest.importorskip("lightning.pytorch", reason=reason)
import torch  # noqa: E402

ROWS, BATCH, CLASSES = 60, 10, 3


def penalty(module):
    return 0.02 * sum((p**2).sum() for p in module.parameters())


class Net(lightning.LightningModule):
    def __init__(self, penalised=True, decay=0.0):
        super().__init__()
        torch.manual_seed(0)
        self.net = torch.nn.Linear(4, CLASSES)
        self.penalised, self.decay, self.truth = penalised, decay, []

    def training_step(self, batch, index):
        x, y = batch
        data_loss = torch.nn.functional.cross_entropy(self.net(x), y)
        added = penalty(self) if self.penalised else 0.0
        norm = torch.cat([p.detach().ravel() for p in self.parameters()]).norm().item()
        self.truth.append((data_loss.item(), float(added), norm))
        self.log("train_loss", data_loss + added, on_step=True, on_epoch=True)
        self.log("train_acc", index / 10, on_step=True, on_epoch=True)
        self.log("epoch", 3.0)
        return data_loss + added

    def validation_step(self, batch, index):
        x, y = batch
        scores = self.net(x)
        self.log("val_loss", torch.nn.functional.cross_entropy(scores, y))
        self.log("val_acc", (scores.argmax(1) == y).float().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1, weight_decay=self.decay)


class Endless(torch.utils.data.IterableDataset):
    def __iter__(self):
        while True:
            yield torch.ones(4), torch.tensor(1)


def fit(module, watch, path, loader=None, **settings):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(ROWS, 4, generator=generator)
    y = torch.randint(CLASSES, (ROWS,), generator=generator)
    held_out = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=BATCH)
    trainer = lightning.Trainer(
        callbacks=[watch],
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=path,
        **{"max_epochs": 2, **settings},
    )
    trainer.fit(module, held_out if loader is None else loader, held_out)
    return trainer, x, y


def values(history, quantity, split="train"):
    return history.series(split, quantity)["value"].to_list()


def test_every_update_against_the_module(tmp_path):
    module = Net()
    _, x, y = fit(module, cp.lightning.Watch(tmp_path, penalty=penalty, every=1), tmp_path)
    [history] = cp.runs.read(tmp_path)
    data, added, norms = (list(each) for each in zip(*module.truth, strict=True))
    assert history.series("train", "loss")["step"].to_list() == list(range(1, 13))
    total = [a + b for a, b in zip(data, added, strict=True)]
    assert values(history, "loss") == pytest.approx(total)
    assert values(history, "penalty") == pytest.approx(added, rel=1e-5)
    assert values(history, "weight_norm") == pytest.approx(norms, rel=1e-5)
    # Of a row the mean of the penalties at its ends is taken.
    between = [added[0], *((a + b) / 2 for a, b in itertools.pairwise(added))]
    parts = [t - b for t, b in zip(total, between, strict=True)]
    assert values(history, "data_loss") == pytest.approx(parts, rel=1e-5)
    assert values(history, "accuracy") == pytest.approx([0.25, 0.25])
    with torch.no_grad():
        scores = module.net(x)
    held_out = torch.nn.functional.cross_entropy(scores, y).item()
    assert values(history, "loss", "validation")[-1] == pytest.approx(held_out, rel=1e-5)
    share = (scores.argmax(1) == y).float().mean().item()
    assert values(history, "accuracy", "validation")[-1] == pytest.approx(share)
    assert len(values(history, "loss", "validation")) == 2  # not that of the sanity check
    assert history.facts["steps_per_epoch"] == 6


def test_a_row_is_the_mean_of_the_last_batches_before_it(tmp_path, monkeypatch):
    monkeypatch.setattr("counterpoint.hooks.lightning.HEARD", 3)
    module = Net(penalised=False)
    fit(module, cp.lightning.Watch(tmp_path, every=6), tmp_path)
    [history] = cp.runs.read(tmp_path)
    losses = [data for data, _, _ in module.truth]
    assert history.series("train", "loss")["step"].to_list() == [1, 6, 12]
    expected = [losses[0], sum(losses[3:6]) / 3, sum(losses[9:]) / 3]
    assert values(history, "loss") == pytest.approx(expected)


def test_accumulated_batches_and_decay(tmp_path):
    module = Net(penalised=False, decay=0.1)
    watch = cp.lightning.Watch(tmp_path, every=1, classes=CLASSES)
    fit(module, watch, tmp_path, accumulate_grad_batches=3)
    [history] = cp.runs.read(tmp_path)
    losses = [data for data, _, _ in module.truth]
    means = [sum(losses[i : i + 3]) / 3 for i in range(0, 12, 3)]
    assert values(history, "loss") == pytest.approx(means)
    norms = [norm for _, _, norm in module.truth][2::3]
    assert values(history, "penalty") == pytest.approx([0.05 * n**2 for n in norms], rel=1e-5)
    assert values(history, "data_loss") == []  # nobody said what is in the loss
    assert history.facts["decay_kind"] == "coupled"
    assert history.facts["alpha"] == 0.1


def test_manual_optimisation(tmp_path):
    class Manual(Net):
        def __init__(self):
            super().__init__(penalised=False)
            self.automatic_optimization = False

        def training_step(self, batch, index):
            loss = super().training_step(batch, index)
            self.optimizers().zero_grad()
            self.manual_backward(loss)
            self.optimizers().step()
            return loss

    module = Manual()
    fit(module, cp.lightning.Watch(tmp_path, every=1), tmp_path)
    [history] = cp.runs.read(tmp_path)
    losses = [data for data, _, _ in module.truth]
    assert values(history, "loss") == pytest.approx(losses)


def test_of_two_optimisers_the_first_is_measured_in_its_own_turn(tmp_path):
    class Two(Net):
        def __init__(self):
            super().__init__(penalised=False)
            self.other, self.automatic_optimization = torch.nn.Linear(4, CLASSES), False
            self.norms = []

        def training_step(self, batch, index):
            first, second = self.optimizers()
            for net, optimizer in ((self.other, second), (self.net, first)):
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(net(batch[0]), batch[1])
                self.manual_backward(loss)
                if optimizer is first:
                    gradients = [p.grad.ravel() for p in net.parameters()]
                    self.norms.append(torch.cat(gradients).norm().item())
                optimizer.step()

        def configure_optimizers(self):
            nets = (self.net, self.other)
            return tuple(torch.optim.SGD(net.parameters(), lr=0.1) for net in nets)

    module = Two()
    fit(module, cp.lightning.Watch(tmp_path, every=1), tmp_path)
    [history] = cp.runs.read(tmp_path)
    assert values(history, "gradient_norm") == pytest.approx(module.norms)


def test_a_validation_in_the_midst_of_an_epoch_stands_there(tmp_path):
    fit(Net(), cp.lightning.Watch(tmp_path), tmp_path, val_check_interval=0.5)
    [history] = cp.runs.read(tmp_path)
    assert history.series("validation", "loss")["epoch"].to_list() == [0.5, 1.0, 1.5, 2.0]
    assert history.series("train", "accuracy")["epoch"].to_list() == [1.0, 2.0]


def test_a_training_without_an_end_of_its_own(tmp_path):
    loader = torch.utils.data.DataLoader(Endless(), batch_size=BATCH)
    settings = {"max_epochs": -1, "max_steps": 4, "val_check_interval": 2}
    fit(Net(), cp.lightning.Watch(tmp_path), tmp_path, loader, **settings)
    [history] = cp.runs.read(tmp_path)
    assert history.series("validation", "loss")["step"].to_list() == [2, 4]
    assert not {"epochs", "steps_per_epoch"} & set(history.facts)


def test_a_training_that_breaks_off_is_there_at_once(tmp_path):
    class Breaking(Net):
        def training_step(self, batch, index):
            if index == 3:
                raise RuntimeError("enough")
            return super().training_step(batch, index)

    with pytest.raises(RuntimeError, match="enough"):
        fit(Breaking(), cp.lightning.Watch(tmp_path, every=1), tmp_path)
    [history] = cp.runs.read(tmp_path)
    assert history.series("train", "loss")["step"].to_list() == [1, 2, 3]


def test_of_an_update_that_calls_its_closure_often_the_beginning_is_measured(tmp_path):
    class Often(Net):
        def configure_optimizers(self):
            return torch.optim.LBFGS(self.parameters(), lr=0.1, max_iter=3)

    module = Often(penalised=False)
    fit(module, cp.lightning.Watch(tmp_path), tmp_path)
    [history] = cp.runs.read(tmp_path)
    assert values(history, "weight_norm") == pytest.approx([module.truth[0][2]])


def test_of_many_processes_the_first_records(tmp_path, monkeypatch):
    monkeypatch.setattr(lightning.Trainer, "is_global_zero", False)
    fit(Net(), cp.lightning.Watch(tmp_path / "run"), tmp_path)
    assert not (tmp_path / "run").exists()


def test_a_module_without_an_optimiser_is_not_recorded(tmp_path):
    class Still(Net):
        def configure_optimizers(self):
            return None

    fit(Still(), cp.lightning.Watch(tmp_path / "run"), tmp_path)
    assert not (tmp_path / "run").exists()


def test_mistakes_get_one_sentence():
    with pytest.raises(InputError, match="every is 'all'"):
        cp.lightning.Watch(every="all")
