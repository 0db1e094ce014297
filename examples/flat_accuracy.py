"""Why does accuracy stand still from alpha 1e-12 to 1e-2, and then fall, while the loss moves?

Three answers, from small to large: two models of two rows, the digits of scikit-learn, and MNIST
where its files lie in data/mnist/ of the folder COUNTERPOINT_SHARED (or of shared/ beside the
repository). Run it: python examples/flat_accuracy.py
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from textwrap import fill

import numpy as np
from sklearn.datasets import load_digits

import counterpoint as cp

#: Training rows of MNIST, drawn by chance; the 10,000 test rows are all used.
MNIST_ROWS = 3000


def main() -> None:
    """Print the three answers."""
    two_models()
    digits()
    mnist(Path(os.environ.get("COUNTERPOINT_SHARED") or Path(__file__).parents[2] / "shared"))


def two_models() -> None:
    """Two models that accuracy can't tell apart, and log loss can."""
    print("Two rows, labelled 0 and 1, and two models")
    labels = np.array([0, 1])
    for probability in ([0.01, 0.99], [0.49, 0.51]):
        table = cp.scores(labels, np.array(probability))
        value = dict(zip(table["quantity"], table["value"], strict=True))
        total = dict(zip(table["quantity"], table["sum"], strict=True))
        print(
            f"  P(class 1) = {probability}: accuracy {value['accuracy']:g}, "
            f"log loss {total['log_loss']:.4f} in total"
        )
    print("Both get every row right; the second is hardly sure of it, and only the loss says so.\n")


def digits() -> None:
    """1,797 images of 64 pixels, every row judged by a fold that did not train on it."""
    X, y = load_digits(return_X_y=True)
    alphas = np.geomspace(1e-12, 1e3, 31)
    result = cp.sweep(X, y, alphas=alphas, cv=5, scale="standard")
    print(f"Digits: {len(y):,} rows, 5 folds, {len(alphas)} strengths")
    tell(result, ["flat_accuracy", "collapse", "choice"])


def mnist(folder: Path) -> None:
    """Images of 784 pixels, judged on MNIST's own test rows."""
    files = folder / "data" / "mnist"
    if not files.is_dir():
        print("MNIST: not found; set COUNTERPOINT_SHARED to the folder that has data/mnist/.")
        return
    X, y = (
        images(files / "train-images-idx3-ubyte.gz"),
        labels(files / "train-labels-idx1-ubyte.gz"),
    )
    test = images(files / "t10k-images-idx3-ubyte.gz"), labels(files / "t10k-labels-idx1-ubyte.gz")
    rows = np.random.default_rng(0).choice(len(y), MNIST_ROWS, replace=False)
    alphas = np.geomspace(1e-12, 1e3, 16)
    result = cp.sweep(X[rows], y[rows], alphas=alphas, test=test)
    print(
        f"MNIST: {MNIST_ROWS:,} of the {len(y):,} training rows, drawn by chance, judged on all "
        f"{len(test[1]):,} test rows, {len(alphas)} strengths"
    )
    print("With so many rows to judge on, even a tenth of a per cent is told apart: see below.")
    tell(result, ["flat_accuracy", "collapse", "choice"])


def images(path: Path) -> np.ndarray:
    """Images of an idx file, one a row, grey from 0 to 1."""
    content = gzip.decompress(path.read_bytes())
    _, _, height, width = np.frombuffer(content, ">i4", count=4)
    return np.frombuffer(content, np.uint8, offset=16).reshape(-1, height * width) / 255.0


def labels(path: Path) -> np.ndarray:
    """Labels of an idx file."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=8)


def tell(result: cp.Sweep, names: list[str]) -> None:
    """Print the two curves, a line a decade, then what was found."""
    accuracy = result.fit.curve("accuracy")["value"].to_numpy()
    log_loss = result.fit.curve("log_loss")["value"].to_numpy()
    print("     alpha  accuracy  log loss")
    exponents = np.log10(result.alphas)
    for i in np.flatnonzero(np.isclose(exponents, exponents.round())):
        print(f"  {result.alphas[i]:8.0e}     {accuracy[i]:.3f}  {log_loss[i]:8.3f}")
    weak = result.alphas <= 1.0001e-2
    print(
        f"From 1e-12 to 1e-2 accuracy stays between {accuracy[weak].min():.3f} and "
        f"{accuracy[weak].max():.3f},\nwhile log loss moves between {log_loss[weak].min():.3f} and "
        f"{log_loss[weak].max():.3f}. At 1e3 accuracy is {accuracy[-1]:.3f}.\n"
    )
    for finding in result.findings:
        if finding.name in names:
            print(finding.title)
            for text in (finding.explanation, f"What to do: {finding.remedy}"):
                print(fill(text, 96, initial_indent="  ", subsequent_indent="  "))
            print()


if __name__ == "__main__":
    main()
