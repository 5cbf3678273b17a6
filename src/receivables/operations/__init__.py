"""The commands as methods, one text for both services; see `receivables.operations.all`."""
