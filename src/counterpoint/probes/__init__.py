"""Measurements of a training step from outside: what moves the parameters, and what is reported."""
