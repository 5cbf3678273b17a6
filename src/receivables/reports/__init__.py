"""The read side: pure functions from views to tables."""
