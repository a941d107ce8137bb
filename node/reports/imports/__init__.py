"""Reading other people's tables of struggles: a file and a mapping in, typed drafts and refused rows out.

Everything here is pure: it opens the one file it is given, yields values, and knows no database and no network. What
becomes of a draft (ids, signatures, the collection it stands in) is decided by `node.reports`.

Words:

* a **table** is a CSV or XLSX file of rows under named columns (`tables`);
* a **field** is something that a report can say (`fields`); a **mapping** says which column fills which field, with
  constants and with translations of what cells say (`mappings`; some are `ready`, others are TOML files);
* a **draft** is a report as one row tells it, before it has an id; its import key is the same whenever and wherever
  the row is read, so that importing a table twice finds what is there (`drafts`);
* a **refused row** names its line, the column as its table calls it, the value and the reason.

Promises: every row is either a draft or a refused row, in the order of the file, and none disappears. Nothing is
guessed: a missing number stays missing and is never zero, zero is a number, a date that can be read two ways is
refused. A file or a mapping that cannot be used as a whole raises BadTable or BadMapping, with `outline` before
anything is yielded.

    seen = imports.outline(path)                                # BadTable
    mapping = imports.detect(seen.columns) or ...               # or fitted(named("fmcs"), seen.columns): BadMapping
    for found in imports.read_all(imports.rows(path), mapping):
        match found:
            case imports.Draft(): ...
            case imports.RefusedRow(): print(found)
"""

from node.reports.imports.drafts import Draft, RefusedRow, read, read_all
from node.reports.imports.mappings import BadMapping, Mapping, fitted, from_toml, unused
from node.reports.imports.ready import detect, named
from node.reports.imports.tables import BadTable, Outline, Row, count, outline, rows

__all__ = [
    "BadMapping",
    "BadTable",
    "Draft",
    "Mapping",
    "Outline",
    "RefusedRow",
    "Row",
    "count",
    "detect",
    "fitted",
    "from_toml",
    "named",
    "outline",
    "read",
    "read_all",
    "rows",
    "unused",
]
