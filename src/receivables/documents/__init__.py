"""What the parties exchange or grant: facts carry these."""
