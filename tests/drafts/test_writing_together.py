"""Members write a text together: versions, comments, two at once, and nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from node.drafts import actions, differences, store
from node.drafts.rules import Outcome
from node.errors import Conflict, Forbidden, Invalid, Missing
from node.members import actions as members
from node.members.store import Member
from node.statements.rules import Draft
from tests.nodes.served import ServedNode

TEXT = "We strike. We march at ten. We eat.\n"


async def member(node: ServedNode, name: str, role: str) -> Member:
    return await node.enter(name, role)


async def begin(node: ServedNode, who: Member, text: str = TEXT, **fields: object) -> int:
    number: int = await node.write(actions.begin, Draft(text=text, **fields), actor=node.group, member=who)
    return number


async def head(node: ServedNode, number: int, who: Member) -> Draft:
    return await node.read(lambda tx: actions.newest(tx, actions.readable(tx, number, who)))


async def test_every_version_stays_and_who_saves_the_same_again_makes_none(node: ServedNode) -> None:
    rosa, ada = await member(node, "rosa", "writer"), await member(node, "ada", "editor")
    number = await begin(node, rosa, title="Strike")
    draft = await head(node, number, ada)
    saved = await node.write(
        actions.save, number, replace(draft, text="We strike. We march at nine. We eat.\n"), based_on=1, member=ada
    )
    assert (saved.outcome, saved.version) == (Outcome.KEPT, 2)
    again = await node.write(actions.save, number, await head(node, number, rosa), based_on=2, member=rosa)
    assert (again.outcome, again.version) == (Outcome.SAME, 2)
    rows = await node.read(store.versions_of, number)
    assert [(row.number, row.name) for row in rows] == [(2, "ada"), (1, "rosa")]
    (changed,) = await node.read(actions.difference, number, 1, 2, member=rosa)
    assert changed.field == "text"
    assert differences.in_one_line(changed.pieces) == "We strike. We march at [-ten-]{+nine+}. We eat.\n"


async def test_two_who_save_at_once_are_joined_or_both_kept(node: ServedNode) -> None:
    rosa, ada = await member(node, "rosa", "writer"), await member(node, "ada", "writer")
    number = await begin(node, rosa)
    texts = [TEXT.replace("ten", "nine"), TEXT.replace("We eat", "We sing")]
    saves = [
        node.write(actions.save, number, Draft(text=text), based_on=1, member=who)
        for text, who in zip(texts, (rosa, ada), strict=True)
    ]
    outcomes = {saved.outcome for saved in await asyncio.gather(*saves)}
    assert outcomes == {Outcome.KEPT, Outcome.JOINED}
    assert (await head(node, number, ada)).text == "We strike. We march at nine. We sing.\n"

    late = await node.write(actions.save, number, Draft(text=TEXT.replace("ten", "noon")), based_on=1, member=ada)
    assert late.outcome is Outcome.ASIDE and late.joined is not None
    assert late.joined.quarrels == ("text",)
    assert "nine" in late.joined.draft.text and "noon" in late.joined.draft.text
    assert await node.read(store.aside, number) == [late.version]
    assert (await head(node, number, ada)).text == "We strike. We march at nine. We sing.\n"

    both = await node.read(actions.joined_with_head, number, late.version, member=rosa)
    assert both == late.joined
    chosen = Draft(text="We strike. We march at noon. We sing.\n")
    await node.write(actions.save, number, chosen, based_on=3, member=rosa, settles=late.version)
    assert await node.read(store.aside, number) == []
    assert await head(node, number, ada) == chosen


@pytest.mark.one_database
async def test_a_version_that_was_set_aside_can_be_left_out(node: ServedNode) -> None:
    rosa = await member(node, "rosa", "writer")
    number = await begin(node, rosa)
    for hour in ("nine", "noon"):
        saved = await node.write(actions.save, number, Draft(text=TEXT.replace("ten", hour)), based_on=1, member=rosa)
    await node.write(actions.leave_out, number, saved.version, member=rosa)
    assert await node.read(store.aside, number) == []
    assert "noon" in (await node.read(store.version, number, saved.version)).content["text"]
    with pytest.raises(Conflict, match="is not set aside"):
        await node.read(actions.joined_with_head, number, saved.version, member=rosa)


@pytest.mark.one_database
async def test_who_may_do_what_with_a_draft(node: ServedNode) -> None:
    rosa, ada = await member(node, "rosa", "writer"), await member(node, "ada", "writer")
    reader, editor = await member(node, "kim", "reader"), await member(node, "eve", "editor")
    number = await begin(node, rosa)
    assert (await head(node, number, reader)).text == TEXT
    with pytest.raises(Forbidden):
        await node.write(actions.save, number, Draft(text="x"), based_on=1, member=reader)
    with pytest.raises(Forbidden):
        await node.write(actions.comment, number, "no", member=reader)
    with pytest.raises(Forbidden):
        await begin(node, reader)
    stranger = Member(10_000, "nobody")
    with pytest.raises(Missing, match=f"there is no draft {number}"):
        await node.read(actions.readable, number, stranger)
    with pytest.raises(Forbidden):
        await node.write(actions.drop, number, member=ada)
    said = await node.write(actions.comment, number, "At nine, please.\r\n", member=ada)
    with pytest.raises(Forbidden, match="not yours"):
        await node.write(actions.take_back_comment, number, said, member=rosa)
    (row,) = await node.read(store.comments_on, number)
    assert (row.words, row.name, row.version) == ("At nine, please.", "ada", 1)
    await node.write(actions.take_back_comment, number, said, member=ada)
    assert await node.read(store.comments_on, number) == []
    await node.write(actions.drop, number, member=editor)
    mine = await begin(node, rosa)
    await node.write(actions.drop, mine, member=rosa)
    contents = await node.contents()
    assert [contents[name] for name in ("drafts", "draft_versions", "draft_comments")] == [[], [], []]


@pytest.mark.one_database
async def test_what_cannot_be_kept_is_refused_in_words_and_changes_nothing(node: ServedNode) -> None:
    rosa = await member(node, "rosa", "writer")
    number = await begin(node, rosa)
    before = await node.contents()
    cases = [
        (Draft(text="x", language="xx"), "language", "there is no language “xx”"),
        (Draft(text="x", language="english please"), "language", "is not a language"),
        (
            Draft(text="x", language="fr", translations=(Draft(text="y", language="fr"),)),
            "language",
            "two texts in “fr”",
        ),
        (Draft(text="x", translations=(Draft(text="y"),)), "language", "in which language"),
        (Draft(text="x\x00"), "text", "cannot be kept"),
        (Draft(text="x", translations=(Draft(text="y", title="\ud800", language="fr"),)), "fr.title", "cannot be kept"),
        (Draft(text="x" * 400_001), "text", "400001 characters"),
    ]
    for draft, field, why in cases:
        with pytest.raises(Invalid, match=why) as refused:
            await node.write(actions.save, number, draft, based_on=1, member=rosa)
        assert refused.value.field == field
    with pytest.raises(Missing, match="has no version 9"):
        await node.write(actions.save, number, Draft(text="x"), based_on=9, member=rosa)
    with pytest.raises(Invalid, match="there is no kind of draft “poem”"):
        await node.write(actions.begin, Draft(text="x"), actor=node.group, member=rosa, kind="poem")
    for words in ("  ", "\x00", "x" * 10_001):
        with pytest.raises(Invalid):
            await node.write(actions.comment, number, words, member=rosa)
    assert await node.contents() == before
    for small in ("quc", "ar", "pt-BR", "kab"):
        await begin(node, rosa, "x", language=small)


@pytest.mark.one_database
async def test_when_a_writer_is_removed_what_she_wrote_stays_and_her_name_goes(node: ServedNode) -> None:
    rosa = await member(node, "rosa", "writer")
    number = await begin(node, rosa)
    await node.write(actions.comment, number, "Well.", member=rosa)
    await node.write(members.remove, "rosa")
    (version,) = await node.read(store.versions_of, number)
    (comment,) = await node.read(store.comments_on, number)
    assert (version.name, version.writer, comment.name, comment.words) == (None, None, None, "Well.")


async def test_eight_who_save_at_once_lose_nothing(node: ServedNode) -> None:
    writers = [await member(node, f"writer{number}", "writer") for number in range(8)]
    lines = [f"Line {number} says ten.\n" for number in range(8)]
    number = await begin(node, writers[0], "".join(lines))
    saves = [
        node.write(actions.save, number, Draft(text="".join(mended(lines, place))), based_on=1, member=who)
        for place, who in enumerate(writers)
    ]
    outcomes = [saved.outcome for saved in await asyncio.gather(*saves)]
    assert sorted(outcomes) == sorted([Outcome.KEPT, *[Outcome.JOINED] * 7])
    assert (await head(node, number, writers[0])).text == "".join(lines).replace("ten", "nine")
    assert [row.number for row in await node.read(store.versions_of, number)] == list(range(9, 0, -1))


def mended(lines: list[str], place: int) -> list[str]:
    return [line.replace("ten", "nine") if number == place else line for number, line in enumerate(lines)]
