"""The app: its own customers and orders, and the receivables engine on the same connection."""
