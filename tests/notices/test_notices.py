"""How a member learns that something waits for her: a calendar, a feed, an e-mail, in her language."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from icalendar import Calendar

from node.decisions.rules import DAY, Method, Rule
from node.members import actions as members
from node.notices import actions, rules, store
from node.notices.rules import Deadline
from tests.nodes.served import ServedNode, eventually, free_port
from tests.web.admin.desk_browsers import AtDesk, at_desk, enter, give_rule
from tests.web.admin.test_deciding_at_the_desk import propose

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

VOTE = Rule(Method.MAJORITY, quorum=2, at_most=2 * DAY)
ADDRESS = re.compile(r"<code dir=\"ltr\">(http[^<]+)\.(ics|atom)</code>")
TITLE = "Secret strike at dawn"


@pytest.fixture
async def emma(node: ServedNode) -> AsyncIterator[AtDesk]:
    await node.write(enter, node.group, {"rosa": "editor", "emma": "editor", "lucy": "editor"})
    await give_rule(node, "publish_statement", VOTE)
    async with at_desk(node, "emma") as desk:
        yield desk


async def read(node: ServedNode, address: str) -> tuple[int, Any, bytes]:
    async with node.http.get(address) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_a_feed_of_deadlines_says_until_when_and_not_what(node: ServedNode, emma: AtDesk) -> None:
    status, _, page = await emma.send("/desk/notices/feed", origin="/desk/notices")
    addresses = {form: f"{address}.{form}" for address, form in ADDRESS.findall(page)}
    assert status == 200 and sorted(addresses) == ["atom", "ics"]
    kept = str(await node.contents())
    assert addresses["ics"].split("/")[-1].removesuffix(".ics") not in kept, "the secret is not at rest"
    assert b"VEVENT" not in (await read(node, addresses["ics"]))[2]
    node.clock.stop()  # until the second it ends
    number = await propose(node, title=TITLE)
    status, headers, body = await read(node, addresses["ics"])
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert headers["Cache-Control"] == "private, no-store" and headers["X-Robots-Tag"] == "noindex"
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert event["summary"] == f"Vote on decision {number}" and event.decoded("url").endswith(
        f"/desk/decisions/{number}"
    )
    assert event.decoded("dtend") == (node.clock() + timedelta(days=2)).replace(microsecond=0)
    atom = await read(node, addresses["atom"])
    assert f"Vote on decision {number} (until ".encode() in atom[2]
    for text in (body, atom[2]):
        assert TITLE.encode() not in text and b"emma" not in text and b"rosa" not in text
    await emma.send("/desk/notices/language", language="fr")
    assert b'xml:lang="fr"' in (await read(node, addresses["atom"]))[2]
    assert (await emma.send(f"/desk/decisions/{number}/vote", choice="for"))[0] == 200
    assert b"VEVENT" not in (await read(node, addresses["ics"]))[2], "it waits for her no more"
    assert (await emma.send("/desk/notices/feed", origin="/desk/notices"))[0] == 200
    status, _, body = await read(node, addresses["ics"])
    assert status == 404 and b"renewed" in body
    for wrong in ("x.ics", "x" * 43 + ".ics", "x" * 5000 + ".atom", "%00.ics"):
        assert (await read(node, f"{node.origin}/deadlines/{wrong}"))[0] in (404, 414, 400), wrong
    await emma.send("/desk/notices/feed/end")
    assert "En faire un" in await emma.get("/desk/notices"), "she has chosen French"


async def test_the_desk_speaks_her_language_whatever_her_browser_asks(node: ServedNode, emma: AtDesk) -> None:
    french = {"Accept-Language": "fr"}
    assert '<html lang="fr" dir="ltr">' in await emma.get("/desk", **french)
    status, location, _ = await emma.send("/desk/notices/language", language="ar")
    assert (status, location) == (303, "/desk/notices?group=union&done=language")
    for path in ("/desk", "/desk/rules", "/desk/notices", "/desk/complaints"):
        async with emma.http.get(path, headers=french) as answer:
            assert '<html lang="ar" dir="rtl">' in await answer.text(), path
    assert '<html lang="fr" dir="ltr">' in await emma.get("/", **french), "public pages are the same for everybody"
    status, _, page = await emma.send("/desk/notices/language", language="tlh")
    assert status == 422 and "«tlh»" in page and 'id="wrong-language"' in page
    assert (await emma.send("/desk/notices/language", language=""))[0] == 303
    assert '<html lang="fr" dir="ltr">' in await emma.get("/desk", **french)


# ---- e-mail


class Inbox:
    """What arrived at a mail server of ours. `answers`: what it says to the next messages instead of taking them."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], EmailMessage]] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop()
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.messages.append((envelope.rcpt_tos, message))
        return "250 OK"


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[Inbox, int]]:
    inbox, port = Inbox(), free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(controller.start)
    try:
        yield inbox, port
    finally:
        await asyncio.to_thread(controller.stop)


async def test_notices_go_to_an_address_that_is_hers_and_name_nothing(serve: Callable[..., Any]) -> None:
    async with mail_server() as (inbox, port):
        settings = {
            "mail.host": "127.0.0.1",
            "mail.port": port,
            "mail.tls": "none",
            "mail.sender": "node@union.example",
        }
        node: ServedNode = await serve(1, settings=settings)
        await node.write(enter, node.group, {"rosa": "editor", "emma": "editor", "lucy": "editor"})
        await give_rule(node, "publish_statement", VOTE)
        handle = node.group.rpartition("/")[2]

        async def code() -> str:
            await eventually(lambda: arrived(inbox, 1))
            (to, message) = inbox.messages.pop()
            assert to == ["emma@example.org"] and message["Auto-Submitted"] == "auto-generated"
            found = re.search(r"\b(\d{8})\b", message.get_content())
            assert found is not None
            return found[1]

        async with at_desk(node, "emma") as emma:
            for wrong in (
                "emma",
                "emma@",
                "a@b@c.example",
                "emma@example.org\r\nBcc: x@example.org",
                "<x@y.example>",
                "",
            ):
                status, _, page = await emma.send("/desk/notices/email", group=handle, email=wrong)
                assert status == 422 and "is not an e-mail address" in page and 'id="wrong-email"' in page, wrong
            inbox.answers = ["451 later"]
            assert (await emma.send("/desk/notices/email", group=handle, email=" emma@example.org "))[0] == 303
            await node.quiet()
            node.clock.advance(timedelta(minutes=10))
            sent = await code()
            status, _, page = await emma.send("/desk/notices/email/confirm", group=handle, code="00000000")
            assert status == 422 and "that is not the code" in page
            assert await node.read(store.with_email) == [], "nobody is written to before she has shown it to be hers"
            assert (await emma.send("/desk/notices/email/confirm", group=handle, code=f" {sent} "))[0] == 303
            assert (await emma.send("/desk/notices/email/confirm", group=handle, code=sent))[0] == 409
            await emma.send("/desk/notices/language", group=handle, language="fr")
            node.clock.advance(timedelta(hours=2))
            number = await propose(node, title=TITLE)
            for _ in range(2):
                await node.write(actions.look)
            await eventually(lambda: arrived(inbox, 1))
            await node.quiet()
            (to, message), *others = inbox.messages
            text = message.get_content() + message["Subject"]
            assert to == ["emma@example.org"] and others == [] and message["From"] == "node@union.example"
            assert str(number) in text and "/desk" in text
            for hidden in (TITLE, "rosa", "emma@", "Transport"):
                assert hidden not in text
            inbox.messages.clear()
            assert (await emma.send("/desk/notices/email/forget", group=handle))[0] == 303
            node.clock.advance(timedelta(days=1))
            await node.write(actions.look)
            await node.quiet()
            assert inbox.messages == []
            assert "emma@example.org" not in str(await node.contents(without=("jobs",)))


async def arrived(inbox: Inbox, count: int) -> bool:
    return len(inbox.messages) >= count


async def test_codes_cannot_be_tried_out_and_addresses_not_flooded(node: ServedNode, emma: AtDesk) -> None:
    status, _, page = await emma.send("/desk/notices/email", email="emma@example.org")
    assert status == 409 and "this node sends no e-mail" in page
    known = await node.read(members.named, "emma")
    await node.write(lambda tx: store.change(tx, known.id, asked="emma@example.org", code="0" * 64, code_sent=tx.now))
    for _ in range(rules.TRIES):
        assert (await emma.send("/desk/notices/email/confirm", code="00000000"))[0] == 422
    assert (await emma.send("/desk/notices/email/confirm", code="00000000"))[0] == 429
    node.clock.advance(timedelta(days=1))
    assert (await emma.send("/desk/notices/email/confirm", code="00000000"))[0] == 409, "it has expired"


NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUE = [
    ([], None, False),
    ([Deadline(1, NOW, None)], None, True),
    ([Deadline(1, NOW - HOUR, None)], NOW - 2 * HOUR, True),
    ([Deadline(1, NOW - 3 * HOUR, None)], NOW - 2 * HOUR, False),
    ([Deadline(1, NOW, None)], NOW - HOUR / 2, False),
    ([Deadline(1, NOW - 60 * HOUR, NOW + 24 * HOUR)], NOW - 50 * HOUR, True),
    ([Deadline(1, NOW - 60 * HOUR, NOW + 23 * HOUR)], NOW - HOUR, False),
    ([Deadline(1, NOW - 60 * HOUR, NOW + 25 * HOUR)], NOW - 50 * HOUR, False),
]


async def test_she_is_written_to_for_what_is_new_or_ends_soon_and_never_twice_in_an_hour(node: ServedNode) -> None:
    for deadlines, told, due in DUE:
        assert rules.is_due(deadlines, told=told, now=NOW) is due, (deadlines, told)
