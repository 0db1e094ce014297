from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from counterpoint.findings import Finding, compare_all
from counterpoint.report.document import evidence_rows
from counterpoint.report.page import render_page

KINDS = ("binary", "ten classes", "one alpha", "two alphas", "l1", "calibrated", "infinite")
# The browser's own services are kept from the network too.
BROWSER_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
    "--v=0",
    "--dump-dom",
)
HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)>\" onload=\"x"


class _Reader(HTMLParser):
    """What a browser would make of a page: its elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._end_word(tag)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        self._end_word(tag)

    def _end_word(self, tag):
        if tag != "span":
            self.words.append(" ")

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="module")
def pages(samples) -> dict[str, str]:
    return {name: render_page([sample]) for name, sample in samples.items()}


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def hostile_page(samples) -> str:
    sample = samples["calibrated"]
    facts = replace(sample.fit.facts, notes=(HOSTILE,), constant=(HOSTILE,))
    fit = replace(
        sample.fit,
        feature_names=(HOSTILE,) * len(sample.fit.feature_names),
        classes=np.array([HOSTILE, "b"]),
        scheme=HOSTILE,
        facts=facts,
    )
    finding = Finding("a", "problem", HOSTILE, HOSTILE, {HOSTILE: [HOSTILE]}, HOSTILE, HOSTILE)
    subject = replace(sample, fit=fit, findings=(finding,))
    return render_page([subject], title=HOSTILE, origin={HOSTILE: HOSTILE})


def test_nothing_comes_from_outside(pages, kind):
    page = pages[kind]
    for _, attributes in _Reader(page).elements:
        for name in ("src", "href", "xlink:href", "data", "action", "poster", "srcset"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "@import" not in page
    assert set(re.findall(r"url\((.)", page)) <= {"#"}
    assert "default-src 'none'" in page


def test_no_script_at_all(pages, kind):
    elements = _Reader(pages[kind]).elements
    assert not [tag for tag, _ in elements if tag in ("script", "iframe", "object", "embed")]
    assert not [a for _, attributes in elements for a in attributes if a.startswith("on")]


def test_hostile_names_stay_text(hostile_page):
    reader = _Reader(hostile_page)
    assert not [tag for tag, _ in reader.elements if tag in ("script", "img")]
    assert not [a for _, attributes in reader.elements for a in attributes if a.startswith("on")]
    # Title twice; finding's four parts, evidence twice; note, constant, scheme twice, class,
    # origin twice.
    assert reader.text.count(" ".join(HOSTILE.split())) == 15


def test_every_part_of_every_finding_is_there(samples, pages, kind):
    text = _Reader(pages[kind]).text
    for finding in samples[kind].findings:
        for part in (finding.title, finding.explanation, finding.remedy, finding.doubt):
            assert " ".join(part.split()) in text
        for name, value in evidence_rows(finding.evidence):
            assert " ".join(f"{name} {value}".split()) in text


def test_headline_is_the_choice(samples, pages, kind):
    sample, text = samples[kind], _Reader(pages[kind]).text
    taken = sample.choice.recommended
    correct = sample.fit.held_out.correct[taken.index]
    assert f"accuracy {correct.mean():.3f} (" in text
    weak = "This alpha has the least"
    strong = "This is the strongest alpha within one standard error of the least"
    assert (weak in text) == (taken.alpha == sample.choice.best.alpha)
    assert (strong in text) == (taken.alpha != sample.choice.best.alpha)


def test_table_has_a_row_an_alpha(samples, pages, kind):
    sample, page = samples[kind], pages[kind]
    table = page[page.index('<table class="numbers">') :].split("</table>")[0]
    assert table.count("<tr") - 2 == len(sample.fit.alphas)
    assert table.count('class="taken"') == 1


def test_identifiers_are_unique_and_references_resolve(samples):
    page = render_page([samples["binary"], samples["calibrated"]])
    names = [a["id"] for _, a in _Reader(page).elements if "id" in a]
    assert len(names) == len(set(names))
    references = set(re.findall(r"url\(#([^)]+)\)", page)) | set(re.findall('href="#([^"]+)', page))
    assert references
    assert references <= set(names)


def test_pointing_at_an_alpha_shows_its_numbers(samples, pages):
    sample, page = samples["binary"], pages["binary"]
    notes = re.findall(r"<title>(alpha [^<]*)</title>", page)
    # Three panels of scores, one of the objective, two of the weights; wide and narrow.
    assert len(notes) == 2 * 6 * len(sample.fit.alphas)
    accuracy = sample.fit.held_out.correct[0].mean()
    assert any(n.startswith(f"alpha 1e-6: accuracy {accuracy:.3f} held out") for n in notes)


def test_several_sweeps_are_compared_before_each(samples):
    shown = [samples[name] for name in ("binary", "l1", "calibrated")]
    comparisons = compare_all([s.fit for s in shown])
    assert comparisons
    text = _Reader(render_page(shown, comparisons)).text
    places = [text.index(f.title) for f in comparisons]
    places.append(text.rindex("squared error, L2"))
    assert places == sorted(places)
    for subject in shown:
        for finding in subject.findings:
            assert finding.title in text


def test_evidence_keeps_what_is_nested():
    evidence = {"pairs": [{"a": 1, "b": 0.25}], "best": {"alpha": 1e-9, "on_edge": True}, "p": None}
    assert evidence_rows(evidence) == [
        ("pairs", "a 1, b 0.25"),
        ("best, alpha", "1e-09"),
        ("best, on edge", "yes"),
        ("p", "none"),
    ]


def test_same_sweep_gives_the_same_page(samples, pages):
    assert render_page([samples["binary"]]) == pages["binary"]


def test_page_is_small(pages, kind):
    assert len(pages[kind].encode()) < 1_000_000


def _console(browser: str, page: str, folder: Path) -> tuple[str, str]:
    """The document as the browser holds it, and what it logged."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            browser,
            *BROWSER_OPTIONS,
            f"--user-data-dir={folder / 'profile'}",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, done.stderr


@pytest.mark.slow
def test_browser_has_nothing_to_complain_of(hostile_page, tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("needs Chromium on the path")
    document, log = _console(browser, hostile_page, tmp_path)
    assert "CONSOLE" not in log
    assert "</svg>" in document
    assert not [tag for tag, _ in _Reader(document).elements if tag in ("script", "img")]
    # The page forbids itself every request, so that one would have been logged like this one.
    reaching = hostile_page.replace("</body>", "<img src='http://localhost:9/x.png'></body>")
    _, log = _console(browser, reaching, tmp_path)
    assert "CONSOLE" in log
    assert "violates the following Content Security Policy" in log
