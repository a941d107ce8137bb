"""A host is suspended: nothing of it stands on the page of a struggle, among what looks like it, or among filters."""

from __future__ import annotations

from node.merges import candidates, store
from node.peering.rules import Severity
from node.reports import listing
from node.reports import store as reports
from tests.conftest import follow_each
from tests.merges.telling import knows, merge, report
from tests.nodes.served import ServedNode, eventually
from tests.peering.test_suspension import suspend


async def test_a_suspended_host_has_no_part_in_a_struggle(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    ours, theirs = two_nodes
    await follow_each(ours, theirs)
    _, one = await report(ours, "Night shift walks out", addressee="Quokka Freight")
    await knows(theirs, one)
    alike, struggle = await report(theirs, "Quokka walks out", country="PT", addressee="Quokka Freight")
    told, _ = await report(theirs, "Night shift, day two", struggle=one, country="PT", addressee="Quokka Freight")
    await merge(theirs, one, struggle, "It is one depot.")
    for iri in (alike, told):
        await eventually(lambda iri=iri: ours.holds(iri))
    await eventually(lambda: ours.read(store.about, [one]))

    async def seen() -> tuple[int, list[str], int, tuple[str, ...], str]:
        latest = [row.iri for row in await ours.read(reports.latest_struggles)]
        _, page = await ours.page(one)
        countries = (await ours.read(listing.present)).countries
        count, merges = await ours.read(reports.count_reports_on, one), len(await ours.read(store.about, [one]))
        return count, latest, merges, countries, page

    count, latest, merges, countries, page = await seen()
    assert (count, sorted(latest), merges, countries) == (2, sorted([one, struggle]), 1, ("GB", "PT"))
    assert "day two" in page and "It is one depot." in page
    matches = await ours.read(candidates.like_struggle, struggle, sources=())
    assert [match.struggle for match in matches] == [one]

    host = theirs.origin.partition("://")[2]
    await suspend(ours, host)
    count, latest, merges, countries, page = await seen()
    assert (count, latest, merges, countries) == (1, [one], 0, ("GB",))
    assert "day two" not in page and "It is one depot." not in page and "Night shift walks out" in page
    assert (await ours.page(f"{ours.origin}/heard/struggle?of={struggle}"))[0] == 404
    assert await ours.read(candidates.like_struggle, one, sources=()) == []

    await suspend(ours, host, Severity.ACCEPT)
    assert (await seen())[0] == 2, "what was held is shown again"
