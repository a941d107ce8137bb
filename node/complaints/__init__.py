"""Complaints: what others object to in what our groups say. On the wire a `Flag`; 'report' means something else here.

Words: a **complaint** is about one or more things of one group of ours; it is **open** until a delegate **closes** it.

Invariants: only what is about something public of ours is kept; complaints are seen by delegates and stewards alone,
and go after ninety days, closed or not; the same words about the same things are one complaint, with a count; how many
one actor and one host can bring in a day is bounded, and so is how many are open. Nothing follows from a complaint by
itself, and nobody is told what became of it. What they say is text and never markup.
"""

from node.complaints import inbox
from node.complaints.actions import ACTS, EFFECTS
from node.complaints.store import prune

HANDLERS = inbox.HANDLERS
PRUNINGS = (prune,)

__all__ = ["ACTS", "EFFECTS", "HANDLERS", "PRUNINGS"]
