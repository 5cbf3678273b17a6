"""Where facts are kept: the memory store, and adapters for connections that the host opened."""
