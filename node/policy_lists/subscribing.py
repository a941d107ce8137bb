"""Subscribing to lists of others: what a member can propose, what is fetched every day, and what becomes of it.

A list adopts by itself or waits until a delegate has looked at the difference and the group has decided, as the group
has chosen. Its policies bear its address as their source: when the source takes a line back, its policy goes; ours
stays whatever a list says. What would rest somebody whom a group follows never happens by itself. A source that
cannot be reached, or says nothing that can be read, changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, select

from federation.errors import Malformed, Refused, Unreachable
from node import actors, decisions, jobs, signing
from node.context import Effect, Node, Transaction
from node.decisions import Act, Described
from node.decisions import store as decided
from node.errors import Conflict, Invalid, Missing
from node.jobs import Job
from node.members import actions as members
from node.members.store import Member
from node.peering import governing, log, policies, previews, shown, subjects
from node.peering.effects import Change, Effects
from node.peering.log import Deed
from node.peering.rules import Category, Policy, Severity
from node.peering.sheets import by_handle
from node.peering.terms import read_word
from node.policy_lists import formats, store
from node.policy_lists.rules import Line, Meant
from node.translating import N_

KIND: Final = "refresh_list"
EVERY: Final = timedelta(days=1)
ACCEPT: Final = "text/csv, text/plain;q=0.9, */*;q=0.1"
URL_CHARACTERS: Final = 1000
PRIORITY_AT_MOST: Final = 1000
VERBS: Final = ("subscribe", "unsubscribe", "except", "include", "adopt")
TAKES: dict[str, type] = {
    **dict.fromkeys(("url", "severity", "category", "whom", "group"), str),
    **dict.fromkeys(("adopts", "anyway", "urgent"), bool),
    "priority": int,
}
"""What is taken: the `url` of a list (or the handle of a group that publishes one) and its terms; `whom` an exception
is about."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a list, as it was fetched last, would change of the policies that come from it."""

    sets: tuple[Line, ...]
    drops: tuple[str, ...]
    effects: Effects

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "sets": [{"subject": line.subject, "severity": line.severity.value} for line in self.sets],
            "drops": list(self.drops),
            "effects": self.effects.as_json(),
        }


def do(
    tx: Transaction, verb: str, given: Mapping[str, Any], *, actor: str, member: Member, urgent: bool = False
) -> dict[str, Any]:
    """Propose to subscribe to a list, to end that, to leave a domain out of it (`except`) or no longer (`include`), or
    to adopt what was fetched. Raises Invalid, Missing, Conflict, Forbidden."""
    members.require(tx, member, "peer", actor=actor)
    value: dict[str, Any] = {"do": verb, "url": _address(tx, given), "by_role": governing.role_of(tx, member, actor)}
    if verb == "subscribe":
        value |= _terms(given)
    else:
        row = _found(tx, value["url"])
        if verb in ("except", "include"):
            value["whom"] = subjects.read_domain(str(given.get("whom") or ""))
        if verb == "adopt":
            found = changes(tx, row)
            if not found.sets and not found.drops:
                raise Conflict("nothing in this list would change anything")
            check_rests_nobody(found.effects, anyway=bool(given.get("anyway")))
            value["fetched"] = row.fetched.isoformat()
    subject = json.dumps(value, sort_keys=True, ensure_ascii=False)
    decisions.propose(tx, "set_subscription", subject, actor=actor, member=member, urgent=urgent)
    return {"url": value["url"], "do": verb}


def check_rests_nobody(effects: Effects, *, anyway: bool) -> None:
    """Raise Conflict if somebody whom the group follows would be heard no longer, unless it is meant so."""
    governing.check_deliberate(effects, anyway=anyway)
    resting = effects.follows_rest
    if resting and not anyway:
        names = ", ".join(resting[:5]) + (" …" if len(resting) > 5 else "")
        raise Conflict("the group follows some whom it would hear no longer: {names}; nothing has changed", names=names)


def _address(tx: Transaction, given: Mapping[str, Any]) -> str:
    """Where a list is: as it is written, or the published list of a group that is known by its handle here."""
    text = str(given.get("url") or "").strip()
    if text.startswith("@"):
        row = by_handle(tx, text)
        if row is None:
            raise Missing("nobody who is known here goes by @{handle}", handle=text.removeprefix("@"))
        form = "allows" if given.get("severity") == Severity.ACCEPT.value else "blocks"
        return f"{row.iri}/lists/{form}.csv"
    try:
        if len(text) > URL_CHARACTERS:
            raise Malformed("url", "is too long")
        tx.node.client.check(text)
    except (Malformed, Refused) as error:
        raise Invalid("“{text}” is no address: {reason}", field="url", text=text[:200], reason=str(error)) from None
    return text


def _terms(given: Mapping[str, Any]) -> dict[str, Any]:
    severity, category, priority = given.get("severity"), given.get("category"), given.get("priority") or 0
    if not isinstance(priority, int) or not 0 <= priority <= PRIORITY_AT_MOST:
        raise Invalid("write a number from 0 to {limit}", field="priority", limit=PRIORITY_AT_MOST)
    return {
        "severity": read_word(severity, "severity", Severity).value if severity else None,
        "category": read_word(category, "category", Category).value if category else None,
        "priority": priority,
        "adopts": bool(given.get("adopts")),
    }


def _found(tx: Transaction, url: str) -> Row[Any]:
    row = store.subscription(tx, url)
    if row is None:
        raise Missing("there is no subscription to {url}", url=url)
    return row


# ---- effects


def apply(tx: Transaction, subject: str) -> None:
    """Effect: begin or end a subscription, set an exception, adopt what was fetched."""
    value, row = json.loads(subject), decided.newest_about(tx, "set_subscription", subject)
    decision, group = (None, actors.main_group(tx).iri) if row is None else (row.id, row.actor)
    by: dict[str, Any] = {"group": group, "decision": decision, "by_role": value["by_role"]}
    url, host = value["url"], actors.host_of(value["url"])
    if value["do"] == "subscribe":
        terms = {name: value[name] for name in ("severity", "category", "priority", "adopts")}
        number = store.enter(tx, {"url": url, "by_group": group, **terms})
        log.note(tx, Deed.SUBSCRIBED, host, category=value["category"], reason=url, details=terms, **by)
        _promise(tx, number)
        return
    held = store.subscription(tx, url)
    if held is None:
        return  # it has ended meanwhile
    if value["do"] == "unsubscribe":
        gone = [one.subject for one in policies.of_source(tx, url)]
        policies.drop_all(tx, gone, source=url)
        store.leave(tx, held.id)
        log.note(tx, Deed.UNSUBSCRIBED, host, reason=url, details={"dropped": len(gone)}, **by)
        governing.settle(tx)
        return
    if value["do"] in ("except", "include"):
        is_one = value["do"] == "except"
        store.set_exception(tx, held.id, value["whom"], is_one=is_one)
        log.note(tx, Deed.LIST_APPLIED, value["whom"], reason=url, details={"list": url, "exception": is_one}, **by)
        if is_one and policies.drop(tx, value["whom"], source=url):
            governing.settle(tx)
        if not held.adopts or is_one:
            return
    if value["do"] == "adopt" and (held.fetched is None or held.fetched.isoformat() != value["fetched"]):
        raise Conflict("the list says something else now than what was decided on; look at it again")
    conform(tx, held, **by)


def conform(tx: Transaction, row: Row[Any], **by: Any) -> None:
    """Make the policies that come from a list what it said last, with one entry of the log."""
    found = changes(tx, row)
    if not found.sets and not found.drops:
        return
    same = {"source": row.url, "priority": row.priority, "since": tx.now, "is_actor": False, "subdomains": True}
    same |= {"decision": by.get("decision"), "by_role": by.get("by_role")}
    policies.drop_all(tx, found.drops, source=row.url)
    policies.put_all(tx, [_columns(line) | same for line in found.sets], source=row.url)
    details: dict[str, Any] = {"list": row.url, "policies": len(found.sets), "dropped": len(found.drops)}
    details |= {"effects": counts} if (counts := found.effects.counts()) else {}
    log.note(tx, Deed.LIST_APPLIED, None, category=row.category, reason=row.url, details=details, **by)
    governing.settle(tx)


def _columns(line: Line) -> dict[str, Any]:
    return {
        "subject": line.subject, "severity": line.severity.value, "no_media": line.no_media, "reason": line.reason,
        "category": line.category and line.category.value,
    }  # fmt: skip


def changes(tx: Transaction, row: Row[Any]) -> Changes:
    """What a list, as it was fetched last, would change now."""
    left_out = set(store.exceptions(tx, row.id))
    wanted = {line.subject: line for value in row.lines if (line := Line.from_json(value)).subject not in left_out}
    held = {one.subject: one for one in policies.of_source(tx, row.url)} if row.fetched is not None else {}
    sets = tuple(line for line in wanted.values() if not _says(held.get(line.subject), line, row.priority))
    drops = tuple(subject for subject in held if subject not in wanted)
    return Changes(sets, drops, previews.preview(tx, _as_change(row, sets, drops)))


def _says(held: Row[Any] | None, line: Line, priority: int) -> bool:
    if held is None or held.priority != priority:
        return False
    return _columns(line).items() <= held._mapping.items()


def _as_change(row: Row[Any], sets: Iterable[Line], drops: Iterable[str]) -> Change:
    new = (
        Policy(
            id=0, subject=line.subject, severity=line.severity, no_media=line.no_media, source=row.url,
            priority=row.priority,
        )
        for line in sets
    )  # fmt: skip
    return Change(sets=tuple(new), drops=tuple((subject, row.url) for subject in drops))


# ---- every day


def _promise(tx: Transaction, number: int, *, later: timedelta = timedelta()) -> None:
    due = tx.now + later
    jobs.promise(tx, jobs.Promise(KIND, {"list": number}, key=f"{KIND} {number} {due.isoformat()}", due=due))


async def refresh(node: Node, payload: dict[str, Any]) -> None:
    """Job: ask for a list, adopt it or let it wait, and promise to ask again tomorrow."""
    row, is_peer = await node.database.read(_to_ask, payload["list"])
    if row is None:
        return
    try:
        signer = await signing.instance_signer(node) if is_peer else None
        limit = formats.BYTES_AT_MOST
        answer = await node.client.get(row.url, accept=ACCEPT, limit_bytes=limit, etag=row.etag, signer=signer)
        lines = None if answer.status == 304 else await node.database.read(_read, row, answer.body)
    except (Refused, Unreachable, Malformed, Invalid) as error:
        await node.database.write(_note, row.id, error=str(error)[:500])
        return
    if lines is None:
        await node.database.write(_note, row.id, error="")
    else:
        await node.database.write(_keep, row.id, lines, answer.etag[:200])


def _to_ask(tx: Transaction, number: int) -> tuple[Row[Any] | None, bool]:
    row = next((one for one in store.subscriptions(tx) if one.id == number), None)
    if row is None or (row.checked is not None and tx.now - row.checked < EVERY / 2):
        return None, False  # it was asked for meanwhile, by a subscription that was changed
    query = select(actors.actors.c.iri).where(actors.actors.c.host == actors.host_of(row.url)).limit(1)
    return row, tx.execute(query).first() is not None


def _read(tx: Transaction, row: Row[Any], body: bytes) -> list[Line]:
    category = Category(row.category) if row.category else None
    meant = Meant(row.url, Severity(row.severity) if row.severity else None, "", category)
    given = formats.read(body, meant, check=lambda one: subjects.check_not_ours(tx, one), may_be_empty=True)
    if len(given.flaws) > len(given.lines):
        first = given.flaws[0]
        raise Invalid("most lines of this list cannot be used; line {number}: {reason}", number=first.number,
                      reason=first.why.why)  # fmt: skip
    return list(given.lines)


def _note(tx: Transaction, number: int, *, error: str) -> None:
    store.change(tx, number, checked=tx.now, error=error)
    _promise(tx, number, later=EVERY)


def _keep(tx: Transaction, number: int, lines: list[Line], etag: str) -> None:
    values = [line.as_json() for line in lines]
    held = next((one for one in store.subscriptions(tx) if one.id == number), None)
    is_new = held is not None and (held.fetched is None or held.lines != values)
    more: dict[str, Any] = {"fetched": tx.now, "lines": values} if is_new else {}
    store.change(tx, number, checked=tx.now, etag=etag, error="", **more)
    _promise(tx, number, later=EVERY)
    row = next((one for one in store.subscriptions(tx) if one.id == number), None)
    if row is not None and row.adopts and not changes(tx, row).effects.follows_rest:
        conform(tx, row, group=row.by_group)


# ---- for people and programs


def overview(tx: Transaction) -> list[dict[str, Any]]:
    """The lists that are subscribed to, each with what waits to be looked at."""
    return [
        {
            "url": row.url, "severity": row.severity, "category": row.category, "priority": row.priority,
            "adopts": row.adopts, "checked": _moment(row.checked), "fetched": _moment(row.fetched),
            "error": row.error or None, "policies": len(policies.of_source(tx, row.url)),
            "exceptions": store.exceptions(tx, row.id), "waiting": changes(tx, row).as_json(),
        }
        for row in store.subscriptions(tx)
    ]  # fmt: skip


def _moment(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())


def lines_of(one: Mapping[str, Any]) -> list[str]:
    """A subscription in lines."""
    waiting, how = one["waiting"], "adopts by itself" if one["adopts"] else "waits until a delegate has looked"
    said = [f"{one['url']}  priority {one['priority']}, {how}, {one['policies']} policies"]
    said += [f"  could not be fetched: {one['error']}"] if one["error"] else []
    said += [f"  exception: {subject}" for subject in one["exceptions"]]
    if waiting["sets"] or waiting["drops"]:
        said += [f"  waits: {len(waiting['sets'])} to set, {len(waiting['drops'])} to drop"]
        said += [f"  + {line['subject']} {line['severity']}" for line in waiting["sets"][:20]]
        said += [f"  - {subject}" for subject in waiting["drops"][:20]]
        said += [f"  {name}: {value}" for name, value in shown.parts(waiting["effects"])]
    return said


def _describe(tx: Transaction, subject: str) -> Described:
    value = json.loads(subject)
    return Described(" ".join(filter(None, (value["do"], value.get("whom"), value["url"]))))


ACTS: dict[str, Act] = {
    "set_subscription": Act("peer", "limit_peer", N_("subscribe to a list of others, or change that"), _describe)
}
EFFECTS: dict[str, Effect] = {"set_subscription": apply}
JOBS: dict[str, Job] = {KIND: refresh}
