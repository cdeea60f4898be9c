"""Alembic's entry: runs the revisions on the connection that :class:`kb.database.Database` hands over."""

from __future__ import annotations

from alembic import context

from kb.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
