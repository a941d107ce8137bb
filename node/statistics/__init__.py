"""Figures: what this node computes from the reports it holds, for whoever asks, and how two nodes compare theirs.

Words: a **question** says by what the rows of a table stand apart, which struggles it is about and whose reports count
(its **source set**: ourselves and those we follow, unless the reader chooses others). A **table** answers it. A figure
is an **interval**: what is known of it. The **rule** picks one figure for each struggle and measure out of several
reports, is named beside the figure and has a version. The **digest** of a table is that of the reports that were
counted, the source set, its merges and the rule.

Invariants: a struggle counts once, whoever reports it and however often; what nobody tells is missing and never zero;
units, currencies among them, are never added to each other; a figure under five at a named site is a band wherever it
is shown; a report of somebody outside the source set changes no figure. Nothing is added up anywhere but here, and this
room writes nothing.
"""
