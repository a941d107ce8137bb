"""Search: finding what groups say by its words, in any language, with what is held of a report as filters.

Words: an **entry** is what the index holds of one text; a **word** is what a text is cut into (`words`); a **mark** is
a filter as a word of its own (`entries.mark`), so that words and filters are one question to the index.

Invariants: an entry is made of what the tables hold and of nothing else, so that making it again gives the same; it
stands in the index when, and only when, its text is public, not deleted, and by somebody who may be found. Whatever
enters, changes or goes is noted in its transaction (`Transaction.touched`, by `node.objects` and the reports), and the
entries are made anew or dropped at the end of that same transaction (`actions.settle`). What an import brings is many
texts at once that become public by one act: they enter by a job that begins when they are, as does what was held before
there was an index. Persons are found if they have said so (FEP-5feb), groups and reports always.

SQLite: FTS5 over words that we have cut, so that its own tokenizer has nothing to decide; PostgreSQL: the same words as
a `tsvector`, without its dictionaries. In FTS5 the words of what was deleted cannot be found any more, but stand in its
files until it merges them: a job does so at once (`actions.forget`).
"""

from node.search import actions

JOBS = actions.JOBS
SETTLINGS = (actions.settle,)

__all__ = ["JOBS", "SETTLINGS"]
