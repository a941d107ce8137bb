"""How policies, their effects and the peering log are said: as values for programs, and as lines for people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from node.peering.effects import Effects

NAMED_AT_MOST = 10
_COUNTS = {
    "followers_lost": "followers of the group get nothing more",
    "followers_regained": "followers of the group hear it again",
    "deliveries_withdrawn": "deliveries that wait are withdrawn",
    "fetches_withdrawn": "fetches that wait are withdrawn",
    "texts_hidden": "texts of theirs stand on no public page any more",
    "texts_shown": "texts of theirs stand on public pages again",
}
_NAMES = {
    "follows_rest": "followed by the group, and heard no longer",
    "follows_resume": "followed by the group, and heard again",
    "media_hidden": "no pictures, films and sounds any more of",
    "media_shown": "pictures, films and sounds again of",
}
_DOORS = {"shut_out": "shut out of {door}", "let_in": "let in to {door}"}


def lines(effects: Effects) -> list[str]:
    """What becomes different, line by line."""
    if effects.is_nothing:
        return ["  nothing for anybody who is known here"]
    found = [f"  {words}: {_named(names)}" for name, words in _NAMES.items() if (names := getattr(effects, name))]
    found += [f"  {number} {words}" for name, words in _COUNTS.items() if (number := getattr(effects, name))]
    for name, words in _DOORS.items():
        found += [f"  {words.format(door=door)}: {_named(those)}" for door, those in getattr(effects, name).items()]
    if effects.all_that_is_followed:
        found.append("  NOBODY whom the group follows would be heard any more")
    return found


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def policy(row: Row[Any]) -> dict[str, Any]:
    """A policy as programs are told."""
    return {
        "id": str(row.id), "subject": row.subject, "severity": row.severity, "category": row.category,
        "reason": row.reason, "no_media": row.no_media, "kinds": row.kinds, "subdomains": row.subdomains,
        "since": _moment(row.since), "expires": _moment(row.expires), "review_on": _moment(row.review_on),
        "by_role": row.by_role, "source": row.source, "decision": row.decision,
    }  # fmt: skip


def policy_line(one: dict[str, Any]) -> str:
    """A policy in a line."""
    more = [
        *(["no media"] if one["no_media"] else []),
        *([f"for {', '.join(one['kinds'])}"] if one["kinds"] else []),
        *([] if one["subdomains"] else ["without sub-domains"]),
        *([f"until {one['expires'][:10]}"] if one["expires"] else []),
        *([f"review on {one['review_on'][:10]}"] if one["review_on"] else []),
        *([f"from {one['source']}"] if one["source"] else []),
    ]
    said = f" ({'; '.join(more)})" if more else ""
    why = ": ".join(filter(None, (one["category"], one["reason"])))
    return f"{one['subject']}  {one['severity']} since {one['since'][:10]}{said}: {why}"


def entry(row: Row[Any]) -> dict[str, Any]:
    """An entry of the peering log as programs are told."""
    return {
        "id": str(row.id), "at": _moment(row.at), "act": row.act, "subject": row.subject, "group": row.by_group,
        "role": row.by_role, "category": row.category, "reason": row.reason, "redacted": _moment(row.redacted),
        "decision": row.decision, "details": row.details,
    }  # fmt: skip


def entry_line(one: dict[str, Any]) -> str:
    """An entry of the peering log in a line."""
    details = one["details"] or {}
    said = " ".join(str(details[name]) for name in ("door", "severity", "mode") if details.get(name))
    why = "(reason redacted)" if one["redacted"] else ": ".join(filter(None, (one["category"], one["reason"])))
    return "  ".join(filter(None, (one["id"], one["at"][:10], one["act"], one["subject"], said, why)))


def count(row: Row[Any]) -> dict[str, Any]:
    """How many acts towards persons there were in a month, as programs are told."""
    return {"month": row.month, "act": row.act, "category": row.category or None, "acts": row.acts}


def count_line(one: dict[str, Any]) -> str:
    """The same in a line."""
    return f"{one['month']}  {one['act']}  {one['category'] or 'no category'}: {one['acts']} towards persons"


def _moment(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())
