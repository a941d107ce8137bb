"""Who and what was reported on before, for whoever writes the next report: so that one name is written one way.

Only what stands in a public report is suggested.
"""

from __future__ import annotations

from itertools import islice

from sqlalchemy import exists, or_, select

from node.context import Transaction
from node.objects import objects
from node.reports.facts import key
from node.reports.store import name_stands, report_terms, reports, struggles

CANDIDATES = 3
"""How many more names are looked at than are wanted: some stand in no public report."""


def addressees(tx: Transaction, asked: str, limit: int) -> list[tuple[str, str]]:
    """Names of those whom public reports are directed at, that begin like `asked` or have a word that does."""
    wanted, name = key(asked), report_terms.c.value
    begins = name.startswith(wanted, autoescape=True)
    # The names alone, which one index holds: whether a report is public is asked of the few that are shown.
    query = (
        select(name)
        .where(report_terms.c.dimension == "addressee", or_(begins, name.contains(f" {wanted}", autoescape=True)))
        .group_by(name)
        .order_by(begins.desc(), name)
        .limit(CANDIDATES * limit)
    )
    labels = (_label(tx, one) for one in tx.execute(query).scalars().all())
    return [(label, label) for label in islice(filter(None, labels), limit)]


def _label(tx: Transaction, name: str) -> str | None:
    """How a name is written in a public report; None if it stands in none."""
    query = (
        select(report_terms.c.label)
        .join(objects, objects.c.iri == report_terms.c.report)
        .where(
            report_terms.c.dimension == "addressee",
            report_terms.c.value == name,
            objects.c.public.is_(True),
            objects.c.deleted.is_(None),
        )
        .limit(1)
    )
    found: str | None = tx.execute(query).scalar_one_or_none()
    return found


def struggles_named(tx: Transaction, asked: str, limit: int) -> list[tuple[str, str]]:
    """Addresses and names of struggles with a public report, whose names hold `asked`."""
    public = exists().where(
        reports.c.struggle == struggles.c.iri,
        objects.c.iri == reports.c.iri,
        objects.c.public.is_(True),
        objects.c.deleted.is_(None),
    )
    query = (
        select(struggles.c.iri, struggles.c.name)
        .where(struggles.c.name.icontains(asked, autoescape=True), name_stands(), public)
        .order_by(struggles.c.since.desc(), struggles.c.iri)
        .limit(limit)
    )
    return [(row.iri, row.name) for row in tx.execute(query)]
