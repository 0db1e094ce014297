"""Rows of numbers that are read many at once: what comes of them is what each by itself gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import counterpoint as cp
from counterpoint.runs import gather
from counterpoint.runs.readers import dense, table
from made_logs import outcome

HEADERS = ("epoch,step,loss,accuracy", "step,train_loss,val_loss,lr", "loss,acc,val_loss,val_acc")


def row_by_row(path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_add_dense", lambda *_: None)
        return outcome(path)


def taken(path):
    """How many rows were added many at once."""
    counts, original = [], gather.Gatherer.columns
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            gather.Gatherer, "columns", lambda *given: counts.append(original(*given)) or counts[-1]
        )
        cp.runs.read(path)
    return sum(counts)


def written(tmp_path, header, rows, end="\n"):
    path = tmp_path / "log.csv"
    path.write_bytes(end.join([header, *rows, ""]).encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
def test_a_long_table_is_read_many_rows_at_once(tmp_path, end):
    rows = [f"{i // 100},{i}, {1 / (i + 1)} ,{'nan' if i == 700 else i / 1000}" for i in range(900)]
    path = written(tmp_path, HEADERS[0], rows, end)
    assert taken(path) == 899
    assert outcome(path) == row_by_row(path)


def test_runs_that_begin_anew(tmp_path):
    rows = [f"{i % 70},{i % 70},0.{i},{i % 7}" for i in range(500)]
    path = written(tmp_path, HEADERS[0], rows)
    assert taken(path) > 400
    assert len(cp.runs.read(path)) == 8
    assert outcome(path) == row_by_row(path)


def test_a_series_is_thinned_at_the_same_points(tmp_path, monkeypatch):
    monkeypatch.setattr(gather.Gatherer.__init__, "__defaults__", (None, 300))
    path = written(tmp_path, HEADERS[0], [f"{i},{i},0.{i * 37 % 101},0.5" for i in range(400)])
    assert "are kept" in str(outcome(path))
    assert taken(path) > 100
    assert outcome(path) == row_by_row(path)


def test_a_line_that_is_cut_short_keeps_its_number(tmp_path):
    rows = [f"{i},{i},0.5,0.5" for i in range(300)]
    rows[250] = "250,250"
    [history] = cp.runs.read(written(tmp_path, HEADERS[0], rows))
    assert "line 252" in str(history.notes)


def test_decimal_commas(tmp_path):
    rows = [f"{i};{i};0,5;{i},25" for i in range(100)]
    path = written(tmp_path, HEADERS[0].replace(",", ";"), rows)
    assert taken(path) == 0
    assert cp.runs.read(path)[0].rows["value"].to_list()[-2:] == [0.5, 0.9925]  # percent


def test_steps_count_as_whole_numbers(tmp_path):
    rows = [f"{i // 20},{i // 20 + 0.9 - i % 20 / 50},0.5,0.5" for i in range(400)]
    path = written(tmp_path, HEADERS[0], rows)
    assert taken(path) == 399
    assert outcome(path) == row_by_row(path)


def test_rows_of_places_alone(tmp_path):
    path = written(tmp_path, "epoch\ttrain", ["0\tx", "75", "76"])
    assert "holds no number" in outcome(path)


CELLS = ("", "1", "41.5", "-2.5", "1_0", "nan", "1e400", "9%", '"3"', "x", "9.1e15", "- 1")


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("column", range(4))
def test_a_cell_of_any_kind(tmp_path, cell, column):
    rows = [[f"{i}", f"{i}", "0.5", f"{i}.5"] for i in range(60)]
    rows[40][column] = cell
    path = written(tmp_path, HEADERS[0], map(",".join, rows))
    assert outcome(path) == row_by_row(path)


@given(data=st.data())
@settings(max_examples=80)
def test_any_table(tmp_path_factory, data):
    """Damaged cells, rows of another width and headers between rows of numbers."""
    header, rows = data.draw(st.sampled_from(HEADERS)), []
    for _ in range(data.draw(st.integers(1, 4))):
        first = data.draw(st.integers(0, 50))
        rows += [f"{i},{i},{i * 37 % 11}.5,0.25" for i in range(first, first + 20)]
        kind = data.draw(st.sampled_from(["cell", "short", "header", "quoted", "plain"]))
        if kind == "cell":
            cells = rows[-1].split(",")
            cells[data.draw(st.integers(0, 3))] = data.draw(st.sampled_from(CELLS))
            rows[data.draw(st.integers(-15, -1))] = ",".join(cells)
        elif kind == "quoted":
            rows.append('"1\n2",3,4,5')
        elif kind != "plain":
            rows.append("1,2" if kind == "short" else header)
    path = written(tmp_path_factory.mktemp("tables"), header, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "_FEWEST", data.draw(st.sampled_from([2, 5, 64])))
        assert outcome(path) == row_by_row(path)
