from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from kb.access import SYSTEM, Actor, Audience, Role, anonymous
from kb.database import Database
from kb.errors import Conflict, DamagedFile, InvalidInput, NotAllowed, NotFound
from kb.files import FileStore
from kb.import_queue import ClaimedJob, Result, new_runner
from kb.importing_rules import LEASE, MAX_ATTEMPTS, Entry, Overrides
from kb.imports import Imports
from kb.models import ImportJob, StoredFile, utc_now

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR, frozenset({"pmo"}))
TOM = Actor("tom", "Tom Brown", Role.CONTRIBUTOR)
CURATOR = Actor("wang", "王芳", Role.CURATOR)
NOBODY = anonymous(Role.CONTRIBUTOR)


@pytest.fixture
def imports(database: Database, files: FileStore) -> Imports:
    return Imports(database, files)


def entries(*names: str) -> list[Entry]:
    return [Entry(path=name, place=f"/资料/{name}", local_path=name.encode()) for name in names]


def claimed(imports: Imports, runner: str = "here") -> ClaimedJob:
    job = imports.queue.claim(runner)
    assert job is not None
    return job


def failed(name: str) -> Result:
    return Result("failed", "read", error=DamagedFile(name=name, reason="cut off"))


def silence(database: Database, job_id: int) -> None:
    """Let a job's runner have been silent for longer than its lease."""
    with database.write() as session:
        session.get_one(ImportJob, job_id).heartbeat_at = utc_now() - LEASE - timedelta(seconds=1)


class TestStarting:
    def test_all_items_are_recorded_before_any_work_is_done(self, imports: Imports) -> None:
        names = [f"第{number}期 总结.docx" for number in range(3000)]
        job_id = imports.create(LI_NA, entries(*names))

        items, total = imports.items(LI_NA, job_id, page=2, per_page=1000)
        assert total == 3000
        assert [item.path for item in items] == names[1000:2000]
        assert imports.get(LI_NA, job_id).counts.left == 3000

    def test_a_reader_may_not_import(self, imports: Imports) -> None:
        with pytest.raises(NotAllowed):
            imports.create(replace(LI_NA, role=Role.READER), entries("a.docx"))

    def test_a_kind_that_does_not_exist_is_refused(self, imports: Imports) -> None:
        with pytest.raises(InvalidInput, match="总结"):
            imports.create(LI_NA, entries("a.docx"), kind="总结")

    def test_the_same_place_twice_is_one_item(self, imports: Imports) -> None:
        job_id = imports.create(LI_NA, entries("报告.docx", "report.docx", "报告.docx"))
        assert imports.get(LI_NA, job_id).counts.total == 2

    def test_a_skipped_file_has_its_reason_and_is_not_counted(self, imports: Imports) -> None:
        lock = Entry(path="~$总结.docx", place="/资料/~$总结.docx", skip="lock-file")
        job_id = imports.create(LI_NA, [*entries("总结.docx"), lock])

        counts = imports.get(LI_NA, job_id).counts
        assert (counts.total, counts.skipped, counts.left) == (1, 1, 1)
        [item] = imports.items(LI_NA, job_id, outcome="skipped")[0]
        assert (item.error_code, "lock file" in item.error) == ("lock-file", True)

    def test_the_runner_acts_as_whoever_started_the_job(self, imports: Imports) -> None:
        imports.create(
            LI_NA, entries("a.docx"), kind="lesson", audience=Audience.parse("group:pmo")
        )
        job = claimed(imports)
        assert job.actor == LI_NA
        assert (job.kind, job.audience.key) == ("lesson", "group:pmo")

    def test_what_is_given_along_with_a_file_reaches_the_runner(self, imports: Imports) -> None:
        given = Overrides.parse(
            {"title": "地铁 8 号线", "date": "2021年3月31日", "tags": "地铁;信号"}
        )
        [entry] = entries("a.docx")
        imports.create(LI_NA, [replace(entry, overrides=given)])
        job = claimed(imports)
        [item] = imports.queue.take(job, 5)
        assert item.overrides == given


class TestWhoSeesAJob:
    @pytest.mark.parametrize(
        ("starter", "asker", "sees"),
        [
            (LI_NA, LI_NA, True),
            (LI_NA, CURATOR, True),
            (LI_NA, SYSTEM, True),
            (LI_NA, TOM, False),
            (LI_NA, NOBODY, False),
            (NOBODY, NOBODY, True),
            (NOBODY, TOM, True),
            (NOBODY, anonymous(Role.READER), False),
            (NOBODY, anonymous(Role.NONE), False),
            (SYSTEM, LI_NA, False),
        ],
    )
    def test_only_its_starter_and_curators(
        self, imports: Imports, starter: Actor, asker: Actor, sees: bool
    ) -> None:
        job_id = imports.create(starter, entries("a.docx"))
        assert [job.id for job in imports.recent(asker)] == ([job_id] if sees else [])
        for ask in (
            lambda: imports.get(asker, job_id),
            lambda: imports.items(asker, job_id),
            lambda: list(imports.all_items(asker, job_id)),
        ):
            if sees:
                ask()
            else:
                with pytest.raises(NotFound):
                    ask()

    def test_nobody_else_cancels_or_retries_it(self, imports: Imports) -> None:
        job_id = imports.create(LI_NA, entries("a.docx"))
        with pytest.raises(NotFound):
            imports.cancel(TOM, job_id)
        with pytest.raises(NotFound):
            imports.retry_failed(TOM, job_id)
        assert imports.get(LI_NA, job_id).state == "queued"

    def test_a_job_of_others_answers_like_one_that_is_not_there(self, imports: Imports) -> None:
        job_id = imports.create(LI_NA, entries("a.docx"))
        with pytest.raises(NotFound) as others:
            imports.get(TOM, job_id)
        with pytest.raises(NotFound) as none:
            imports.get(TOM, 999)
        assert str(others.value).replace(str(job_id), "") == str(none.value).replace("999", "")


class TestClaiming:
    def test_a_job_is_worked_on_by_one_runner(self, imports: Imports) -> None:
        imports.create(LI_NA, entries("a.docx"))
        claimed(imports, "here")
        assert imports.queue.claim("there") is None

    def test_a_job_started_by_a_command_is_not_taken_from_it(self, imports: Imports) -> None:
        job_id = imports.create(LI_NA, entries("a.docx"), runner="command")
        assert imports.queue.claim("server") is None
        job = imports.queue.claim("command", job_id)
        assert job is not None

    def test_a_silent_runner_loses_its_job_and_what_it_had_under_way_is_done_again(
        self, imports: Imports, database: Database
    ) -> None:
        imports.create(LI_NA, entries("报告.docx", "report.docx"))
        lost = claimed(imports, "lost")
        [under_way] = imports.queue.take(lost, 1)
        silence(database, lost.id)

        job = claimed(imports, "next")
        assert [item.path for item in imports.queue.take(job, 5)] == ["报告.docx", "report.docx"]
        for act in (
            lambda: imports.queue.take(lost, 1),
            lambda: imports.queue.heartbeat(lost),
            lambda: imports.queue.record(lost, under_way, failed("报告.docx")),
            lambda: imports.queue.finish(lost),
            lambda: imports.queue.release(lost, pause=True),
        ):
            with pytest.raises(Conflict):
                act()

    def test_a_runner_that_says_it_is_alive_keeps_its_job(
        self, imports: Imports, database: Database
    ) -> None:
        imports.create(LI_NA, entries("a.docx"))
        job = claimed(imports, "here")
        silence(database, job.id)
        assert imports.queue.heartbeat(job)
        assert imports.queue.claim("there") is None

    def test_the_job_of_a_process_of_this_machine_that_is_gone_is_free_at_once(
        self, imports: Imports
    ) -> None:
        imports.create(LI_NA, entries("a.docx"))
        script = "from kb.import_queue import new_runner; print(new_runner())"
        gone = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
        claimed(imports, gone.stdout.decode().strip())
        assert imports.queue.claim(new_runner()) is not None

    def test_the_job_of_a_process_of_this_machine_that_lives_is_not(self, imports: Imports) -> None:
        imports.create(LI_NA, entries("a.docx"))
        claimed(imports, new_runner())
        assert imports.queue.claim(new_runner()) is None

    def test_a_paused_job_waits_for_somebody_to_resume_it(self, imports: Imports) -> None:
        imports.create(LI_NA, entries("a.docx", "b.docx"))
        job = claimed(imports)
        imports.queue.take(job, 1)
        imports.queue.release(job, pause=True, error="The disk is full.")
        assert imports.queue.claim("other") is None
        assert imports.get(LI_NA, job.id).error == "The disk is full."

        assert imports.retry_failed(LI_NA, job.id).state == "queued"
        assert len(imports.queue.take(claimed(imports), 5)) == 2

    def test_jobs_are_taken_oldest_first(self, imports: Imports) -> None:
        ids = [imports.create(LI_NA, entries(name)) for name in ("a.docx", "b.docx")]
        assert [claimed(imports).id, claimed(imports).id] == ids

    def test_a_file_that_keeps_killing_its_runner_is_given_up(
        self, imports: Imports, database: Database
    ) -> None:
        job_id = imports.create(LI_NA, entries("杀手.docx"))
        for attempt in range(MAX_ATTEMPTS):
            job = claimed(imports, f"runner {attempt}")
            assert len(imports.queue.take(job, 1)) == 1
            silence(database, job_id)
        job = claimed(imports, "last")
        assert imports.queue.take(job, 1) == []
        assert imports.queue.finish(job)
        [item] = imports.items(LI_NA, job_id)[0]
        assert (item.outcome, item.error_code) == ("failed", "reader-crashed")

    def test_a_runner_stopped_on_purpose_is_not_held_against_the_file(
        self, imports: Imports
    ) -> None:
        imports.create(LI_NA, entries("a.docx"))
        for _ in range(MAX_ATTEMPTS + 1):
            job = claimed(imports)
            assert len(imports.queue.take(job, 1)) == 1
            imports.queue.release(job, pause=False)


class TestRecording:
    def test_an_error_says_what_happened_at_which_step_and_what_to_do(
        self, imports: Imports, database: Database
    ) -> None:
        job_id = imports.create(LI_NA, entries("坏.docx"))
        job = claimed(imports)
        [item] = imports.queue.take(job, 5)
        result = replace(failed("坏.docx"), sha256="ab" * 32, size=7, media_type="text/plain")
        imports.queue.record(job, item, result)

        [seen] = imports.items(LI_NA, job_id)[0]
        assert (seen.outcome, seen.step, seen.error_code) == ("failed", "read", "damaged-file")
        assert seen.error_data == {"name": "坏.docx", "reason": "cut off"}
        assert seen.error == "坏.docx is damaged: cut off."
        assert seen.advice
        with database.read() as session:
            assert session.get(StoredFile, "ab" * 32) is not None

    def test_an_archive_is_replaced_by_what_was_in_it(self, imports: Imports) -> None:
        job_id = imports.create(LI_NA, entries("年度.zip"))
        job = claimed(imports)
        [archive] = imports.queue.take(job, 5)
        inner = entries("年度.zip!/甲.docx", "年度.zip!/b.docx")
        imports.queue.record(job, archive, Result("expanded", "read", entries=tuple(inner)))

        assert not imports.queue.finish(job)
        assert imports.get(LI_NA, job_id).counts.total == 2
        assert [item.path for item in imports.queue.take(job, 5)] == [e.path for e in inner]
        assert [item.path for item in imports.all_items(LI_NA, job_id)] == [e.path for e in inner]

    def test_a_job_is_done_only_when_every_item_is(self, imports: Imports) -> None:
        imports.create(LI_NA, entries("a.docx"))
        job = claimed(imports)
        [item] = imports.queue.take(job, 5)
        assert not imports.queue.finish(job)
        imports.queue.record(job, item, failed("a.docx"))
        assert imports.queue.finish(job)
        assert imports.get(LI_NA, job.id).state == "done"

    def test_a_job_whose_listing_broke_off_is_listed_again_without_doubles(
        self, imports: Imports, database: Database
    ) -> None:
        job_id = imports.create(LI_NA, sources=["/资料"])
        job = claimed(imports, "lost")
        assert (job.sources, job.listed) == (("/资料",), False)
        assert imports.queue.add(job, entries("a.docx", "b.docx")) == 2
        silence(database, job_id)

        job = claimed(imports, "next")
        assert not job.listed
        assert imports.queue.add(job, entries("a.docx", "b.docx", "丙.docx"), complete=True) == 1
        assert imports.get(LI_NA, job_id).counts.total == 3

    def test_progress_tells_rate_and_time_left(self, imports: Imports, database: Database) -> None:
        job_id = imports.create(LI_NA, entries(*(f"{n}.docx" for n in range(40))))
        job = claimed(imports)
        for item in imports.queue.take(job, 10):
            imports.queue.record(job, item, failed(item.path))
        with database.write() as session:
            session.get_one(ImportJob, job_id).started_at = utc_now() - timedelta(seconds=20)

        seen = imports.get(LI_NA, job_id)
        assert (seen.counts.done, seen.counts.left) == (10, 30)
        assert seen.per_minute == pytest.approx(30, abs=2)
        assert seen.seconds_left == pytest.approx(60, abs=3)


class TestCancellingAndRetrying:
    def test_cancel_keeps_what_is_done_and_begins_nothing_more(self, imports: Imports) -> None:
        job_id = imports.create(LI_NA, entries("a.docx", "b.docx", "丙.docx"))
        job = claimed(imports)
        [first, second] = imports.queue.take(job, 2)
        imports.queue.record(job, first, failed("a.docx"))
        imports.cancel(LI_NA, job_id)

        assert imports.queue.take(job, 5) == []
        assert not imports.queue.heartbeat(job)
        imports.queue.record(job, second, failed("b.docx"))
        assert imports.queue.finish(job)
        seen = imports.get(LI_NA, job_id)
        assert (seen.state, seen.counts.failed, seen.counts.cancelled) == ("cancelled", 2, 1)

    def test_what_a_dead_runner_had_under_way_does_not_stay_so_in_a_cancelled_job(
        self, imports: Imports, database: Database
    ) -> None:
        job_id = imports.create(LI_NA, entries("a.docx", "b.docx"))
        job = claimed(imports, "lost")
        imports.queue.take(job, 1)
        imports.cancel(LI_NA, job_id)
        silence(database, job_id)

        assert imports.queue.claim("next") is None
        seen = imports.get(LI_NA, job_id)
        assert (seen.state, seen.counts.left, seen.counts.cancelled) == ("cancelled", 0, 2)

    def test_retry_queues_what_failed_and_what_was_cancelled_and_nothing_else(
        self, imports: Imports
    ) -> None:
        job_id = imports.create(LI_NA, entries("a.docx", "b.docx", "丙.docx"))
        job = claimed(imports)
        [first, second] = imports.queue.take(job, 2)
        imports.queue.record(job, first, failed("a.docx"))
        imports.queue.record(job, second, Result("unchanged", "keep"))
        imports.cancel(LI_NA, job_id)
        imports.queue.finish(job)

        seen = imports.retry_failed(LI_NA, job_id)
        assert (seen.state, seen.counts.left, seen.counts.unchanged) == ("queued", 2, 1)
        again = imports.queue.take(claimed(imports), 5)
        assert [item.path for item in again] == ["a.docx", "丙.docx"]

    def test_retry_while_the_job_runs_joins_the_run(self, imports: Imports) -> None:
        job_id = imports.create(LI_NA, entries("a.docx"))
        job = claimed(imports)
        [item] = imports.queue.take(job, 1)
        imports.queue.record(job, item, failed("a.docx"))
        assert imports.retry_failed(LI_NA, job_id).state == "running"
        assert not imports.queue.finish(job)
        assert len(imports.queue.take(job, 5)) == 1

    def test_retry_where_nothing_failed_changes_nothing(self, imports: Imports) -> None:
        job_id = imports.create(LI_NA, entries("a.docx"))
        job = claimed(imports)
        [item] = imports.queue.take(job, 1)
        imports.queue.record(job, item, Result("unchanged", "keep"))
        imports.queue.finish(job)
        assert imports.retry_failed(LI_NA, job_id).state == "done"
