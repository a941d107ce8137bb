"""Figures as pictures: bars, drawn on the server as SVG by pygal. Pure: no database, no request.

Words: a **bar** is one figure with its label and its words; a **drawing** is bars of one unit with a title and a
description; `drawing` has pygal draw it, `dressing` makes of pygal's SVG what a page may hold. What is drawn of a table
of figures is for the pages to say (`node.web.pages.figure_charts`).

Invariants: what is certain is solid and what is only possible is hatched; every figure that is not written in the
drawing stands in the table that every drawing has behind it; a drawing carries no script, no style and no link, says
what it shows in its title and description, and is the same bytes for the same figures and the same language.
"""
