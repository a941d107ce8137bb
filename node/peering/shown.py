"""How policies, their effects and the peering log are said: as values for programs, and as lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from node.peering.effects import Effects
from node.translating import N_

NAMED_AT_MOST = 10
WORDS = {
    "follows_rest": N_("followed by the group, and heard no longer"),
    "follows_resume": N_("followed by the group, and heard again"),
    "followers_lost": N_("followers of the group that get nothing more"),
    "followers_regained": N_("followers of the group that hear it again"),
    "deliveries_withdrawn": N_("deliveries that wait and are withdrawn"),
    "fetches_withdrawn": N_("fetches that wait and are withdrawn"),
    "texts_hidden": N_("texts that stand on no public page any more"),
    "texts_shown": N_("texts that stand on public pages again"),
    "held_back": N_("hold: what comes waits for a person"),
    "held_no_more": N_("what comes waits no longer"),
    "media_hidden": N_("no pictures, films and sounds any more of"),
    "media_shown": N_("pictures, films and sounds again of"),
    "shut_out reading": N_("can read no longer"),
    "shut_out delivering": N_("can deliver no longer"),
    "shut_out pulling": N_("nothing is fetched any more from"),
    "let_in reading": N_("can read again"),
    "let_in delivering": N_("can deliver again"),
    "let_in pulling": N_("is fetched from again"),
    "all_that_is_followed": N_("nobody whom the group follows would be heard any more"),
}
"""What becomes different, as it is said to a person."""


def parts(effects: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What becomes different, as JSON has it: sentences, and whom or how many they are about."""
    found = []
    for name, value in effects.items():
        if isinstance(value, Mapping):
            found += [(WORDS[f"{name} {door}"], _named(those)) for door, those in value.items()]
        elif value:
            found.append((WORDS[name], _named(value) if isinstance(value, list) else str(value)))
    return found


def lines(effects: Effects) -> list[str]:
    """The same line by line, for the command line."""
    found = [f"  {said}: {value}" for said, value in parts(effects.as_json())]
    return found or ["  nothing for anybody who is known here"]


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" … (+{more})" if more > 0 else "")


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
