"""Fuzzing of the readers of logs, guided by coverage: `python tests/fuzz/read_any_log.py FORMAT`.

FORMAT is a file of `made_logs.files`, such as ``keras.csv``, whose bytes are the seed; libFuzzer's
own options follow, such as ``-max_total_time=300``. With ``all`` for FORMAT each has its turn, each
for as long. Needs atheris (the extra ``fuzz``). Anything but histories or one line of `InputError`
is a find, and so is a file that takes over ten seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["counterpoint.runs"]):
    import counterpoint.runs.readers
    import counterpoint.runs.reading

sys.path.insert(0, str(Path(__file__).parents[1]))

from counterpoint.errors import InputError
from made_logs import FORMATS, files

#: Where a written file never reaches a disk, if there is such a place.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main(name: str, options: list[str]) -> None:
    """Fuzz files that begin as one format's."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    seeds, log = folder / "seeds", folder / "log"
    seeds.mkdir()
    made = files(seeds)
    for other, path in made.items():
        if other != name:
            path.unlink()

    def one(data: bytes) -> None:
        log.write_bytes(data)
        try:
            histories = counterpoint.runs.reading.read(log)
        except InputError as error:
            if "\n" in str(error):
                raise
            return
        for history in histories:
            if not history.rows.height or history.rows["value"].null_count():
                raise AssertionError(history)

    atheris.Setup(
        [sys.argv[0], "-timeout=10", "-max_len=4096", "-len_control=0", *options, str(seeds)], one
    )
    atheris.Fuzz()


def each(options: list[str]) -> int:
    """Fuzz every format, and count those with finds."""
    found = []
    for name in FORMATS:
        command = [sys.executable, __file__, name, f"-artifact_prefix={name}-", *options]
        if subprocess.run(command, check=False).returncode:
            found.append(name)
    print("finds:", *found or ["none"])
    return len(found)


if __name__ == "__main__":
    if sys.argv[1] == "all":
        sys.exit(each(sys.argv[2:]))
    main(sys.argv[1], sys.argv[2:])
