"""What text tables hold and how it is told apart: separators, headers, blanks, types."""

import subprocess
import sys

import numpy as np
import pytest

from counterpoint.data import load_dataset, load_pair
from counterpoint.errors import InputError


@pytest.fixture
def write(tmp_path):
    def _write(text, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return _write


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_separator_is_found_from_the_first_line(write, mark, line_end):
    rows = [["a", '"b, c"', "y"], ["1", "2", "no"], ["3", "5", "yes"]]
    data = load_dataset(write(line_end.join(mark.join(row) for row in rows)), target="y")
    assert data.feature_names == ("a", "b, c")
    np.testing.assert_array_equal(data.X, [[1, 2], [3, 5]])
    assert data.y.tolist() == ["no", "yes"]


@pytest.mark.parametrize("separator", ["\t", "\\t", "tab"])
def test_separator_can_be_named(write, separator):
    path = write("a,b\ty\n1,0\t0\n2,0\t1\n1,0\t1\n", "t.txt")
    assert load_dataset(path, "y", separator=separator).feature_names == ("a,b=1,0", "a,b=2,0")


def test_headerless_by_position(write):
    path = write("39, State-gov, <=50K\n50, ?, >50K\n38, State-gov, <=50K\n\n")
    data = load_dataset(path, -1, header=False)
    assert data.target_name == "column_2"
    assert data.feature_names == ("column_0", "column_1=State-gov", "column_1=(missing)")
    np.testing.assert_array_equal(data.X, [[39, 1, 0], [50, 0, 1], [38, 1, 0]])
    assert data.y.tolist() == ["<=50K", ">50K", "<=50K"]
    assert load_dataset(path, "2", header=False).target_name == "column_2"


def test_headerless_with_names(write):
    path = write("39, a, x\n50, b, y\n38, b, x")
    data = load_dataset(path, "income", columns=["age", "job", "income"])
    assert data.feature_names == ("age", "job=a", "job=b")
    assert len(data.y) == 3
    assert len(load_dataset(path, "income", columns=["age", "job", "income"], header=True).y) == 2


def test_types_are_found_over_the_whole_file(write):
    body = "\n".join(f"1,{i % 2}" for i in range(3000))
    data = load_dataset(write(f"a,y\n{body}\nlate,1\n"), "y")
    assert data.feature_names == ("a=1", "a=late")
    body = "\n".join(f"{i},{i % 2}" for i in range(3000))
    assert load_dataset(write(f"a,y\n{body}\n0.5,1\n"), "y").X[-1, 0] == 0.5


def test_numbers_with_blanks_and_signs(write):
    data = load_dataset(write("a,b,y\n +3, .5,0\n-1e2,  ?,1\n ,7,1\n"), "y")
    np.testing.assert_array_equal(data.X, [[3, 0.5], [-100, np.nan], [np.nan, 7]])
    assert "'a' (1), 'b' (1)" in data.notes[0]


def test_booleans(write):
    data = load_dataset(write("a,b,y\ntrue, True,false\nFALSE, false,true\n, true,true\n"), "y")
    np.testing.assert_array_equal(data.X, [[1, 1], [0, 0], [np.nan, 1]])
    assert data.y.tolist() == [False, True, True]
    assert data.y.dtype == np.bool_


def test_missing_tokens_can_be_chosen(write):
    path = write("a,y\n1,0\n-9,1\n3,1\n")
    assert np.isnan(load_dataset(path, "y", missing=("-9",)).X[1, 0])
    assert load_dataset(path, "y").X[1, 0] == -9


def test_byte_order_mark_quotes_and_line_breaks_in_cells(write):
    data = load_dataset(write('\ufeff"a\nb",y\n"p\nq",0\n"r""s",1\n"p\nq",1\n'), "y")
    assert data.feature_names == ("a\nb=p\nq", 'a\nb=r"s')


def test_hostile_column_names_are_kept(write):
    name = "<script>alert(1)</script>\x07" + "x" * 5000
    assert load_dataset(write(f"{name},y\n1,0\n2,1\n"), "y").feature_names == (name,)


def test_weight_and_drop(write):
    path = write("id,a,w,y\nu,1,2,0\nv,2,0.5,1\nw,5,1,1\n")
    data = load_dataset(path, "y", weight="w", drop=("id",))
    assert data.feature_names == ("a",)
    assert data.sample_weight.tolist() == [2, 0.5, 1]


def test_float_labels_that_are_integers(write):
    data = load_dataset(write("a,y\n1,0.0\n2,1.0\n3,1.0\n"), "y")
    assert data.y.dtype == np.int64


def test_empty_column_is_left_out_and_said(write):
    data = load_dataset(write("a,b,y\n1,,0\n2,,1\n"), "y")
    assert data.feature_names == ("a",)
    assert data.notes == ("Left out, since no row has a value in it: 'b'.",)


def test_pair_reads_text_columns_as_text_in_both(write):
    train = write("zip,y,a\n1,1,1\n2.50,2,2\nx,c,4\n1,1,2\n", "a.csv")
    test = write("a,y,zip\n7,1,2.50\n8,2,1\n", "b.csv")
    fitted, held_out = load_pair(train, test, target="y")
    assert fitted.feature_names == ("zip=1", "zip=2.50", "zip=x", "a")
    np.testing.assert_array_equal(held_out.X, [[0, 1, 0, 7], [1, 0, 0, 8]])
    assert held_out.y.tolist() == ["1", "2"]
    assert held_out.schema is fitted.schema


def test_pair_notes_values_that_training_lacks(write):
    train = write("job,y\na,0\nb,1\na,1\n", "a.csv")
    test = write("job,y\nc,0\n?,1\n", "b.csv")
    held_out = load_pair(train, test, target="y")[1]
    np.testing.assert_array_equal(held_out.X, np.zeros((2, 2)))
    assert "2 cells" in held_out.notes[0]
    assert "'(missing)', 'c'" in held_out.notes[0]


def test_pair_labels_take_the_training_type(write):
    train = write("a,y\n1,0\n2,1\n", "a.csv")
    test = write("a,y\n1,1.0\n", "b.csv")
    y = load_pair(train, test, target="y")[1].y
    assert y.dtype == np.int64
    assert y.tolist() == [1]


def test_many_classes_in_a_small_test_table(write):
    letters = [chr(97 + i) for i in range(26)]
    rows = [f"{i},{letter}" for i, letter in enumerate(letters * 3)]
    train, test = (
        write("a,y\n" + "\n".join(rows), "a.csv"),
        write("a,y\n" + "\n".join(rows[:25]), "b.csv"),
    )
    assert len(load_pair(train, test, target="y")[1].y) == 25


@pytest.mark.parametrize(
    ("other", "match"),
    [
        ("a,job,y\n1,x,9\n", "rows of class 9"),
        ("aa,job,y\n1,x,0\n", "no column 'a', which the training table has: did you mean 'aa'"),
        ("a,job,y\nz,x,0\n", "'a' was numeric in the training table and holds 'z' in data row 1"),
        ("a,job,z\n1,x,0\n", "no column 'y' for --target"),
        ("a,job,y\ninf,x,0\n", "'a' holds inf in data row 1"),
    ],
)
def test_pair_errors(write, other, match):
    train = write("a,job,y\n1,x,0\n2,x,1\n", "a.csv")
    with pytest.raises(InputError, match=match):
        load_pair(train, write(other, "b.csv"), target="y")


def test_pair_of_different_kinds(write):
    table = write("a,y\n1,0\n2,1\n", "a.csv")
    sparse = write("0 1:1\n1 1:2\n", "b.svm")
    with pytest.raises(InputError, match="can't be paired"):
        load_pair("sklearn:iris", table, target="y")
    with pytest.raises(InputError, match="leave --target out"):
        load_pair(table, sparse, target="y")


def test_importing_data_leaves_scikit_learn_and_pandas_alone():
    code = "import sys, counterpoint.data; print({'sklearn', 'pandas', 'pyarrow'} & {*sys.modules})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert shown.stdout.strip() == "set()"
