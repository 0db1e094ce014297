"""What a name in a training log means: which quantity, and of which rows.

The vocabulary of Keras, PyTorch's and Lightning's habits, Hugging Face, fastai, scikit-learn,
XGBoost, LightGBM and CatBoost.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Split = Literal["train", "validation", "test", ""]

#: The quantities of a `Meaning` that are read beside each other.
READ = ("loss", "accuracy", "error_rate")

_SPLITS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn", "tr", "learn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing", "holdout"), "test"),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words beside a quantity that do not change what it is.
_FILLERS = _words(
    "a an and at avg average averaged current data dataset debug epoch final for images in info is "
    "mean metric metrics model my network of on our overall root rows running s samples score set "
    "step the this total was with"
)
#: And beside the name of a split, in a heading.
_HEADING = _FILLERS | _words("error errors phase performance report result results")
_LOSS = _words(
    "loss cost logloss mlogloss nll xent ce crossentropy cross entropy log bce binary categorical "
    "sparse multi brier mse quadratic negative likelihood softmax sigmoid squared error objective"
)
#: Without one of these a name is no loss: "log" or "multi" alone is not.
_LOSS_HEAD = _words(
    "loss cost logloss mlogloss nll xent ce crossentropy entropy bce brier mse squared likelihood "
    "objective"
)
_ACCURACY = _words(
    "acc accuracy accuracies accu top1 acc1 prec1 binary categorical sparse multiclass correct "
    "classification"
)
_ACCURACY_HEAD = _words("acc accuracy accuracies accu top1 acc1 prec1 correct")
_ERROR = _words("error err errors merror misclassification rate classification top1 err1")
_ERROR_HEAD = _words("error err errors merror misclassification err1")


class Meaning(NamedTuple):
    """A quantity and the rows it is of.

    Attributes
    ----------
    quantity
        ``loss``, ``accuracy``, ``error_rate``, or the name's own words joined by ``_``.
    split
        ``train``, ``validation``, ``test``, or empty where the name does not say.
    """

    quantity: str
    split: Split


def meaning_of(name: str) -> Meaning:
    """What a name as it stands in a log means.

    Examples
    --------
    >>> meaning_of("val_sparse_categorical_accuracy")
    Meaning(quantity='accuracy', split='validation')
    >>> meaning_of("Cost on training data")
    Meaning(quantity='loss', split='train')
    >>> meaning_of("learning_rate")
    Meaning(quantity='learning_rate', split='')
    """
    words = words_of(name)
    split: Split = next((_SPLITS[word] for word in words if word in _SPLITS), "")
    own = [word for word in words if word not in _SPLITS]
    core = {word for word in own if word not in _FILLERS}
    if core <= _ACCURACY and core & _ACCURACY_HEAD:
        return Meaning("accuracy", split)
    if core <= _ERROR and core & _ERROR_HEAD:
        return Meaning("error_rate", split)
    if core <= _LOSS and core & _LOSS_HEAD:
        return Meaning("loss", split)
    # MLPClassifier prints the accuracy of its early stopping like this.
    if own == ["score"] and split == "validation":
        return Meaning("accuracy", split)
    return Meaning("_".join(own), split)


def heading_of(text: str) -> Split:
    """The split that a heading names for what follows it; empty where it is no such heading.

    Examples
    --------
    >>> heading_of("Test set"), heading_of("[Val]"), heading_of("Test bench 3")
    ('test', 'validation', '')
    """
    words = [word for word in words_of(text) if word not in _HEADING]
    return _SPLITS.get(words[0], "") if len(words) == 1 else ""


def words_of(name: str) -> list[str]:
    """Lower-case words of a name, whatever joins them.

    Examples
    --------
    >>> words_of("valid_1's binaryCrossentropy"), words_of("Acc@1")
    (['valid', 's', 'binary', 'crossentropy'], ['acc1'])
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name)
    joined = re.sub(r"(?<=[a-z])[@\- ](?=\d)", "", spaced.lower())
    words = re.findall(r"[^\W_]+", joined)
    return [word for word in words if not word.isdigit()]
