"""Approximate leave-one-out, from the fit on all rows."""

from counterpoint.fit.leave_one_out.scores import check_leave_one_out, leave_one_out_scores

__all__ = ["check_leave_one_out", "leave_one_out_scores"]
