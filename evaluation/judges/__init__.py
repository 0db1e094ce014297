"""One judge a diagnosis: a case → ``yes``, ``may`` or ``no``. The figures are margins of clearness.

They are chosen from what the words of a diagnosis say, not from how a rule answers on the corpus.
"""

from __future__ import annotations

from judges.beside import (
    early_warning,
    exploding_gradients,
    learning_rate_out_of_range,
    learning_rate_zero,
    update_ratio,
    vanishing_gradients,
)
from judges.course import (
    bad_start,
    diverging,
    not_finite,
    not_learning,
    oscillating,
    plateau,
    spikes,
    still_improving,
    too_short,
    too_slow,
    under_fitting,
)
from judges.log import appended_runs, final_only, not_a_run
from judges.pairs import (
    accuracy_at_base_rate,
    accuracy_flat_loss_moves,
    loss_above_calibrated,
    loss_at_uniform,
    loss_below_calibrated,
    loss_flat_accuracy_moves,
    loss_impossible,
)
from judges.penalty import (
    penalty_dominates,
    penalty_grows,
    penalty_negligible,
    penalty_one_split,
    penalty_other_n,
)
from judges.splits import (
    generalisation_gap,
    label_noise,
    labels_unrelated,
    loss_up_accuracy_up,
    noisy_evaluation,
    over_fitting,
    splits_differ,
    too_good,
    train_only,
)
from judges.verdict import Judge

#: Diagnosis → its judge.
JUDGES: dict[str, Judge] = {
    judge.__name__: judge
    for judge in (
        *(loss_up_accuracy_up, over_fitting, generalisation_gap),
        *(accuracy_flat_loss_moves, loss_flat_accuracy_moves),
        *(loss_impossible, loss_above_calibrated, loss_below_calibrated, accuracy_at_base_rate),
        *(loss_at_uniform, splits_differ, penalty_dominates, penalty_grows, penalty_other_n),
        *(penalty_one_split, penalty_negligible, not_finite, diverging, spikes, oscillating),
        *(plateau, not_learning, too_slow, under_fitting, too_good, noisy_evaluation, too_short),
        *(still_improving, bad_start, learning_rate_zero, learning_rate_out_of_range),
        *(vanishing_gradients, exploding_gradients, update_ratio, early_warning, label_noise),
        *(labels_unrelated, train_only, final_only, not_a_run, appended_runs),
    )
}
