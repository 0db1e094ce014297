"""The textbook's network, 784-30-10 sigmoids on MNIST, by Counterpoint: does it do as well?

Nielsen's Neural Networks and Deep Learning reports about 95% for the quadratic cost (rate 3.0) and
96.5 to 97% for the cross-entropy with lambda = 5.0 (rate 0.5), both with mini-batches of 10 for 30
epochs on 50,000 images. Where MNIST does not lie in data/mnist/ of the folder COUNTERPOINT_SHARED
(or of shared/ beside the repository) scikit-learn's digits stand in.
Needs PyTorch: pip install 'counterpoint[torch]'. Run it: python examples/textbook_network.py
"""

from __future__ import annotations

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
    """Train both networks and print how they stand after each fifth epoch."""
    X, y, judging, name, epochs = rows()
    alpha = cp.strength.to_alpha(LAMBDA, "nielsen.network2", n=len(y))
    print(f"{name}: {len(y):,} rows train, {len(judging[1]):,} judge")
    print(f"lambda = {LAMBDA:g} on {len(y):,} rows is alpha = {alpha:.3g}\n")
    for title, options in (
        ("Quadratic cost, rate 3.0, next to no penalty", {"loss": "quadratic", "rate": 3.0}),
        (
            f"Cross-entropy of sigmoids, rate 0.5, alpha {alpha:.3g}",
            {"loss": "bce", "rate": 0.5, "alphas": [alpha]},
        ),
    ):
        settings: dict[str, Any] = {"alphas": [1e-12], "activation": "sigmoid", **options}
        population = cp.nets.fit(
            X, y, hidden=30, epochs=epochs, batch=10, validation=judging, **settings
        )
        accuracy = population.curve("accuracy")[:, 0, 0]
        data_loss, penalty = (
            population.curve(part, "train")[:, 0, 0] for part in ("data_loss", "penalty")
        )
        print(f"{title}\n  epoch  accuracy  data loss  penalty")
        for epoch in range(0, epochs + 1, 5):
            print(
                f"  {epoch:5}  {accuracy[epoch]:8.4f}  {data_loss[epoch]:9.4f}"
                f"  {penalty[epoch]:7.4f}"
            )
        print(f"  best: {accuracy.max():.4f} after epoch {int(accuracy.argmax())}\n")


def rows() -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], str, int]:
    """Training rows, rows that judge, their name, and the epochs."""
    shared = Path(os.environ.get("COUNTERPOINT_SHARED") or Path(__file__).parents[2] / "shared")
    files = shared / "data" / "mnist"
    if files.is_dir():
        X, judging = (images(files / f"{part}-images-idx3-ubyte.gz") for part in ("train", "t10k"))
        y, truth = (labels(files / f"{part}-labels-idx1-ubyte.gz") for part in ("train", "t10k"))
        return X[:ROWS], y[:ROWS], (judging, truth), "MNIST", 30
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
