"""What can be said outside of time: money, currencies, dates, day counts, rates and references."""
