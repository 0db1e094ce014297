"""What single programs and many people's scripts do in their own way, in made-up logs."""

from __future__ import annotations

import pytest

import counterpoint as cp
from counterpoint.errors import InputError

BAR = "\u2588" * 20
ROWS = "\n".join(f"{i}\t{3 / (i + 1)}" for i in range(4))

# Name → name of the file, text, and the values of each split and quantity that are looked at.
LOGS = {
    "CatBoost's regression": ("learn_error.tsv", f"iter\tRMSE\n{ROWS}", {"train/loss": [3, 1.5]}),
    "CatBoost's metric with a setting": (
        "learn_error.tsv",
        f"iter\tQuantile:alpha=0.5\n{ROWS}",
        {"train/loss": [3, 1.5]},
    ),
    "CatBoost's loss beside what is made large": (
        "test_error.tsv",
        "iter\tMultiClass\tTotalF1\n0\t1.5\t0.4\n1\t1.2\t0.5\n",
        {"test/loss": [1.5, 1.2], "test/totalf1": [0.4, 0.5]},
    ),
    "CatBoost's console, whose best is above what follows it": (
        "log",
        "3:\tlearn: 0.81\ttest: 0.75\tbest: 0.76 (2)\ttotal: 1s\tremaining: 2s\n"
        "4:\tlearn: 0.82\ttest: 0.74\tbest: 0.76 (2)\ttotal: 1s\tremaining: 2s\n",
        {"train/score": [0.81, 0.82], "test/score": [0.75, 0.74], "train/loss": []},
    ),
    "a regression's rounds": (
        "log",
        "[0]\ttrain-rmse:5.5\teval-rmse:6.0\n[1]\ttrain-rmse:4.5\teval-rmse:5.2\n",
        {"train/loss": [5.5, 4.5], "validation/loss": [6.0, 5.2]},
    ),
    "rounds behind a logger's prefix": (
        "log",
        "2024-01-01 10:00:00 INFO [0] train-logloss:0.6\n"
        "2024-01-01 10:00:01 INFO [1] train-logloss:0.5\n",
        {"train/loss": [0.6, 0.5]},
    ),
    "numbers in quotation marks": (
        "log",
        "{'loss': '19.5', 'learning_rate': '1e-05', 'epoch': '0.5'}\n"
        "{'loss': '18.5', 'learning_rate': '9e-06', 'epoch': '1.0'}\n",
        {"train/loss": [19.5, 18.5]},
    ),
    "numbers that were none yet": (
        "log",
        "epoch 1 train loss: tensor(2.5, device='cuda:0', grad_fn=<NllLossBackward>) "
        "val_acc: np.float64(0.25)\n"
        "epoch 2 train loss: tensor(1.5, device='cuda:0', grad_fn=<NllLossBackward>) "
        "val_acc: np.float64(0.5)\n",
        {"train/loss": [2.5, 1.5], "validation/accuracy": [0.25, 0.5]},
    ),
    "the best so far within the row": (
        "log",
        "epoch 1 best test acc: 0.9, train loss: 0.5, test acc: 0.7\n"
        "epoch 2 best test acc: 0.9, train loss: 0.4, test acc: 0.8\n",
        {"train/loss": [0.5, 0.4], "test/accuracy": [0.7, 0.8]},
    ),
    "a callback's words over a bar": (
        "log",
        "Epoch 0: 100%|####| 9/9 [00:01<00:00, 9.0it/s, loss=0.5, v_num=1, val_loEpoch 0, global "
        "step 9: 'val_loss' reached 0.40 (best 0.40), saving model\n"
        "Epoch 1: 100%|####| 9/9 [00:01<00:00, 9.0it/s, loss=0.4, v_num=1, val_loEpoch 1, global "
        "step 18: 'val_loss' was not in top 1\n",
        {"train/loss": [], "/loss": [0.5, 0.4], "validation/loss": []},
    ),
    "evaluations in batches, and what they come to": (
        "log",
        "".join(
            f"Epoch: [{e}][0/9]\tLoss {a} ({a})\tAcc@1 10.0 (10.0)\n"
            f"Test: [0/4]\tLoss 7.0 (7.0)\tAcc@1 1.0 (1.0)\n"
            f"Test: [3/4]\tLoss 6.0 ({b})\tAcc@1 2.0 (2.0)\n * Acc@1 {c} Acc@5 80.0\n"
            for e, a, b, c in ((0, 2.5, 2.25, 20.0), (1, 1.5, 1.75, 40.0))
        ),
        {"test/loss": [2.25, 1.75], "test/accuracy": [0.2, 0.4]},
    ),
    "epoch and batch as two shares": (
        "log",
        "".join(
            f"INFO Train: [{e}/300][{b}/900]\teta 3:25:24 lr 0.01\ttime 1.9 (1.9)\tloss {a} ({a})\n"
            for e, b, a in ((0, 0, 6.5), (0, 800, 5.5), (1, 0, 5.0), (1, 800, 4.5))
        ),
        {"train/loss": [6.5, 5.5, 5.0, 4.5], "/loss": []},
    ),
    "what an evaluation comes to, behind its last batch": (
        "log",
        "EPOCH 0 training takes 0:18\n"
        "INFO Validate: \tTime 0.1 (0.2)\tLoss 1.5 (1.25)\tAcc@1 51.5 (52.0)\n"
        "EPOCH 1 training takes 0:18\n"
        "INFO Validate: \tTime 0.1 (0.2)\tLoss 1.5 (1.0)\tAcc@1 51.5 (64.0)\n",
        {"validation/loss": [1.25, 1.0], "validation/accuracy": [0.52, 0.64]},
    ),
    "an evaluation that is announced, at the same epoch again": (
        "log",
        "".join(
            f"epoch: {e}, loss is: {a}, acc is: {r}\ntesting in eval mode\u2026\u2026\n"
            f"epoch: {e}, loss is: {b}, acc is: {q}\nNow continue training\u2026\u2026\n"
            for e, a, r, b, q in ((0, 0.9, 0.5, 0.8, 0.6), (1, 0.5, 0.75, 0.7, 0.65))
        ),
        {"train/loss": [0.9, 0.5], "test/loss": [0.8, 0.7], "test/accuracy": [0.6, 0.65]},
    ),
    "episodes, whose steps begin anew": (
        "log",
        "Episode 1 Step 14: Training Loss nan, Return 9.0\n"
        "Episode 2 Step 11: Training Loss 0.5, Return 9.0\n"
        "Episode 3 Step 19: Training Loss 0.25, Return 8.0\n",
        {"train/loss": [float("nan"), 0.5, 0.25]},
    ),
    "a rate of words to the batch": (
        "log",
        "| epoch 1 | 200/600 batches | words/batch 512 | loss 6.5 | ppl 665.1\n"
        "| epoch 1 | 400/600 batches | words/batch 512 | loss 5.5 | ppl 244.7\n",
        {"/loss": [6.5, 5.5]},
    ),
    "Chinese, with its own punctuation": (
        "log",
        "第 1 轮训练开始\n训练次数：100，Loss：2.25\n"
        "整体测试集上的Loss：2.0\n整体测试集上的正确率：0.25\n"
        "第 2 轮训练开始\n训练次数：200，Loss：1.25\n"
        "整体测试集上的Loss：1.5\n整体测试集上的正确率：0.5\n",
        {"test/loss": [2.0, 1.5], "test/accuracy": [0.25, 0.5]},
    ),
    "a sentence before the name": (
        "log",
        "Epoch 1 took 9.5 seconds. Loss is 0.75\nEpoch 2 took 9.1 seconds. Loss is 0.5\n",
        {"/loss": [0.75, 0.5]},
    ),
    "an accuracy below the loss of its rows": (
        "log",
        "Epoch 1\nTrain loss=0.9\nAccuracy=0.6\nTest loss=0.8\nAccuracy=0.5\n"
        "Epoch 2\nTrain loss=0.7\nAccuracy=0.8\nTest loss=0.6\nAccuracy=0.7\n",
        {"train/accuracy": [0.6, 0.8], "test/accuracy": [0.5, 0.7]},
    ),
    "phases of mmengine": (
        "log",
        "Epoch(train) [1][9/9]  loss: 0.9  loss_cls: 0.5\n"
        "Epoch(val) [1][4/4]  loss: 0.8  acc: 0.5\n"
        "Epoch(train) [2][9/9]  loss: 0.7  loss_cls: 0.4\n"
        "Epoch(val) [2][4/4]  loss: 0.6  acc: 0.7\n",
        {
            "train/loss": [0.9, 0.7],
            "validation/loss": [0.8, 0.6],
            "validation/accuracy": [0.5, 0.7],
        },
    ),
    "a bar behind the names of a table": (
        "log",
        f"epoch     train_loss  valid_loss  accuracy  time  {BAR} 100.00% [2/2 00:02]\n"
        "0         0.9         0.8         0.5       00:01\n"
        "1         0.7         0.6         0.7       00:01\n",
        {"train/loss": [0.9, 0.7], "validation/accuracy": [0.5, 0.7]},
    ),
    "loss of a place behind its name": (
        "log",
        "Accuracy on 10,000 test images:  23.5 %\n"
        "Loss [31, 100](epoch, minibatch):  3.25\nLoss [31, 200](epoch, minibatch):  3.0\n",
        {"train/loss": [3.25, 3.0], "test/accuracy": [0.235]},
    ),
    "an error that is no share": (
        "log.csv",
        "epoch,val_loss,val_error\n0,120.5,530.25\n1,110.5,510.25\n",
        {"validation/error": [530.25, 510.25], "validation/accuracy": []},
    ),
    "a detector's terms": (
        "results.csv",
        "epoch,train/box_loss,train/cls_loss,train/dfl_loss,val/box_loss,val/cls_loss,val/dfl_loss\n"
        "1,1.5,2.5,1.0,1.25,2.0,1.0\n2,1.0,2.0,1.0,1.0,nan,1.0\n",
        {"train/loss": [5.0, 4.0], "validation/loss": [4.25, float("nan")]},
    ),
    "a detector's terms, of which one split has not all": (
        "results.csv",
        "epoch,train/box_loss,train/cls_loss,train/dfl_loss,val/box_loss,val/cls_loss\n"
        "1,1.5,2.5,1.0,1.25,2.0\n2,1.0,2.0,1.0,1.0,1.5\n",
        {"train/loss": [5.0, 4.0], "validation/loss": []},
    ),
    "the summary of Weights & Biases alone": (
        "log",
        "wandb: Run history:\nwandb:   val/loss \u2588\u2584\u2581\nwandb: Run summary:\n"
        "wandb:      epoch 3\nwandb: train/loss 0.25\nwandb:   val/loss 0.5\n"
        "wandb: Synced 5 files\n",
        {"train/loss": [0.25], "validation/loss": [0.5]},
    ),
    "the summary of Weights & Biases below the run": (
        "log",
        "epoch 1 train_loss 0.9\nepoch 2 train_loss 0.5\nwandb: Run summary:\n"
        "wandb: train_loss 0.25\n",
        {"train/loss": [0.9, 0.5]},
    ),
}


@pytest.mark.parametrize("case", LOGS)
def test_each_is_read(tmp_path, case):
    name, text, curves = LOGS[case]
    (tmp_path / name).write_text(text)
    [history] = cp.runs.read(tmp_path / name)
    for key, values in curves.items():
        found = history.series(*key.split("/"))["value"].to_list()
        assert found[: len(values) or None] == pytest.approx(values, nan_ok=True), key


@pytest.mark.parametrize(
    "case", ["CatBoost's regression", "a regression's rounds", "a detector's terms"]
)
def test_it_is_said_what_is_read_as_the_loss(tmp_path, case):
    name, text, _ = LOGS[case]
    (tmp_path / name).write_text(text)
    [history] = cp.runs.read(tmp_path / name)
    assert any("no loss stands beside" in note for note in history.notes)
    assert history.facts["loss"] in ("rmse", "detection")


def test_a_table_that_begins_anew_is_another_run(tmp_path):
    table = "epoch train_loss valid_loss accuracy\n1 0.9 0.8 0.5\n2 0.7 0.6 0.7\n"
    (tmp_path / "log").write_text(table + "Learning with another rate\n" + table)
    assert len(cp.runs.read(tmp_path / "log")) == 2


def test_the_part_of_a_validation_is_no_row(tmp_path):
    (tmp_path / "log").write_text(
        "epoch 001 | valid on 'valid' subset 1000 / 1311 loss=9.5\n"
        "epoch 001 | valid on 'valid' subset | loss 4.5\n"
        "epoch 002 | valid on 'valid' subset | loss 3.5\n"
    )
    [history] = cp.runs.read(tmp_path / "log")
    assert 9.5 not in history.rows["value"].to_list()


def test_a_pointer_to_a_file_is_said(tmp_path):
    (tmp_path / "trainer_state.json").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0123456789abcdef\nsize 4096\n"
    )
    with pytest.raises(InputError, match="Git LFS"):
        cp.runs.read(tmp_path / "trainer_state.json")
