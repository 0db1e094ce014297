"""Arrays as npz, without pickle: neither written nor read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np


def npz_bytes(arrays: Mapping[str, Any]) -> bytes:
    """An npz file's content; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    # As np.savez does, which can be told to refuse objects only from NumPy 2.1 on. A ZipInfo
    # without a date makes the same arrays the same bytes.
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)
    return buffer.getvalue()


def read_npz(content: bytes) -> dict[str, Any]:
    """Arrays by name.

    Raises
    ------
    ValueError, zipfile.BadZipFile, EOFError or OSError
        Where the content is no npz file, or holds objects.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
