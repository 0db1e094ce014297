"""Judges of what kind of log it is."""

from __future__ import annotations

from case import Case
from judges.verdict import between


def appended_runs(case: Case) -> str:
    return "yes" if case.recipe.appended else "no"


def final_only(case: Case) -> str:
    return between(case.recipe.logging.format == "wandb_summary", case.epochs == 1)


def not_a_run(case: Case) -> str:
    return "may" if final_only(case) == "yes" else "no"
