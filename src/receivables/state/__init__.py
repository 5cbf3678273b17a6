"""What is true: facts folded into accounts, and the view of an account on a date."""
