"""Time lines: what was said and passed on, in the order of time, as apps ask for it. Queries alone; nothing is written.

Words: an **item** is something said, or somebody's passing it on (a boost); its **place** is the number by which it
stands in time, of the boost where it was passed on; a **walk** reads one index from a place on, piece by piece; a time
line is some walks **merged**, and cut to a window (`node.window`).

Nothing is written down for whoever follows: a home time line is read from what everybody's is made of. Most of what a
node hears is by those whom its groups follow, so walking the feed and leaving out the rest ends soon; where it does
not, the walk goes on along the indexes of the authors alone (`walks.Walk.narrow`).

Invariants: only what is public, not deleted, and by nobody on a suspended host is ever found; parts of imports are in
no time line; turning pages in either direction shows every item once, whatever is entered meanwhile; what a query may
look at is bounded. What a viewer does not want to see is asked for by `marks.hiding`, in each query.
"""

from node.timelines.rules import REPORTS, Item

__all__ = ["REPORTS", "Item"]
