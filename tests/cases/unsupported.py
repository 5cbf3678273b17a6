"""How an area says that a case cannot be expressed."""


class Unsupported(Exception):
    """The input says something that the library has no word for; the text says what."""
