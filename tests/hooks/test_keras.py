"""The Keras callback, against real Keras: its penalty and losses by NumPy from the weights."""

from __future__ import annotations

import os

import numpy as np
import pytest

import counterpoint as cp
from counterpoint.errors import InputError

pytestmark = pytest.mark.peer
os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras", reason="needs Keras 3: pip install 'counterpoint[hooks]'")

ROWS, CLASSES = 320, 3


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(ROWS, 8)).astype("float32"), rng.integers(CLASSES, size=ROWS)


def make(regulariser=None, optimizer="sgd", loss="sparse_categorical_crossentropy"):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=regulariser),
            keras.layers.Dense(CLASSES, activation="softmax", bias_regularizer=regulariser),
        ]
    )
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


class Truth(keras.callbacks.Callback):
    """The state of the weights before each batch and after each epoch."""

    def on_train_begin(self, logs=None):
        self.before, self.after = [], []

    def on_train_batch_begin(self, batch, logs=None):
        self.before.append([w.copy() for w in self.model.get_weights()])

    def on_epoch_end(self, epoch, logs=None):
        self.after.append([w.copy() for w in self.model.get_weights()])


def cross_entropy(weights, x, y):
    """The model's mean loss, in plain NumPy."""
    w1, b1, w2, b2 = (w.astype("float64") for w in weights)
    z = np.maximum(x @ w1 + b1, 0.0) @ w2 + b2
    z -= z.max(axis=1, keepdims=True)
    return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).mean())


def l2(weights):
    return 0.1 * float((weights[0].astype("float64") ** 2).sum() + (weights[3] ** 2).sum())


def norm(weights):
    return sum(float((w.astype("float64") ** 2).sum()) for w in weights) ** 0.5


def values(history, quantity, split="train"):
    return history.series(split, quantity)["value"].to_list()


def test_penalty_and_data_loss_apart_in_both_splits(tmp_path, data):
    x, y = data
    model, truth = make(keras.regularizers.L2(0.1)), Truth()
    watch = cp.keras.Watch(tmp_path, every=1, train_samples=ROWS, lr=0.5, optimiser=None)
    kept = model.fit(
        x, y, validation_data=(x, y), epochs=3, batch_size=40, verbose=0, callbacks=[truth, watch]
    ).history
    [history] = cp.runs.read(tmp_path)
    assert values(history, "penalty") == pytest.approx([l2(w) for w in truth.before], rel=1e-5)
    assert values(history, "weight_norm") == pytest.approx([norm(w) for w in truth.before])
    moved = [
        norm([a - b for a, b in zip(after, before, strict=True)]) / norm(before)
        for before, after in zip(
            truth.before, [*truth.before[1:], model.get_weights()], strict=True
        )
    ]
    assert values(history, "update_ratio") == pytest.approx(moved, rel=1e-4)
    assert values(history, "loss") == pytest.approx(kept["loss"])
    assert values(history, "loss", "validation") == pytest.approx(kept["val_loss"])
    assert values(history, "accuracy", "validation") == pytest.approx(kept["val_accuracy"])
    exact = [cross_entropy(w, x, y) for w in truth.after]
    assert values(history, "data_loss", "validation") == pytest.approx(exact, abs=2e-6)
    parts = np.asarray([l2(w) for w in truth.before]).reshape(3, 8).mean(axis=1)
    expected = np.asarray(kept["loss"]) - parts
    assert values(history, "data_loss") == pytest.approx(expected.tolist(), abs=2e-6)
    assert history.series("train", "loss")["step"].to_list() == [8, 16, 24]
    assert history.series("train", "loss")["epoch"].to_list() == [1.0, 2.0, 3.0]
    known = {"classes": 3, "loss": "log", "epochs": 3, "steps_per_epoch": 8}
    said = {"train_samples": ROWS, "learning_rate": 0.5}  # outweighs what is seen, as None does
    assert history.facts == known | said


def test_at_the_default_interval_the_data_loss_is_close(tmp_path, data):
    x, y = data
    rows = []
    for folder, every in ((tmp_path / "a", 1), (tmp_path / "b", 50)):
        model = make(keras.regularizers.L2(0.1))
        watch = cp.keras.Watch(folder, every=every)
        model.fit(x, y, epochs=3, batch_size=2, verbose=0, callbacks=[watch])
        rows.append(values(cp.runs.read(folder)[0], "data_loss"))
    assert rows[1] == pytest.approx(rows[0], abs=0.03)


def test_without_regularisers_the_loss_is_data_loss(tmp_path, data):
    x, y = data
    model = make(optimizer=keras.optimizers.Adam(1e-3, weight_decay=0.01))
    model.fit(x, y, epochs=2, batch_size=80, verbose=0, callbacks=[cp.keras.Watch(tmp_path)])
    [history] = cp.runs.read(tmp_path)
    assert values(history, "data_loss") == values(history, "loss")
    assert values(history, "penalty") == [0.0, 0.0]
    assert history.facts["decay_kind"] == "decoupled"
    half = [0.005 * each**2 for each in values(history, "weight_norm")]
    assert values(history, "decoupled_decay") == pytest.approx(half)


def test_weights_that_do_not_learn_or_do_not_decay_are_left_out(tmp_path, data):
    x, y = data
    model = make(keras.regularizers.L2(0.1))
    model.layers[0].trainable = False
    optimizer = keras.optimizers.SGD(0.0, momentum=0.5, weight_decay=0.25)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    model.layers[-1].bias.assign([1.0, 0.0, 2.0])
    model.fit(x, y, epochs=1, verbose=0, callbacks=[cp.keras.Watch(tmp_path)])
    [history] = cp.runs.read(tmp_path)
    kernel, _ = model.layers[-1].get_weights()
    square = float((kernel.astype("float64") ** 2).sum())
    assert values(history, "penalty") == pytest.approx([0.1 * 5.0])
    assert values(history, "weight_norm") == pytest.approx([(square + 5.0) ** 0.5])
    assert values(history, "decoupled_decay") == pytest.approx([0.125 * square])
    assert history.facts["momentum"] == 0.5


def test_decay_of_every_keras_optimiser_is_beside_the_step(data):
    """Against Keras itself: with a gradient of zero it still takes lr·decay·w away."""
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Nadam"):
        optimizer = getattr(keras.optimizers, name)(learning_rate=0.1, weight_decay=0.05)
        weight = keras.Variable([2.0])
        optimizer.build([weight])
        optimizer.apply([keras.ops.zeros(1)], [weight])
        left = float(keras.ops.convert_to_numpy(keras.ops.stop_gradient(weight))[0])
        assert 2.0 - left == pytest.approx(0.1 * 0.05 * 2.0, rel=1e-5), name


@pytest.mark.parametrize(
    ("outputs", "known"), [(1, {"classes": 2, "loss": "log", "label_smoothing": 0.25}), (3, {})]
)
def test_two_classes_and_many_questions(tmp_path, data, outputs, known):
    x, y = data
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(outputs)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.25)
    model.compile(optimizer="sgd", loss=loss)
    labels = np.eye(CLASSES)[y][:, :outputs]
    model.fit(x, labels, epochs=1, verbose=0, callbacks=[cp.keras.Watch(tmp_path)])
    facts = cp.runs.read(tmp_path)[0].facts
    assert {"label_smoothing": 0.25, **known} == {
        name: facts[name] for name in ("classes", "loss", "label_smoothing") if name in facts
    }


def test_what_else_adds_to_the_loss_is_not_called_a_penalty(tmp_path, data):
    """A layer's own add_loss is in Keras' loss, and not among the regularisers: no data loss."""

    class Busy(keras.layers.Layer):
        def call(self, inputs):
            self.add_loss(0.01 * keras.ops.mean(inputs**2))
            return inputs

    x, y = data
    model = keras.Sequential(
        [keras.Input((8,)), Busy(), keras.layers.Dense(CLASSES, activation="softmax")]
    )
    model.compile(optimizer="sgd", loss=keras.losses.SparseCategoricalCrossentropy())
    model.fit(x, y, epochs=1, verbose=0, callbacks=[cp.keras.Watch(tmp_path)])
    [history] = cp.runs.read(tmp_path)
    assert len(values(history, "loss")) == 1
    assert values(history, "data_loss") == []


def test_a_training_that_stops_is_there(tmp_path, data):
    x, y = data

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                raise RuntimeError

    model = make(keras.regularizers.L2(0.1))
    watch = cp.keras.Watch(tmp_path, every=1)
    with pytest.raises(RuntimeError):
        model.fit(x, y, epochs=1, batch_size=40, verbose=0, callbacks=[watch, Stop()])
    watch.on_train_end()  # as the end of the program does
    [history] = cp.runs.read(tmp_path)
    assert history.series("train", "penalty")["step"].to_list() == [1, 2, 3]


def test_two_calls_of_fit_are_two_runs(tmp_path, data):
    x, y = data
    model, watch = make(), cp.keras.Watch(tmp_path)
    for _ in range(2):
        model.fit(x, y, epochs=1, verbose=0, callbacks=[watch])
    runs = cp.runs.read(tmp_path)
    assert [h.series("train", "loss")["step"].to_list() for h in runs] == [[10], [10]]


def test_after_each_epoch_its_rows_are_there_also_where_all_weights_are_zero(tmp_path, data):
    class Reading(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            [history] = cp.runs.read(tmp_path)
            seen.append(len(values(history, "loss")))

    x, y = data
    layer = keras.layers.Dense(CLASSES, kernel_initializer="zeros", activation="softmax")
    model = keras.Sequential([keras.Input((8,)), layer])
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="sparse_categorical_crossentropy")
    seen = []
    model.fit(x, y, epochs=2, verbose=0, callbacks=[cp.keras.Watch(tmp_path), Reading()])
    assert seen == [1, 2]
    [history] = cp.runs.read(tmp_path)
    assert values(history, "weight_norm") == [0.0, 0.0]
    assert values(history, "update_ratio") == []


def test_only_the_first_call_of_fit_resumes(tmp_path, data):
    x, y = data
    model, watch = make(), cp.keras.Watch(tmp_path)
    model.fit(x, y, epochs=1, verbose=0, callbacks=[watch])
    watch = cp.keras.Watch(tmp_path, resume_after_step=10)
    for _ in range(2):
        model.fit(x, y, epochs=1, verbose=0, callbacks=[watch])
    runs = cp.runs.read(tmp_path)
    assert [h.series("train", "loss")["step"].to_list() for h in runs] == [[10, 20], [10]]


def test_after_an_interrupted_fit_the_next_one_begins_anew(tmp_path, data):
    x, y = data

    class Stop(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 3:
                raise KeyboardInterrupt

    model, watch = make(), cp.keras.Watch(tmp_path, every=1)
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, epochs=1, verbose=0, callbacks=[watch, Stop()])
    model.fit(x, y, epochs=1, verbose=0, callbacks=[watch])
    broken, whole = cp.runs.read(tmp_path)
    assert broken.series("train", "penalty")["step"].to_list() == [1, 2, 3]
    assert whole.series("train", "penalty")["step"].to_list() == list(range(1, 11))


def test_the_optimiser_within_one_that_scales_the_loss(tmp_path, data):
    x, y = data
    inner = keras.optimizers.AdamW(0.25, weight_decay=0.5)
    model = make(optimizer=keras.optimizers.LossScaleOptimizer(inner))
    model.fit(x, y, epochs=1, verbose=0, callbacks=[cp.keras.Watch(tmp_path)])
    [history] = cp.runs.read(tmp_path)
    known = {"optimiser": "adamw", "learning_rate": 0.25, "weight_decay": 0.5}
    assert known.items() <= history.facts.items()
    [norm] = values(history, "weight_norm")
    assert values(history, "decoupled_decay") == pytest.approx([0.25 * norm**2])


def test_where_gradients_accumulate_a_batch_is_not_said_to_move_nothing(tmp_path, data):
    x, y = data
    model = make(optimizer=keras.optimizers.SGD(0.1, gradient_accumulation_steps=5))
    watch = cp.keras.Watch(tmp_path, every=5)
    model.fit(x, y, epochs=1, verbose=0, callbacks=[watch])
    [history] = cp.runs.read(tmp_path)
    assert len(values(history, "weight_norm")) == 3
    assert values(history, "update_ratio") == []


def test_a_training_step_without_an_optimiser(tmp_path, data):
    x, y = data

    class Still(keras.Sequential):
        def train_step(self, batch):
            return {"loss": self.compute_loss(batch[0], batch[1], self(batch[0]))}

    model = Still([keras.Input((8,)), keras.layers.Dense(CLASSES)])
    model.compile(optimizer=None, loss=keras.losses.SparseCategoricalCrossentropy(True))
    model.fit(x, y, epochs=1, verbose=0, callbacks=[cp.keras.Watch(tmp_path)])
    [history] = cp.runs.read(tmp_path)
    assert len(values(history, "data_loss")) == 1
    assert values(history, "learning_rate") == []
    assert "optimiser" not in history.facts


def test_mistakes_get_one_sentence():
    with pytest.raises(InputError, match="every is -1"):
        cp.keras.Watch(every=-1)
