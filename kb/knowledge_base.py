"""The one place that wires database, files, search engine and subjects together."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from kb.access import Actor
from kb.account_letters import AccountLetters
from kb.accounts import Accounts
from kb.announcing import Announcing
from kb.audit import Audit
from kb.audit_sightings import Sightings
from kb.backup import Backups
from kb.board import Board
from kb.candidates import Candidates
from kb.certificates import Certificates
from kb.checking import Checkup
from kb.checks import Checks
from kb.checks_banks import QuestionBanks
from kb.comments import Comments
from kb.communities import Communities
from kb.community_events import CommunityEvents
from kb.community_things import CommunityThings
from kb.community_views import CommunityViews
from kb.config import Settings
from kb.course_evidence import CourseEvidence
from kb.course_things import CourseThings
from kb.courses import Courses
from kb.courses_from_texts import CourseFiles
from kb.database import Database
from kb.directory_users import DirectoryUsers
from kb.doctemplate_forms import DocTemplateForms
from kb.doctemplate_past import DocTemplatePast
from kb.doctemplate_things import DocTemplateThings
from kb.doctemplates import DocTemplates
from kb.document_evidence import DocumentEvidence
from kb.document_things import DocumentThings
from kb.documents import Documents
from kb.editing import Editing
from kb.errors import DataFolderError
from kb.evidence import EvidenceSource
from kb.expertise import Expertise
from kb.experts import Experts
from kb.files import FileStore
from kb.folders import Folders
from kb.following import Following
from kb.glossary import Glossary
from kb.groups import Groups
from kb.harvests import Harvests
from kb.imports import Imports
from kb.indexing import Indexing
from kb.insights import Insights
from kb.installation import Installation
from kb.invitations import Invitations
from kb.knowledge_map import KnowledgeMaps
from kb.learning_paths import LearningPaths
from kb.lesson_acceptance import LessonAcceptance
from kb.lesson_analysis import LessonAnalysis
from kb.lesson_closure import LessonClosures
from kb.lesson_evidence import LessonEvidence
from kb.lesson_listing import LessonLists
from kb.lesson_precedents import LessonPrecedents
from kb.lesson_register import LessonRegister
from kb.lesson_reuse import LessonReuse
from kb.lesson_things import LessonThings, lesson_priors
from kb.lessons import Lessons
from kb.lifecycle import Lifecycle
from kb.links import Links
from kb.mail_digests import MailDigests
from kb.models.people import person_of_user
from kb.notifications import Notifications
from kb.page_files import PageFiles
from kb.page_versions import PageVersions
from kb.people import People
from kb.person_doubts import PersonDoubts
from kb.person_listing import PeopleLists
from kb.person_merging import PersonMerging
from kb.person_photos import PersonPhotos
from kb.person_things import PersonThings, person_priors
from kb.personal_data import PersonalData
from kb.project_evidence import ProjectEvidence
from kb.project_things import ProjectThings
from kb.projects import Projects
from kb.publishing import Publishing
from kb.question_answers import QuestionAnswers
from kb.question_evidence import QuestionEvidence
from kb.question_lists import QuestionLists
from kb.question_log import QuestionLog
from kb.question_reminders import QuestionReminders
from kb.question_routing import QuestionRouting
from kb.question_things import QuestionThings, question_priors
from kb.question_views import QuestionViews
from kb.questions import Questions
from kb.refusals import Refusals
from kb.register_imports import RegisterImports
from kb.registers import Registers
from kb.retrieval import Retrieval
from kb.saved_searches import SavedSearches
from kb.search import analysis, open_engine, open_expander
from kb.search.answers import Expansion, Hit, SearchAnswer, SearchRequest, Suggestion, Why
from kb.search.lexicon import CurrentLexicon
from kb.second_factors import SecondFactors
from kb.second_thoughts import SecondThoughts
from kb.sessions import Sessions
from kb.skills import Skills
from kb.storage import Storage
from kb.suggesting import Suggesting
from kb.things import Thing
from kb.tokens import Tokens
from kb.topics import Topics
from kb.training import Training
from kb.training_assigning import Assignments
from kb.training_reports import TrainingReports
from kb.unusual import Thresholds, Unusual


class KnowledgeBase:
    """Everything Qianjian knows; one object for a process, safe to share between threads.

    Attributes:
        settings: the settings it was opened with.
        documents, lessons, projects …: the subjects, as the methods below that open them say.
        subjects: names of those that search finds, see :mod:`kb.things`.
        indexing: keeps the search index up with the change log.
    """

    def __init__(self, settings: Settings) -> None:
        """Open, and where needed create, the data folder, the database and the index.

        Raises:
            DataFolderError: the data folder cannot be used.
        """
        self.settings = settings
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataFolderError(
                path=str(settings.data_dir), reason=error.strerror or str(error)
            ) from error
        self.database = Database(settings.effective_database_url)
        self.database.migrate()
        self.files = FileStore(settings.files_dir)
        self._engine = open_engine(settings)
        self.installation = Installation(self.database)
        self.audit = Audit(self.database, settings.audit_days)
        self.sightings = Sightings(self.database)
        self.refusals = Refusals(self.database)
        self.unusual = Unusual(self.database, _thresholds(settings))
        self.backups = Backups(self.database, self.files)
        self.storage = Storage(settings, self.database, self.files)
        self._open_documents()
        self._open_registers()
        self._open_lessons()
        self._open_training()
        self._open_questions()
        self._open_search()
        self._open_expertise()

    def _open_documents(self) -> None:
        """What is written, brought in and kept alive."""
        self.documents = Documents(self.database, self.files)
        self.imports = Imports(self.database, self.files)
        self.folders = Folders(self.database)
        self.publishing = Publishing(self.database)
        self.announcing = Announcing(self.database)
        self.lifecycle = Lifecycle(self.database)
        self.page_versions = PageVersions(self.database)
        self.page_files = PageFiles(self.database, self.files)
        self.comments = Comments(self.database)
        self.board = Board(self.database)
        self.topics = Topics(self.database)
        self.links = Links(self.database)
        self.doctemplates = DocTemplates(self.database, self.files)
        self.doctemplate_forms = DocTemplateForms(self.database)
        self.doctemplate_past = DocTemplatePast(self.database)

    def _open_registers(self) -> None:
        """Who and what documents speak of."""
        self.accounts = Accounts(self.database, self.settings.password_chars)
        self.sessions = Sessions(
            self.database,
            self.settings.session_idle_hours,
            self.settings.session_hours,
            asked=self.settings.second_factor,
        )
        self.second_factors = SecondFactors(
            self.database, self.secret_key, self.settings.second_factor
        )
        self.tokens = Tokens(self.database)
        self.invitations = Invitations(self.database, self.accounts.hashed)
        self.groups = Groups(self.database)
        self.directory_users = DirectoryUsers(self.database)
        self.account_letters = AccountLetters(self.database)
        self.notifications = Notifications(self.database)
        self.mail_digests = MailDigests(self.database)
        self.registers = Registers(self.database)
        self.people = People(self.database)
        self.people.prepare()
        self.people_lists = PeopleLists(self.database)
        self.person_photos = PersonPhotos(self.database, self.files)
        self.person_merging = PersonMerging(self.database)
        self.person_doubts = PersonDoubts(self.database)
        self.projects = Projects(self.database)
        self.register_imports = RegisterImports(self.database)
        self.glossary = Glossary(self.database)
        self.lexicon = CurrentLexicon(
            self.glossary, on_change=lambda lexicon: analysis.use_words(lexicon.words())
        )
        self._expander = open_expander(self.settings, self.lexicon.known)

    def _open_lessons(self) -> None:
        """What was learned."""
        self.candidates = Candidates(self.database)
        self.harvests = Harvests(self.database)
        self.lessons = Lessons(self.database)
        self.lesson_lists = LessonLists(self.database)
        self.lesson_register = LessonRegister(self.database)
        self.lesson_reuse = LessonReuse(self.database)
        self.lesson_closures = LessonClosures(self.database)
        self.lesson_acceptance = LessonAcceptance(self.database)
        self.lesson_analysis = LessonAnalysis(self.database)
        self.lesson_precedents = LessonPrecedents(self.database, self._also_called)

    def _open_questions(self) -> None:
        """What is asked of colleagues."""
        self.questions = Questions(self.database)
        self.question_answers = QuestionAnswers(self.database)
        self.question_views = QuestionViews(self.database)
        self.question_lists = QuestionLists(self.database)
        self.communities = Communities(self.database)
        self.community_events = CommunityEvents(self.database)
        self.community_views = CommunityViews(self.database)
        self.question_reminders = QuestionReminders(self.database, self.settings.question_days)

    def _open_training(self) -> None:
        """What is taught, and who has learned it."""
        self.courses = Courses(self.database, self.files)
        self.course_files = CourseFiles(self.database)
        self.question_banks = QuestionBanks(self.database)
        self.learning_paths = LearningPaths(self.database)
        self.assignments = Assignments(self.database)
        self.training = Training(self.database)
        self.checks = Checks(self.database)
        self.certificates = Certificates(self.database)
        self.training_reports = TrainingReports(self.database)
        self.skills = Skills(self.database, self._worked)

    def _worked(self, actor: Actor, user_id: str) -> dict[str, float]:
        """The topics that somebody's work shows, by each of their names, with their points."""
        with self.database.read() as session:
            person = person_of_user(session, user_id)
        if person is None:
            return {}
        found = self.expertise.of_person(actor, person.id).topics
        return {
            name: one.score.total
            for one in found
            for name in (one.topic.names.zh, one.topic.names.en)
            if name
        }

    def _open_search(self) -> None:
        """What finds all of it; each subject brings its own source."""
        sources = (
            DocumentThings(),
            PersonThings(),
            LessonThings(),
            ProjectThings(),
            DocTemplateThings(),
            CourseThings(),
            QuestionThings(),
            CommunityThings(),
        )
        self.subjects = tuple(source.subject for source in sources)
        self.editing = Editing(self.database, self.lesson_closures.sections_with_lessons, sources)
        self.indexing = Indexing(self.database, self._engine, self.lexicon, sources)
        self.personal_data = PersonalData(self.database, self.audit, self.subjects)
        index = (self.indexing, self._engine)
        self.checkup = Checkup(self.settings, self.database, self.files, self.audit, index)
        self._suggesting = Suggesting(self.database, self.glossary, idf=self._engine.idf)
        self._second_thoughts = SecondThoughts(
            self.database, self._engine, self._suggesting, self.lexicon.get
        )
        self._retrieval = Retrieval(
            self.database,
            self._engine,
            sources,
            expander=self._expander,
            second_thoughts=self._second_thoughts,
            priors={
                "lesson": lesson_priors,
                "person": person_priors,
                "question": question_priors,
            },
        )
        self.question_routing = QuestionRouting(
            self.search, lambda actor, query, limit: self.experts.ask(actor, query, limit=limit)
        )
        self.following = Following(self.database, sources)
        log = QuestionLog(self.database, self.settings.query_log_days)
        self.insights = Insights(self.database, log)
        self.saved_searches = SavedSearches(self.database, self.search)

    def _open_expertise(self) -> None:
        """Who knows what; each subject whose things show that brings its own evidence."""
        evidence: tuple[EvidenceSource, ...] = (
            DocumentEvidence(),
            LessonEvidence(),
            ProjectEvidence(),
            CourseEvidence(),
            QuestionEvidence(),
        )
        self.expertise = Expertise(self.database, evidence, self.lexicon.get)
        self.experts = Experts(self.database, evidence, self.lexicon.get, self.search)
        self.knowledge_maps = KnowledgeMaps(self.database, evidence, self.lexicon.get)

    def search(self, actor: Actor, request: SearchRequest) -> SearchAnswer:
        """Answer a question with what ``actor`` may read; see :class:`kb.retrieval.Retrieval`."""
        self.lexicon.get()
        return self._retrieval.search(actor, request)

    def suggest(self, actor: Actor, prefix: str, limit: int = 8) -> Sequence[Suggestion]:
        """What completes ``prefix``, of what ``actor`` may read."""
        return self._suggesting.suggest(actor, prefix, limit)

    def why(
        self, actor: Actor, request: SearchRequest, number: int, subject: str = "document"
    ) -> Why:
        """Why a thing is a hit of a search, told word by word.

        Raises:
            NotFound: the thing is not there, or not for this actor.
        """
        self.lexicon.get()
        return self._retrieval.why(actor, request, number, subject)

    def similar(
        self, actor: Actor, number: int, limit: int = 5, subject: str = "document"
    ) -> Sequence[Hit]:
        """Things like this one that ``actor`` may read.

        Raises:
            NotFound: the thing is not there, or not for this actor.
        """
        return self._retrieval.similar(actor, number, limit, subject)

    def thing(self, actor: Actor, subject: str, number: int) -> Thing:
        """A thing that search can find, as it stands now.

        Raises:
            NotFound: the thing is not there, or not for this actor.
        """
        return self._retrieval.thing(actor, subject, number)

    def _also_called(self, text: str) -> Sequence[Expansion]:
        """What the words of ``text`` are also called, by the glossary as it is now."""
        self.lexicon.get()
        return self._expander.expand(text).expansions

    def warm_up(self) -> None:
        """Read what questions need beside the index, so that the first visitor does not wait for it."""
        self.lexicon.get()
        self._expander.warm_up()
        self._suggesting.warm_up()
        self._second_thoughts.warm_up()

    def secret_key(self) -> str:
        """The key that signs cookies: the one set, else one made once and kept in the data folder."""
        given = self.settings.secret_key.get_secret_value()
        return given or _kept_secret(self.settings.data_dir / "secret")

    def close(self) -> None:
        """Give the database and the index back; the object is of no use afterwards."""
        self.insights.log.close()
        self._second_thoughts.close()
        self._suggesting.close()
        self._engine.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _thresholds(settings: Settings) -> Thresholds:
    return Thresholds(settings.alert_minutes, settings.alert_refusals, settings.alert_readings)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        # Written beside and linked: of two processes that start together exactly one makes the secret, and neither
        # ever reads half of it.
        beside = path.with_name(f".secret-{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(beside, path)
        beside.unlink()
    return path.read_text(encoding="ascii")
