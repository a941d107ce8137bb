"""Complaints: what others object to in what this node shows, and what our delegates object to in what others say.

On the wire a `Flag`; 'report' means something else here.

Words: a **complaint** is about one or more things, and is read by the delegates of one group of ours; it is **open**
until a delegate **closes** it with a **statement of reasons** (`rules.Outcome`: what was done, on what ground, and how
to object). It comes from another server (a Flag), from anybody by a form that needs no account (`acknowledging`), or
from a member or reader by her app. Its sender by the form gets an **acknowledgement**, its number and a secret word,
with which she sees what became of it and can **object**, once; then it is open again. Delegates are told of one
that has waited for 48 hours (`reminding`).

Invariants: a Flag is kept only if it is about something public of ours; the form takes what this node shows, by
whomever; complaints are seen by delegates and stewards alone, and go after ninety days, closed or not; the same words
about the same things are one complaint, with a count; how many one actor and one host can bring in a day is bounded,
and for the form how many are about one thing and in all; and so is how many are open. Nothing follows from a complaint
by itself. Of who sends one by the form nothing is kept but the digest of her word, and the hour. What they say is text
and never markup.
"""

from node.complaints import inbox, reminding
from node.complaints.actions import ACTS, EFFECTS
from node.complaints.store import prune

HANDLERS = inbox.HANDLERS
JOBS = reminding.JOBS
LOOPS = (reminding.run,)
PRUNINGS = (prune,)

__all__ = ["ACTS", "EFFECTS", "HANDLERS", "JOBS", "LOOPS", "PRUNINGS"]
