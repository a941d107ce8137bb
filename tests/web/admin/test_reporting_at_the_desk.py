"""A report in its form, walked through in a browser without scripts: nothing is needed but to write, nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from html import unescape

import pytest

from node import objects
from node.drafts import actions, store
from node.reports import actions as reports
from node.reports import writing
from node.statements import writing as statements
from tests.nodes.served import ServedNode
from tests.web.admin.desk_browsers import AtDesk, at_desk
from tests.web.conftest import Report

NEW = "/desk/reports/new"
WORD = re.compile(r'name="confirm" type="checkbox" value="([a-z]+-[0-9a-f]{6})"')
VALUE = re.compile(r'<(?:input|select)[^>]* id="([^"]+)"[^>]*? value="([^"]*)"')
WHOLE = {
    "title": "Rent strike in Sun Street", "text": "Forty households withhold the rent.", "language": "en",
    "kind": "rent-strike", "field": "housing", "began": "2026-09", "as_of": "2026-11-20", "status": "ongoing",
    "location.country": "Norway", "location.locality": "Oslo", "location.precision": "locality",
    "location.name_map": "sv: Oslo",
    "addressee.0.name": "Sun Homes", "addressee.0.kind": "landlord", "addressee.0.chain": "investor: Big Fund",
    "addressee.2.name": "City of Oslo", "addressee.2.kind": "authority",
    "organisation.0.name": "Tenants of Sun Street",
    "measures.0.measure": "households", "measures.0.value": "40-60", "measures.0.basis": "participants",
    "measures.1.measure": "rent-withheld", "measures.1.value": "12500.5", "measures.1.unit": "nok",
    "measures.3.measure": "evictions", "measures.3.value": "unknown",
    "demands.0.text": "Lower rents", "demands.0.kind": "rent", "demands.0.status": "partly-won",
    "demands.0.raised": "2026-08", "outcome": "undecided",
    "responses.0.by": "addressee", "responses.0.kind": "refusal", "responses.0.on": "2026-10-02",
    "claims.0.about": "Sun Homes", "claims.0.text": "It has cut the water.", "claims.0.basis": "alleged",
    "claims.0.alleged_by": "tenants of block 4",
    "sources.0.name": "Minutes", "sources.0.kind": "organisation", "sector.code": "L",
    "occupations.0.code": "8331", "started_by": "people", "basis": "own-witness", "confidence": "confirmed",
    "withheld.0.part": "names", "withheld.0.reason": "safety",
}  # fmt: skip


@pytest.fixture
async def desk(node: ServedNode) -> AsyncIterator[AtDesk]:
    async with at_desk(node, "steward") as found:
        yield found


async def send(desk: AtDesk, path: str = NEW, **form: str) -> tuple[int, str, str]:
    return await desk.send(path, origin="/desk/drafts/new", **form)


def told(page: str) -> list[str]:
    """What a page says is wrong."""
    return re.findall(r'class="(?:wrong|failure)"[^>]*>([^<]*)<', page)


async def newest(node: ServedNode) -> dict[str, object]:
    (row,) = await node.read(lambda tx: objects.listed(tx, author=node.group, limit=1))
    found = json.loads(row.document)
    assert isinstance(found, dict)
    return found


async def test_a_whole_report_is_published_from_the_form(node: ServedNode, desk: AtDesk) -> None:
    page = await desk.get(NEW)
    assert 'name="measures.1.value"' in page and "Rent strike" in page
    status, _, page = await send(desk, **WHOLE, who="tenants", act="propose")
    assert status == 303, told(page)
    document = await newest(node)
    assert document["location"] == {
        "type": "Place", "name": "Oslo, Norway", "country": "NO", "locality": "Oslo", "precision": "locality",
        "nameMap": {"sv": "Oslo"},
    }  # fmt: skip
    assert document["addressee"] == [
        {"name": "Sun Homes", "partyKind": "landlord", "chain": [{"name": "Big Fund", "chainRole": "investor"}]},
        {"name": "City of Oslo", "partyKind": "authority"},
    ]
    assert document["measures"] == [
        {"measure": "households", "minValue": 40, "maxValue": 60, "basis": "participants"},
        {"measure": "rent-withheld", "value": 12500.5, "unit": "NOK", "basis": "own-estimate"},
        {"measure": "evictions", "absent": "unknown"},
    ]
    assert document["claims"] == [
        {"claim": "It has cut the water.", "about": "Sun Homes", "basis": "alleged", "allegedBy": "tenants of block 4"}
    ]
    assert document["who"] == ["tenants"] and document["demands"][0]["raised"] == "2026-08"  # type: ignore[index]


async def test_a_draft_is_kept_with_its_faults_and_mended(node: ServedNode, desk: AtDesk) -> None:
    wrong = WHOLE | {"began": "someday", "measures.0.value": "60-40", "kind": ""}
    status, location, page = await send(desk, **wrong, act="keep")
    assert status == 303, told(page)
    path = location.partition("?")[0]
    page = await desk.get(path)
    assert "Before it can be published" in page and "<code>began</code>" in page and "upside down" in page
    form = path.replace("/drafts/", "/reports/")
    page = await desk.get(form)
    for name in ("wrong-began", "wrong-measures.0.value", "wrong-kind"):
        assert f'id="{name}"' in page
    shown = {name: unescape(value) for name, value in VALUE.findall(page)}
    assert (shown["began"], shown["measures.0.value"]) == ("someday", "60-40"), "what she wrote stands there"
    status, _, page = await send(desk, form, **WHOLE, act="keep", based_on="1")
    assert status == 303, told(page)
    page = await desk.get(path)
    assert "Before it can be published" not in page
    assert "40 to 60" in page and "Norway" in page and "households" in page, "the facts as everybody will see them"
    status, location, page = await send(desk, f"{path}/propose", version="2")
    assert status == 303, told(page)
    assert (await newest(node))["actionKind"] == "rent-strike"


async def test_all_that_is_wrong_is_said_at_its_field_and_nothing_is_kept(node: ServedNode, desk: AtDesk) -> None:
    wrong = WHOLE | {
        "began": "2026-09-02", "ended": "2026-09-01", "measures.0.value": "-3", "measures.1.unit": "XQQ",
        "location.country": "Atlantis", "addressee.0.kind": "boss", "sector.code": "ZZ", "claims.0.alleged_by": "",
        "text": "It goes on & on.",
    }  # fmt: skip
    status, _, page = await send(desk, **wrong, act="propose")
    assert status == 422
    for name, why in {
        "ended": "ends before it begins", "measures.0.value": "below zero", "location.country": "two-letter",
        "addressee.0.kind": "not one of the words", "sector.code": "section letter", "claims.0.alleged_by": "who alleges",
    }.items():  # fmt: skip
        found = re.search(rf'id="wrong-{re.escape(name)}">([^<]*)<', page)
        assert found is not None, name
        assert why in unescape(found[1])
    assert "It goes on &amp; on." in page
    assert await node.read(lambda tx: store.of_group(tx, node.group)) == []


async def test_what_may_put_somebody_in_danger_is_asked_in_the_form(node: ServedNode, desk: AtDesk) -> None:
    danger = WHOLE | {"status": "announced", "location.name": "Gate 4", "text": "Ring Mr Smith."}
    status, _, page = await send(desk, **danger, act="propose")
    assert status == 422 and "Gate 4" in page
    words = WORD.findall(page)
    assert [word.partition("-")[0] for word in words] == ["place"]
    status, _, page = await send(desk, **danger, act="propose", confirm="place-000000")
    assert status == 422 and WORD.findall(page) == words
    status, _, page = await send(desk, **danger, act="propose", confirm="; ".join(words))
    assert status == 303, told(page)
    assert (await newest(node))["location"]["name"] == "Gate 4"  # type: ignore[index]


async def test_a_kept_draft_that_has_to_be_confirmed_says_so(node: ServedNode, desk: AtDesk) -> None:
    danger = WHOLE | {"status": "announced", "location.name": "Gate 4", "text": "Ring Mr Smith."}
    _, location, _ = await send(desk, **danger, act="keep")
    path = location.partition("?")[0]
    page = await desk.get(path)
    assert "This may lead to a person: Mr Smith" in page and "Gate 4" in page
    (word,) = set(re.findall(r"place-[0-9a-f]{6}", page))
    status, _, page = await send(desk, f"{path}/propose", version="1")
    assert status == 422 and "Gate 4" in page
    status, _, page = await send(desk, f"{path}/propose", version="1", confirm=word)
    assert status == 303, told(page)


async def test_one_more_row_is_there_and_what_was_written_stays(desk: AtDesk) -> None:
    status, _, page = await send(desk, **WHOLE, act="more measures")
    assert status == 200
    assert 'name="measures.3.value"' in page and 'name="measures.4.value"' not in page
    shown = {name: unescape(value) for name, value in VALUE.findall(page)}
    assert shown["measures.2.value"] == "unknown", "rows close up"
    assert shown["addressee.1.name"] == "City of Oslo"


async def test_a_published_report_is_corrected_in_its_form(node: ServedNode, desk: AtDesk, report: Report) -> None:
    iri = await report(
        node, participants="120", demands="lower rents [won]; repairs", addressee="Sun Homes", country="NO",
        locality="Oslo", source_name="Minutes", workers_involved="100-500",
    )  # fmt: skip
    path = f"/desk/published/{iri.rpartition('/')[2]}/report"
    assert path in await desk.get(path.removesuffix("/report"))
    page = await desk.get(path)
    shown = {name: unescape(value) for name, value in VALUE.findall(page)}
    assert shown["measures.0.value"] == "120" and shown["demands.1.text"] == "repairs"
    assert shown["location.locality"] == "Oslo" and shown["sources.0.name"] == "Minutes"
    before = json.loads((await node.read(objects.find, iri)).document)
    chosen = dict(
        re.findall(r'<select id="([^"]+)"(?:(?!</select>).)*?<option value="([^"]*)" selected', page, re.DOTALL)
    )
    boxes = (".computed", ".person", ".consent")
    form = {name: value for name, value in shown.items() if not name.startswith("who-") and not name.endswith(boxes)}
    form |= chosen
    form |= {"text": "It is over.", "status": "ended", "measures.0.value": "150"}
    status, _, page = await send(desk, path, **form, act="correct")
    assert status == 303, told(page)
    after = json.loads((await node.read(objects.find, iri)).document)
    assert after["status"] == "ended"
    assert [one.get("value") for one in after["measures"]] == [150, None]
    for key in ("demands", "location", "sources", "addressee", "struggle", "began", "basis"):
        assert after[key] == before[key], key
    form |= {"text": "It goes on elsewhere.", "status": "ongoing"}
    status, _, page = await send(desk, path, **form | {"act": "develop", "changed": " "})
    assert status == 422 and "say it in a sentence" in page and "It goes on elsewhere." in page
    status, _, page = await send(desk, path, **form | {"act": "develop", "changed": "The other block has joined."})
    assert status == 303, told(page)
    (answer,) = await node.read(objects.replies, iri)
    assert "The other block has joined." in json.loads(answer.document)["content"]
    here = path.removesuffix("/report")
    status, _, page = await send(desk, f"{here}/withdraw", withdrawal=" ")
    assert status == 422 and "say it in a sentence" in page
    assert (await send(desk, f"{here}/withdraw", withdrawal="We mixed up two blocks."))[0] == 303
    assert json.loads((await node.read(objects.find, iri)).document)["reportStatus"] == "withdrawn"
    assert f"{here}/withdraw" not in await desk.get(here)


async def test_a_draft_from_elsewhere_loses_nothing_in_the_form(node: ServedNode, desk: AtDesk) -> None:
    """Cells above a text, some of which cannot be read: they stand in the form, and are kept beside it."""
    text = "---\nkind: strike\nfield: work\nbegan: 2026\nparticipants: many\ndemands: pay [wonn]\nkey: 17\n---\nOn.\n"
    draft = statements.read(text, report_keys=reports.REPORT_KEYS)
    member = await node.steward()
    number = await node.write(actions.begin, draft, actor=node.group, member=member)
    page = await desk.get(f"/desk/reports/{number}")
    shown = {name: unescape(value) for name, value in VALUE.findall(page)}
    assert shown["demands.0.text"] == "pay [wonn]" and shown["began"] == "2026"
    form = {"text": "On.", "kind": "strike", "field": "work", "began": "2026", "demands.0.text": "pay"}
    await send(desk, f"/desk/reports/{number}", **form, act="keep", based_on="1")

    def kept(tx):  # type: ignore[no-untyped-def]
        return actions.newest(tx, actions.readable(tx, number, member))

    report = (await node.read(kept)).report
    assert (report["participants"], report["key"], report["kind"]) == ("many", "17", "strike")
    assert json.loads(report["demands"]) == [{"text": "pay"}]
    assert [one.field for one in writing.faults(await node.read(kept))] == ["participants"]


async def test_two_who_write_at_once_both_keep_their_words(node: ServedNode, desk: AtDesk) -> None:
    _, location, _ = await send(desk, **WHOLE, act="keep")
    form = location.partition("?")[0].replace("/drafts/", "/reports/")
    await send(desk, form, **(WHOLE | {"began": "2026-08"}), act="keep", based_on="1")
    status, location, _ = await send(desk, form, **(WHOLE | {"outcome": "won"}), act="keep", based_on="1")
    assert status == 303 and "done=joined" in location
    status, location, _ = await send(desk, form, **(WHOLE | {"began": "2026-07"}), act="keep", based_on="1")
    assert status == 303 and "settle=4" in location
    assert "2026-07" in await desk.get(location)


async def test_a_lapsed_session_gives_everything_back(node: ServedNode, desk: AtDesk) -> None:
    await desk.get("/desk")
    desk.http.cookie_jar.clear()
    async with desk.http.post(NEW, data=WHOLE | {"csrf": "x"}, headers={"Origin": node.origin}) as answer:
        page = await answer.text()
    assert answer.status == 403
    assert "Forty households" in page and "measures.0.value: 40-60" in page
