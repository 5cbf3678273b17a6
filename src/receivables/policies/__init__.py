"""What we would do: frozen settings and pure functions that give decisions with reasons."""
