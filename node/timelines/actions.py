"""What a viewer wants in her time lines: whom she follows, who stands in a list of hers, and whom she does not see."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from node.context import Transaction
from node.marks import followings, hiding, lists
from node.members.viewers import Viewer
from node.objects import objects
from node.peering.rules import Severity
from node.peering.standing import not_hidden, not_rejected, standing
from node.statements.store import reactions
from node.timelines import store
from node.timelines.rules import Item, Scope, joined
from node.timelines.store import EVERYTHING, Unwanted
from node.window import Window


def followed_by(tx: Transaction, viewer: Viewer) -> frozenset[str]:
    """Whose words her home time line has: those whom the group follows, and its own; or those whom a reader follows."""
    if viewer.actor is not None:
        return store.followed_by(tx, viewer.actor)
    return frozenset(tx.execute(followings.followed(viewer.id)).scalars())


def sees(tx: Transaction, viewer: Viewer | None) -> Callable[[str, str], bool]:
    """Says of an author and a kind whether she is shown it: nothing of who is rejected, of who is limited if she
    follows it; nobody who is no viewer does."""
    followed = cache(lambda: followed_by(tx, viewer) if viewer is not None else frozenset[str]())

    def is_seen(author: str, kind: str) -> bool:
        found = standing(tx, actor=author, kind=kind)
        return author in followed() if found.severity is Severity.LIMIT else not found.is_rejected

    return is_seen


def seen(tx: Transaction, viewer: Viewer | None) -> list[ColumnElement[bool]]:
    """The same as conditions on `objects`."""
    shown = not_hidden(tx, objects.c.author)
    if not shown or viewer is None:
        return shown
    followed = objects.c.author.in_(followed_by(tx, viewer))
    return [*not_rejected(tx, objects.c.author), or_(followed, and_(*shown))]


def home(tx: Transaction, viewer: Viewer, window: Window) -> list[Item]:
    """What those say and pass on whom she follows, and what carries a hashtag that she follows."""
    authors, unseen = followed_by(tx, viewer), unwanted_at_home(tx, viewer)
    items = store.by(tx, authors, window, answered=authors, unwanted=unseen)
    tags = followings.tags(tx, viewer.id)
    if not tags:
        return items
    return joined(items, store.tagged(tx, window, some=tags, scope=Scope(), unwanted=unseen), window)


def of_list(tx: Transaction, viewer: Viewer, number: int) -> tuple[frozenset[str], frozenset[str]]:
    """Who stands in a list of hers, and whom they may answer there. Raises Missing."""
    row = lists.find(tx, viewer.id, number)
    members = frozenset(tx.execute(lists.accounts(number)).scalars())
    answered = {"followed": followed_by(tx, viewer) | members, "list": members}
    return members, answered.get(row.replies_policy, frozenset())


def unwanted(tx: Transaction, viewer: Viewer | None) -> Unwanted:
    """What she does not see in any time line."""
    if viewer is None:
        return EVERYTHING
    said = hiding.hidden(tx, viewer.id, objects.c.author)
    return Unwanted(said=said, passed_on=[*said, *hiding.hidden(tx, viewer.id, reactions.c.actor)])


def unwanted_at_home(tx: Transaction, viewer: Viewer) -> Unwanted:
    """What she does not see in her home time line."""
    common: dict[str, Any] = {"author": objects.c.author, "in_reply_to": objects.c.in_reply_to}
    return Unwanted(
        said=hiding.home(tx, viewer.id, **common),
        passed_on=hiding.home(tx, viewer.id, **common, booster=reactions.c.actor),
    )


def unwanted_in_list(tx: Transaction, viewer: Viewer) -> Unwanted:
    """What she does not see in a list: as elsewhere, and the boosts of those whose boosts she does not want."""
    found = unwanted(tx, viewer)
    quiet = reactions.c.actor.not_in(followings.without_boosts(viewer.id))
    return Unwanted(said=found.said, passed_on=[*found.passed_on, quiet])
