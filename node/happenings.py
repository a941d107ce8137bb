"""What happens in a transaction that somebody may want to be told of at once: apps that stream, and notifications.

Whoever does something notes it in the transaction (`note`); the rooms that tell of it read `tx.happened` when the
transaction ends (their SETTLINGS), and write what they tell in the same transaction. A note is a hint: what was undone
within the transaction (a savepoint) may still be noted, so whoever tells looks whether it is so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.context import Transaction

TOPIC = "events"  # of the bell: something may have happened, here or in another process


class What(StrEnum):
    """What can happen; `iri` is of a text, or of whatever is named beside it."""

    SAID = "said"  # a text is public from now on
    CHANGED = "changed"
    GONE = "gone"
    NAMED = "named"  # a text names, or answers, a group of ours; actor: the group
    BOOSTED = "boosted"  # iri: of the Announce
    UNBOOSTED = "unboosted"  # iri: of what was boosted; actor: by whom; place: where the boost stood
    LIKED = "liked"  # iri: of the Like
    UNLIKED = "unliked"  # iri: of what was liked; actor: by whom
    FOLLOWED = "followed"  # iri: of the group; actor: who follows
    UNFOLLOWED = "unfollowed"
    ASKED = "asked"  # iri: of the group; actor: who asks to follow it, and waits
    ANSWERED = "answered"  # and waits no longer
    LEFT = "left"  # an actor is gone for good
    PROPOSED = "proposed"  # iri: the number of the decision; actor: the group
    DECIDED = "decided"
    REFUSED = "refused"  # iri: the rule by which a group did not hear something; actor: the group
    NOTIFIED = "notified"  # iri and place: the number of the notification; actor: the group


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `place` is where a thing stood that is not there any more."""

    what: What
    iri: str
    actor: str | None = None
    place: int | None = None


def note(tx: Transaction, what: What, iri: str, *, actor: str | None = None, place: int | None = None) -> None:
    """Remember until the end of the transaction that this has happened."""
    tx.happened.append(Happening(what, iri, actor, place))
