"""Folders of imports that say who may see what was imported from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.folder_paths import MAX_FOLDER_CHARS, MAX_KEY_CHARS
from kb.models.base import Base, utc_now


class FolderAudience(Base):
    """Who may see the documents of a folder and of those below it, unless a nearer one says otherwise.

    ``key`` is :func:`kb.folder_paths.folder_key` of ``folder``. The row itself is for that audience, too: whoever is
    not of it is not told that there is such a folder.
    """

    __tablename__ = "folder_audiences"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(MAX_KEY_CHARS), unique=True)
    folder: Mapped[str] = mapped_column(String(MAX_FOLDER_CHARS))
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), index=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)
