from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from counterpoint.findings import Finding
from counterpoint.objective.strength import table
from counterpoint.report.marks import marks_of
from counterpoint.report.strengths import print_strengths
from counterpoint.report.terminal import explanation, print_findings, print_sweeps, print_table


def _printed(show, *arguments, width: int = 100, **options) -> str:
    out = io.StringIO()
    show(Console(file=out, width=width, **options), *arguments)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_table_fits_the_width_and_is_plain(sample, width):
    text = _printed(print_table, sample.fit, marks_of(sample.choice), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text
    assert "…" not in text
    rows = [line for line in text.splitlines() if "±" in line and "interval" not in line]
    assert len(rows) == len(sample.fit.alphas)


def test_wider_consoles_show_more(samples):
    def headings(width: int) -> int:
        text = _printed(print_table, samples["binary"].fit, width=width)
        return len(text.splitlines()[0].split())

    assert headings(60) < headings(100) < headings(160)
    assert headings(60) >= 3


def test_table_shows_the_scores_and_marks_the_choice(samples):
    sample = samples["binary"]
    held_out, choice = sample.fit.held_out, sample.choice
    text = _printed(print_table, sample.fit, marks_of(choice))
    (taken,) = [line for line in text.splitlines() if line.startswith("→")]
    index = choice.recommended.index
    assert f"{held_out.correct[index].mean():.3f} ±" in taken
    assert f"{held_out.log_loss[index].mean():.3f} ±" in taken
    others = [line for line in text.splitlines() if line.startswith("·")]
    assert len(others) == (choice.best.index != choice.one_se.index)


def test_long_grids_are_thinned_but_keep_the_candidates(fits):
    fit = fits["binary"]
    n = 100
    alphas = np.logspace(-6, 2, n)
    row = fit.scores.filter(pl.col("alpha") == fit.alphas[0])
    one = np.zeros(n, dtype=np.intp)
    parts = ("coef", "data_loss", "penalty", "gap")
    weights = ("weight_norm", "nonzero", "fold_relative_gap")
    long = replace(
        fit,
        alphas=alphas,
        scores=pl.concat([row.with_columns(alpha=pl.lit(a)) for a in alphas]),
        **{name: getattr(fit, name)[one] for name in parts + weights},
    )
    text = _printed(print_table, long)
    rows = [line for line in text.splitlines() if "±" in line and "interval" not in line]
    assert len(rows) == 25
    assert "25 of 100 alphas shown" in " ".join(text.split())


def test_unsettled_rows_are_marked(fits):
    fit = replace(fits["binary"], gap=fits["binary"].objective)
    lines = _printed(print_table, fit).splitlines()
    assert sum(line.lstrip().startswith("!") for line in lines) == len(fit.alphas)
    assert "! not certified to 1e-06" in " ".join(" ".join(lines).split())


def test_infinite_loss_is_written_as_such(infinite):
    assert "∞" in _printed(print_table, infinite)


@pytest.mark.parametrize("hostile", ["[red]x[/red]", "[/]", "[link=http://x]y[/link]"])
def test_markup_in_names_is_shown_as_it_is(hostile):
    finding = Finding("a", "note", hostile, f"column {hostile}", {}, hostile, hostile)
    assert explanation([finding]).count(hostile) == 4


def test_terminal_codes_in_names_are_spelt_out():
    finding = Finding("a", "caution", "\x1b[31mred", "bell \x07", {})
    text = _printed(print_findings, [finding], force_terminal=False)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\\x1b[31mred" in text


def test_every_word_of_every_finding_is_printed(sample):
    text = " ".join(explanation(sample.findings).split())
    for finding in sample.findings:
        for part in (finding.title, finding.explanation, finding.remedy, finding.doubt):
            assert " ".join(part.split()) in text


def test_choice_is_the_last_finding(samples):
    text = _printed(print_sweeps, [samples["ten classes"]])
    titles = re.findall(r"^(?:note|caution|problem): (.*)$", text, flags=re.MULTILINE)
    assert titles[-1].startswith("Take alpha")


def test_what_was_done_to_the_data_comes_first(samples):
    sample = samples["ten classes"]
    facts = replace(sample.fit.facts, notes=("2 cells were \x1b[31mfilled",))
    text = _printed(print_sweeps, [replace(sample, fit=replace(sample.fit, facts=facts))])
    before = " ".join(text.partition(sample.fit.loss_label)[0].split())
    assert before.startswith(f"{facts.n:,} rows, {facts.n_features} features, 10 classes; ")
    assert "columns divided by their standard deviation" in before
    assert before.endswith("2 cells were \\x1b[31mfilled.")


def test_colour_only_on_a_terminal(samples):
    findings = samples["binary"].findings
    assert "\x1b" not in _printed(print_findings, findings)
    on_terminal = _printed(print_findings, findings, force_terminal=True, color_system="standard")
    assert "\x1b[" in on_terminal


def test_strengths_are_listed_with_reasons():
    rows = table(0.02, n=100)
    text = _printed(print_strengths, 0.02, rows)
    for row in rows:
        assert row.convention in text
    assert re.search(r"sklearn.LinearSVC +C +0\.5 ", text)
    assert "AdamW shrinks the weights" in text
