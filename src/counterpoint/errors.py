"""The one exception a user of Counterpoint can cause."""


class InputError(ValueError):
    """Something handed to Counterpoint can't be used as it is.

    The message is one sentence that says what was found, where it was found and what to do about
    it. The command line prints that sentence and exits with status 2.
    """
