"""What each page and each call of the API asks for: the one table, from which the tests of permission are made too.

A route that is not in it asks for :attr:`kb.access.Action.READ` when it runs, and fails a test. ``PUBLIC`` routes are
for whoever comes; ``ACCOUNT`` is for whoever has signed in, whatever their role, and not for tokens.
"""

from __future__ import annotations

from typing import Final, Literal

from kb.access import Action

API_PREFIX: Final = "/api/v1"
PUBLIC: Final = None
ACCOUNT: Final = "account"
Need = Action | Literal["account"] | None

_TABLE: Final[tuple[tuple[Need, str], ...]] = (
    (
        PUBLIC,
        """
        GET /healthz
        GET /readyz
        GET /privacy
        GET /sign-in
        POST /sign-in
        POST /sign-out
        GET /forgotten
        POST /forgotten
        POST /password-strength
        GET /sign-in/code
        POST /sign-in/code
        GET /sign-in/set-up
        POST /sign-in/set-up
        GET /sign-in/oidc
        GET /sign-in/oidc/callback
        GET /links/{secret}
        POST /links/{secret}
        POST /preferences/theme
        GET /saved/{token}.atom
        GET /communities/calendars/{token}.ics
        """,
    ),
    (
        ACCOUNT,
        """
        GET /account
        POST /account
        POST /account/password
        GET /account/link
        GET /prove
        POST /prove
        GET /prove/oidc
        POST /account/factor/begin
        POST /account/factor
        POST /account/factor/codes
        POST /account/factor/remove
        POST /account/sessions
        POST /account/sessions/{session_id}
        POST /account/tokens
        POST /account/tokens/{token_id}
        """,
    ),
    (
        Action.READ,
        """
        GET /
        GET /help
        GET /api/v1/search
        GET /api/v1/suggest
        GET /api/v1/search/why
        GET /search/why
        GET /search/similar
        GET /api/v1/documents/{document_id}
        GET /api/v1/documents/{document_id}/people
        GET /documents/{document_id}
        GET /documents/{document_id}/files/{name}
        GET /documents/{document_id}/original
        GET /documents/{left_id}/compare/{right_id}
        GET /documents/{document_id}/similar
        GET /documents/{document_id}/comments
        GET /documents/{document_id}/life
        GET /documents/{document_id}/versions
        GET /documents/{document_id}/versions/{number}
        GET /documents/{document_id}/versions/{left}/compare/{right}
        GET /api/v1/links
        GET /api/v1/imports/{job_id}
        GET /imports
        GET /imports/manifest.csv
        GET /imports/{job_id}/review
        GET /imports/{job_id}
        GET /imports/{job_id}/report.csv
        GET /imports/{job_id}/report.json
        GET /api/v1/doctemplates
        GET /api/v1/doctemplates/{template_id}
        POST /api/v1/doctemplates/{template_id}/fill
        GET /doctemplates
        GET /doctemplates/mine
        POST /doctemplates/mine/{form_id}/delete
        GET /doctemplates/{template_id}
        GET /doctemplates/{template_id}/blank
        GET /doctemplates/{template_id}/file
        GET /doctemplates/{template_id}/example
        GET /doctemplates/{template_id}/example/file
        GET /doctemplates/{template_id}/fill
        POST /doctemplates/{template_id}/fill
        POST /doctemplates/{template_id}/keep
        GET /api/v1/projects
        GET /api/v1/projects/{project_id}
        GET /projects
        GET /projects/by-code/{code:path}
        GET /projects/{project_id:int}
        GET /api/v1/glossary
        GET /glossary
        GET /glossary/{entry_id:int}
        GET /api/v1/candidates
        GET /api/v1/candidates/{candidate_id}
        GET /candidates
        GET /api/v1/lessons
        GET /api/v1/lessons/{lesson_id}
        GET /lessons
        GET /lessons/analysis
        GET /lessons/{lesson_id:int}
        GET /people
        GET /for-me
        GET /notifications
        POST /notifications
        GET /notifications/{notification_id}
        POST /notifications/mail
        GET /saved
        GET /saved/new
        POST /saved
        GET /saved/{saved_id}
        POST /saved/{saved_id}/delete
        POST /saved/{saved_id}/feed
        POST /saved/{saved_id}/feed/close
        GET /topics
        GET /topics/{topic_id}
        GET /topics/{topic_id}/book
        GET /follows
        GET /follow
        POST /follow
        GET /people/{person_id:int}
        GET /people/{person_id:int}/photo
        GET /people/{person_id:int}/edit
        POST /people/{person_id:int}
        POST /people/{person_id:int}/photo
        POST /people/{person_id:int}/photo/remove
        POST /people/{person_id:int}/topics
        GET /questions
        GET /questions/{question_id:int}
        GET /questions/{question_id:int}/history
        GET /questions/{question_id:int}/experts
        GET /courses
        GET /courses/{course_id}
        GET /courses/{course_id}/units/{unit_id}
        GET /courses/{course_id}/units/{unit_id}/file
        GET /training
        GET /training/paths/{path_id}
        GET /training/growth
        GET /training/transcript
        GET /training/transcript.{form}
        GET /certificates/{code}
        GET /certificates/{code}/export/{form}
        GET /api/v1/people
        GET /api/v1/people/{person_id}
        GET /api/v1/experts
        GET /api/v1/courses
        GET /api/v1/courses/{course_id}
        GET /api/v1/training/progress
        GET /api/v1/questions
        GET /api/v1/questions/{question_id}
        GET /communities
        GET /communities/{community_id:int}
        GET /communities/events/{event_id:int}
        GET /communities/events/{event_id:int}/event.ics
        GET /people/experts
        GET /people/{person_id:int}/expertise
        GET /people/map
        """,
    ),
    (
        Action.EXPORT,
        """
        GET /documents/{document_id}/export/{form}
        GET /exports/{form}
        GET /glossary/glossary.csv
        GET /lessons/export
        GET /projects.csv
        GET /projects.xlsx
        """,
    ),
    (
        Action.COMMENT,
        """
        POST /documents/{document_id}/comments
        POST /comments/{comment_id}/edit
        POST /comments/{comment_id}/delete
        POST /comments/{comment_id}/resolve
        POST /communities/{community_id:int}/join
        POST /communities/{community_id:int}/posts
        POST /communities/posts/{post_id:int}/delete
        POST /communities/events/{event_id:int}/come
        POST /communities/{community_id:int}/calendar
        GET /communities/{community_id:int}/edit
        POST /communities/{community_id:int}/edit
        POST /communities/{community_id:int}/organisers
        POST /communities/{community_id:int}/links
        POST /communities/links/{link_id:int}/delete
        GET /communities/{community_id:int}/events/new
        POST /communities/{community_id:int}/events
        GET /communities/events/{event_id:int}/edit
        POST /communities/events/{event_id:int}/edit
        POST /communities/events/{event_id:int}/cancel
        POST /communities/events/{event_id:int}/came
        """,
    ),
    (
        Action.ASK,
        """
        GET /questions/new
        POST /questions/similar
        POST /questions
        POST /questions/{question_id:int}/answers
        GET /answers/{answer_id:int}/edit
        POST /answers/{answer_id:int}/edit
        POST /answers/{answer_id:int}/accept
        POST /answers/{answer_id:int}/vote
        POST /questions/{question_id:int}/vote
        GET /questions/{question_id:int}/edit
        POST /questions/{question_id:int}/edit
        POST /questions/{question_id:int}/comments
        POST /questions/comments/{comment_id:int}/delete
        POST /questions/{question_id:int}/close
        POST /questions/{question_id:int}/reopen
        POST /questions/{question_id:int}/experts
        POST /api/v1/questions
        POST /api/v1/questions/{question_id}/answers
        """,
    ),
    (
        Action.LEARN,
        """
        POST /courses/{course_id}/units/{unit_id}/done
        POST /courses/{course_id}/units/{unit_id}/reopen
        POST /courses/{course_id}/units/{unit_id}/attempts
        GET /training/attempts/{attempt_id}
        POST /training/attempts/{attempt_id}
        POST /training/attempts/{attempt_id}/keep
        """,
    ),
    (
        Action.AUTHOR_COURSES,
        """
        GET /courses/new
        POST /courses
        GET /courses/{course_id:int}/edit
        POST /courses/{course_id:int}/edit
        POST /courses/{course_id:int}/state
        GET /courses/{course_id:int}/units/new
        POST /courses/{course_id:int}/units
        GET /courses/{course_id:int}/units/{unit_id:int}/edit
        POST /courses/{course_id:int}/units/{unit_id:int}/edit
        POST /courses/{course_id:int}/units/{unit_id:int}/move
        POST /courses/{course_id:int}/units/{unit_id:int}/remove
        POST /courses/{course_id:int}/units/{unit_id:int}/file
        GET /training/paths/new
        POST /training/paths
        GET /training/paths/{path_id:int}/edit
        POST /training/paths/{path_id:int}/edit
        POST /training/paths/{path_id:int}/state
        GET /training/assignments
        POST /training/assignments
        POST /training/assignments/{assignment_id}/end
        GET /training/import
        POST /training/import
        POST /training/import/store
        GET /training/banks/{bank_id}
        POST /training/banks/{bank_id}
        POST /training/banks/{bank_id}/look
        POST /training/banks/{bank_id}/take
        POST /training/growth
        POST /certificates/{code}/revoke
        """,
    ),
    (
        Action.IMPORT,
        """
        POST /api/v1/imports
        POST /imports
        POST /imports/{job_id}/cancel
        POST /imports/{job_id}/retry
        GET /doctemplates/past/{document_id}
        POST /doctemplates/past/{document_id}
        POST /imports/{job_id}/review
        """,
    ),
    (
        Action.CONTRIBUTE,
        """
        POST /api/v1/lessons
        GET /lessons/new
        POST /lessons
        GET /lessons/{lesson_id:int}/edit
        POST /lessons/{lesson_id:int}
        POST /lessons/before
        POST /lessons/{lesson_id:int}/uses
        POST /lessons/{lesson_id:int}/uses/remove
        GET /pages/new
        POST /pages/new
        POST /api/v1/documents/{document_id}/files
        POST /documents/{document_id}/files
        POST /questions/{question_id:int}/page
        GET /questions/{question_id:int}/lesson
        GET /communities/new
        POST /communities
        """,
    ),
    (
        # Whoever looks after a document may change it, whatever their role: the use case decides.
        Action.READ,
        """
        GET /documents/{document_id}/details
        POST /documents/{document_id}/details
        GET /documents/{document_id}/edit
        POST /documents/{document_id}/edit
        POST /documents/{document_id}/preview
        POST /documents/{document_id}/draft
        POST /documents/{document_id}/draft/discard
        GET /documents/{document_id}/edit/clash
        POST /documents/{document_id}/edit/clash
        GET /documents/{document_id}/files
        POST /documents/{document_id}/life/{step}
        POST /documents/{document_id}/care
        POST /documents/{document_id}/versions/{number}/restore
        """,
    ),
    (
        Action.CURATE,
        """
        GET /folders
        GET /folders/one
        POST /folders
        POST /folders/remove
        GET /board
        POST /board/care
        POST /api/v1/candidates/{candidate_id}/decision
        POST /candidates/{candidate_id}
        GET /candidates/{candidate_id}/edit
        POST /candidates/{candidate_id}/accept
        GET /candidates/{candidate_id}/merge
        POST /candidates/{candidate_id}/merge
        GET /candidates/{candidate_id}/before
        GET /doctemplates/new
        POST /doctemplates
        GET /doctemplates/{template_id}/versions/new
        POST /doctemplates/{template_id}/versions
        GET /doctemplates/{template_id}/edit
        POST /doctemplates/{template_id}/edit
        POST /lessons/{lesson_id:int}/take-out
        GET /links/broken
        POST /topics
        POST /topics/{topic_id}
        POST /topics/{topic_id}/step
        POST /topics/{topic_id}/remove
        POST /topics/{topic_id}/documents
        POST /topics/{topic_id}/documents/{document_id}/step
        POST /topics/{topic_id}/documents/{document_id}/remove
        """,
    ),
    (
        Action.REVIEW,
        """
        POST /lessons/{lesson_id:int}/validate
        POST /lessons/{lesson_id:int}/reopen
        POST /lessons/{lesson_id:int}/reinstate
        GET /lessons/{lesson_id:int}/supersede
        POST /lessons/{lesson_id:int}/supersede
        GET /lessons/{lesson_id:int}/close
        POST /lessons/{lesson_id:int}/close
        GET /lessons/board
        """,
    ),
    (
        Action.CURATE_GLOSSARY,
        """
        GET /glossary/table
        POST /glossary/table
        GET /glossary/new
        POST /glossary
        POST /glossary/{entry_id:int}
        POST /glossary/{entry_id:int}/remove
        """,
    ),
    (
        Action.CURATE_PEOPLE,
        """
        GET /projects/new
        POST /projects
        GET /projects/{project_id:int}/edit
        POST /projects/{project_id:int}
        GET /projects/doubts
        POST /projects/{project_id:int}/merge
        POST /projects/{project_id:int}/apart
        GET /registers/{kind}/import
        POST /registers/{kind}/import
        GET /registers/{kind}/template.xlsx
        GET /registers/{kind}/import/{import_id:int}
        POST /registers/{kind}/import/{import_id:int}/columns
        POST /registers/{kind}/import/{import_id:int}/run
        POST /registers/{kind}/import/{import_id:int}/cancel
        GET /registers/{kind}/import/{import_id:int}/errors.csv
        GET /people/new
        POST /people
        GET /people/doubts
        POST /people/doubts
        POST /people/{person_id:int}/merge
        POST /people/{person_id:int}/apart
        POST /people/merges/{merge_id:int}/undo
        """,
    ),
    (
        Action.SEE_REPORTS,
        """
        GET /insights
        GET /insights.csv
        POST /insights/settle
        POST /insights/reopen
        GET /training/reports
        GET /training/reports.{form}
        POST /training/questions/{question_id}/settle
        """,
    ),
    (
        Action.ADMINISTER_USERS,
        """
        GET /admin/users
        POST /admin/users
        POST /admin/users/invite
        POST /admin/users/links/{link_id}
        GET /admin/users/{user_id}
        POST /admin/users/{user_id}/{step}
        GET /admin/groups
        POST /admin/groups
        GET /admin/groups/{name}
        POST /admin/groups/{name}
        POST /admin/groups/{name}/remove
        """,
    ),
    (
        Action.ADMINISTER,
        """
        GET /admin
        POST /admin/check
        POST /admin/index/rebuild
        GET /admin/settings
        GET /admin/jobs
        POST /admin/jobs/{job_id}/retry
        GET /admin/personal
        POST /admin/personal/export
        POST /admin/personal/erase
        """,
    ),
    (
        Action.SEE_AUDIT,
        """
        GET /admin/audit
        GET /admin/audit.csv
        GET /admin/audit/{number}
        POST /admin/audit/verify
        """,
    ),
    (
        Action.BACK_UP,
        """
        POST /admin/backup/keep
        POST /admin/backup/download
        GET /admin/backup/{name}
        """,
    ),
)

ROUTES: Final[dict[str, Need]] = {
    route.strip(): need for need, routes in _TABLE for route in routes.strip().splitlines()
}
