"""Which streams there are, and what a token needs for each."""

from __future__ import annotations

from node.apps import rules as scopes
from node.errors import Forbidden, Invalid
from node.members.viewers import Viewer
from node.web.mastodon.door import OUTSIDE
from node.web.mastodon.streaming.hub import Stream

NEEDS = {
    "user": ("read:statuses", "read:notifications"),
    "user:notification": ("read:notifications",),
    "public": ("read:statuses",),
    "public:local": ("read:statuses",),
    "public:remote": ("read:statuses",),
    "public:media": ("read:statuses",),
    "public:local:media": ("read:statuses",),
    "public:remote:media": ("read:statuses",),
    "hashtag": ("read:statuses",),
    "hashtag:local": ("read:statuses",),
    "list": ("read:lists",),
    "direct": ("read:statuses",),
}
"""Any one of the scopes is enough; `user` tells of texts and of notifications what the token may read."""

STREAMS_AT_MOST = 50  # of one connection
TAG_CHARACTERS = 100


def stream(viewer: Viewer, name: str | None, *, tag: str | None, list_id: str | None) -> Stream:
    """The stream an app asks for. Raises Invalid for one that there is not, Forbidden where the token is too narrow."""
    if name not in NEEDS:
        raise Invalid("there is no stream {given!r}", field="stream", given=(name or "")[:40])
    if not any(scopes.covers(viewer.scopes, one) for one in NEEDS[name]):
        raise Forbidden(OUTSIDE)
    if name.startswith("hashtag"):
        bare = (tag or "").strip().lstrip("#").casefold()
        if not 0 < len(bare) <= TAG_CHARACTERS:
            raise Invalid("say which hashtag", field="tag")
        return Stream(name, bare)
    if name == "list":
        if not (list_id or "").isdecimal():
            raise Invalid("say which list", field="list")
        return Stream(name, str(list_id))
    return Stream(name)
