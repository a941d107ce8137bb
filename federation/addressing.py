"""From the people an activity is for to the inboxes it is posted to, each once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from federation.errors import Malformed
from federation.origin import same_origin


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where one actor takes delivery."""

    inbox: str
    shared_inbox: str | None = None


def distinct_inboxes(recipients: Iterable[Recipient], *, own_origin: str) -> list[str]:
    """Every inbox to post to, once, in the order of the recipients; shared inboxes where they have one.

    Leaves out inboxes at `own_origin`, and addresses that are none. ActivityPub §7.1.3.
    """
    chosen = (_inbox(recipient) for recipient in recipients)
    return list(dict.fromkeys(inbox for inbox in chosen if inbox is not None and not same_origin(inbox, own_origin)))


def _inbox(recipient: Recipient) -> str | None:
    try:
        # A shared inbox elsewhere would make us post a stranger's mail to a third party.
        if recipient.shared_inbox and same_origin(recipient.shared_inbox, recipient.inbox):
            return recipient.shared_inbox
    except Malformed:
        pass
    return recipient.inbox if _is_address(recipient.inbox) else None


def _is_address(iri: str) -> bool:
    try:
        return same_origin(iri, iri)
    except Malformed:
        return False
