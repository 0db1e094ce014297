"""Each file that can't be used ends in one sentence that says what, where and what to do."""

import gzip

import numpy as np
import polars as pl
import pytest

from counterpoint.data import load_dataset
from counterpoint.errors import InputError

FEW = "a,b,y\n1,2,no\n3,4,yes\n5,7,no\n"

TEXTS = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n", "is empty"),
    "header only": ("a,b,y\n", "has column names and no rows"),
    "missing cells only": ("a,b,y\n,,\n", "has column names and no rows"),
    "long row": ("a,b,y\n1,2,no\n3,4,yes,5\n", "line 3 has 4 cells where the first line has 3"),
    "short row": ("a,b,y\n1,2,no\n\n3,4\n", "line 4 has 2 cells where the first line has 3"),
    "short row and quotes": ('a,b,y\n"1\n",2,no\n3\n', "line 4 has 1 cell where"),
    "one column": ("a b y\n1 2 no\n", "has one column only .* --separator"),
    "wrong target": ("a,label,y\n1,2,3\n", "no column 'lable' for --target: did you mean 'label'"),
    "duplicate names": ("a,lable,a\n1,2,3\n", "Columns 0 and 2 .* both named 'a'"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\x00", "isn't UTF-8 text .line 1"),
    "zero bytes": (b"a,b,y\n1,2,\x00\n", "isn't UTF-8 text .line 2"),
    "latin-1": ("a,b,y\n1,2,é\n".encode("latin-1"), "isn't UTF-8 text .line 2"),
    "stray quote": ('a,lable\n"x"y"z,1\n2,3\n', "can't be read as a table .* quote marks"),
    "open quote": ('a,lable\n"x,1\n2,3\n', "line 3 has 1 cell where the first line has 2"),
    "one class": ("a,lable\n1,no\n2,no\n", r"has one class only \(no in all 2 rows"),
    "missing labels": ("a,lable\n1,no\n2,\n3,?\n", "has 2 missing values, the first in data row 2"),
    "one missing label": (
        "a,lable\n1,0\n2,\n3,1\n",
        "has 1 missing value, the first in data row 2",
    ),
    "regression": (
        "a,lable\n" + "\n".join(f"{i},{i / 7}" for i in range(1, 50)),
        "looks like a regression target",
    ),
    "many integers": (
        "a,lable\n" + "\n".join(f"{i},{i * i}" for i in range(50)),
        "50 different values in 50 rows",
    ),
    "infinite label": ("a,lable\n1,0\n2,inf\n", "holds infinity in data row 2"),
    "constant": ("a,b,lable\n1,x,0\n1,x,1\n", "All 2 feature columns are constant"),
    "constant with gaps": ("a,lable\n1,0\n,1\n", "All 1 feature columns are constant"),
    "infinity": ("a,lable\n1,0\n-inf,1\n", "'a' holds -inf in data row 2"),
    "huge": ("a,lable\n1e200,0\n2,1\n", "'a' holds 1e.200 in data row 1"),
    "identifier": ("a,id,lable\n1,p,0\n2,q,1\n", "'id' has a different value in every row"),
    "dates": ("a,on,lable\n1,2024-01-31,0\n2,2024-01-31,1\n", "'on' holds dates or times"),
    "clock": ("a,on,lable\n1,23:59,0\n2,23:59:01,1\n", "'on' holds dates or times"),
    "only the target": ("lable,void\n1,\n0,\n", "no feature column with a value"),
    "looks like a row": ("39, State, 7\n50, Home, 9\n", "looks like a row.*--no-header.*--columns"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_tables(tmp_path, case):
    text, match = TEXTS[case]
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=match) as caught:
        load_dataset(path, target="lable")
    assert "\n" not in str(caught.value)


OPTIONS = {
    "no target": ({}, "doesn't say which column to predict.*'a', 'b', 'y'"),
    "position out of range": ({"target": 3}, "no column 3 .* count from 0 to 2"),
    "wrong weight": ({"target": "y", "weight": "c"}, "no column 'c' for --weight"),
    "text weight": ({"target": "b", "weight": "y"}, "'y' hold String values"),
    "target as weight": ({"target": "y", "weight": "y"}, "'y' can't be the target and"),
    "target dropped": ({"target": "y", "drop": ("y",)}, "'y' can't be the target"),
    "wrong drop": ({"target": "y", "drop": ("bb",)}, "no column 'bb' for --drop: did you mean 'b'"),
    "too few names": ({"target": "y", "columns": ["y"]}, "1 column names .* has 3 columns"),
    "names twice": ({"target": "y", "columns": ["y", "y", "z"]}, "both named 'y'"),
    "long separator": ({"target": "y", "separator": ", "}, "isn't one plain character"),
    "wrong separator": ({"target": "y", "separator": ";"}, "one column only when split at ';'"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options_of_a_good_table(tmp_path, case):
    options, match = OPTIONS[case]
    path = tmp_path / "t.csv"
    path.write_text(FEW)
    with pytest.raises(InputError, match=match):
        load_dataset(path, **options)


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ("-1 1 1", "'w' is -1 in data row 1"),
        ("1 inf 1", "'w' is inf in data row 2"),
        ("1 ? 1", "'w' is nan in data row 2"),
        ("0 0 0", "all zero"),
        ("1 0 1", "Class 1 of the target 'y' has weight zero"),
    ],
)
def test_weight_columns(tmp_path, weights, match):
    path = tmp_path / "t.csv"
    rows = zip("123", weights.split(), "010", strict=True)
    path.write_text("a,w,y\n" + "\n".join(",".join(row) for row in rows))
    with pytest.raises(InputError, match=match):
        load_dataset(path, "y", weight="w")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "is empty"),
        ("1 1:2\nspam 1:2\n", "line 2 isn't a label"),
        ("# note\n1 1:2\n1 1:x\n", "line 3 isn't"),
        ("1 1:2\n\n0 3:1 2:1\n", "line 3 isn't .* rising indices"),
        ("1 1:2\n0 2:1 2:1\n", "line 2 isn't"),
        ("1 1:2\n0 -2:1\n", "line 2 isn't"),
        ("1,2 1:2\n0 2:1\n", "line 1 isn't"),
        ("1\n0\n", "no index:value pair"),
        ("1 1:2\n0 2:nan\n", r"X\[1, 1\] is NaN"),
        ("1 1:2\n0 2:inf\n", r"X\[1, 1\] is inf"),
        ("1 1:2\n1 2:1\n", "one class only"),
        ("1.5 1:2\n0.3 2:1\n2.2 1:3\n", "regression target"),
    ],
)
def test_libsvm_files(tmp_path, text, match):
    path = tmp_path / "t.libsvm"
    path.write_text(text)
    with pytest.raises(InputError, match=match):
        load_dataset(path)


@pytest.mark.parametrize("ending", [".parquet", ".feather", ".jsonl"])
@pytest.mark.parametrize("content", [b"", b"PAR1 nonsense", b'{"a": 1}\n[2]\n', b"ARROW1\x00\x00"])
def test_damaged_typed_files(tmp_path, ending, content):
    path = tmp_path / f"t{ending}"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"is empty|isn't a table in") as caught:
        load_dataset(path, "y")
    assert "\n" not in str(caught.value)


def test_json_lines_error_says_the_line(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1, "y": 0}\n\n{"a": 1, "y": }\n')
    with pytest.raises(InputError, match="line 3 isn't a JSON object"):
        load_dataset(path, "y")


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("c", [[1], [2]]),
        pl.Series("c", [{"q": 1}, {"q": 2}]),
        pl.Series("c", ["2024-01-01", "2024-01-02"]).str.to_date(),
        pl.Series("c", [1, 2]).cast(pl.Duration),
        pl.Series("c", [b"x", b"x"]),
    ],
)
def test_columns_that_are_neither_numbers_nor_categories(tmp_path, column):
    path = tmp_path / "t.parquet"
    frame = pl.DataFrame([pl.Series("y", [0, 1]), pl.Series("a", [1, 2]), column])
    frame.write_parquet(path)
    with pytest.raises(InputError, match=r"'c' holds .*\(--drop\)"):
        load_dataset(path, "y")
    assert load_dataset(path, "y", drop=("c",)).feature_names == ("a",)
    with pytest.raises(InputError, match="a class is an integer"):
        load_dataset(path, "c", drop=("y",))


def test_text_options_of_a_typed_file(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [1, 2], "y": [0, 1]}).write_parquet(path)
    with pytest.raises(InputError, match="holds its own column names"):
        load_dataset(path, "y", separator=",")


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match=r"There is no file .*nowhere\.csv"):
        load_dataset(tmp_path / "nowhere.csv", "y")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is a directory"):
        load_dataset(tmp_path / "folder.csv", "y")
    with pytest.raises(InputError, match=r"no ending that says its format.*\.parquet"):
        load_dataset(tmp_path / "table.xlsx", "y")


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("content", [b"plain,text\n", gzip.compress(FEW.encode(), mtime=0)[:-9]])
def test_damaged_compression(tmp_path, ending, content):
    path = tmp_path / f"t.csv{ending}"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"isn't a whole {ending} file"):
        load_dataset(path, "y")


def test_built_in_tables():
    with pytest.raises(InputError, match="sklearn:breast_cancer, sklearn:digits"):
        load_dataset("sklearn:mnist")
    with pytest.raises(InputError, match="target of its own"):
        load_dataset("sklearn:iris", target="target")


def test_constant_columns_are_kept_and_noted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,y\n1,2,0\n1,3,1\n")
    data = load_dataset(path, "y")
    assert np.all(data.X[:, 0] == 1)
    assert data.notes == ("1 feature has one value only, which tells no class from another: 'a'.",)
