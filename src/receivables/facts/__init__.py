"""What happened: frozen, append-only, in the past tense; one module per subject."""
