"""Runs every code block of README.md and docs/ as a test.

A ``python`` block is executed, its asserts count; a ``pycon`` block, or a ``python`` block that opens with ``>>>``, is
a doctest. The blocks of one document share a namespace, two documents share none. On several cores run them with
``-n 2 --dist loadfile``, which keeps a document on one worker. ``% skip: next "reason"`` above a block leaves it out.
"""

import doctest
from collections.abc import Iterator

from sybil import Document, Region, Sybil
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
EXECUTED = {"python", "pycon"}
SHOWN = {"console", "csv", "json", "mermaid", "sql", "text", "toml"}

collect_ignore = ["docs/conf.py"]


def doctests_in_pycon() -> PythonCodeBlockParser:
    """The parser of ``python`` blocks, pointed at ``pycon``."""
    parser = PythonCodeBlockParser(doctest_optionflags=OPTIONS)
    parser.codeblock_parser.language = "pycon"
    return parser


def known_languages(document: Document) -> Iterator[Region]:
    """Refuses a block in a language that nobody listed: ``py`` instead of ``python`` would never run."""
    for block in FencedCodeBlockLexer(r"[^{\n].*")(document):
        language = block.lexemes["language"]
        if language not in EXECUTED | SHOWN:
            raise ValueError(f"{document.path}: a code block in {language!r}, which is neither executed nor shown")
    return iter(())


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=OPTIONS), doctests_in_pycon(), SkipParser(), known_languages],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
    excludes=["docs/_build/*"],
).pytest()
