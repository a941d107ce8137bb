"""Media types of documents between servers (ActivityPub §3.2, §7; RFC 6839; RFC 7033 §10.2)."""

from __future__ import annotations

import re

ACTIVITY_JSON = "application/activity+json"
PROFILE = "https://www.w3.org/ns/activitystreams"
ACTIVITY_LD_JSON = f'application/ld+json; profile="{PROFILE}"'
ACCEPT_ACTIVITY = f"{ACTIVITY_JSON}, {ACTIVITY_LD_JSON}"
JRD_JSON = "application/jrd+json"

_PARAMETER = re.compile(r'\s*;\s*([A-Za-z0-9-]+)=(?:"([^"]*)"|([^\s;"]*))')


def essence(content_type: str) -> str:
    """The media type without its parameters, lower case; "" for none."""
    return content_type.partition(";")[0].strip().lower()


def is_activity(content_type: str) -> bool:
    """Whether this names an ActivityStreams document: activity+json, or ld+json with the profile.

    Nothing else is believed, because a file that somebody uploaded can be served as plain JSON.
    """
    kind = essence(content_type)
    if kind == ACTIVITY_JSON:
        return True
    # A profile is a list of IRIs separated by spaces (RFC 6906 §3).
    return kind == "application/ld+json" and PROFILE in _parameter(content_type, "profile").split(" ")


def is_json(content_type: str) -> bool:
    """Whether this is JSON of any kind: JRD and NodeInfo are served under several names."""
    kind = essence(content_type)
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _parameter(content_type: str, name: str) -> str:
    _, separator, rest = content_type.partition(";")
    for match in _PARAMETER.finditer(separator + rest):
        if match[1].lower() == name:
            return match[2] if match[2] is not None else match[3]
    return ""
