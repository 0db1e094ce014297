"""What doctests leave out: modules for a library that is not installed."""

from importlib.util import find_spec

collect_ignore = [
    f"src/counterpoint/hooks/{library}.py"
    for library in ("torch", "keras", "lightning", "transformers")
    if find_spec(library) is None
]
