"""The sign-ins of a demonstration: published on the sign-in page, and only ever made by ``pmo serve --demo``."""

from __future__ import annotations

from typing import Final

from kb.access import Role

DEMO_PASSWORD: Final = "qianjian-demo"  # noqa: S105  a published password of a demonstration
DEMO_USERS: Final = (
    ("reader", "Demo Reader 演示读者", Role.READER),
    ("contributor", "Demo Contributor 演示贡献者", Role.CONTRIBUTOR),
    ("curator", "Demo Curator 演示策展人", Role.CURATOR),
    ("admin", "Demo Administrator 演示管理员", Role.ADMINISTRATOR),
)
