"""The textbook's network, 784-30-10 sigmoids on MNIST, by Counterpoint: does it do as well?

Nielsen's Neural Networks and Deep Learning reports about 95% for the quadratic cost (rate 3.0) and
96.5% for the cross-entropy with lambda = 5.0 (rate 0.5), both with mini-batches of 10 for 30 epochs
on 50,000 images. A third network shows what the constant rate costs the second: its rate goes
evenly from 0.5 towards zero. Where MNIST does not lie in data/mnist/ of the folder
COUNTERPOINT_SHARED (or of shared/ beside the repository) scikit-learn's digits stand in.
Needs PyTorch: pip install 'counterpoint[torch]'. Run it: python examples/textbook_network.py
It trains for 4 epochs on MNIST; --epochs 30 is the textbook's, and takes a minute or two.
"""

from __future__ import annotations

import argparse
import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

import counterpoint as cp

#: Rows of the textbook's training set, and its lambda.
ROWS, LAMBDA = 50_000, 5.0


def main() -> None:
    """Train the networks and print how they stand on the way."""
    X, y, judging, name, epochs = rows()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=int, default=epochs)
    epochs = parser.parse_args().epochs
    alpha = cp.strength.to_alpha(LAMBDA, "nielsen.network2", n=len(y))
    print(f"{name}: {len(y):,} rows train, {len(judging[1]):,} judge")
    print(f"lambda = {LAMBDA:g} on {len(y):,} rows is alpha = {alpha:.3g}\n")
    cross_entropy: dict[str, Any] = {"loss": "bce", "rate": 0.5, "alphas": [alpha]}
    for title, settings in (
        (
            "Quadratic cost, rate 3.0, next to no penalty",
            {"loss": "quadratic", "rate": 3.0, "alphas": [1e-12]},
        ),
        (f"Cross-entropy of sigmoids, rate 0.5, alpha {alpha:.3g}", cross_entropy),
        ("The same with a rate that goes to zero", {**cross_entropy, "schedule": "linear"}),
    ):
        population = cp.nets.fit(
            X,
            y,
            hidden=30,
            activation="sigmoid",
            epochs=epochs,
            batch=10,
            validation=judging,
            **settings,
        )
        show(title, population)


def show(title: str, population: cp.nets.Population) -> None:
    """Print accuracy and the two parts of the objective at about seven epochs."""
    accuracy = population.curve("accuracy")[:, 0, 0]
    data_loss, penalty = (
        population.curve(part, "train")[:, 0, 0] for part in ("data_loss", "penalty")
    )
    epochs = len(accuracy) - 1
    print(f"{title}\n  epoch  accuracy  data loss  penalty")
    for epoch in range(0, epochs + 1, max(1, epochs // 6)):
        print(
            f"  {epoch:5}  {accuracy[epoch]:8.4f}  {data_loss[epoch]:9.4f}  {penalty[epoch]:7.4f}"
        )
    print(
        f"  last: {accuracy[-1]:.4f}; best: {accuracy.max():.4f} after epoch "
        f"{int(accuracy.argmax())}\n"
    )


def rows() -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], str, int]:
    """Training rows, rows that judge, their name, and epochs that take seconds."""
    shared = Path(os.environ.get("COUNTERPOINT_SHARED") or Path(__file__).parents[2] / "shared")
    files = shared / "data" / "mnist"
    if files.is_dir():
        X, judging = (images(files / f"{part}-images-idx3-ubyte.gz") for part in ("train", "t10k"))
        y, truth = (labels(files / f"{part}-labels-idx1-ubyte.gz") for part in ("train", "t10k"))
        return X[:ROWS], y[:ROWS], (judging, truth), "MNIST", 4
    X, y = load_digits(return_X_y=True)
    X = X / 16.0
    return X[:1400], y[:1400], (X[1400:], y[1400:]), "MNIST is not here; digits", 30


def images(path: Path) -> np.ndarray:
    """Images of an idx file, one a row, grey from 0 to 1."""
    content = gzip.decompress(path.read_bytes())
    _, _, height, width = np.frombuffer(content, ">i4", count=4)
    pixels = np.frombuffer(content, np.uint8, offset=16).reshape(-1, height * width)
    return pixels.astype(np.float32) / 255.0


def labels(path: Path) -> np.ndarray:
    """Labels of an idx file."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=8)


if __name__ == "__main__":
    main()
