"""near duplicates: sketches of documents, and what an imported file is nearly the same as"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_shingles",
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_document_shingles_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", "document_id", name=op.f("pk_document_shingles")),
    )
    with op.batch_alter_table("document_shingles", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_shingles_document_id"), ["document_id"], unique=False
        )
    with op.batch_alter_table("import_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("near", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("import_items", schema=None) as batch_op:
        batch_op.drop_column("near")
    op.drop_table("document_shingles")
