"""What a peer can do about signatures: Invite, and Accept and Reject of an Invite."""

from __future__ import annotations

from federation import origin
from federation.handling import HandlerTable
from node import actors, objects
from node.context import Transaction
from node.intake import Handler, Ignored, Incoming
from node.signatories import actions, checking

HANDLERS: HandlerTable[Handler] = HandlerTable()


@HANDLERS.on("Invite", "*")
def invited(tx: Transaction, incoming: Incoming) -> None:
    """An author asks one of our groups to sign her text, which is fetched if it is not held here."""
    text, signatory = incoming.object_iri, incoming.activity.target
    if not any(group.iri == signatory for group in actors.groups(tx)) or signatory is None:
        raise Ignored(f"{signatory} is not a group of this node")
    origin.check_creation(incoming.actor, text, incoming.actor)
    if objects.find(tx, text) is not None:
        actions.be_invited(tx, text, signatory, author=incoming.actor, invite=incoming.activity.id)
    else:
        checking.promise_text(tx, text, signatory, author=incoming.actor, invite=incoming.activity.id)


@HANDLERS.on("Accept", "Invite")
def accepted(tx: Transaction, incoming: Incoming) -> None:
    """A group that was invited signs; its stamp is looked at where it is from."""
    row = actions.be_signed(tx, incoming.object_iri, by=incoming.actor, stamp=incoming.activity.result)
    checking.promise_look(tx, row.text, incoming.actor)


@HANDLERS.on("Reject", "Invite")
def rejected(tx: Transaction, incoming: Incoming) -> None:
    """A group that was invited declines."""
    actions.be_declined(tx, incoming.object_iri, by=incoming.actor)
