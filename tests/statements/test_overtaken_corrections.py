"""Corrections of one text that were written side by side: what does not touch is joined, what does is held back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from node import objects
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.reports import developing
from node.reports import store as report_store
from node.statements import blanks, composing, confirming, overtaken, publishing, redacting, store
from node.statements import correcting as acts
from node.statements.rules import Draft, State
from tests.merges.telling import report
from tests.nodes.served import ServedNode, eventually
from tests.search.test_keeping import quiet
from tests.statements.test_corrections import correct
from tests.web.admin.desk_browsers import enter

TEXT = "We meet at nine. Bring banners. The kitchen is open.\n"
DELAY, APART = timedelta(hours=2), timedelta(minutes=10)
"""So long what is decided waits, and so much between two; a slow machine takes seconds of it."""


@pytest.fixture
async def patient(serve: Callable[..., Any]) -> ServedNode:
    """A node that waits for DELAY before what is decided leaves."""
    node: ServedNode = await serve(0, settings={"publication_delay": int(DELAY.total_seconds())})
    return node


async def leave(node: ServedNode) -> None:
    """Let that pass, and all that waited leave."""
    node.clock.advance(DELAY + timedelta(seconds=1))
    await node.quiet()


async def side_by_side(node: ServedNode, *acts: Callable[[], Awaitable[Any]]) -> list[str]:
    """Corrections that are all written before the first of them leaves; then they leave in this order."""
    subjects = []
    for act in acts:
        subjects.append(str((await act())[0]))
        node.clock.advance(APART)
    node.clock.advance(DELAY + APART / 2 - len(acts) * APART)
    for subject in subjects:

        async def left(subject: str = subject) -> bool:
            return await states(node, subject) != [State.WAITING.value]

        await eventually(left)
        node.clock.advance(APART)
    await node.quiet()
    return subjects


async def published(node: ServedNode, text: str = TEXT, **fields: Any) -> str:
    iri = await node.publish(text, **fields)
    await leave(node)
    return iri


async def reported(node: ServedNode, **fields: Any) -> str:
    with pytest.raises(KeyError):  # it has not left when the helper looks for its struggle
        await report(node, "Night shift walks out", **fields)
    await leave(node)
    rows = await node.read(report_store.latest_struggles)
    (row,) = await node.read(report_store.reports_on, rows[0].iri)
    return str(row.iri)


async def states(node: ServedNode, *subjects: str) -> list[str]:
    return [(await node.read(store.publication, one)).state for one in subjects]


async def changed(node: ServedNode, iri: str, text: str | None = None, **fields: str) -> Draft:
    """The draft of a report as it stands, with other fields."""
    draft = composing.revive((await node.read(store.publication, iri)).draft["draft"])
    return Draft(text=text or draft.text, title=draft.title, language=draft.language, report={**draft.report, **fields})


async def test_what_does_not_touch_is_joined(patient: ServedNode) -> None:
    iri = await published(patient, title="Meeting", tags=("trams",))
    one = partial(correct, patient, iri, TEXT.replace("nine", "ten"), title="Meeting", tags=("trams", "strike"))
    other = partial(correct, patient, iri, TEXT.replace("kitchen", "canteen"), title="The meeting", tags=("trams",))
    first, second = await side_by_side(patient, one, other)
    assert await states(patient, first, second) == [State.RELEASED.value] * 2
    said = (await patient.activity(iri))[1]
    assert "at ten" in said["content"] and "canteen" in said["content"]
    assert said["name"] == "The meeting" if "name" in said else "The meeting" in said["content"]
    assert {tag["name"] for tag in said["tag"]} == {"#trams", "#strike"}
    assert overtaken.BEFORE not in (await patient.read(store.publication, iri)).draft
    assert overtaken.BEFORE not in (await patient.read(store.publication, second)).draft


async def test_what_touches_is_held_back_until_it_is_confirmed_or_let_go(patient: ServedNode) -> None:
    iri = await published(patient)
    people = await patient.write(enter, patient.group, {"emma": "writer"})
    texts = [TEXT.replace("nine", hour) for hour in ("ten", "eleven", "noon")]
    texts[1] = texts[1].replace("kitchen", "canteen")
    first, second, third = await side_by_side(patient, *(partial(correct, patient, iri, text) for text in texts))
    assert await states(patient, first, second, third) == [State.RELEASED.value, State.HELD.value, State.HELD.value]
    content = (await patient.activity(iri))[1]["content"]
    assert "at ten" in content and "kitchen" in content, "nothing of it is applied"
    held = await patient.read(overtaken.held_of, iri)
    assert [(one.subject, one.fields) for one in held] == [(second, ("text",)), (third, ("text",))]
    with pytest.raises(Forbidden):
        await patient.write(confirming.confirm, second, member=people["emma"])
    with pytest.raises(Forbidden):
        await patient.write(confirming.let_go, second, member=people["emma"])
    steward = await patient.steward()
    newer, state = await patient.write(confirming.confirm, second, member=steward)
    assert state is State.WAITING
    await patient.write(confirming.let_go, third, member=steward)
    for gone in (second, third, first, iri):
        for act in (confirming.confirm, confirming.let_go):
            with pytest.raises(Missing):
                await patient.write(act, gone, member=steward)
    await leave(patient)
    assert await states(patient, newer, second, third) == ["released", "called back", "called back"]
    content = (await patient.activity(iri))[1]["content"]
    assert "eleven" in content and "canteen" in content and "Bring banners" in content


async def test_of_a_report_the_fields_are_joined_and_the_later_day_holds(patient: ServedNode) -> None:
    iri = await reported(patient, participants="400", as_of="2026-10-02", locality="Leith")
    steward = await patient.steward()

    def proposing(draft: Draft, new: str = "") -> Callable[[], Awaitable[Any]]:
        if new:
            return partial(patient.write, developing.develop, iri, draft, changed=new, member=steward)
        return partial(patient.write, acts.correct, iri, draft, member=steward)

    shift = {"status": "ongoing", "as_of": "2026-10-05"}
    mended, grown, older, other = await side_by_side(
        patient,
        proposing(await changed(patient, iri, participants="240")),
        proposing(await changed(patient, iri, "The morning shift, too.\n", **shift), "It grows."),
        proposing(await changed(patient, iri, addressee="Quokka Freight", as_of="2026-10-04"), "Who it is."),
        proposing(await changed(patient, iri, participants="300"), "They are 300."),
    )
    assert await states(patient, mended, grown, older, other) == ["released", "released", "released", "held back"]
    row = (await patient.read(report_store.of, [iri]))[iri]
    assert (row.as_of, row.status) == ("2026-10-05", "ongoing")
    said = (await patient.activity(iri))[1]
    assert "morning shift" in said["content"] and "Quokka Freight" in str(said) and "240" in str(said)
    answers = [objects_row.document.decode() for objects_row in await patient.read(objects.replies, iri)]
    assert any("It grows." in one for one in answers) and not any("They are 300." in one for one in answers)

    taken_back = partial(patient.write, developing.withdraw, iri, reason="We mixed up depots.", member=steward)
    elsewhere = proposing(await changed(patient, iri, locality="Granton"))
    withdrawal, late = await side_by_side(patient, taken_back, elsewhere)
    assert await states(patient, withdrawal, late) == ["released", "released"]
    draft = composing.revive((await patient.read(store.publication, iri)).draft["draft"])
    assert (draft.report["report_status"], draft.report["locality"]) == ("withdrawn", "Granton")

    patient.clock.advance(timedelta(days=1))  # there is room again for one more answer below the report
    newer, _ = await patient.write(confirming.confirm, other, member=steward)
    await leave(patient)
    draft = composing.revive((await patient.read(store.publication, iri)).draft["draft"])
    assert (draft.report["participants"], draft.report["report_status"]) == ("300", "withdrawn")
    answers = [objects_row.document.decode() for objects_row in await patient.read(objects.replies, iri)]
    assert any("They are 300." in one for one in answers), "what is new is said once it is there"
    assert await states(patient, newer) == ["released"]


async def test_two_that_are_right_and_wrong_together_are_held_back(patient: ServedNode) -> None:
    iri = await reported(patient, ended="2026-10-20")
    steward = await patient.steward()
    drafts = [await changed(patient, iri, began="2026-10-10"), await changed(patient, iri, ended="2026-10-05")]
    ways = [partial(patient.write, acts.correct, iri, one, member=steward) for one in drafts]
    first, second = await side_by_side(patient, *ways)
    assert await states(patient, first, second) == ["released", "held back"]
    (held,) = await patient.read(overtaken.held_of, iri)
    assert held.fields == () and isinstance(held.why_not, Invalid)
    with pytest.raises(Invalid):
        await patient.write(confirming.confirm, second, member=steward)
    assert await states(patient, second) == ["held back"]


async def test_what_is_blanked_goes_from_what_is_held_back_and_a_deletion_takes_it(patient: ServedNode) -> None:
    iri = await published(patient, "Rosa was there. We meet at nine.\n", title="Rosa", summary="With Rosa.")
    steward = await patient.steward()
    for hour in ("ten", "eleven"):
        await correct(patient, iri, f"Rosa was there. We meet at {hour}.\n", title="Rosa", summary="With Rosa.")
    await leave(patient)
    assert len(await patient.read(overtaken.held_of, iri)) == 1
    for part in ("text", "title", "summary"):
        what = blanks.read(part)
        await patient.write(redacting.redact, iri, what, reason="personal-data", member=steward)
    await leave(patient)
    rows = (await patient.contents())["publications"]
    assert [row for row in rows if "Rosa" in str(row)] == []
    assert len(await patient.read(overtaken.held_of, iri)) == 1, "it is there, and can be let go"
    await patient.write(acts.delete, iri, reason="mistake", member=steward)
    await quiet(patient)
    assert await patient.read(overtaken.held_of, iri) == []
    assert await patient.read(store.held_back, patient.group) == []


async def test_it_can_be_called_back_before_and_says_so_afterwards(patient: ServedNode) -> None:
    iri = await published(patient)
    subject, _ = await correct(patient, iri, TEXT.replace("nine", "ten"))
    await patient.write(publishing.call_back, subject, member=await patient.steward())
    other, _ = await correct(patient, iri, TEXT.replace("nine", "eleven"))
    await leave(patient)
    assert await states(patient, subject, other) == ["called back", "released"]
    with pytest.raises(Conflict):
        await patient.write(publishing.call_back, other, member=await patient.steward())
    assert await eventually(lambda: patient.holds(iri))
