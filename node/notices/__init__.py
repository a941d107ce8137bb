"""Notices: how a member learns that something waits for her, and in which language she is told.

Words: her **language** is the one she has chosen for the desk and all that is sent to her; a **feed of deadlines**
(Atom and iCalendar) stands at a secret address that she can have made, renewed and ended; a **notice** is an e-mail,
sent only where the node can send e-mail (`mail.host`), she has given an address, and has shown that it is hers.

Invariants: neither feed nor notice names a text, a person or how a vote stands: they say that there is something to
decide, its number, and until when; the rest is at the desk. The secret of a feed is kept as its SHA-256 and shown once.
An address is kept only because she gave it, and goes when she takes it away. Nobody but she sees any of it.

This room knows decisions and members and no other room.
"""

from node.notices import actions
from node.notices.store import preferences

JOBS = actions.JOBS
LOOPS = (actions.run,)

__all__ = ["JOBS", "LOOPS", "preferences"]
