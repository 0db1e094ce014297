"""`counterpoint audit`: a user's file, whatever it does, ends in a report or in one line."""

from __future__ import annotations

import json
import textwrap

import pytest

GOOD = """
import numpy as np

class Network:
    def __init__(self, sizes=(64, 10)):
        self.weights, self.biases = [np.zeros(tuple(sizes[-2:]))], [np.zeros(sizes[-1])]
        self.eta, self.alpha = 0.1, 0.01

    def forward(self, X):
        z = X @ self.weights[0] + self.biases[0]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def cost(self, X, y):
        p = self.forward(X)[np.arange(len(y)), y]
        return -np.log(p).mean() + self.alpha / 2 * (self.weights[0] ** 2).sum()

    def step(self, X, y):
        error = (self.forward(X) - np.eye(10)[y]) / len(y)
        self.weights[0] -= self.eta * (X.T @ error SIGN self.alpha * self.weights[0])
        self.biases[0] -= self.eta * error.sum(axis=0)
"""


@pytest.fixture
def file(tmp_path):
    def made(text):
        (tmp_path / "mynet.py").write_text(textwrap.dedent(text))
        return "mynet.py:Network"

    return made


def test_a_network_that_is_right(run, file):
    done = run("audit", file(GOOD.replace("SIGN", "+")), "--data", "sklearn:digits")
    assert done.status == 0, done.err
    assert "Nothing is wrong" in done.out


def test_a_network_that_is_wrong(run, file):
    done = run("audit", file(GOOD.replace("SIGN", "-")), "--json")
    (finding,) = json.loads(done.out)["findings"]
    assert (finding["name"], finding["evidence"]["where"]) == ("decay_sign", ["weights[0]"])


def test_what_the_file_prints_is_left_out(run, file):
    text = "print('{\"findings\": 1}')\n" + GOOD.replace("SIGN", "+")
    done = run("audit", file(text), "--json")
    assert json.loads(done.out)["findings"] == []
    assert done.err == "counterpoint: mynet.py printed 1 line of its own: left out.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class Other: pass", "mynet.py has no 'Network'; it has Other."),
        ("class Network: pass", "Network has no parameters that can be found"),
        ("def Network(:", "mynet.py, line 1: SyntaxError"),
        ("import os\nos._exit(3)", "mynet.py ended the process (status 3) before"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "(signal 11) before"),
        ("\nraise RuntimeError('a\\nb')", "mynet.py, line 2: RuntimeError: a\\nb"),
        ("raise SystemExit(0)", "mynet.py, line 1: SystemExit"),
        ("class Network:\n  def __init__(self):\n    1 / 0", "line 3: ZeroDivisionError"),
        ("class Network:\n  def __init__(self, a): pass", "takes a: say --sizes 784,30,10"),
        ("Network = 3", "int has no parameters that can be found"),
        ("x = input()", "mynet.py, line 1: EOFError"),
        ("\0", "mynet.py: SyntaxError"),
    ],
)
def test_what_goes_wrong_ends_in_one_line(run, file, text, said):
    done = run("audit", file(text))
    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert said in done.err


def test_sizes_are_handed_over_as_one_list_or_one_by_one(run, file):
    text = GOOD.replace("SIGN", "+")
    done = run("audit", file(text), "--sizes", "20,10")
    assert "of 210 parameters" in done.out
    done = run("audit", file(text.replace("sizes=(64, 10)", "*sizes")), "--sizes", "20,10")
    assert done.status == 2  # nothing says that it takes them
    done = run(
        "audit",
        file(text.replace("sizes=(64, 10)):", "a, b):\n        sizes = a, b")),
        "--sizes",
        "20,10",
    )
    assert "of 210 parameters" in done.out
    two = text.replace("sizes=(64, 10)", "sizes, eta")
    done = run("audit", file(two), "--sizes", "30,20,10")
    assert "takes sizes and eta, which 3 sizes can't fill" in done.err


def test_a_step_that_crashes_late_is_told_with_its_line(run, file):
    late = "        type(self).n += 1\n        assert self.n < 30, 'late'\n"
    head = "    def step(self, X, y):\n"
    done = run("audit", file(GOOD.replace("SIGN", "+").replace(head, "    n = 0\n" + head + late)))
    assert (done.status, done.out) == (2, "")
    assert "line 21: AssertionError: late" in done.err


def test_a_file_that_hangs_is_ended(run, file):
    done = run("audit", file("while True: pass"), "--time-limit", "2")
    assert done.status == 2
    assert "not audited within 2 s" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mynet.py"], "give a file and a name"),
        (["nowhere.py:Network"], "there is no file 'nowhere.py'"),
        (["mynet.py:Net work"], "give a file and a name"),
        (["mynet.py:Network", "--sizes", "a,b"], "give whole numbers by comma"),
        (["mynet.py:Network", "--time-limit", "-1"], "give a positive number"),
        (["mynet.py:Network", "--data", "sklearn:nothing"], "no built-in table"),
    ],
)
def test_arguments_that_can_not_be(run, file, arguments, said):
    file(GOOD.replace("SIGN", "+"))
    done = run("audit", *arguments)
    assert done.status == 2
    assert done.err.count("\n") == 1
    assert said in done.err
