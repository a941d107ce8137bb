"""Who and what was reported on before, for whoever writes the next report: so that one name is written one way.

Only what stands in a public report is suggested.
"""

from __future__ import annotations

from sqlalchemy import exists, or_, select

from node.context import Transaction
from node.objects import objects
from node.reports.facts import key
from node.reports.store import report_terms, reports, struggles


def addressees(tx: Transaction, asked: str, limit: int) -> list[tuple[str, str]]:
    """Names of those whom public reports are directed at, that begin like `asked` or have a word that does."""
    wanted = key(asked)
    begins = report_terms.c.value.startswith(wanted, autoescape=True)
    query = (
        select(report_terms.c.value, report_terms.c.label)
        .join(objects, objects.c.iri == report_terms.c.report)
        .where(
            report_terms.c.dimension == "addressee",
            or_(begins, report_terms.c.value.contains(f" {wanted}", autoescape=True)),
            objects.c.public.is_(True),
            objects.c.deleted.is_(None),
        )
        .distinct()
        .order_by(report_terms.c.value, report_terms.c.label)
        .limit(limit)
    )
    rows = sorted(tx.execute(query), key=lambda row: (not row.value.startswith(wanted), row.value))
    return [(row.label, row.label) for row in rows]


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
        .where(struggles.c.name.icontains(asked, autoescape=True), public)
        .order_by(struggles.c.since.desc(), struggles.c.iri)
        .limit(limit)
    )
    return [(row.iri, row.name) for row in tx.execute(query)]
