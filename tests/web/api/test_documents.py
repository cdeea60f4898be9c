"""``GET /api/v1/documents/{id}``."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.access import Audience
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import draft, sign_in, store


def test_a_document_for_others_answers_like_one_that_does_not_exist(
    client: TestClient, kb: KnowledgeBase
) -> None:
    hidden = store(
        kb, draft("Secret", "Price.", "en", "plan"), audience=Audience.parse("user:chen.wei")
    )
    answers = [client.get(f"/api/v1/documents/{number}") for number in (hidden, hidden + 1000)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"].replace(str(hidden), "N") == (
        answers[1].json()["detail"].replace(str(hidden + 1000), "N")
    )
    assert answers[0].json()["code"] == "not-found"
    sign_in(client, "chen.wei")
    assert client.get(f"/api/v1/documents/{hidden}").json()["body"] == "Price."


def test_body_and_sections_come_with_their_anchors(
    client: TestClient, documents: dict[str, int]
) -> None:
    answer = client.get(f"/api/v1/documents/{documents['lesson']}").json()
    assert answer["body"].startswith("# 地下管廊探测的教训")
    sections = {section["heading"]: section for section in answer["sections"]}
    assert "探地雷达" in sections["建议"]["text"]
    assert sections["建议"]["anchor"]
    assert answer["project"]["code"] == "CL-2018-007"
    assert answer["ledger"]["coverage"] == 99.8
    assert client.get(answer["original_url"]).status_code == 200
    assert client.get(answer["url"]).status_code == 200


@pytest.mark.parametrize("number", ["abc", "0", "-5", "9" * 30])
def test_a_wrong_id_is_a_problem_never_a_500(client: TestClient, number: str) -> None:
    answer = client.get(f"/api/v1/documents/{number}")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
