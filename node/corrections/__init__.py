"""Corrections: what anybody asks a group to correct in what it says, and what the group answers.

Words: a **request** is what a reader writes below a text of ours, without an account; it is **open** until the group
answers it or closes it. An **answer** is a short statement of the group in reply to its own text: what was asked, in
the group's words, and what it says to that; it is decided as every answer is, and stands beside the text from then on.
Correcting the text itself is another act (`statements.correcting`).

Invariants: nothing is kept of who asks: no address, no account, no time but the day. A request is read by members who
may publish, and by nobody else; its words go when it is answered or closed, when the text is deleted, and after ninety
days. How many come in is bounded for each text and for the node, because nothing tells one reader from another; the
same words about the same text are one request, with a count. Nothing follows from a request by itself. Of a text of
another node nobody here is asked: its own author is. Of a page that is nobody's text (`pages`), such as that of a
struggle or a table of figures, this node's main group is asked, and answers with a statement that names the page.
An answer of another's to a request about its own text (`inbox`) stands beside that text here, too.
"""

from node.corrections import actions, inbox, store

ACTS = actions.ACTS
DELETIONS = (actions.forget,)
EFFECTS = actions.EFFECTS
HEARD = (inbox.heard,)
PRUNINGS = (store.prune,)
SETTLINGS = (actions.settle,)

__all__ = ["ACTS", "DELETIONS", "EFFECTS", "HEARD", "PRUNINGS", "SETTLINGS"]
