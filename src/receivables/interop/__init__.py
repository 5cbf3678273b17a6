"""Formats and packages that others keep, as values in and out: no files; the optional extras bring the parsers."""
