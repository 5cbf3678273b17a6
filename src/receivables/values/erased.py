"""What is left of a personal text that was erased.

A field of personal text holds a text for ever, so nothing that reads it needs to know about erasure: it reads `ERASED`,
which is a text as well and says nothing.
"""

from __future__ import annotations

from typing import Final, final


@final
class Erased(str):
    """A personal text that was erased, on request or by a rule of retention.

    >>> ERASED, str(ERASED), isinstance(ERASED, str)
    (Erased(), '[erased]', True)
    """

    __slots__ = ()

    def __new__(cls) -> Erased:
        """Always the same text: nothing can be hidden in it."""
        return super().__new__(cls, "[erased]")

    def __repr__(self) -> str:
        return "Erased()"

    def __str__(self) -> str:
        return "[erased]"

    def __reduce__(self) -> tuple[type[Erased], tuple[()]]:
        return Erased, ()


ERASED: Final = Erased()
"""The one that is read where a text is gone."""
