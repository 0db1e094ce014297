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

#: Methods of rows and labels that give gradients, or leave them in the attributes below.
GRADIENTS = (
    *("gradients", "gradient", "grads", "grad", "compute_gradients", "compute_gradient"),
    *("calculate_gradients", "get_gradients", "compute_grads", "get_grads", "backprop"),
    *("back_prop", "backpropagation", "back_propagation", "backpropagate", "backward"),
    *("backward_pass", "backward_propagation"),
)
#: Attributes that hold gradients after a step: pairs of lists, all of them, or one a parameter.
GRADIENT_LISTS = (
    *(("weight_gradients", "bias_gradients"), ("weight_grads", "bias_grads")),
    *(("grad_weights", "grad_biases"), ("weights_grad", "biases_grad"), ("grad_w", "grad_b")),
    *(("d_weights", "d_biases"), ("dweights", "dbiases"), ("nabla_w", "nabla_b")),
    *(("dW", "db"), ("dw", "db"), ("dWs", "dbs")),
)
GRADIENTS_KEPT = ("gradients", "grads", "gradient", "grad")
GRADIENT_OF = ("d{}", "d_{}", "grad_{}", "{}_grad", "nabla_{}", "{}_gradient")

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

#: What the audit is told by, and the arguments that stand for it.
SETTINGS = {
    "rate": RATE,
    "lmbda": LAMBDA,
    "alpha": ALPHA,
    "momentum": MOMENTUM,
    "n_train": N_TRAIN,
}
