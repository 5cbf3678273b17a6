"""What we will do: a command on an account, as facts to record."""
