"""A short run of the fuzzer on each format; longer ones by hand, see read_any_log.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from made_logs import FORMATS

pytest.importorskip("atheris", reason="needs atheris: pip install 'counterpoint[fuzz]'")


@pytest.mark.peer
@pytest.mark.parametrize("name", FORMATS)
def test_a_few_seconds(tmp_path, name):
    script = Path(__file__).with_name("read_any_log.py")
    command = [sys.executable, str(script), name, "-max_total_time=5"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
