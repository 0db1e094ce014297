"""Tables in: files, frames and matrices become one checked :class:`Dataset`."""

from counterpoint.data.dataset import Dataset, dataset_from_arrays, encode_rows
from counterpoint.data.labels import Labels
from counterpoint.data.load import load_dataset, load_pair
from counterpoint.data.matrix import FloatArray, Matrix
from counterpoint.data.schema import Column, Schema

__all__ = [
    "Column",
    "Dataset",
    "FloatArray",
    "Labels",
    "Matrix",
    "Schema",
    "dataset_from_arrays",
    "encode_rows",
    "load_dataset",
    "load_pair",
]
