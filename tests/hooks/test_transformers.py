"""The Trainer's callback, against the real one: a tiny model, the Trainer's own log beside it."""

from __future__ import annotations

import itertools
import json

import pytest

import counterpoint as cp
from counterpoint.errors import InputError

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("default")]
reason = "needs Transformers and Accelerate: pip install 'counterpoint[hooks]'"
transformers = pytest.importorskip("transformers", reason=reason)
pytest.importorskip("accelerate", reason=reason)
import torch  # noqa: E402

ROWS = 48


def penalty(model):
    return 0.01 * sum((p**2).sum() for p in model.parameters())


@pytest.fixture
def rows():
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(1, 30, (ROWS, 6), generator=generator)
    return [{"input_ids": row, "labels": int(row[0] % 3)} for row in ids]


def train(rows, folder, watch, own_loss=False, **settings):
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=30,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=3,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = transformers.BertForSequenceClassification(config)
    settings = {"weight_decay": 0.1, "logging_steps": 1, "num_train_epochs": 2, **settings}
    arguments = transformers.TrainingArguments(
        str(folder / "out"),
        per_device_train_batch_size=8,
        report_to=[],
        eval_strategy="epoch",
        save_strategy="no",
        use_cpu=True,
        disable_tqdm=True,
        learning_rate=1e-2,
        **settings,
    )
    truth = []

    class Own(transformers.Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
            found = model(**inputs)
            if model.training:
                truth.append((found.loss.item(), penalty(model).item()))
            loss = found.loss + penalty(model)
            return (loss, found) if return_outputs else loss

    kind = Own if own_loss else transformers.Trainer
    trainer = kind(model, arguments, train_dataset=rows, eval_dataset=rows, callbacks=[watch])
    trainer.train()
    return trainer, truth


def values(history, quantity, split="train"):
    return history.series(split, quantity)["value"].to_list()


def norm(model):
    return torch.cat([p.detach().ravel() for p in model.parameters()]).double().norm().item()


def test_the_trainers_own_numbers_and_the_weights(tmp_path, rows):
    trainer, _ = train(rows, tmp_path, cp.transformers.Watch(tmp_path / "a", every=4))
    [history] = cp.runs.read(tmp_path / "a")
    log = trainer.state.log_history
    for key, quantity, split in (
        ("loss", "loss", "train"),
        ("grad_norm", "gradient_norm", "train"),
        ("learning_rate", "learning_rate", "train"),
        ("eval_loss", "loss", "validation"),
    ):
        expected = [entry[key] for entry in log if key in entry]
        assert values(history, quantity, split) == expected, key
    assert history.series("train", "weight_norm")["step"].to_list() == [1, 4, 8, 12]
    assert values(history, "weight_norm")[-1] == pytest.approx(norm(trainer.model), rel=0.02)
    ratios = values(history, "update_ratio")
    assert all(0.0 < ratio < 0.2 for ratio in ratios)
    # AdamW decays only some of the weights, beside the step.
    decays = values(history, "decoupled_decay")
    assert 0.0 < decays[0] < 0.05 * values(history, "weight_norm")[0] ** 2
    known = {"classes": 3, "loss": "log", "optimiser": "adamw", "decay_kind": "decoupled"}
    assert {**known, "train_samples": 48, "batch_size": 8, "epochs": 2}.items() <= (
        history.facts.items()
    )
    assert values(history, "penalty") == []


def test_a_penalty_in_compute_loss(tmp_path, rows):
    watch = cp.transformers.Watch(tmp_path / "a", every=1, penalty=penalty)
    trainer, truth = train(rows, tmp_path, watch, own_loss=True, weight_decay=0.0)
    [history] = cp.runs.read(tmp_path / "a")
    data, added = (list(each) for each in zip(*truth, strict=True))
    assert values(history, "penalty") == pytest.approx(added, rel=1e-5)
    total = [a + b for a, b in zip(data, added, strict=True)]
    assert values(history, "loss") == pytest.approx(total, rel=1e-4)
    between = [added[0], *((a + b) / 2 for a, b in itertools.pairwise(added))]
    expected = [t - b for t, b in zip(total, between, strict=True)]
    assert values(history, "data_loss") == pytest.approx(expected, abs=2e-3)
    plain = values(history, "loss", "validation")[-1] - penalty(trainer.model).item()
    assert values(history, "data_loss", "validation")[-1] == pytest.approx(plain, rel=1e-5)


def test_means_over_the_whole_training_are_no_row(tmp_path, rows):
    trainer, _ = train(rows, tmp_path, cp.transformers.Watch(tmp_path / "a"), logging_steps=6)
    assert "train_loss" in trainer.state.log_history[-1]
    [history] = cp.runs.read(tmp_path / "a")
    assert len(values(history, "loss")) == 2


def test_what_the_arguments_say(tmp_path, rows):
    settings = {"gradient_accumulation_steps": 3, "label_smoothing_factor": 0.25, "seed": 7}
    watch = cp.transformers.Watch(tmp_path / "a", epochs=9)
    train(rows, tmp_path, watch, num_train_epochs=1, **settings)
    [history] = cp.runs.read(tmp_path / "a")
    said = {"batch_size": 24, "label_smoothing": 0.25, "seed": 7, "epochs": 9}
    assert said.items() <= history.facts.items()


def test_after_each_log_its_rows_are_there_and_at_the_end_the_file_is_closed(tmp_path, rows):
    class Reading(cp.transformers.Watch):
        def on_log(self, args, state, control, **kwargs):
            super().on_log(args, state, control, **kwargs)
            if "loss" in kwargs["logs"]:
                [history] = cp.runs.read(tmp_path / "a")
                seen.append(history.series("train", "loss").height)

    seen, watch = [], Reading(tmp_path / "a")
    train(rows, tmp_path, watch, num_train_epochs=1)
    assert seen == [1, 2, 3, 4, 5, 6]
    assert watch._runs.recorder is None


def test_of_many_processes_the_first_records(tmp_path, rows, monkeypatch):
    zero = property(lambda _: False, lambda *_: None)
    monkeypatch.setattr(transformers.TrainerState, "is_world_process_zero", zero)
    train(rows, tmp_path, cp.transformers.Watch(tmp_path / "a"), num_train_epochs=1)
    assert not (tmp_path / "a").exists()


def test_only_the_first_call_of_train_resumes(tmp_path, rows):
    train(rows, tmp_path, cp.transformers.Watch(tmp_path / "a"), num_train_epochs=1)
    watch = cp.transformers.Watch(tmp_path / "a", resume_after_step=4)
    trainer, _ = train(rows, tmp_path, watch, warmup_steps=4, num_train_epochs=1)
    trainer.train()
    headers = [json.loads(path.open().readline()) for path in sorted((tmp_path / "a").iterdir())]
    assert [header.get("after_step") for header in headers] == [None, 4, None]
    # The rate was nought when it began.
    assert [header["facts"]["learning_rate"] for header in headers] == [1e-2] * 3


def test_mistakes_get_one_sentence():
    with pytest.raises(InputError, match="every is 0"):
        cp.transformers.Watch(every=0)


def test_a_module_of_ones_own_has_no_config(tmp_path):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 3)

        def forward(self, x, labels):
            scores = self.layer(x)
            return {"loss": torch.nn.functional.cross_entropy(scores, labels), "logits": scores}

    arguments = transformers.TrainingArguments(
        str(tmp_path / "out"), report_to=[], save_strategy="no", use_cpu=True, logging_steps=1
    )
    rows = [{"x": torch.ones(4), "labels": torch.tensor(1)}] * 8
    watch = cp.transformers.Watch(tmp_path / "run")
    trainer = transformers.Trainer(Net(), arguments, train_dataset=rows, callbacks=[watch])
    trainer.train()
    [history] = cp.runs.read(tmp_path / "run")
    assert "classes" not in history.facts
    assert values(history, "loss") == pytest.approx(
        [row["loss"] for row in trainer.state.log_history if "loss" in row]
    )
