"""Populations of networks, trained together. Needs PyTorch, which nothing else in `fit` imports."""
