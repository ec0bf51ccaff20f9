"""The text of a form as it is stored and compared."""


def normalised(body: str) -> str:
    r"""Return the text of a form with Unix line ends and without white space around it.

    >>> normalised("Hello\r\nyou \n")
    'Hello\nyou'
    """
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()
