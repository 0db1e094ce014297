"""Whatever a file holds, the outcome is a data set or one sentence: never another error."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from counterpoint.data import load_dataset
from counterpoint.errors import InputError

TABLE = b'age,job,y\n31, clerk,no\n?,"ba,ker",yes\n40.5,clerk,no\n'
LINES = b'{"age": 31, "job": "a", "y": 0}\n{"age": null, "job": "b", "y": 1}\n'
ROWS = b"+1 1:0.5 3:2\n-1 2:1 # note\n+1 3:4\n"


def _edited(start: bytes) -> st.SearchStrategy[bytes]:
    """A good file with a few bytes replaced, put in or cut out."""
    piece = st.binary(max_size=3) | st.sampled_from(
        [b"\n", b",", b'"', b":", b"nan", b"1e999", b"{"]
    )
    edit = st.tuples(st.integers(0, len(start)), st.integers(0, 4), piece)

    def _apply(edits: list[tuple[int, int, bytes]]) -> bytes:
        content = start
        for position, cut, new in edits:
            content = content[:position] + new + content[position + cut :]
        return content

    return st.lists(edit, min_size=1, max_size=4).map(_apply)


def _load(folder, ending: str, content: bytes, **options: object) -> None:
    path = folder / f"t{ending}"
    path.write_bytes(content)
    try:
        data = load_dataset(path, **options)
    except InputError as error:
        message = str(error)
    else:
        assert data.X.shape == (len(data.y), len(data.feature_names))
        return
    assert "\n" not in message
    assert 20 < len(message) < 600


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bytes")


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | _edited(TABLE))
@example(content=b"a,y\r1,0\r2,1\r")
@example(content=b'a,y\n5" pipe,1\n6" pipe,2\n')
@example(content=b"age,job,y\n" + b"x" * 200_000 + b",2\n3\n")
def test_text_tables(folder, content):
    _load(folder, ".csv", content, target="y")
    _load(folder, ".csv", content, target=-1, header=False)


@given(content=st.binary(max_size=60) | _edited(LINES))
def test_json_lines(folder, content):
    _load(folder, ".jsonl", content, target="y")


@given(content=st.binary(max_size=60) | _edited(ROWS))
def test_libsvm(folder, content):
    _load(folder, ".libsvm", content)


@given(content=st.binary(max_size=60))
def test_other_formats(folder, content):
    for ending in (".parquet", ".arrow", ".csv.gz", ".csv.bz2", ".csv.xz"):
        _load(folder, ending, content, target="y")
    _load(folder, ".arrow", b"ARROW1" + content, target="y")
    _load(folder, ".parquet", b"PAR1" + content + b"PAR1", target="y")
