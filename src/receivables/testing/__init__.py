"""Shipped for the tests of a host: reference adapters, contract tests for stores, hypothesis strategies."""

from receivables.testing.recording import FixedClock, RecordingNotifier

__all__ = ["FixedClock", "RecordingNotifier"]
