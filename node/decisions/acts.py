"""What can be decided: for each kind of act, what it takes to propose it, under which rule it falls, how it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.context import Transaction
from node.errors import Invalid, Phrase
from node.translating import N_

UNDER = {
    "publish_statement": N_("publish a statement"),
    "publish_report": N_("publish a report"),
    "publish_import": N_("publish an import of reports"),
    "reply": N_("answer somebody"),
    "boost": N_("pass on what somebody has said"),
    "vote_in_poll": N_("vote in somebody's poll"),
    "follow": N_("follow somebody"),
    "pin": N_("pin something to the group's page"),
    "edit_profile": N_("change the group's profile and keys"),
    "take_position": N_("take a position on somebody's text"),
    "recognise_peer": N_("recognise a peer"),
    "limit_peer": N_("limit a peer, and deal with complaints"),
    "change_roles": N_("change who holds which role"),
    "change_rules": N_("change the group's rules"),
    "correct": N_("correct what was published"),
    "redact": N_("blank a part of what was published"),
    "delete": N_("delete what was published"),
    "sign": N_("sign a text together with other groups"),
    "publish_minority_report": N_("attach a minority report"),
}
"""The kinds of rule a group has, each with what falls under it."""
AS_STATEMENTS = frozenset(
    {"publish_report", "publish_import", "reply", "vote_in_poll", "take_position", "correct", "sign"}
)
"""Until they have a rule of their own these follow the one for statements: through each of them something can be said
in the group's name, and a group that has shut one door should not find another open. Not a minority report, because no
majority may keep it back; nor deleting, which may have to be quick."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a proposal is about, for members: a line in their own words, perhaps the whole (clean HTML), and where it
    can be seen, if it can, and what they should look at before they vote."""

    title: str
    html: str | None = None
    address: str | None = None
    warning: Phrase | None = None


Describe = Callable[[Transaction, str], Described]


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of decision. `needs`: what a mandate must permit to propose it (read, write, publish, peer, steward),
    and to vote on it unless the rule says otherwise. `under`: the rule it falls under. `title`: a sentence for lists,
    translated when it is shown."""

    needs: str
    under: str
    title: str
    describe: Describe

    def __post_init__(self) -> None:
        assert self.under in UNDER, f"{self.under} is no kind of rule"


def check_under(under: str) -> str:
    """`under`, if it is a kind of rule. Raises Invalid."""
    if under not in UNDER:
        raise Invalid("“{given}” is no kind of rule; the kinds are {kinds}", given=under, kinds=", ".join(UNDER))
    return under
