"""The names under which hand-written networks keep their parts. A new one is a word here."""

from __future__ import annotations

COST = ("cost", "total_cost", "objective", "compute_cost", "loss", "compute_loss", "cost_function")
DATA_LOSS = ("data_loss", "data_cost", "unregularized_cost", "unregularised_cost")
STEP = (
    *("step", "update", "update_mini_batch", "train_step", "training_step", "train_on_batch"),
    *("partial_fit", "train_batch", "fit_batch", "update_batch", "learn_batch", "sgd_step"),
)
OUTPUTS = (
    *("outputs", "forward", "feedforward", "feed_forward", "predict_proba", "forward_pass"),
    *("forward_propagation", "predict_probabilities", "activate", "__call__"),
)
ACCURACY = ("accuracy", "compute_accuracy", "evaluate", "score", "get_accuracy")

#: Pairs of lists, one entry a layer.
LISTS = (("weights", "biases"), ("coefs_", "intercepts_"), ("W", "b"), ("Ws", "bs"), ("w", "b"))
#: A method or attribute with all parameters.
PARAMETERS = ("parameters", "params", "get_params", "get_parameters", "get_weights")
SETTERS = {
    "get_params": "set_params",
    "get_parameters": "set_parameters",
    "get_weights": "set_weights",
    "parameters": "set_parameters",
    "params": "set_params",
}

RATE = ("rate", "eta", "lr", "learning_rate", "step_size", "learning_rate_init")
ALPHA = ("alpha", "weight_decay", "l2", "reg", "decay")
LAMBDA = ("lmbda", "lam", "lambda_", "lambd", "reg_lambda", "regularization", "regularisation")
L1 = ("l1", "alpha_l1", "l1_decay")
MOMENTUM = ("momentum", "mu")
N_TRAIN = ("n_train", "n", "n_training", "training_size", "num_train")

#: Arguments or attributes that tell training from evaluation.
TRAINING = ("training", "is_training", "train_mode", "train")

#: Arguments of methods that stand for data: together, or apart.
PAIRS = ("mini_batch", "batch", "data", "training_data", "test_data", "minibatch")
