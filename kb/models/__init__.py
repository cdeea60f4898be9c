"""The tables: SQLAlchemy 2 typed classes, one file per subject. Start with :mod:`kb.models.documents`.

Rules of the house: every relationship is ``lazy="raise"``, so no page can trigger SQL by looking at an attribute; every
table that holds something a person reads carries an audience; every change of such a thing writes a row to the change
log (:mod:`kb.models.changes`) in the same transaction. All times are UTC.
"""

from kb.models.access import AudiencePrincipal, AudienceRow, audience_id_of, readable_audiences
from kb.models.accounts import User, UserGroup
from kb.models.base import Base, utc_now
from kb.models.candidates import LessonCandidate, record_candidates
from kb.models.changes import Change, record_change
from kb.models.documents import (
    PUBLISHED,
    REVIEW,
    Document,
    DocumentFile,
    DocumentPerson,
    DocumentSection,
    DocumentSource,
    DocumentTag,
    DocumentVersion,
    document_readable,
)
from kb.models.files import StoredFile
from kb.models.glossary import GlossaryChange, GlossaryEntry, GlossaryState
from kb.models.imports import ImportItem, ImportJob
from kb.models.insights import (
    AskedQuestion,
    OpenedHit,
    PopularQuestion,
    SettledQuestion,
    VisitorSalt,
)
from kb.models.installation import Milestone
from kb.models.likeness import DocumentShingle
from kb.models.people import Person
from kb.models.projects import Project, find_or_add_project
from kb.models.saved_searches import SavedSearch

__all__ = [
    "PUBLISHED",
    "REVIEW",
    "AskedQuestion",
    "AudiencePrincipal",
    "AudienceRow",
    "Base",
    "Change",
    "Document",
    "DocumentFile",
    "DocumentPerson",
    "DocumentSection",
    "DocumentShingle",
    "DocumentSource",
    "DocumentTag",
    "DocumentVersion",
    "GlossaryChange",
    "GlossaryEntry",
    "GlossaryState",
    "ImportItem",
    "ImportJob",
    "LessonCandidate",
    "Milestone",
    "OpenedHit",
    "Person",
    "PopularQuestion",
    "Project",
    "SavedSearch",
    "SettledQuestion",
    "StoredFile",
    "User",
    "UserGroup",
    "VisitorSalt",
    "audience_id_of",
    "document_readable",
    "find_or_add_project",
    "readable_audiences",
    "record_candidates",
    "record_change",
    "utc_now",
]
