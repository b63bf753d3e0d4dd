"""The store's schema, revision by revision. A new one is a file in `versions` that names the one before it; then HEAD.

There is no way down: a SQLite file is backed up before it is migrated, a PostgreSQL database by its own tools.
"""

HEAD = "0007"
"""The revision that this program works with."""
