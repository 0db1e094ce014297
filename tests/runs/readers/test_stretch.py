"""Stretches of lines: whatever is read at once is what is read line by line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterpoint.runs import gather
from counterpoint.runs.readers import stretch, text_log
from made_logs import outcome

LINES = 400


@pytest.fixture
def line_by_line(monkeypatch):
    """Reads a file without stretches."""

    def read(path):
        with monkeypatch.context() as patch:
            patch.setattr(text_log.TextLog, "_read_on", lambda *given: given[-1])
            return outcome(path)

    return read


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Stretches from the third line on, and short ones too."""
    monkeypatch.setattr(text_log, "_ENOUGH", 2)
    monkeypatch.setattr(stretch, "LEAST", 2)


@pytest.fixture
def taken(monkeypatch):
    """How many lines were taken in stretches."""
    counts = []
    original = gather.Gatherer.columns
    monkeypatch.setattr(
        gather.Gatherer, "columns", lambda *given: counts.append(original(*given)) or counts[-1]
    )
    return counts


STYLES = {
    "steps": lambda i: f"step {i}: loss {3 / (i + 1):.4f}, lr 0.001, time 12.{i % 10}ms",
    "stamped": lambda i: (
        f"2024-01-02 12:00:{i % 60:02d},{i:03d} INFO step={i} loss={i % 7}.5 acc=0"
    ),
    "epochs": lambda i: f"Epoch {i // 9}/99 | step {i % 9}/9 | loss: {i % 5}.25 | acc: {i % 100}%",
    "cycling": lambda i: f"[{i % 40}/40] train loss: 0.{i:03d} val_acc: {i % 41} / 40",
    "rounds": lambda i: f"[{i}]\ttrain-logloss:0.{i:04d}\teval-logloss:{'nan' if i == 99 else i}",
    "dicts": lambda i: f"{{'loss': {1 / (i + 1):.3e}, 'grad_norm': {i}.5, 'epoch': {i / 50:.2f}}}",
    "signs": lambda i: f"epoch {i}: loss={'-' if i % 3 else '+'}1.{i} err={i % 9}%",
    "clocks": lambda i: f"step {i} took {i // 7}:{i % 100} loss: {i}.5",
    "thousands": lambda i: f"step {i}: acc: {i},{i * 7 % 1000:03d} / 500,000 loss: 0.1",
    "facts": lambda i: f"Epoch {i} of {100 + i % 3}: batch_size: {i % 4}, loss: 0.5",
    "bare": lambda i: f"loss: {i}.125",
}


@pytest.mark.parametrize("style", STYLES)
def test_every_style(tmp_path, line_by_line, taken, style):
    path = tmp_path / "log"
    lines = [STYLES[style](i) for i in range(LINES)]
    path.write_text("\n".join(lines))
    expected = line_by_line(path)
    assert outcome(path) == expected
    if style in ("steps", "stamped", "epochs", "rounds", "dicts", "bare"):
        assert sum(taken) > 0.5 * LINES
    path.write_bytes("\r\n".join(lines).encode())
    assert outcome(path) == line_by_line(path)


@given(data=st.data())
@settings(max_examples=60)
def test_any_mixture(tmp_path_factory, data):
    """Lines of several styles, damaged ones, remarks and headings between them."""
    names = data.draw(st.lists(st.sampled_from(sorted(STYLES)), min_size=1, max_size=3))
    others = ["", "Validation:", "Saved model.pt 0.5", "noise", "epoch  loss", "Best epoch: 3"]
    lines, i = [], 0
    for _ in range(data.draw(st.integers(1, 6))):
        style = STYLES[data.draw(st.sampled_from(names))]
        i = data.draw(st.integers(0, 300)) if data.draw(st.booleans()) else i
        for _ in range(data.draw(st.integers(1, 25))):
            lines.append(style(i))
            i += 1
        if data.draw(st.booleans()):
            lines.append(data.draw(st.sampled_from(others)))
        if data.draw(st.booleans()):
            cut = data.draw(st.integers(0, len(lines[-1])))
            lines[-1] = lines[-1][:cut] + data.draw(st.sampled_from(["", "9", ".", "-", ":", " "]))
    path = tmp_path_factory.mktemp("mixed") / "log"
    path.write_text("\n".join(lines) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_log, "_ENOUGH", 2)
        patch.setattr(stretch, "LEAST", 2)
        fast = outcome(path)
        patch.setattr(text_log.TextLog, "_read_on", lambda *given: given[-1])
        assert fast == outcome(path)


def test_a_series_is_thinned_at_the_same_points(tmp_path, line_by_line, taken, monkeypatch):
    monkeypatch.setattr(gather.Gatherer.__init__, "__defaults__", (None, 300))
    path = tmp_path / "log"
    path.write_text("".join(STYLES["steps"](i) + "\n" for i in range(LINES)))
    expected = line_by_line(path)
    assert "are kept" in str(expected)
    assert outcome(path) == expected
    assert sum(taken) > 100
