"""Cases of arrangements."""
