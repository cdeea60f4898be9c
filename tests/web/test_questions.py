"""Questions put to colleagues: asked once, answered, accepted, voted, closed, reminded of, used; and what hides."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from kb.access import SYSTEM, Actor, Audience, Role
from kb.errors import Conflict, InvalidInput, NotAllowed, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models import Document, Notification, Person, Question, record_change
from kb.question_evidence import ACCEPTED_PART, OTHER_PART, QuestionEvidence
from kb.question_lists import QuestionFilter
from kb.question_reminders import QuestionReminders
from kb.question_rules import (
    MAX_EXPERTS,
    QuestionClosed,
    QuestionText,
    working_days_before,
)
from kb.search.answers import SearchRequest
from kb.written_texts import language_of
from tests.web.conftest import draft, sign_in, store

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)
CHEN = Actor("chen.wei", "Chen Wei", Role.READER)
PMO = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)
NOBODY = Actor("", "", Role.CONTRIBUTOR)
ASKED = QuestionText("怎样申请 change request？", "找不到 𠮷 表格 🚀", tags=("变更", "变更", " "))


def told(kb: KnowledgeBase, actor: Actor) -> list[tuple[str, str]]:
    """Kinds and titles of what an actor was told, oldest first."""
    found, _ = kb.notifications.all(actor)
    return [(each.kind, each.title) for each in reversed(found)]


def person(kb: KnowledgeBase, handle: str, name: str) -> int:
    """Add somebody to the register, and give the id."""
    with kb.database.write() as session:
        row = Person(handle=handle, name_zh=name)
        session.add(row)
        session.flush()
        return row.id


def test_what_is_sent_twice_becomes_one_question_answer_comment_and_vote(kb: KnowledgeBase) -> None:
    questions, answers = kb.questions, kb.question_answers
    number = questions.ask(CHEN, ASKED, token="t1")
    assert questions.ask(CHEN, replace(ASKED, title="另一个标题"), token="t1") == number
    assert questions.ask(CHEN, ASKED) == number
    assert questions.ask(LI_NA, ASKED, token="t1") != number
    first = answers.answer(LI_NA, number, "用**变更**表。", token="a")
    assert answers.answer(LI_NA, number, "用**变更**表。") == first
    assert answers.answer(LI_NA, number, "别的话", token="a") == first
    assert answers.answer(PMO, number, "用**变更**表。", token="a") != first
    said = answers.comment(CHEN, number, "谢谢", answer_id=first, token="c")
    assert answers.comment(CHEN, number, "谢谢", answer_id=first, token="c") == said
    for _ in range(2):
        answers.vote(CHEN, first, on=True)
        questions.vote(LI_NA, number, on=True)
    found = kb.question_views.get(CHEN, number)
    assert (found.text.tags, found.text.language, found.votes) == (("变更",), "zh", 1)
    assert [(each.votes, len(each.remarks)) for each in found.answers] == [(1, 1), (0, 0)]
    answers.vote(CHEN, first, on=False)
    answers.vote(CHEN, first, on=False)
    assert kb.question_views.get(CHEN, number).answers[0].votes == 0
    for vote in (
        lambda: questions.vote(CHEN, number, on=True),
        lambda: answers.vote(LI_NA, first, on=True),
    ):
        with pytest.raises(InvalidInput):
            vote()


def test_an_answer_to_a_closed_question_is_refused_with_a_plain_sentence_and_not_lost(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = kb.questions.ask(CHEN, ASKED)
    kb.questions.close(CHEN, number, note="自己找到了")
    with pytest.raises(QuestionClosed):
        kb.question_answers.answer(LI_NA, number, "晚了")
    sign_in(client, "li.na")
    answer = client.post(f"/questions/{number}/answers", data={"body": "我的 late answer"})
    assert answer.status_code == 409
    assert "This question was closed meanwhile, so it takes no more answers." in answer.text
    assert "我的 late answer</textarea>" in answer.text
    api = client.post(f"/api/v1/questions/{number}/answers", json={"body": "late"})
    assert (api.status_code, api.json()["code"]) == (409, "question-closed")
    kb.questions.reopen(CHEN, number)
    assert client.post(f"/questions/{number}/answers", data={"body": "in time"}).status_code == 200
    assert [each.body for each in kb.question_views.get(CHEN, number).answers] == ["in time"]


def test_everybody_concerned_is_told_and_nobody_of_their_own_deed(kb: KnowledgeBase) -> None:
    expert = person(kb, "li.na", "李娜")
    number = kb.questions.ask(CHEN, ASKED, experts=[expert, expert])
    kb.questions.vote(PMO, number, on=True)
    assert told(kb, LI_NA) == [("asked", ASKED.title)]
    answer = kb.question_answers.answer(LI_NA, number, "见指南。")
    assert told(kb, CHEN) == told(kb, PMO) == [("answered", ASKED.title)]
    kb.question_answers.accept(CHEN, answer, on=True)
    kb.question_answers.accept(CHEN, answer, on=True)
    kb.question_answers.comment(CHEN, number, "清楚", answer_id=answer)
    kb.questions.close(CHEN, number)
    assert [kind for kind, _ in told(kb, LI_NA)] == ["asked", "accepted", "commented"]
    assert [kind for kind, _ in told(kb, PMO)] == ["answered", "closed"]
    assert [each.accepted for each in kb.question_views.get(PMO, number).answers] == [True]


def test_only_the_asker_or_a_curator_decides_and_what_was_written_before_is_kept(
    kb: KnowledgeBase,
) -> None:
    number = kb.questions.ask(CHEN, ASKED)
    first = kb.question_answers.answer(LI_NA, number, "一")
    second = kb.question_answers.answer(PMO, number, "二")
    for step in (
        lambda: kb.question_answers.accept(LI_NA, first, on=True),
        lambda: kb.questions.close(LI_NA, number),
        lambda: kb.questions.edit(LI_NA, number, ASKED, 1),
        lambda: kb.question_answers.edit(LI_NA, second, "改", 1),
        lambda: kb.questions.ask(NOBODY, ASKED),
        lambda: kb.question_answers.answer(NOBODY, number, "x"),
    ):
        with pytest.raises(NotAllowed):
            step()
    kb.question_answers.accept(CHEN, first, on=True)
    kb.question_answers.accept(PMO, second, on=True)
    found = kb.question_views.get(CHEN, number)
    assert [(each.body, each.accepted) for each in found.answers] == [("二", True), ("一", False)]
    kb.questions.edit(CHEN, number, replace(ASKED, title="How to apply for a change"), 1)
    kb.question_answers.edit(LI_NA, first, "一，改过", 1)
    with pytest.raises(Conflict):
        kb.questions.edit(PMO, number, ASKED, 1)
    with pytest.raises(Conflict):
        kb.question_answers.edit(LI_NA, first, "再改", 1)
    edits = kb.question_views.history(CHEN, number)
    assert [(each.answer_id, each.title, each.body) for each in edits] == [
        (first, "", "一"),
        (None, ASKED.title, ASKED.body),
    ]


@pytest.mark.parametrize(
    "text",
    [
        QuestionText("   "),
        QuestionText("问" * 301),
        QuestionText("Q", "x" * 20_001),
        QuestionText("Q", tags=tuple(map(str, range(11)))),
        QuestionText("Q", audience="somebody"),
    ],
)
def test_a_text_that_cannot_be_stored_leaves_nothing_behind(
    kb: KnowledgeBase, text: QuestionText
) -> None:
    with pytest.raises(InvalidInput):
        kb.questions.ask(CHEN, text)
    with pytest.raises(NotFound):
        kb.questions.ask(CHEN, replace(ASKED, project="CL-0000-000"))
    with pytest.raises(NotFound):
        kb.questions.ask(CHEN, ASKED, experts=[999])
    with pytest.raises(InvalidInput):
        kb.questions.ask(
            CHEN, ASKED, experts=[person(kb, f"p{n}", "人") for n in range(MAX_EXPERTS + 1)]
        )
    assert kb.question_lists.listed(SYSTEM, QuestionFilter())[1] == 0
    assert kb.notifications.unread(LI_NA) == 0


def test_a_duplicate_leads_to_the_question_asked_before_and_never_in_a_circle(
    kb: KnowledgeBase,
) -> None:
    one, two, three = (kb.questions.ask(CHEN, replace(ASKED, title=f"问 {n}")) for n in range(3))
    kb.questions.close(CHEN, two, duplicate_of=one)
    kb.questions.close(CHEN, three, duplicate_of=two)
    for number, before in ((one, one), (one, three)):
        with pytest.raises(InvalidInput):
            kb.questions.close(CHEN, number, duplicate_of=before)
    assert kb.question_views.get(LI_NA, two).duplicate_of == (one, "问 0")
    assert kb.question_views.get(LI_NA, one).duplicates == ((two, "问 1"),)
    with pytest.raises(NotFound):
        kb.questions.close(CHEN, one, duplicate_of=999)


def test_a_hidden_question_answers_like_one_that_is_not_there(
    client: TestClient, kb: KnowledgeBase
) -> None:
    hidden = kb.questions.ask(PMO, replace(ASKED, title="机密 merger", audience="user:pmo"))
    answer = kb.question_answers.answer(PMO, hidden, "机密 answer")
    kb.questions.ask(CHEN, ASKED)
    kb.indexing.catch_up()
    sign_in(client, "li.na")
    gone = client.get("/questions/999")
    seen = client.get(f"/questions/{hidden}")
    assert seen.status_code == gone.status_code == 404
    same = [
        re.sub(rf"(questions(?:/|%2F)|“){number}", r"\1N", answer.text)
        for number, answer in ((hidden, seen), (999, gone))
    ]
    assert same[0] == same[1]
    for path in (
        f"/questions/{hidden}/history",
        f"/answers/{answer}/edit",
        f"/questions/{hidden}/lesson",
    ):
        assert client.get(path).status_code == 404, path
    for path in (
        f"/questions/{hidden}/answers",
        f"/questions/{hidden}/vote",
        f"/questions/{hidden}/comments",
        f"/questions/{hidden}/close",
        f"/questions/{hidden}/page",
        f"/answers/{answer}/vote",
        f"/answers/{answer}/accept",
    ):
        assert client.post(path, data={"body": "x", "text": "x"}).status_code == 404, path
    page = client.get("/questions").text
    assert "merger" not in page
    assert '<span class="count">1</span>' in page
    assert client.get("/api/v1/questions").json()["total"] == 1
    assert client.get(f"/api/v1/questions/{hidden}").status_code == 404
    assert "机密" not in client.get("/?q=merger").text
    assert "机密" not in client.post("/questions/similar", data={"title": "a merger"}).text
    assert kb.search(PMO, SearchRequest("merger")).total == 1


def test_whoever_asks_others_may_read_what_they_answer(kb: KnowledgeBase) -> None:
    number = kb.questions.ask(CHEN, replace(ASKED, audience="user:pmo"))
    assert kb.question_views.get(CHEN, number).text.audience == "user:chen.wei,user:pmo"
    with pytest.raises(NotFound):
        kb.question_views.get(LI_NA, number)


def test_lists_tell_what_is_open_without_answer_mine_and_brought_to_me(kb: KnowledgeBase) -> None:
    expert = person(kb, "li.na", "李娜")
    plain = kb.questions.ask(CHEN, ASKED, experts=[expert])
    solved = kb.questions.ask(PMO, QuestionText("Who signs the charter?", tags=("gates",)))
    answer = kb.question_answers.answer(CHEN, solved, "The sponsor.")
    kb.question_answers.accept(PMO, answer, on=True)
    closed = kb.questions.ask(CHEN, QuestionText("Nothing"))
    kb.questions.close(CHEN, closed)
    kb.questions.vote(LI_NA, solved, on=True)

    def ids(actor: Actor, **asked: str) -> list[int]:
        return [line.id for line in kb.question_lists.listed(actor, QuestionFilter(**asked))[0]]  # type: ignore[arg-type]

    assert (
        ids(LI_NA, tab="open") == ids(LI_NA, tab="unanswered") == ids(LI_NA, tab="to-me") == [plain]
    )
    assert set(ids(CHEN, tab="mine")) == {plain, closed}
    assert ids(CHEN, tag="gates") == [solved]
    assert ids(CHEN, sort="votes")[0] == solved
    assert ids(NOBODY, tab="mine") == ids(NOBODY, tab="to-me") == ids(LI_NA, tab="waiting") == []
    assert kb.question_lists.counts(CHEN)["all"] == 3
    assert dict(kb.question_lists.tags(CHEN)) == {"变更": 1, "gates": 1}


def test_without_an_answer_experts_are_reminded_after_working_days_and_then_the_pmo(
    kb: KnowledgeBase,
) -> None:
    friday = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert working_days_before(friday + timedelta(days=3), 1) == friday
    expert = person(kb, "li.na", "李娜")
    number = kb.questions.ask(CHEN, ASKED, experts=[expert])
    other = kb.questions.ask(CHEN, replace(ASKED, title="answered"))
    kb.question_answers.answer(LI_NA, other, "yes")
    with kb.database.write() as session:
        session.execute(update(Question).values(asked_at=friday))
    clock = [friday]
    reminders = QuestionReminders(kb.database, 3, lambda: clock[0])
    passes = []
    for days in (
        0,
        4,
        5,
        5,
        7,
        10,
        30,
    ):  # Friday + 5 days is Wednesday, the third working day after
        clock[0] = friday + timedelta(days=days)
        passes.append(reminders.remind())
    assert passes == [(0, 0), (0, 0), (1, 0), (0, 0), (0, 0), (0, 1), (0, 0)]
    assert [kind for kind, _ in told(kb, LI_NA)] == ["asked", "reminded"]
    assert told(kb, PMO) == [("unanswered", ASKED.title)]
    assert [each.id for each in kb.question_lists.listed(PMO, QuestionFilter("waiting"))[0]] == [
        number
    ]
    assert QuestionReminders(kb.database, 0, lambda: clock[0]).remind() == (0, 0)
    kb.question_answers.answer(LI_NA, number, "终于")
    assert kb.question_lists.counts(PMO)["waiting"] == 0


def test_a_question_is_found_in_both_languages_by_its_answer_and_leads_to_it(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = kb.questions.ask(CHEN, QuestionText("开工前要做什么？", "第一次带项目"))
    answer = kb.question_answers.answer(LI_NA, number, "先登记**风险登记册**，再约发起人。")
    kb.indexing.catch_up()
    for query in ("风险登记册", "risk register"):
        hits = kb.search(CHEN, SearchRequest(query, kinds=("question",))).hits
        assert [(hit.subject, hit.id) for hit in hits] == [("question", number)], query
        assert hits[0].section is not None
        assert hits[0].section.anchor == f"answer-{answer}"
    assert f"/questions/{number}?q=" in client.get("/?q=风险登记册").text
    assert f'id="answer-{answer}"' in client.get(f"/questions/{number}").text
    sign_in(client, "chen.wei")
    before = client.post("/questions/similar", data={"title": "What about the risk register?"}).text
    assert "开工前要做什么？" in before


def test_answers_are_evidence_and_what_was_accepted_counts_more(kb: KnowledgeBase) -> None:
    expert = person(kb, "li.na", "李娜")
    one = kb.questions.ask(CHEN, ASKED)
    two = kb.questions.ask(PMO, replace(ASKED, audience="user:pmo,user:li.na"))
    kb.question_answers.answer(LI_NA, one, "一")
    kb.question_answers.accept(CHEN, kb.question_answers.answer(LI_NA, one, "二"), on=True)
    kb.question_answers.answer(LI_NA, two, "三")
    source = QuestionEvidence()
    with kb.database.read() as session:
        for actor, parts in ((PMO, [ACCEPTED_PART, OTHER_PART]), (CHEN, [ACCEPTED_PART])):
            found = sorted(source.evidence(session, actor), key=lambda each: each.number)
            assert [(each.person, each.part) for each in found] == [
                (expert, part) for part in parts
            ]
            assert found[0].tags == ("变更",)
        assert source.evidence(session, PMO, people=[expert + 1]) == []
        assert len(source.evidence(session, PMO, numbers=[one])) == 1


def test_one_click_makes_a_draft_page_and_a_filled_lesson_linked_both_ways(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = kb.questions.ask(CHEN, replace(ASKED, audience="user:chen.wei, user:li.na"))
    kb.question_answers.answer(CHEN, number, "另一个")
    best = kb.question_answers.answer(LI_NA, number, "用变更表，三天内批。")
    kb.question_answers.accept(CHEN, best, on=True)
    sign_in(client, "li.na")
    places = [
        client.post(f"/questions/{number}/page", follow_redirects=False).headers["Location"]
        for _ in range(2)
    ]
    assert places[0] == places[1]
    document = int(places[0].split("/")[2])
    with kb.database.read() as session:
        row = session.get_one(Document, document)
        assert (row.state, row.title, row.language) == ("draft", ASKED.title, "zh")
        assert "用变更表，三天内批。" in row.body
        assert "另一个" not in row.body
        assert f"(/questions/{number})" in row.body
    form = client.get(f"/questions/{number}/lesson").text
    assert "用变更表，三天内批。</textarea>" in form
    assert f'name="question" value="{number}"' in form
    sent = client.post(
        "/lessons",
        data={
            "title": "变更要走表",
            "kind": "lesson",
            "language": "zh",
            "what_happened": "口头变更没有留痕。",
            "recommendation": "用变更表。",
            "evidence": f"[问题 {number}](/questions/{number})",
            "phase": "planning",
            "question": str(number),
            "seen": "yes",
        },
        follow_redirects=False,
    )
    assert sent.status_code == 303, sent.text
    lesson = sent.headers["Location"]
    page = client.get(f"/questions/{number}").text
    assert f'href="{lesson}"' in page
    assert f'href="/documents/{document}"' in page
    assert f'href="/questions/{number}"' in client.get(lesson).text
    sign_in(client, "chen.wei")  # the draft is not for others yet
    assert f'href="/documents/{document}"' not in client.get(f"/questions/{number}").text


def test_the_pages_work_without_scripts_and_show_what_tells_the_same_before_it_is_asked(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    assert (
        client.get("/questions/new", follow_redirects=False)
        .headers["Location"]
        .startswith("/sign-in")
    )
    sign_in(client, "chen.wei")
    sent = {"title": "管廊 探地雷达 怎么用？", "body": "x", "tags": "勘察；gates", "token": "t"}
    first = client.post("/questions", data=sent)
    assert "Not asked yet" in first.text
    assert "地下管廊探测的教训" in first.text
    made = client.post("/questions", data={**sent, "seen": "yes"}, follow_redirects=False)
    assert made.status_code == 303
    page = client.get(made.headers["Location"]).text
    assert "管廊 探地雷达 怎么用？" in page
    assert "勘察" in page
    assert 'action="/answers' not in page
    number = int(made.headers["Location"].split("/")[2])
    sign_in(client, "li.na")
    assert client.post(f"/questions/{number}/answers", data={"body": ""}).status_code == 422
    text = "**好** <script>alert(1)</script> [x](javascript:alert(1))"
    shown = client.post(
        f"/questions/{number}/answers", data={"body": text}, headers={"HX-Request": "true"}
    ).text
    assert "<strong>好</strong>" in shown
    assert "<script>alert" not in shown
    assert "javascript:" not in shown.replace("javascript:alert(1))</textarea>", "")
    (answer,) = re.findall(r'id="answer-(\d+)"', shown)
    assert f'action="/answers/{answer}/vote"' not in shown
    assert client.get(f"/answers/{answer}/edit").status_code == 200
    assert (
        client.post(f"/answers/{answer}/edit", data={"body": "新的", "revision": 1}).status_code
        == 200
    )
    assert (
        client.post(f"/answers/{answer}/edit", data={"body": "旧的", "revision": 1}).status_code
        == 409
    )
    assert "好" in client.get(f"/questions/{number}/history").text
    for path in (
        "/questions?tab=nonsense&page=0&sort=x&tag=%F0%A0%AE%B7",
        "/questions?page=99999999999",
    ):
        assert client.get(path).status_code == 200


def test_the_api_lists_tells_one_asks_and_answers(client: TestClient, kb: KnowledgeBase) -> None:
    assert client.post("/api/v1/questions", json={"title": "Q"}).status_code == 403
    sign_in(client, "chen.wei")
    made = client.post(
        "/api/v1/questions", json={"title": "谁批变更？", "tags": ["变更"], "token": "x"}
    )
    assert made.status_code == 201
    number = made.json()["id"]
    assert (
        client.post("/api/v1/questions", json={"title": "谁批变更？", "token": "x"}).json()["id"]
        == number
    )
    answer = client.post(f"/api/v1/questions/{number}/answers", json={"body": "发起人"})
    assert answer.status_code == 201
    one = client.get(f"/api/v1/questions/{number}").json()
    assert (one["title"], one["tags"], one["answers"][0]["body"]) == (
        "谁批变更？",
        ["变更"],
        "发起人",
    )
    listed = client.get("/api/v1/questions", params={"tab": "unanswered"}).json()
    assert (listed["total"], listed["questions"]) == (0, [])
    assert client.get("/api/v1/questions?tab=nonsense").status_code == 422
    assert client.post("/api/v1/questions", json={"title": ""}).status_code == 422
    assert client.get(f"/api/v1/questions/{2**63}").status_code in {404, 422}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("如何申请 change request?", "zh"),
        ("What is the 变更 form for, and who signs it?", "en"),
        ("風險登記冊", "zh"),
        ("𠮷", "zh"),
        ("🚀?", "zh"),
    ],
)
def test_the_language_of_a_question_is_told_from_most_of_it(text: str, language: str) -> None:
    assert language_of(text) == language


def test_followers_hear_of_what_is_new_and_changed_but_not_of_mere_indexing(
    kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    following = kb.following
    assert following.catch_up() == 0  # what was before is no news
    following.follow(CHEN, "tag", "风险管理", on=True)
    following.follow(CHEN, "document", str(documents["summary"]), on=True)
    for _ in range(2):
        following.follow(CHEN, "tag", "风险管理", on=True)
    for subject, key in (("document", "999"), ("nonsense", "1"), ("document", "x"), ("tag", "")):
        with pytest.raises(NotFound):
            following.follow(CHEN, subject, key, on=True)
    made = store(kb, draft("新的教训", "# 新\n", "zh", "lesson", tags=("风险管理",)))
    secret = store(
        kb,
        draft("秘密", "# 秘\n", "zh", "lesson", tags=("风险管理",)),
        audience=Audience.parse("user:pmo"),
    )
    asked = kb.questions.ask(LI_NA, QuestionText("风险谁管？", tags=("风险管理",)))
    assert following.catch_up() > 0
    with kb.database.read() as session:
        found = session.execute(
            select(Notification.kind, Notification.subject, Notification.number).where(
                Notification.user_id == "chen.wei"
            )
        ).all()
    assert sorted(map(tuple, found)) == [
        ("published", "document", made),
        ("published", "question", asked),
    ]
    assert secret not in {number for _, _, number in found}
    kb.notifications.mark(CHEN)
    with kb.database.write() as session:  # indexed anew, an hour after it was stored
        session.execute(update(Document).values(updated_at=datetime(2026, 1, 1, tzinfo=UTC)))
        record_change(session, PMO, "document", documents["summary"], "glossary")
    following.catch_up()
    assert kb.notifications.unread(CHEN) == 0
    kb.question_answers.answer(PMO, asked, "项目经理")
    following.catch_up()
    assert told(kb, CHEN)[-1] == ("changed", "风险谁管？")
    following.follow(CHEN, "tag", "风险管理", on=False)
    assert [each.subject for each in following.mine(CHEN)] == ["document"]


def test_the_button_follows_and_the_page_lists_what_is_followed(
    chinese: TestClient, documents: dict[str, int]
) -> None:
    number = documents["lesson"]
    assert chinese.get("/follows", follow_redirects=False).status_code == 303
    sign_in(chinese, "chen.wei")
    assert chinese.get("/follow?subject=document&key=999").status_code == 404
    button = chinese.get(
        f"/follow?subject=document&key={number}", headers={"HX-Request": "true"}
    ).text
    assert 'aria-pressed="false"' in button
    assert "<html" not in button
    form = {"subject": "document", "key": str(number), "on": "true"}
    pressed = chinese.post("/follow", data=form, headers={"HX-Request": "true"}).text
    assert 'aria-pressed="true"' in pressed
    assert f'href="/documents/{number}"' in chinese.get("/follows").text
    chinese.post("/follow", data={**form, "on": "false", "then": "/follows"})
    assert "还没有关注" in chinese.get("/follows").text
