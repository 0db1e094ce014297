"""Fixtures and settings that every test shares."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

# Workers share the cores already; a thread pool in each of them would only make them wait for
# one another. NumPy reads these once, when it is first imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[variable] = "1"

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data sets; the test is skipped where it is missing."""
    given = os.environ.get("COUNTERPOINT_SHARED")
    shared = Path(given) if given else Path(__file__).resolve().parents[2] / "shared"
    if not (shared / "data").is_dir():
        pytest.skip("needs the real data sets: set COUNTERPOINT_SHARED to the folder with data/")
    return shared / "data"


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as a terminal has it: what a shell starts in the background may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
