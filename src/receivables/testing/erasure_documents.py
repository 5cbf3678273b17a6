"""Strategies for what is answered about an erasure."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from receivables.documents.erasure import GROUNDS, KINDS, ErasedText, ErasureEntry, ErasureRecord
from receivables.testing.documents import days, ids, texts


def erasure_records() -> SearchStrategy[ErasureRecord]:
    """What became of one document."""
    return st.builds(
        ErasureRecord,
        kind=st.sampled_from(KINDS),
        id=ids(),
        dated=days(),
        ground=st.sampled_from(tuple(GROUNDS)),
        until=st.none() | days(),
        law=st.just("") | texts(),
    )


def erased_texts() -> SearchStrategy[ErasedText]:
    """A place of a log whose text was erased."""
    digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
    return st.builds(ErasedText, log=ids(), position=st.integers(1, 10_000), digest=digests)


def erasure_entries() -> SearchStrategy[ErasureEntry]:
    """One erasure of a list that a host keeps."""
    return st.builds(
        ErasureEntry,
        erasure=ids(),
        account=ids(),
        records=st.lists(erasure_records(), max_size=3).map(tuple),
        texts=st.lists(erased_texts(), max_size=3).map(tuple),
    )
