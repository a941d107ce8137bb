"""In whose name a member is at the desk: known by her session, in the one of her groups that she has chosen.

Every page of the desk begins with `standing` and gives `values_for` to its template, which extends `desk_layout.html`:

    @told_on_a_page
    async def page(request):
        here = await standing(request)
        values = await request.app[NODE].database.read(_gather, here)
        return rendering.private(request, "desk_something.html", **values)

    def _gather(tx, here):
        members.require(tx, here.member, "peer", actor=here.actor)
        return values_for(tx, here) | {...}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Row

from node import actors, decisions, translating
from node.context import NODE, Transaction
from node.decisions import Shown
from node.errors import Forbidden, Missing
from node.members import may
from node.members import store as mandates
from node.members.actions import Session
from node.members.store import Member
from node.web import bodies
from node.web.admin import sections
from node.web.admin.door import WORD, at_desk, check_own_site, check_word
from node.web.pages.masthead import masthead

GROUP = "group"
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Standing:
    """A member at the desk. `group` is the row of the group in whose name she acts, None if she holds no mandate.

    `roles` are those she holds in it now, `groups` all in which she holds any. `urgent` is whether the form she
    has sent asks for the urgent path of the rule.
    """

    known: Session
    group: Row[Any] | None
    roles: tuple[str, ...]
    groups: tuple[Row[Any], ...]
    path: str
    chosen: Mapping[str, str]
    urgent: bool = False

    @property
    def member(self) -> Member:
        """Who she is."""
        return self.known.member

    @property
    def actor(self) -> str:
        """The IRI of the group in whose name she acts. Raises Forbidden if there is none."""
        if self.group is None:
            raise Forbidden("you hold no mandate; a steward of the group can give you one")
        return str(self.group.iri)

    def may(self, act: str) -> bool:
        """Whether one of her mandates in this group permits `act` now."""
        return may(list(self.roles), act)


async def standing(request: web.Request, *, handle: str | None = None) -> Standing:
    """Who is at the desk, and for the group `handle` (else `?group=`, else the first in which she holds a mandate).

    Sends strangers to the login. Raises Forbidden for a group in which she holds no mandate: nobody is to act in the
    name of another group than the one she has named.
    """
    known = await at_desk(request)
    handle = handle if handle is not None else request.query.get(GROUP)
    chosen = {name: value for name, value in request.query.items() if name != GROUP}
    return await request.app[NODE].database.read(_stand, known, handle or None, request.path, chosen)


async def received(request: web.Request) -> tuple[Standing, dict[str, str]]:
    """Who sends a form of the desk, in whose name, and what stands in it.

    Raises Forbidden unless one of our own pages has sent it in her session.
    """
    check_own_site(request)
    known = await at_desk(request)
    form = {name: str(value) for name, value in (await bodies.form(request)).items()}
    check_word(known, form.pop(WORD, ""))
    handle = form.pop(GROUP, None) or None
    here = await request.app[NODE].database.read(_stand, known, handle, request.path, {})
    return in_haste(here, form), form


def in_haste(here: Standing, form: Mapping[str, str]) -> Standing:
    """The same, and whether the form says that it is urgent."""
    return replace(here, urgent=form.get("urgent") == "yes")


async def gathered(request: web.Request, gather: Callable[..., R], /, *args: Any) -> R:
    """What `gather(tx, ...)` reads, with what it puts into words in the language of whoever looks."""
    return await request.app[NODE].database.read(_spoken, translating.spoken(), gather, *args)


def _spoken(tx: Transaction, language: str, gather: Callable[..., R], *args: Any) -> R:
    with translating.speaking(language):
        return gather(tx, *args)


def values_for(tx: Transaction, here: Standing) -> dict[str, Any]:
    """What `desk_layout.html` shows on every page of the desk."""
    return {
        "known": here.known,
        "masthead": masthead(tx, here.group or actors.main_group(tx)),
        "group": here.group,
        "groups": here.groups,
        "roles": here.roles,
        "sections": sections.parts(here.may),
        "section": sections.current(here.path),
        "chosen": here.chosen,
        "decided": _decided(tx, here),
        "in_force": {} if here.group is None else decisions.all_in_force(tx, here.group.iri),
        "notice": None,
        "failure": None,
    }


def by(here: Standing) -> dict[str, Any]:
    """Who proposes what a form says, in whose name, and whether it is urgent: the arguments of an act of a room."""
    return {"actor": here.actor, "member": here.member, "urgent": here.urgent}


def in_group(tx: Transaction, here: Standing, actor: str) -> Standing:
    """The same member, in the name of the group `actor`. Raises Forbidden if she holds no mandate in it."""
    if here.group is not None and here.group.iri == actor:
        return here
    return _stand(tx, here.known, actors.local(tx, actor).handle, here.path, dict(here.chosen))


def _decided(tx: Transaction, here: Standing) -> Shown | None:
    """The decision `?decision=`, with which `back` has sent her after a form that proposed something."""
    number = here.chosen.get("decision", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    try:
        return decisions.show(tx, int(number), here.member)
    except (Missing, Forbidden):
        return None


def back(path: str, here: Standing, **query: str) -> web.HTTPSeeOther:
    """Where to go after a form was done: `raise back("/desk/drafts", here, done="kept")`.

    With `decision="12"` the page says what became of what was proposed: decided at once, or open until when.
    """
    group = {} if here.group is None else {GROUP: here.group.handle}
    address = f"{path}?{urlencode(group | query)}"
    return web.HTTPSeeOther(address, headers={"Cache-Control": "no-store"})


def told_after(here: Standing, notices: Mapping[str, str]) -> str | None:
    """The sentence for `?done=`, where `back` has sent her with it; None for what no page of ours says."""
    return notices.get(here.chosen.get("done", ""))


def _stand(tx: Transaction, known: Session, handle: str | None, path: str, chosen: dict[str, str]) -> Standing:
    held = mandates.mandates_in_force(tx, known.member.id)
    groups = tuple(group for group in actors.groups(tx) if any(row.actor == group.iri for row in held))
    group = next((one for one in groups if one.handle == handle), None)
    if handle is not None and group is None:
        raise Forbidden("you hold no mandate in a group “{handle}” of this node", handle=handle)
    group = group or (groups[0] if groups else None)
    roles = tuple(row.role for row in held if group is not None and row.actor == group.iri)
    return Standing(known, group, roles, groups, path, chosen)
