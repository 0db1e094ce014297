"""What a name in a training log means: which quantity, and of which rows.

The vocabulary of Keras, PyTorch's and Lightning's habits, Hugging Face, fastai, scikit-learn,
XGBoost, LightGBM, CatBoost, YOLO, TensorBoard and Weights & Biases. This is the only table of
names; `NAMES` is the part of it that needs no grammar.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Split = Literal["train", "validation", "test", ""]

#: The quantities of a `Meaning` that are read beside each other.
READ = ("loss", "accuracy", "error_rate")

#: Words that name rows → the split they name.
SPLITS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn", "tr", "learn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "validating"), "validation"),
    **dict.fromkeys(("vld", "dev", "eval", "evaluation", "evaluate", "evaluating"), "validation"),
    **dict.fromkeys(("test", "testing", "holdout"), "test"),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words beside a quantity that do not change what it is.
_FILLERS = _words(
    "a an and at avg average averaged current data dataset debug epoch final for images in info is "
    "main mean metric metrics model my network of on our overall per root rows running s sample "
    "samples score set step the this total was with"
)
#: And beside the name of a split, in a heading.
_HEADING = _FILLERS | _words("error errors mode phase performance report result results start")
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
#: Scripts that do not part words by spaces, as in 测试集上的Loss.
_SCRIPTS = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+")
#: Chinese, Japanese and Korean names.
_TRANSLATED = (
    *(("損失", "loss"), ("正解率", "accuracy"), ("訓練", "train"), ("検証", "val")),
    *(("손실", "loss"), ("정확도", "accuracy"), ("훈련", "train"), ("검증", "val")),
    *(("训练", "train"), ("验证", "val"), ("测试", "test"), ("损失", "loss")),
    *(("准确率", "accuracy"), ("正确率", "accuracy"), ("精度", "accuracy"), ("学习率", "lr")),
)

#: One mini-batch's value is not that of the rows: its name then starts with ``batch_``.
_OF_A_BATCH = _words("step batch minibatch iter iteration")

#: What is minimised where it is no log loss, the plainest first: read as the loss where none stands
#: beside it. In the words of regression, of ranking, and of CatBoost.
OBJECTIVES: tuple[str, ...] = (
    "multi_class",
    "multi_class_one_vs_all",
    "rmse",
    "root_mean_squared_error",
    "root_mean_square_error",
    "rmsle",
    "msle",
    "mean_squared_logarithmic_error",
    "mae",
    "mean_absolute_error",
    "l2",
    "l1",
    "huber",
    "huber_loss",
    "quantile",
    "mape",
    "mean_absolute_percentage_error",
    "smape",
    "poisson",
    "poisson_nloglik",
    "gamma",
    "gamma_nloglik",
    "gamma_deviance",
    "tweedie",
    "tweedie_nloglik",
    "expectile",
    "log_cosh",
    "multirmse",
    "multi_quantile",
    "queryrmse",
    "query_soft_max",
    "query_cross_entropy",
    "pair_logit",
    "pair_logit_pairwise",
    "lq",
    "mphe",
    "fair",
    "cox",
    "cox_nloglik",
    "aft_nloglik",
    "focal",
    "rmsewith_uncertainty",
    "log_lin_quantile",
)

#: Quantity → names that mean it, as their words joined by ``_``, without numbers and fillers.
NAMES: dict[str, frozenset[str]] = {
    "data_loss": _words("data_loss"),
    "penalty": _words(
        "penalty reg_loss regularization_loss regularisation_loss reg regularization l2_penalty "
        "l1_penalty weight_penalty weight_decay_loss loss_reg loss_regularization l2_reg reg_term"
    ),
    "loss_bits": _words(
        "loss_bits log_loss_bits logloss_bits cross_entropy_bits crossentropy_bits nll_bits bpc "
        "bits_per_character bits_per_char bpb bits_per_byte"
    ),
    "perplexity": _words("perplexity ppl"),
    "learning_rate": _words("learning_rate lr lrate learningrate"),
    "gradient_norm": _words("gradient_norm grad_norm gradnorm grads_norm global_norm grad"),
    "weight_norm": _words("weight_norm weights_norm param_norm parameter_norm norm_weights"),
    "update_ratio": _words("update_ratio update_weight_ratio"),
    "decoupled_decay": _words("decoupled_decay"),
    "epoch": _words("epoch epochs ep episode episodes"),
    "step": _words(
        "step steps global_step globalstep iter iters iteration iterations it round "
        "trainer_global_step num_updates updates batch batches minibatch batch_idx"
    ),
    "run": _words("run run_id run_name fold trial seed experiment"),
    "time": _words(
        "time timestamp runtime walltime wall_time elapsed duration seconds sec eta ms remaining "
        "relative_time_process date datetime samples_per_second steps_per_second samples_per_sec "
        "total_flos passed epoch_time time_epoch steps_per_sec it_s"
    ),
}
_MEANT = {written: quantity for quantity, all_of_it in NAMES.items() for written in all_of_it}


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


@lru_cache(maxsize=4096)
def meaning_of(name: str) -> Meaning:
    """What a name as it stands in a log means.

    Examples
    --------
    >>> meaning_of("val_sparse_categorical_accuracy")
    Meaning(quantity='accuracy', split='validation')
    >>> meaning_of("Cost on training data")
    Meaning(quantity='loss', split='train')
    >>> meaning_of("lr-Adam"), meaning_of("val_auc")
    (Meaning(quantity='learning_rate', split=''), Meaning(quantity='auc', split='validation'))
    """
    words = words_of(name)
    split: Split = next((SPLITS[word] for word in words if word in SPLITS), "")
    own = [word for word in words if word not in SPLITS]
    plain = _named(own) or _named([word for word in own if word not in _FILLERS])
    if plain:
        return Meaning(plain, split)
    core = {word for word in own if word not in _FILLERS and word not in _OF_A_BATCH}
    if core <= _ACCURACY and core & _ACCURACY_HEAD:
        return Meaning("accuracy", split)
    if core <= _ERROR and core & _ERROR_HEAD:
        return Meaning("error_rate", split)
    if core <= _LOSS and core & _LOSS_HEAD:
        return Meaning("loss", split)
    # MLPClassifier prints the accuracy of its early stopping like this.
    if (own == ["score"] and split == "validation") or (own == ["set", "score"] and split):
        return Meaning("accuracy", split)
    return Meaning("_".join(own), split)


@lru_cache(maxsize=4096)
def series_of(name: str) -> Meaning:
    """What a name in a log of many rows means: one mini-batch's value is set apart.

    Examples
    --------
    >>> series_of("train_loss_step"), series_of("train_loss_epoch")
    (Meaning(quantity='batch_loss', split='train'), Meaning(quantity='loss', split='train'))
    """
    quantity, split = meaning_of(name)
    if quantity in ("loss", "accuracy", "error_rate") and _OF_A_BATCH & set(words_of(name)):
        # No one validates on a mini-batch, but on batches: "validation step's loss" is the mean.
        return (
            Meaning(f"batch_{quantity}", split)
            if split in ("", "train")
            else Meaning(quantity, split)
        )
    return Meaning(quantity, split)


def _named(words: list[str]) -> str:
    """The quantity in `NAMES` that the words mean; empty where they mean none of it."""
    if len(words) > 1 and words[0] == "lr":  # lr-Adam, lr/pg0: of one group of parameters
        return "learning_rate"
    return _MEANT.get("_".join(dict.fromkeys(words)), "")


@lru_cache(maxsize=4096)
def heading_of(text: str) -> Split:
    """The split that a heading names for what follows it; empty where it is no such heading.

    Examples
    --------
    >>> heading_of("Test set"), heading_of("[Val]"), heading_of("Test bench 3")
    ('test', 'validation', '')
    """
    words = [word for word in words_of(text) if word not in _HEADING]
    splits = [SPLITS.get(word, "") for word in words]
    # "testing in eval mode": both are of rows that judge.
    alike = len(splits) == 1 or (len(splits) == 2 and not {"", "train"} & set(splits))
    return splits[0] if alike else ""


def words_of(name: str) -> list[str]:
    """Lower-case words of a name, whatever joins them.

    Examples
    --------
    >>> words_of("valid_1's binaryCrossentropy"), words_of("Acc@1")
    (['valid', 'binary', 'crossentropy'], ['acc1'])
    """
    if not name.isascii():
        for written, word in _TRANSLATED:
            name = name.replace(written, f" {word} ")
        name = _SCRIPTS.sub(r" \g<0> ", name)
    name = re.sub(r"'s\b", "", name)  # LightGBM's valid_0's
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name)
    joined = re.sub(r"(?<=[a-z])[@\- ](?=\d)", "", spaced.lower())
    words = re.findall(r"[^\W_]+", joined)
    words = [word for word in words if not word.isdigit()]
    # Beside Latin words those of another script repeat them.
    return [word for word in words if word.isascii()] or words


def vocabulary() -> dict[str, list[str]]:
    """The table of names: what is meant → the words or names that mean it.

    Examples
    --------
    >>> vocabulary()["validation rows"][:3]
    ['val', 'valid', 'validation']
    """
    rows: dict[str, list[str]] = {}
    for word, split in SPLITS.items():
        rows.setdefault(f"{split} rows", []).append(word)
    measured = {"loss": _LOSS, "accuracy": _ACCURACY, "error_rate": _ERROR}
    heads = {"loss": _LOSS_HEAD, "accuracy": _ACCURACY_HEAD, "error_rate": _ERROR_HEAD}
    words = {
        quantity: sorted(heads[quantity]) + sorted(all_of_it - heads[quantity])
        for quantity, all_of_it in measured.items()
    }
    return rows | words | {name: sorted(written) for name, written in NAMES.items()}
