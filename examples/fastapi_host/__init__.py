"""A host of its own: FastAPI in front, SQLAlchemy beneath, the receivables engine between; see README.md."""
