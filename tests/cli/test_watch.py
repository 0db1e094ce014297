"""`counterpoint watch`, in a pipe and on a terminal of its own."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

COMMAND = [sys.executable, "-c", "from counterpoint.cli import main; main()", "watch"]
#: Validation loss turns upward at epoch 10 while accuracy goes on.
ROWS = [
    f"{e},{2.3 * 0.8**e + 0.02:.4f},{1 - 0.9 * 0.8**e:.4f},"
    f"{0.6 + 1.7 * 0.7**e + max(0, e - 10) * 0.1:.4f},{0.8 - 0.7 * 0.7**e:.4f}\n"
    for e in range(40)
]
HEAD = "epoch,loss,accuracy,val_loss,val_accuracy\n"


def run(*arguments):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def test_in_a_pipe_once_and_without_codes(tmp_path):
    (tmp_path / "log.csv").write_text(HEAD + "".join(ROWS))
    done = run(str(tmp_path))
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "validation" in done.stdout
    assert "▁" in done.stdout
    assert "loss rises" in done.stdout
    mapped = run(str(tmp_path / "log.csv"), "--map", "loss=val/loss")
    assert mapped.returncode == 0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "is no file"),
        (lambda path: path.write_text(""), "is empty"),
        (lambda path: path.write_text("nothing here\n"), "holds no number"),
    ],
)
def test_in_a_pipe_mistakes_end_in_one_line(tmp_path, make, said):
    make(tmp_path / "log")
    done = run(str(tmp_path / "log"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def seen_until(terminal, text, seconds=240):
    """What a terminal showed, up to some text; where it does not come the test fails."""
    found = b""
    end = time.monotonic() + seconds
    while text.encode() not in found:
        assert time.monotonic() < end, found[-2000:]
        found += os.read(terminal, 65536)
    return found.decode(errors="replace")


@pytest.mark.slow
def test_on_a_terminal_it_grows_until_ctrl_c(tmp_path):
    log = tmp_path / "log.csv"
    log.touch()
    terminal, inside = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    process = subprocess.Popen(
        [*COMMAND, str(log)], stdin=inside, stdout=inside, stderr=inside, env=environment
    )
    os.close(inside)
    try:
        seen_until(terminal, "Waiting for the first numbers")
        log.write_text(HEAD + "".join(ROWS[:8]))
        seen_until(terminal, "epoch 7")
        with log.open("a") as file:
            file.writelines(ROWS[8:])
        seen_until(terminal, "loss rises")
        process.send_signal(signal.SIGINT)
        seen_until(terminal, "says more")
        assert process.wait(60) == 0
    finally:
        process.kill()
        os.close(terminal)
