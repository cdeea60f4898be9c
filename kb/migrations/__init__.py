"""Alembic revisions, oldest first. A test migrates an empty database and compares it with the models."""
