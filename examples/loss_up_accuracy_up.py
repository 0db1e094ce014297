"""Can the validation loss rise for hundreds of epochs while the validation accuracy does not fall?

Yes: a network on 180 of scikit-learn's digits does it, since it grows ever surer of what it says.
Needs PyTorch: pip install 'counterpoint[torch]'. Run it: python examples/loss_up_accuracy_up.py
"""

from __future__ import annotations

from textwrap import fill

import numpy as np
from sklearn.datasets import load_digits

import counterpoint as cp

EPOCHS = 300


def main() -> None:
    """Train the network with next to no penalty and with a sensible one, and say what happened."""
    X, y = load_digits(return_X_y=True)
    population = cp.nets.fit(
        X,
        y,
        hidden=64,
        alphas=[1e-7, 1e-3],
        epochs=EPOCHS,
        batch=50,
        optimizer="adam",
        rate=1e-2,
        validation=0.9,
        scale="standard",
    )
    loss, accuracy = (population.curve(name)[:, 0, 0] for name in ("log_loss", "accuracy"))
    print("Next to no penalty (alpha 1e-7)\n  epoch  log loss  accuracy")
    for epoch in (1, 5, 15, 25, 50, 100, 200, EPOCHS):
        print(f"  {epoch:5}  {loss[epoch]:8.3f}  {accuracy[epoch]:8.3f}")
    least = int(np.argmin(loss))
    print(
        f"From epoch {least} to {EPOCHS} validation log loss goes from {loss[least]:.3f} to "
        f"{loss[EPOCHS]:.3f},\naccuracy from {accuracy[least]:.3f} to {accuracy[EPOCHS]:.3f}.\n"
    )
    for finding in population.findings:
        print(finding.title)
        for text in (finding.explanation, f"What to do: {finding.remedy}"):
            print(fill(text, 96, initial_indent="  ", subsequent_indent="  "))
        print()


if __name__ == "__main__":
    main()
