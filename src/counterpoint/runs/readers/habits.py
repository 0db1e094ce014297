"""Lines of text that only one program writes so: whose they are, and what they leave unsaid."""

from __future__ import annotations

import re

from counterpoint.runs.places import is_evaluation

#: Sign in a line → what its log is called. The kind that most lines have names the log.
_KINDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^\s*\{'(?:eval_|train_)?(?:loss|runtime)'"), "Hugging Face console"),
    (re.compile(r"v_num=|[━│┃].*test_|\|.*(?:it/s|s/it)\b.*(?:loss|acc)"), "progress bars"),
    (
        re.compile(r"^\s*\d+/\S+ (?:\[[=>.]*\]|[━╸╺]+|- )|^\s*-?\s*\d+m?s\b.* - \w*loss:"),
        "Keras console",
    ),
    (re.compile(r"'s \w+: "), "LightGBM"),
    (re.compile(r"^\d+:\s+learn: "), "CatBoost"),
    (re.compile(r"(?:^|\s)\[\d+\]\s+\S+-\S+:"), "XGBoost"),
    (
        re.compile(
            r"^\s*(?:Iteration \d+, loss = |Validation score: |Norm: .*Avg\. loss:|At iterate)"
        ),
        "scikit-learn verbose",
    ),
    (
        re.compile(
            r"^(?:Cost|Accuracy) on (?:training|evaluation) data:|^\s*Epoch \d+\s*: \d+ / \d+\s*$"
            r"|^Epoch \d+ done!"
        ),
        "textbook",
    ),
)

#: Logs in which a number without the name of its rows is of the training rows.
PRINTS_TRAINING_BARE = ("Keras console", "scikit-learn verbose", "Hugging Face console")

#: What a program writes in its own way → the same as others write it.
_REWRITTEN: tuple[tuple[re.Pattern[str], str], ...] = (
    # CatBoost names the rows and not the quantity, which is its loss unless told otherwise.
    (re.compile(r"^(\d+:\s+)learn: (\S+)"), r"\1learn loss: \2"),
    (re.compile(r"(^\d+:\s.*?)\btest: (\S+)"), r"\1test loss: \2"),
    # What the evaluations of PyTorch's examples come to.
    (re.compile(r"(^|\s)\*+\s+(?=(?:Acc|Prec)\w*@\d)"), r"\1test: "),
    # L-BFGS prints Fortran's numbers.
    (
        re.compile(r"^At iterate\s+(\d+)\s+f=\s*(\S+?)D(\S+)\s+\|proj g\|=\s*(\S+?)D(\S+)"),
        r"iterate \1 loss=\2e\3 gradient_norm=\4e\5",
    ),
    # A cross-validation's mean and its standard deviation.
    (re.compile(r"(-\w+:\d[\d.]*)\+\d[\d.]*"), r"\1"),
    # Loss [31, 100](epoch, minibatch): 3.2
    (
        re.compile(
            r"(?i)\[\s*(\d+)\s*,\s*(\d+)\s*\]\s*\(epochs?,\s*(?:mini-?)?(?:batch|step|iter)\w*\)"
        ),
        r"at epoch \1 at step \2",
    ),
    # Decimals of a prediction count that Python 2 divided to zero: "Accuracy: 0.0 1037 / 10000".
    (re.compile(r"(?i)(\bacc\w*:?\s+)[\d.]+\s+(\d+ / \d+)"), r"\1\2"),
)

_BEST = r"\bbest\s+(?:iteration|epoch|step|round|model|val|test|train|acc|loss|score)"
#: What is said in a row beside its own numbers, or printed over it → what is left of it.
_BESIDE: tuple[tuple[re.Pattern[str], str], ...] = (
    # The best so far, before or between the numbers of this epoch.
    (re.compile(rf"(?i)(?<=[\d|,;\])])\s*{_BEST}\w*[^\d|,;]*[\d.]+%?[,;|]?(?=.*\d)"), " "),
    # Lightning's callback does not wait for the end of the bar's line, which may be cut.
    (re.compile(r"(?:, [^,\]]*)?Epoch \d+, global step \d+: .*$"), ""),
    # tensor(2.3, device='cuda:0'), np.float64(0.88): what was printed was no plain number.
    (
        re.compile(
            r"(?:\w+\.)?(?:tensor|array|float\d+)\(\[?\s*([+-]?\d[\d.]*(?:e[+-]?\d+)?|nan|inf)\s*\]?"
            r"(?:,[^()]*)?(?:\([^()]*\)[^()]*)?\)"
        ),
        r"\1",
    ),
    # Hugging Face's numbers are texts of late.
    (re.compile(r"(?<=: )'([+-]?\d[\d.]*(?:e[+-]?\d+)?|nan|inf)'"), r"\1"),
)
#: CatBoost's console shows the best value so far: above the present one where it is made large.
_BEST_SO_FAR = re.compile(r"\btest: (\S+)\s+best: (\S+) \(")

#: The mean so far stands behind the batch's value: of an evaluation's last line it is the whole.
_MEAN_SO_FAR = re.compile(
    r"(?i)(\b(?:loss|top-?\d|(?:acc|prec)\w*(?:@\d)?)\s*:?\s+)[\d.]+(?:e[+-]?\d+)?\s*"
    r"\(\s*([\d.]+(?:e[+-]?\d+)?)\)"
)

#: What an evaluation comes to, with its last batch before the mean: "Validate: Loss 1.29 (1.30)".
_OF_AN_EVALUATION = re.compile(r"(?i)(?:^|\s)(?:test|val|valid|validate|validation|eval)\s*:\s")

#: A callback's remark on an epoch that is over, or the best one again: no row of the log.
_REMARK = re.compile(
    r"(?i)^\s*wandb:|improved from|did not improve|early.?stopp|reducing learning rate"
    rf"|{_BEST}|\bsubset\s+\d+ / \d+ "
    r"|bestTest|bestIteration|restoring|shrink model|(?:saving|saved|loading|loaded)\b.*(?:\.|/)\w+"
)
#: What Weights & Biases prints at the end of a run: the last value of each number.
_LAST_VALUE = re.compile(
    r"(?i)^\s*wandb:\s+([\w./\-]*[a-z][\w./\-]*) "
    r"([+-]?\d[\d.]*(?:e[+-]?\d+)?|nan|inf(?:inity)?)\s*$"
)
_BEST_FOLLOWS = re.compile(r"(?i)best iteration(?: is)?\s*:?\s*$")


def kind_of(line: str) -> str:
    """What a log with this line is called; empty where many programs write so."""
    return next((kind for sign, kind in _KINDS if sign.search(line)), "")


def rewritten(line: str) -> str:
    """The line as other programs would write it.

    Examples
    --------
    >>> rewritten("0:  learn: 0.69  test: 0.68  best: 0.68 (0)")
    '0:  learn loss: 0.69  test loss: 0.68  best: 0.68 (0)'
    """
    if is_evaluation(line) or _OF_AN_EVALUATION.search(line):
        line = _MEAN_SO_FAR.sub(r"\1\2", line)
    for sign, form in _REWRITTEN:
        line = sign.sub(form, line)
    return line


def own_part(line: str) -> str:
    """The line without what it says of other epochs, in plain numbers.

    Examples
    --------
    >>> own_part("epoch 25, best test acc: 0.9090, train loss: 0.2288")
    'epoch 25,  train loss: 0.2288'
    """
    for sign, form in _BESIDE:
        line = sign.sub(form, line)
    return line


def is_maximised(line: str) -> bool:
    """Whether a line shows that its metric, which it does not name, is made large.

    Examples
    --------
    >>> is_maximised("34: learn: 0.95  test: 0.82  best: 0.83 (1)  total: 17.5s")
    True
    """
    match = _BEST_SO_FAR.search(line)
    try:
        return match is not None and float(match[2]) > float(match[1])
    except ValueError:
        return False


def is_remark(line: str) -> bool:
    """Whether a line speaks of another epoch than its own.

    Examples
    --------
    >>> is_remark("Epoch 00005: val_loss improved from 0.5 to 0.4"), is_remark("val_loss: 0.4")
    (True, False)
    """
    return _REMARK.search(line) is not None


def last_value(line: str) -> str:
    """What a line of the summary that Weights & Biases prints says; empty where it is none.

    Examples
    --------
    >>> last_value("wandb:      val/loss 0.52"), last_value("wandb: Syncing run 3")
    ('val/loss: 0.52', '')
    """
    match = _LAST_VALUE.match(line)
    return f"{match[1]}: {match[2]}" if match else ""


def announces_best(line: str) -> bool:
    """Whether the next line repeats the best one."""
    return _BEST_FOLLOWS.search(line) is not None
