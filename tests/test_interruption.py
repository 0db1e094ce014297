"""Work that is interrupted: what is finished is kept, marked, and gone on from."""

import json

import numpy as np
import pytest

import counterpoint as cp
from counterpoint.errors import InputError
from counterpoint.fit import checkpoint, path
from counterpoint.fit.proximal import wave
from reference import make_data

ALPHAS = np.geomspace(1e-4, 1.0, 9)


@pytest.fixture
def data():
    return make_data(120, 4, 3, seed=4)


def interrupt_at(monkeypatch, call, module=path):
    """Ctrl-C as the engine begins its step number ``call``."""
    step, count = module._advance, [0]

    def interrupted(*arguments):
        count[0] += 1
        if count[0] == call:
            raise KeyboardInterrupt
        return step(*arguments)

    monkeypatch.setattr(module, "_advance", interrupted)


@pytest.mark.parametrize(("penalty", "module"), [("l2", path), ("l1", wave)])
def test_what_is_finished_is_returned_and_marked(data, penalty, module, monkeypatch):
    whole = cp.sweep(data.X, data.y, penalty=penalty, alphas=ALPHAS, cv=3)
    interrupt_at(monkeypatch, 12, module)
    part = cp.sweep(data.X, data.y, penalty=penalty, alphas=ALPHAS, cv=3)
    kept = len(part.alphas)
    assert 0 < kept < len(ALPHAS)
    np.testing.assert_array_equal(part.alphas, ALPHAS[-kept:])
    np.testing.assert_array_equal(part.fit.pending, ALPHAS[:-kept])
    np.testing.assert_array_equal(part.objective, whole.objective[-kept:])
    assert part.fit.converged.all()
    finding = part.findings[0]
    assert finding.name == "interrupted"
    assert finding.evidence == {
        "fitted": kept,
        "missing": len(ALPHAS) - kept,
        "least_missing": ALPHAS[0],
    }
    assert not [f for f in whole.findings if f.name == "interrupted"]


def test_with_nothing_finished_the_interruption_goes_on(data, monkeypatch):
    interrupt_at(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        cp.sweep(data.X, data.y, alphas=ALPHAS, cv=3)


@pytest.mark.parametrize(("penalty", "module"), [("l2", path), ("l1", wave)])
def test_a_checkpoint_is_gone_on_from(data, penalty, module, monkeypatch, tmp_path):
    def run():
        return cp.sweep(
            data.X, data.y, penalty=penalty, alphas=ALPHAS, cv=3, checkpoint=tmp_path / "kept"
        )

    with monkeypatch.context() as patch:
        interrupt_at(patch, 12, module)
        part = run()
    calls = []
    step = module._advance
    monkeypatch.setattr(module, "_advance", lambda *a: calls.append(1) or step(*a))
    whole = run()
    first = len(calls)
    np.testing.assert_array_equal(whole.alphas, ALPHAS)
    kept = len(part.alphas)
    np.testing.assert_array_equal(whole.coef[-kept:], part.coef)
    assert whole.fit.converged.all()
    assert len(whole.fit.pending) == 0
    run()
    assert len(calls) == first, "all is finished: nothing is left to do"


def test_fits_are_kept_on_the_way(data, monkeypatch, tmp_path):
    """A process that is killed can write no more: the file must be there before."""
    monkeypatch.setattr(checkpoint, "INTERVAL", 0.0)
    written = []
    write = checkpoint.Checkpoint.write
    monkeypatch.setattr(
        checkpoint.Checkpoint,
        "write",
        lambda self, p: written.append(int(p.finished.sum())) or write(self, p),
    )
    cp.sweep(data.X, data.y, alphas=ALPHAS, cv=3, checkpoint=tmp_path)
    assert written == sorted(written)
    assert len(written) > 3
    assert written[-1] == len(ALPHAS) * 4


@pytest.mark.parametrize("change", ["data", "labels", "alphas", "tol", "scale"])
def test_the_checkpoint_of_another_sweep_is_refused(data, change, tmp_path):
    cp.sweep(data.X, data.y, alphas=ALPHAS, cv=3, checkpoint=tmp_path)
    other = {"alphas": ALPHAS}
    X, y = data.X.copy(), data.y.copy()
    if change == "data":
        X[[5, 6]] = X[[6, 5]]
    elif change == "labels":
        y[-1] = (y[-1] + 1) % 3
    else:
        other[change] = {"alphas": ALPHAS[1:], "tol": 1e-7, "scale": "standard"}[change]
    with pytest.raises(InputError, match="checkpoint of other data or settings"):
        cp.sweep(X, y, cv=3, checkpoint=tmp_path, **other)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_a_damaged_checkpoint_is_said_in_one_line(data, content, tmp_path):
    (tmp_path / "log-l2.npz").write_bytes(content)
    with pytest.raises(InputError, match="no checkpoint that can be read"):
        cp.sweep(data.X, data.y, alphas=ALPHAS, cv=3, checkpoint=tmp_path)


@pytest.mark.parametrize("folder", [3, ""])
def test_a_checkpoint_that_is_no_folder_is_refused(data, folder):
    with pytest.raises(InputError, match="name a folder"):
        cp.sweep(data.X, data.y, alphas=ALPHAS, cv=3, checkpoint=folder)


def test_an_interrupted_sweep_is_saved_and_read_as_such(data, monkeypatch, tmp_path):
    interrupt_at(monkeypatch, 12)
    part = cp.sweep(data.X, data.y, alphas=ALPHAS, cv=3)
    again = cp.load_sweep(part.save(tmp_path / "part"))
    np.testing.assert_array_equal(again.fit.pending, part.fit.pending)
    page = part.report(tmp_path / "page.html").read_text()
    assert f"Interrupted: {len(part.alphas)} of {len(ALPHAS)} alphas" in page


def test_of_several_sweeps_the_finished_and_the_begun_are_returned(data, monkeypatch):
    calls, step = [], path._advance
    with monkeypatch.context() as patch:
        patch.setattr(path, "_advance", lambda *a: calls.append(1) or step(*a))
        done = cp.sweep(data.X, data.y, alphas=ALPHAS, cv=3)
    interrupt_at(monkeypatch, len(calls) + 9)
    both = cp.sweep_all(data.X, data.y, ["log", "huber"], ["l2"], alphas=ALPHAS, cv=3)
    assert both.interrupted
    assert len(both.sweeps) == 2
    np.testing.assert_array_equal(both.sweeps[0].objective, done.objective)


def test_the_command_ends_with_130_and_leaves_what_is_finished(monkeypatch, tmp_path, capsys):
    from counterpoint import cli

    interrupt_at(monkeypatch, 12)
    monkeypatch.setattr(
        "sys.argv",
        [
            *("counterpoint", "sweep", "sklearn:iris", "--json", "--cv", "3"),
            *("--out", str(tmp_path / "out"), "--checkpoint", str(tmp_path / "kept")),
        ],
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    out, err = capsys.readouterr()
    assert json.loads(out)["findings"][0]["name"] == "interrupted"
    assert "interrupted" in err
    assert (tmp_path / "out" / "report.html").exists()
    assert (tmp_path / "kept" / "log-l2.npz").exists()
