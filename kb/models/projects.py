"""Projects: the register that documents link themselves to."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.models.base import Base


class Project(Base):
    """A project; the name is kept in both languages, either may be empty but not both."""

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(100), unique=True)
    name_zh: Mapped[str] = mapped_column(String(300), default="", index=True)
    name_en: Mapped[str] = mapped_column(String(300), default="", index=True)
    customer: Mapped[str] = mapped_column(String(300), default="")
    industry: Mapped[str] = mapped_column(String(200), default="")
    manager: Mapped[str] = mapped_column(String(100), default="")
    started: Mapped[date | None]
    ended: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(100), default="")


def find_or_add_project(session: Session, code: str, name: str) -> Project | None:
    """The project with this code, else with exactly this name, else a new one; None when both are empty.

    A project known only by name gets the name as its code, so that every project can be filtered by.
    """
    code, name = code.strip()[:100], name.strip()[:300]
    if code:
        found = session.scalar(select(Project).where(Project.code == code))
    elif name:
        found = session.scalar(
            select(Project)
            .where(
                (Project.name_zh == name) | (Project.name_en == name) | (Project.code == name[:100])
            )
            .order_by(Project.id)
            .limit(1)
        )
    else:
        return None
    if found is None:
        found = Project(code=code or name[:100], name_zh=name, name_en="")
        session.add(found)
        session.flush()
    return found
