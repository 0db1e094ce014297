"""What the numbers were measured on: never who it is or where, only what it can do."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def machine() -> dict:
    """Processor, cores given, memory in GiB, operating system and Python."""
    return {
        "processor": _first("/proc/cpuinfo", r"model name\s*:\s*(.+)") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": _first("/etc/os-release", r'PRETTY_NAME="(.+)"') or platform.system(),
        "python": platform.python_version(),
    }


def _first(path: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, Path(path).read_text())
    except OSError:
        return None
    return found[1].strip() if found else None
