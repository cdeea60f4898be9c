"""Topics: the tree that documents are filed in. A topic with everything below it can be read as a book."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base


class Topic(Base):
    """A place in the tree; ``parent_id`` is None at the top, ``position`` orders those of one parent.

    The names of topics are no secret: everybody who may read anything sees the tree. What is filed there is seen only
    by those who may read it.
    """

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name_zh: Mapped[str] = mapped_column(String(200), default="")
    name_en: Mapped[str] = mapped_column(String(200), default="")
    about: Mapped[str] = mapped_column(Text, default="")


class TopicDocument(Base):
    """A document filed under a topic, in order."""

    __tablename__ = "topic_documents"

    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=0)


class DocumentLink(Base):
    """A link in the text that readers of a document see.

    ``target_id`` is no foreign key: a link may lead to what never was, which is worth knowing. ``anchor`` is empty for
    a link to the whole document.
    """

    __tablename__ = "document_links"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    target_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    anchor: Mapped[str] = mapped_column(String(300), primary_key=True, default="")
