"""Jupyter notebooks: what their cells have printed. Nothing in them is run."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from counterpoint.errors import InputError
from counterpoint.runs.gather import Gatherer
from counterpoint.runs.json_file import load_json
from counterpoint.runs.readers import text
from counterpoint.runs.source import Source

name = "Jupyter notebook"
summary = "the outputs of its cells: text, and tables of fastai and Hugging Face"


def recognises(source: Source) -> bool:
    """Whether it is JSON with cells."""
    head = source.text
    told = '"cells"' in head or '"worksheets"' in head
    return head.lstrip()[:1] == "{" and told and '"cell_type"' in head


def read(source: Source, gathered: Gatherer) -> None:
    """Read what the cells printed, from top to bottom."""
    text.read_lines(_lines(load_json(source)), gathered)
    gathered.kind = f"{name} ({gathered.kind})" if gathered.kind not in ("", "text") else name


def _lines(notebook: Any) -> Iterator[str]:
    for cell in _cells(notebook):
        outputs = cell.get("outputs")
        streams: dict[str, str] = {}
        for output in outputs if isinstance(outputs, list) else []:
            if not isinstance(output, dict):
                continue
            if output.get("output_type") == "stream":
                channel = str(output.get("name"))
                streams[channel] = streams.get(channel, "") + _joined(output.get("text"))
                continue
            yield from _flushed(streams)
            yield from _shown(output)
        yield from _flushed(streams)
        yield ""


def _cells(notebook: Any) -> list[dict[str, Any]]:
    """Code cells of format 4, or of the worksheets of format 3."""
    if not isinstance(notebook, dict):
        raise InputError("it is no notebook.")
    sheets = notebook.get("worksheets")
    homes = [notebook, *(sheets if isinstance(sheets, list) else [])]
    found = []
    for home in homes:
        cells = home.get("cells") if isinstance(home, dict) else None
        found += [c for c in cells if isinstance(c, dict)] if isinstance(cells, list) else []
    return [cell for cell in found if cell.get("cell_type") == "code"]


def _flushed(streams: dict[str, str]) -> Iterator[str]:
    """Lines of what was printed; standard output first, as bars go to the other."""
    for channel in sorted(streams, reverse=True):
        yield from streams.pop(channel).split("\n")


def _shown(output: dict[str, Any]) -> Iterator[str]:
    data = output.get("data")
    data = data if isinstance(data, dict) else output
    html = _joined(data.get("text/html") or data.get("html"))
    plain = _joined(data.get("text/plain") or data.get("text"))
    if "<table" in html:
        yield from _table(html)
    elif output.get("output_type") != "error":
        yield from plain.split("\n")


def _table(html: str) -> list[str]:
    """The rows of tables, their cells parted by bars."""
    parser = _Cells()
    parser.feed(html)
    parser.close()
    return ["", *(" | ".join(row) for row in parser.rows), ""]


class _Cells(HTMLParser):
    """Collects the text of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("td", "th", "tr")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += " ".join(data.split())


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""
