"""What is stored about whoever uses the site is told before they sign in, as it is by the settings in force."""

from __future__ import annotations

from fastapi.testclient import TestClient

from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import sign_in
from web.app import create_app


def test_it_is_told_in_both_languages_before_anybody_signs_in(
    kb: KnowledgeBase, settings: Settings
) -> None:
    kb.settings = settings.model_copy(
        update={"anonymous_role": "none", "audit_days": 417, "query_log_days": 31}
    )
    with TestClient(create_app(kb.settings, kb), headers={"Accept-Language": "en"}) as client:
        assert 'href="/privacy"' in client.get("/sign-in").text
        told = client.get("/privacy").text
        assert "Rows are forgotten after 417 days." in told
        assert "without your name for 31 days" in told
        assert "720 hours" in told
        assert "/admin/personal" not in told
        chinese = client.get("/privacy", headers={"Accept-Language": "zh"}).text
        assert "记录在 417 天后删除。" in chinese
        assert "不带姓名保留 31 天" in chinese
        kb.settings = kb.settings.model_copy(update={"audit_days": 0, "query_log_days": 0})
        told = client.get("/privacy").text
        assert "Rows are kept for ever." in told
        assert "Questions are not kept." in told
        sign_in(client, "pmo")
        assert "/admin/personal" in client.get("/privacy").text
