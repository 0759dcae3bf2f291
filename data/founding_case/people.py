"""The authority, its zones, the firms and the invented people of the demo."""

from typing import Any

AUTHORITY: dict[str, Any] = {
    "code": "JNSP",
    "name": {"zh": "江宁科学园管理处", "en": "Jiangning Science Park Administration"},
    "time_zone": "Asia/Shanghai",
    "locale": "zh_CN",
    "currency": "CNY",
    "amendment_ceiling_percent": "10",  # Government Procurement Law, article 49
    "extent": [118.80, 31.88, 118.92, 31.95],
}
# Exactly as the park's own account gives them.
INDICATORS = {
    "green_land": {"zh": "绿地总面积", "en": "All green land", "value": "18,580,000", "unit": "m2"},
    "green_rate": {"zh": "绿地率", "en": "Green rate", "value": "44.2", "unit": "%"},
    "green_cover": {"zh": "绿化覆盖率", "en": "Green cover", "value": "46", "unit": "%"},
    "green_per_head": {"zh": "人均公共绿地", "en": "Public green per head", "value": "85.8", "unit": "m2"},
}
ORGANISATIONS = [
    {"code": "JNSP", "kind": "authority", "name": AUTHORITY["name"]},
    {"code": "HEMU", "kind": "contractor", "name": {"zh": "禾木绿化", "en": "Hemu Landscaping"}},
    {"code": "QINGLING", "kind": "contractor", "name": {"zh": "青岭绿化", "en": "Qingling Landscaping"}},
    {"code": "WOYE", "kind": "contractor", "name": {"zh": "沃野园艺", "en": "Woye Horticulture"}},
    {"code": "ZHENGHENG", "kind": "consultant", "name": {"zh": "正衡监理", "en": "Zhengheng Supervision"}},
]  # fmt: skip
_ZONES = [
    ("J1", "", "第一组团 行政中心与大学城体育中心", "Group 1, administration and sports centre"),
    ("J1A", "J1", "行政中心片区", "Administration area"),
    ("J1B", "J1", "体育中心片区", "Sports Centre area"),
    ("J2", "", "第二组团 江南工业园", "Group 2, Jiangnan Industrial Park"),
    ("J2A", "J2", "将军大道片区", "Jiangjun Avenue area"),
    ("J2B", "J2", "江南路片区", "Jiangnan Road area"),
    ("J2C", "J2", "苏源大道片区", "Suyuan Avenue area"),
    ("J3", "", "第三组团 科宁路工业园", "Group 3, Kening Road Industrial Park"),
    ("J3A", "J3", "吉山路片区", "Jishan Road area"),
    ("J3B", "J3", "诚信大道片区", "Chengxin Avenue area"),
    ("J3C", "J3", "滨河片区", "Riverside area"),
]
_USERS = [
    ("wang", "王主任", "manager", "JNSP", [], "zh"),
    ("zhou", "周会计", "manager", "JNSP", [], "zh"),
    ("limin", "李敏", "inspector", "JNSP", ["J1", "J2"], "zh"),
    ("zhouqiang", "周强", "inspector", "JNSP", ["J2", "J3"], "zh"),
    ("zhao", "赵监理", "supervisor", "ZHENGHENG", ["J1", "J2", "J3"], "zh"),
    ("sun", "孙监理", "supervisor", "ZHENGHENG", ["J1", "J2", "J3"], "zh"),
    ("liu", "刘工", "contractor", "HEMU", [], "zh"),
    ("chen", "陈工", "contractor", "QINGLING", [], "zh"),
    ("tang", "唐工", "contractor", "WOYE", [], "zh"),
    ("zheng", "郑审计", "auditor", "JNSP", [], "zh"),
    ("wu", "吴秘书", "viewer", "JNSP", [], "en"),
    ("feng", "冯工", "admin", "JNSP", [], "zh"),
]
INSPECTORS = {"J1": ("limin",), "J2": ("limin", "zhouqiang"), "J3": ("zhouqiang",)}
SUPERVISORS = ("zhao", "sun")
FOREMEN = {"J1": "liu", "J2": "chen", "J3": "tang"}


def zones() -> list[dict[str, Any]]:
    """The zone tree, parents first."""
    return [
        {"code": code, **({"parent": parent} if parent else {}), "name": {"zh": zh, "en": en}}
        for code, parent, zh, en in _ZONES
    ]


def users() -> list[dict[str, Any]]:
    """The people who act in the demo; `zones`: to which inspectors and supervisors are posted."""
    keys = ("code", "name", "role", "organisation", "zones", "language")
    return [dict(zip(keys, user, strict=True)) for user in _USERS]
