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
from kb.models.comments import CommentMention, DocumentComment
from kb.models.doctemplates import (
    DocTemplate,
    DocTemplateForm,
    DocTemplateUse,
    DocTemplateVersion,
    doctemplate_readable,
)
from kb.models.documents import (
    ARCHIVED,
    DRAFT,
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
from kb.models.editing import EditingDraft
from kb.models.files import StoredFile
from kb.models.glossary import GlossaryChange, GlossaryEntry, GlossaryState
from kb.models.harvests import DocumentHarvest, record_harvest
from kb.models.imports import ImportItem, ImportJob
from kb.models.insights import (
    AskedQuestion,
    OpenedHit,
    PopularQuestion,
    SettledQuestion,
    VisitorSalt,
)
from kb.models.installation import Milestone
from kb.models.lessons import (
    Lesson,
    LessonClosure,
    LessonSource,
    LessonTag,
    LessonUse,
    LessonVersion,
    lesson_readable,
)
from kb.models.lifecycle import (
    DocumentLife,
    DocumentReviewer,
    LifeEvent,
    PendingVersion,
    ReviewVote,
)
from kb.models.likeness import DocumentShingle
from kb.models.people import Person
from kb.models.project_matching import find_or_add_project, find_project
from kb.models.projects import (
    Project,
    ProjectAlias,
    ProjectMember,
    ProjectMerge,
    ProjectsApart,
    ProjectTag,
    project_readable,
)
from kb.models.register_imports import RegisterImport
from kb.models.saved_searches import SavedSearch
from kb.models.topics import DocumentLink, Topic, TopicDocument

__all__ = [
    "ARCHIVED",
    "DRAFT",
    "PUBLISHED",
    "REVIEW",
    "AskedQuestion",
    "AudiencePrincipal",
    "AudienceRow",
    "Base",
    "Change",
    "CommentMention",
    "DocTemplate",
    "DocTemplateForm",
    "DocTemplateUse",
    "DocTemplateVersion",
    "Document",
    "DocumentComment",
    "DocumentFile",
    "DocumentHarvest",
    "DocumentLife",
    "DocumentLink",
    "DocumentPerson",
    "DocumentReviewer",
    "DocumentSection",
    "DocumentShingle",
    "DocumentSource",
    "DocumentTag",
    "DocumentVersion",
    "EditingDraft",
    "GlossaryChange",
    "GlossaryEntry",
    "GlossaryState",
    "ImportItem",
    "ImportJob",
    "Lesson",
    "LessonCandidate",
    "LessonClosure",
    "LessonSource",
    "LessonTag",
    "LessonUse",
    "LessonVersion",
    "LifeEvent",
    "Milestone",
    "OpenedHit",
    "PendingVersion",
    "Person",
    "PopularQuestion",
    "Project",
    "ProjectAlias",
    "ProjectMember",
    "ProjectMerge",
    "ProjectTag",
    "ProjectsApart",
    "RegisterImport",
    "ReviewVote",
    "SavedSearch",
    "SettledQuestion",
    "StoredFile",
    "Topic",
    "TopicDocument",
    "User",
    "UserGroup",
    "VisitorSalt",
    "audience_id_of",
    "doctemplate_readable",
    "document_readable",
    "find_or_add_project",
    "find_project",
    "lesson_readable",
    "project_readable",
    "readable_audiences",
    "record_candidates",
    "record_change",
    "record_harvest",
    "utc_now",
]
