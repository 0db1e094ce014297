"""The libsvm (svmlight) format: a label and ``index:value`` pairs a line."""

from __future__ import annotations

import io
import re

import numpy as np
import polars as pl
from scipy import sparse

from counterpoint.data.schema import Schema, numeric_schema
from counterpoint.errors import InputError

_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LINE = re.compile(rb"\s*" + _NUMBER + rb"(?:\s+qid:\d+)?(?:\s+\d+:" + _NUMBER + rb")*\s*")


def read_libsvm(content: bytes, source: str) -> tuple[sparse.csr_array, pl.Series]:
    r"""Read the rows; column j of the matrix is the file's index j, whether it counts from 0 or 1.

    Raises
    ------
    InputError
        Naming the first line that isn't of the format.

    Examples
    --------
    >>> X, y = read_libsvm(b"+1 1:0.5 3:2\n-1 2:1\n", "t.libsvm")
    >>> X.toarray()
    array([[0. , 0.5, 0. , 2. ],
           [0. , 0. , 1. , 0. ]])
    >>> y.to_list()
    [1.0, -1.0]
    """
    # Imported here: it takes a second, and only this format asks for it.
    from sklearn.datasets import load_svmlight_file

    if not content.strip():
        raise InputError(f"{source} is empty: there is nothing to learn from.")
    try:
        matrix, labels = load_svmlight_file(io.BytesIO(content), zero_based=True)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{source}{_first_bad_line(content)}: {error}.") from None
    if matrix.nnz == 0:
        raise InputError(f"{source} has no index:value pair in it: there is nothing to learn from.")
    return sparse.csr_array(matrix), pl.Series("label", labels)


def libsvm_schema(X: sparse.csr_array) -> Schema:
    """Schema of a training file: its features are named by the file's own indices.

    Index 0 is a feature only if a row has it; files mostly count from 1.

    Examples
    --------
    >>> libsvm_schema(read_libsvm(b"1 1:5 2:3", "t.svm")[0]).feature_names
    ('feature_1', 'feature_2')
    """
    first = 0 if np.any(X.indices == 0) else 1
    names = (f"feature_{j}" for j in range(first, X.shape[1]))
    return numeric_schema(names, by_name=False, sparse=True)


def libsvm_columns(X: sparse.csr_array, schema: Schema) -> tuple[sparse.csr_array, tuple[str, ...]]:
    """Bring a file's matrix to the features of the training file's schema.

    Returns
    -------
    X : csr_array, shape (n, d)
    notes : tuple of str
        A sentence if entries of unknown features were left out.

    Examples
    --------
    >>> train, _ = read_libsvm(b"1 1:5 3:3", "t.svm")
    >>> test, _ = read_libsvm(b"1 2:7 9:1", "t.svm")
    >>> libsvm_columns(test, libsvm_schema(train))[0].toarray()
    array([[0., 7., 0.]])
    """
    first = int(schema.feature_names[0].removeprefix("feature_"))
    stop = first + len(schema.feature_names)
    kept = (X.indices >= first) & (X.indices < stop)
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))[kept]
    cells = (X.data[kept], (rows, X.indices[kept] - first))
    notes: tuple[str, ...] = ()
    if not kept.all():
        notes = (f"{np.sum(~kept):,} entries of features that the training file lacks: left out.",)
    return sparse.csr_array(cells, shape=(X.shape[0], stop - first)), notes


def _first_bad_line(content: bytes) -> str:
    """Where the first line is that isn't of the format, if it can be told."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        body = line.split(b"#")[0]
        if not body.strip():
            continue
        match = _LINE.fullmatch(body)
        indices = [int(pair) for pair in re.findall(rb"\s(\d+):", body)]
        if match is None or indices != sorted(set(indices)):
            return f", line {number} isn't a label and index:value pairs with rising indices"
    return " isn't in libsvm format"
