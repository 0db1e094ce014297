"""`python -m counterpoint`: the command, where its script is not on the path."""

from counterpoint.cli import main

main()
