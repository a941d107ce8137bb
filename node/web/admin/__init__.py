"""The group's own desk: logging in, writing, publishing, calling back, and what others complain of.

Nothing here is decided by this package: it reads a form, asks the rooms, and shows what they answer. A member is known
by one cookie, which only this browser's own pages send; every form of hers repeats a word that no other site can know.
What she has written is given back to her whatever goes wrong.
"""

from node.web.admin import (
    appeals,
    complaints,
    conditions,
    corrections,
    decisions,
    drafting,
    drafts,
    figures,
    groups,
    importing,
    joining,
    marks,
    me,
    members,
    moderation,
    notices,
    passing,
    peer_pages,
    peers,
    positions,
    profile,
    published,
    reporting,
    rules,
    signatures,
    struggles,
)
from node.web.admin.desk import call_back, desk, publish
from node.web.admin.door import code, code_form, login, login_form, logout

__all__ = [
    "appeals",
    "call_back",
    "code",
    "code_form",
    "complaints",
    "conditions",
    "corrections",
    "decisions",
    "desk",
    "drafting",
    "drafts",
    "figures",
    "groups",
    "importing",
    "joining",
    "login",
    "login_form",
    "logout",
    "marks",
    "me",
    "members",
    "moderation",
    "notices",
    "passing",
    "peer_pages",
    "peers",
    "positions",
    "profile",
    "publish",
    "published",
    "reporting",
    "rules",
    "signatures",
    "struggles",
]
