"""The one error that people are meant to read."""


class BadInput(ValueError):
    """Something a person gave cannot be used.

    The message is one sentence that says what is wrong, why, and what to do instead; the interface
    shows it as it is and the command line prints it and exits with code 2.
    """
