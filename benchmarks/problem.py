"""The problem of a work, as every contestant gets it: written once, read by each child."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse


@dataclass(frozen=True)
class Problem:
    """Minimise  mean loss + alpha (l1_ratio |W|_1 + (1 - l1_ratio)/2 |W|_F^2).

    Attributes
    ----------
    x : array or csr_matrix (n, features)
        As stored; a contestant converts it to what it likes best before its clock starts.
    label : int array (n,), classes counted from 0
    loss : ``log`` (softmax beyond two classes) or ``squared`` (targets of -1 and 1, one vs rest)
    alphas : array (m,), descending
    train : bool array (folds, n)
        Rows that train each fold; fold 0 trains on every row.
    """

    x: np.ndarray | sparse.csr_matrix
    label: np.ndarray
    loss: str
    l1_ratio: float
    alphas: np.ndarray
    train: np.ndarray

    @property
    def n_classes(self) -> int:
        return int(self.label.max()) + 1

    @property
    def outputs(self) -> int:
        """Rows of a fit's weights: one for two classes, else one a class."""
        return 1 if self.n_classes == 2 else self.n_classes

    @property
    def is_sparse(self) -> bool:
        return sparse.issparse(self.x)

    @property
    def shape(self) -> tuple[int, int]:
        """Alphas and folds."""
        return len(self.alphas), len(self.train)

    @property
    def signs(self) -> np.ndarray:
        """The labels of two classes as -1 and 1."""
        return np.where(self.label == 1, 1.0, -1.0)

    def facts(self) -> dict:
        """What a reader of the results wants to know of it."""
        rows, columns = self.x.shape
        return {
            "rows": rows,
            "columns": columns,
            "nonzeros": int(self.x.nnz) if self.is_sparse else None,
            "classes": self.n_classes,
            "loss": self.loss,
            "l1_ratio": self.l1_ratio,
            "alphas": len(self.alphas),
            "alpha_greatest": float(self.alphas[0]),
            "alpha_least": float(self.alphas[-1]),
            "folds": len(self.train) - 1,
        }

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        facts = {"loss": self.loss, "l1_ratio": self.l1_ratio, "sparse": self.is_sparse}
        (folder / "facts.json").write_text(json.dumps(facts))
        np.savez(folder / "rest.npz", label=self.label, alphas=self.alphas, train=self.train)
        if self.is_sparse:
            sparse.save_npz(folder / "x.npz", self.x, compressed=False)
        else:
            np.save(folder / "x.npy", self.x)

    @staticmethod
    def load(folder: Path) -> Problem:
        facts = json.loads((folder / "facts.json").read_text())
        rest = np.load(folder / "rest.npz")
        is_sparse = facts["sparse"]
        x = sparse.load_npz(folder / "x.npz") if is_sparse else np.load(folder / "x.npy")
        return Problem(
            x, rest["label"], facts["loss"], facts["l1_ratio"], rest["alphas"], rest["train"]
        )

    def tiny(self) -> Problem:
        """A cut of the same kind that is solved at once, on which compilers may warm up."""
        tall = self.x.shape[0] > self.x.shape[1]
        most, width = (10, 8) if tall else (4, 40)
        rows = np.concatenate(
            [np.flatnonzero(self.label == c)[:most] for c in range(self.n_classes)]
        )
        filled = np.asarray((self.x != 0).sum(axis=0)).ravel()
        columns = np.sort(np.argsort(-filled, kind="stable")[:width])
        x = self.x[rows][:, columns]
        train = np.ones((min(len(self.train), 2), len(rows)), dtype=bool)
        train[1:, 1::4] = False  # some rows of every class train, and some are held out
        alphas = self.alphas[0] * np.array([1.0, 0.5])
        x = sparse.csr_matrix(x) if self.is_sparse else np.ascontiguousarray(x)
        return Problem(x, self.label[rows], self.loss, self.l1_ratio, alphas, train)
