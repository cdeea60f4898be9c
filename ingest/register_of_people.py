"""The register of people: what a list of staff says, under the headers such lists have, or a file of vCards."""

from __future__ import annotations

from typing import Final

from ingest.registers import Field, FieldType, RegisterKind, RegisterSchema
from kb.access import Action
from kb.errors import N_
from kb.knowledge_base import KnowledgeBase

AVAILABILITY_WORDS: Final = {
    "open": ("可以请教", "欢迎", "乐意", "是", "yes", "available", "happy to help", "gladly"),
    "limited": ("有限", "偶尔", "预约", "by appointment", "sometimes", "busy"),
    "closed": ("暂不", "不便", "否", "no", "not now", "unavailable"),
}
YES_NO: Final = {
    "yes": ("是", "有", "y", "true", "1", "✓", "√", "mentor", "导师"),
    "no": ("否", "无", "n", "false", "0", "不是"),
}

PEOPLE_SCHEMA: Final = RegisterSchema(
    fields=(
        Field(
            "handle",
            "人员代号",
            "Handle",
            max_length=100,
            synonyms=(
                "id",
                "工号",
                "账号",
                "代号",
                "用户名",
                "员工编号",
                "login",
                "user name",
                "staff no",
            ),
            example="li.na",
        ),
        Field(
            "name_zh",
            "姓名",
            "Chinese name",
            max_length=200,
            synonyms=("中文名", "中文姓名", "名字", "员工姓名", "name zh"),
            example="李娜",
        ),
        Field(
            "name_en",
            "英文名",
            "Name",
            max_length=200,
            synonyms=("english name", "full name", "英文姓名", "拼音", "name en", "display name"),
            example="Li Na",
        ),
        Field(
            "aliases",
            "别名",
            "Other names",
            FieldType.LIST,
            max_length=200,
            synonyms=("曾用名", "花名", "昵称", "alias", "aka", "nickname", "former name"),
            example="娜姐",
        ),
        Field(
            "department",
            "部门",
            "Department",
            max_length=200,
            synonyms=(
                "所属部门",
                "事业部",
                "组织",
                "单位",
                "division",
                "team",
                "business unit",
                "org",
            ),
            example="PMO 项目管理办公室",
        ),
        Field(
            "title",
            "职务",
            "Title",
            max_length=200,
            synonyms=("岗位", "职位", "职称", "job title", "position", "role"),
            example="项目经理 Project manager",
        ),
        Field(
            "place",
            "地点",
            "Place",
            max_length=200,
            synonyms=("城市", "办公地点", "工作地点", "location", "city", "office", "site"),
            example="Hangzhou",
        ),
        Field(
            "languages",
            "语言",
            "Languages",
            FieldType.LIST,
            max_length=100,
            synonyms=("工作语言", "会说的语言", "language", "speaks"),
            example="zh; en",
        ),
        Field(
            "email",
            "邮箱",
            "E-mail",
            max_length=200,
            synonyms=("电子邮件", "邮件", "email address", "mail", "电子邮箱"),
            example="li.na@example.com",
        ),
        Field(
            "phone",
            "电话",
            "Phone",
            max_length=100,
            synonyms=("手机", "联系电话", "分机", "mobile", "tel", "telephone", "extension"),
            example="+86 571 0000 0000",
        ),
        Field(
            "chat",
            "即时通讯",
            "Chat",
            max_length=200,
            synonyms=("微信", "企业微信", "钉钉", "飞书", "wechat", "teams", "slack", "im"),
            example="@li.na",
        ),
        Field(
            "availability",
            "可否请教",
            "Availability for advice",
            FieldType.CHOICE,
            choices=AVAILABILITY_WORDS,
            synonyms=("咨询意愿", "availability", "advice"),
            example="open",
        ),
        Field(
            "availability_note",
            "请教方式",
            "When and how to ask",
            max_length=300,
            synonyms=("咨询说明", "availability note"),
            example="周四下午 Thursday afternoons",
        ),
        Field(
            "mentor",
            "导师",
            "Mentor",
            FieldType.CHOICE,
            choices=YES_NO,
            synonyms=("是否导师", "带教", "is mentor"),
            example="no",
        ),
        Field(
            "certificates",
            "证书",
            "Certificates",
            FieldType.LONG_TEXT,
            max_length=5_000,
            synonyms=("资质", "资格证书", "职业资格", "certifications", "qualifications"),
            example="PMP | PMI | 2028-05-31; CISSP | ISC2",
        ),
        Field(
            "interests",
            "兴趣",
            "Interests",
            FieldType.LIST,
            max_length=200,
            synonyms=("兴趣爱好", "关注方向", "hobbies"),
            example="事前验尸 pre-mortem",
        ),
        Field(
            "topics",
            "专长",
            "Topics",
            FieldType.LIST,
            max_length=200,
            synonyms=("擅长", "专业领域", "技能", "expertise", "skills", "specialities"),
            example="风险管理 risk management",
        ),
        Field(
            "since",
            "入职年份",
            "Here since",
            FieldType.NUMBER,
            synonyms=("入职", "since", "joined"),
            example="2015",
        ),
        Field(
            "left_on",
            "离职日期",
            "Left on",
            FieldType.DATE,
            synonyms=("离职", "离开日期", "left", "leaving date", "last day"),
            example="",
        ),
    ),
    key="handle",
    one_of=(("name_zh", "name_en"),),
)


def people_register(kb: KnowledgeBase) -> RegisterKind:
    """The register of the people of ``kb``."""
    return RegisterKind(
        name="people",
        title=N_("Register of people"),
        schema=PEOPLE_SCHEMA,
        put=kb.people.put,
        list_url="/people",
        thing_url="/people/%d",
        action=Action.CURATE_PEOPLE,
    )
