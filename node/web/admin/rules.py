"""The rules of a group at the desk: which are in force, what they mean, and proposing another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from node import decisions
from node.context import NODE, Transaction
from node.decisions import UNDER, Rule, ruling
from node.decisions import rules as known
from node.decisions.rules import DAY, HOUR, ONE_MEMBER, Method, Of, Record, Shows
from node.errors import Conflict, Forbidden, Invalid, Missing, NodeError
from node.members import actions as members
from node.members import store as mandates
from node.translating import N_
from node.web.admin.afterwards import after
from node.web.admin.door import DESK, told_on_a_page
from node.web.admin.rule_words import Present, meaning, warnings
from node.web.admin.standing import Standing, received, standing, values_for
from node.web.pages import rendering

PAGE = f"{DESK}/rules"
UNITS = {"minutes": 60, "hours": HOUR, "days": DAY}
UNIT_NAMES = {"minutes": N_("minutes"), "hours": N_("hours"), "days": N_("days")}
NUMBERS = ("approvals", "quorum")
NUMBER_DIGITS = 6
EXAMPLES = {
    "two": (N_("Two members agree"), Rule(Method.APPROVALS, approvals=2)),
    "day": (
        N_("A majority within two days"),
        Rule(Method.MAJORITY, quorum=2, at_least=12 * HOUR, at_most=2 * DAY, arguments=True),
    ),
    "consent": (N_("Consent within a week"), Rule(Method.CONSENT, quorum=2, at_least=2 * DAY, at_most=7 * DAY)),
    "assembly": (
        N_("Two thirds of everybody in two weeks, counted by tellers; two members where it is urgent"),
        Rule(
            Method.TWO_THIRDS,
            of=Of.ELIGIBLE,
            at_least=3 * DAY,
            at_most=14 * DAY,
            tellers=2,
            arguments=True,
            urgent=Rule(Method.APPROVALS, approvals=2, at_most=DAY, arguments=True),
        ),
    ),
    "one": (N_("One member may act"), ONE_MEMBER),
}
METHODS = {
    Method.ONE_MEMBER: N_("one member may act"),
    Method.APPROVALS: N_("so many members approve"),
    Method.MAJORITY: N_("a majority"),
    Method.TWO_THIRDS: N_("two thirds"),
    Method.CONSENT: N_("consent: nobody blocks"),
}
OF = {Of.VOTING: N_("of those who vote for or against"), Of.ELIGIBLE: N_("of all who may vote")}
RECORDS = {
    Record.TALLY: N_("the figures alone"),
    Record.NAMED: N_("who voted what, for members"),
    Record.OPEN: N_("who voted what, published with the result"),
}
SHOWS = {
    Shows.FIGURES: N_("the figures"),
    Shows.WORDS: N_("words: “adopted unanimously”"),
    Shows.NOTHING: N_("nothing"),
}
VOTERS = {
    "": N_("whoever may propose it"),
    "read": N_("every member"),
    "write": N_("writers and all above"),
    "publish": N_("editors and stewards"),
    "peer": N_("delegates and stewards"),
    "steward": N_("stewards"),
}


EMPTY = dict.fromkeys(
    (
        "method",
        "of",
        "record",
        "shows",
        "voters",
        "tellers",
        "arguments",
        "urgent_method",
        "urgent_approvals",
        *NUMBERS,
    ),
    "",
) | {f"{name}{unit}": "" for name in ("at_least", "at_most", "urgent_at_most") for unit in ("", "_unit")}


@told_on_a_page
async def listed(request: web.Request) -> web.StreamResponse:
    """The rule in force for each kind of act, and how to tighten the first one."""
    here = await standing(request)
    return rendering.private(request, "desk_rules.html", **await request.app[NODE].database.read(_gather_all, here))


def _gather_all(tx: Transaction, here: Standing) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    found = ruling.all_in_force(tx, here.actor)
    return values_for(tx, here) | {
        "rules": found,
        "kinds": UNDER,
        "follow": ruling.without_own(tx, here.actor),
        "alone": [under for under, rule in found.items() if rule.is_immediate],
        "stewards": len(mandates.who_may(tx, "steward", here.actor, at=tx.now)),
    }


@told_on_a_page
async def shown(request: web.Request) -> web.StreamResponse:
    """One rule, what it means, and the form to propose another; `?like=` fills it with an example."""
    here = await standing(request)
    under = _under(request)
    rule = await request.app[NODE].database.read(lambda tx: ruling.in_force(tx, here.actor, under))
    like = request.query.get("like")
    asked = read(written(EXAMPLES[like][1]), before=rule) if like in EXAMPLES else rule
    return await _show(request, here, written(asked), asked if asked != rule else None)


@told_on_a_page
async def change(request: web.Request) -> web.StreamResponse:
    """Show what another rule would mean, or propose it. What is wrong is said at its field (422)."""
    here, form = await received(request)
    under = _under(request)
    asked: Rule | None = None
    try:
        before = await request.app[NODE].database.read(lambda tx: ruling.in_force(tx, here.actor, under))
        asked = known.check(read(form, before=before))
        if form.get("do") != "propose":
            return await _show(request, here, form, asked)
        rule, urgent = asked, bool(form.get("now"))

        def act(tx: Transaction) -> Any:
            return decisions.change_rule(tx, under, rule, actor=here.actor, member=here.member, urgent=urgent)

        _, made = await request.app[NODE].database.write(decisions.with_proposed, act)
    except (Invalid, Conflict, Forbidden) as error:
        return await _show(request, here, form, asked, error=error)
    return await after(request, PAGE, here, made, decision=str(made.number) if made else "")


async def _show(
    request: web.Request, here: Standing, form: Mapping[str, str], asked: Rule | None, *, error: NodeError | None = None
) -> web.Response:
    values = await request.app[NODE].database.read(_gather, here, _under(request), asked)
    lock = values.pop("lock")
    present = values["present"]
    field = _field(error) if isinstance(error, Invalid) else None
    if error is not None:
        values["failure"] = N_("Nothing has changed: something below has to be mended.") if field else error
    elif lock is not None:
        values["failure"] = lock
    return rendering.private(
        request,
        "desk_rule.html",
        status=200 if error is None else error.status,
        form=EMPTY | dict(form),
        errors={field: error} if field else {},
        asked=asked,
        in_words=meaning(values["rule"], present),
        asked_in_words=meaning(asked, present) if asked is not None else [],
        warnings=list(warnings(asked, present)) if asked is not None else [],
        examples=EXAMPLES,
        choices={"method": METHODS, "of": OF, "record": RECORDS, "shows": SHOWS, "voters": VOTERS},
        units=UNIT_NAMES,
        **values,
    )


def _gather(tx: Transaction, here: Standing, under: str, asked: Rule | None) -> dict[str, Any]:
    members.require(tx, here.member, "read", actor=here.actor)
    rule, needs = ruling.in_force(tx, here.actor, under), _needs(tx, under)

    def holders(permission: str) -> int:
        return len(mandates.who_may(tx, permission, here.actor, at=tx.now))

    lock: NodeError | None = None
    if asked is not None:
        try:
            ruling.check_locks_nobody_out(tx, here.actor, under, asked)
        except Conflict as error:
            lock = error
    voters = (asked or rule).voters or needs
    return values_for(tx, here) | {
        "under": under,
        "kind": UNDER[under],
        "rule": rule,
        "present": Present(propose=holders(needs), vote=holders(voters)),
        "lock": lock,
        "may_change": here.may("steward"),
        "by": ruling.in_force(tx, here.actor, "change_rules"),
    }


def _needs(tx: Transaction, under: str) -> str:
    """What a mandate must permit to propose most of what falls under a rule."""
    return next((act.needs for act in tx.node.rooms.acts.values() if act.under == under), "steward")


def _under(request: web.Request) -> str:
    under = request.match_info["under"]
    if under not in UNDER:
        raise Missing("there is no kind of rule “{under}”", under=under[:60])
    return under


# ---- between a form and a rule


def written(rule: Rule) -> dict[str, str]:
    """A rule as it stands in the form."""
    form = {name: str(getattr(rule, name)) for name in ("method", "of", "record", "shows", "voters", *NUMBERS)}
    form |= _written_time("at_least", rule.at_least) | _written_time("at_most", rule.at_most)
    form |= {"tellers": "yes" if rule.tellers else "", "arguments": "yes" if rule.arguments else ""}
    urgent = rule.urgent
    form["urgent_method"] = urgent.method if urgent is not None else ""
    form["urgent_approvals"] = str(urgent.approvals if urgent is not None else 2)
    return form | _written_time("urgent_at_most", urgent.at_most if urgent is not None else 0)


def _written_time(name: str, seconds: int) -> dict[str, str]:
    unit = next((one for one in ("days", "hours", "minutes") if seconds and seconds % UNITS[one] == 0), "days")
    return {name: str(seconds // UNITS[unit]) if seconds else "", f"{name}_unit": unit}


def read(form: Mapping[str, str], *, before: Rule = ONE_MEMBER) -> Rule:
    """The rule that a form asks for; what the form does not show stays as it was `before`. Raises Invalid, naming the
    field."""
    asked: dict[str, Any] = {
        name: form.get(name, "") for name in ("method", "of", "record", "shows", "voters") if name in form
    }
    asked |= {name: _whole(form, name) for name in NUMBERS}
    asked |= {name: _seconds(form, name) for name in ("at_least", "at_most")}
    rule = known.read(asked | {"tellers": 2 if form.get("tellers") else 0, "arguments": bool(form.get("arguments"))})
    if rule.method is not Method.APPROVALS:
        rule = replace(rule, approvals=1)
    return replace(rule, urgent=_urgent(form, rule, before))


def _urgent(form: Mapping[str, str], rule: Rule, before: Rule) -> Rule | None:
    """The urgent path. What the form does not show of it stays as a program has set it, where it differs from the rule;
    else it is as the rule in what is kept and shown, and as simple as it can be in the rest."""
    if not form.get("urgent_method"):
        return None
    try:
        path = known.read({"method": form["urgent_method"], "approvals": _whole(form, "urgent_approvals")})
    except Invalid as error:
        error.field = "urgent_method" if error.field == "method" else "urgent_approvals"
        raise
    approvals = path.approvals if path.method is Method.APPROVALS else 1
    made = replace(rule, method=path.method, approvals=approvals, at_most=_seconds(form, "urgent_at_most"), urgent=None)
    made = replace(made, **_unseen_of_urgent(before))
    return replace(made, quorum=0) if made.method is Method.ONE_MEMBER else made


def _unseen_of_urgent(before: Rule) -> dict[str, Any]:
    simple = {"of": Of.VOTING, "quorum": 0, "at_least": 0, "tellers": 0}
    if before.urgent is None:
        return simple
    unseen = {name: getattr(before.urgent, name) for name in simple}
    as_the_rule = {name: getattr(before.urgent, name) for name in ("record", "shows", "arguments", "voters")}
    return unseen | {name: value for name, value in as_the_rule.items() if value != getattr(before, name)}


def _whole(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "").strip() or "0"
    if not (text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS):
        raise Invalid("“{value}” is not a whole number", field=name, value=text[:40])
    return int(text)


def _seconds(form: Mapping[str, str], name: str) -> int:
    unit = form.get(f"{name}_unit", "days")
    if unit not in UNITS:
        raise Invalid("“{value}” is none of {known}", field=name, value=unit[:40], known=", ".join(UNITS))
    return _whole(form, name) * UNITS[unit]


def _field(error: Invalid) -> str | None:
    return error.field if error.field in (*written(ONE_MEMBER), "urgent") else None
