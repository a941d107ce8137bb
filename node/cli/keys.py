"""Commands about the keys of a group: keys rotate."""

from __future__ import annotations

import argparse
import asyncio

from node import actors
from node.cli.commands import AS_JSON, AS_MEMBER, IN_GROUP, Command, group_of, opened, option, show, words
from node.context import Transaction
from node.errors import NodeError
from node.groups import rotation
from node.members import actions as members


async def rotate(options: argparse.Namespace) -> int:
    """Give a group new keys, tell everybody, and destroy the old ones."""
    words(options)
    async with opened(options) as node:
        name = await node.database.read(_next_name, options)
        # Left behind by a rotation that was broken off: nobody has ever been told of them.
        await asyncio.to_thread(node.keyring.destroy, name)
        await asyncio.to_thread(node.keyring.make, name)
        try:
            key_id = await node.database.write(_rotate, options)
        except NodeError:
            await asyncio.to_thread(node.keyring.destroy, name)
            raise
    return show(options, {"key": key_id, "compromised": options.compromised}, _told(key_id, options.compromised))


def _next_name(tx: Transaction, options: argparse.Namespace) -> str:
    return rotation.next_name(tx, group_of(tx, options).iri)


def _rotate(tx: Transaction, options: argparse.Namespace) -> str:
    iri, member = group_of(tx, options).iri, members.named(tx, options.member)
    rotation.rotate(tx, actor=iri, compromised=options.compromised, member=member)
    row = actors.local(tx, iri)
    return actors.rsa_key_id(iri, row.key_number)


def _told(key_id: str, compromised: bool) -> str:
    lines = [f"requests are signed with {key_id} from now on; the running node tells followers and peers"]
    if compromised:
        lines.append("the keys before it are disowned, and the running node proves everything the group has said anew")
    lines.append("make a new backup of keys/: the one you have no longer speaks for the group")
    return "\n".join(lines)


COMMANDS = (
    Command(
        "keys rotate",
        "give a group new keys, tell everybody, and destroy the old ones",
        "commonwire keys rotate ./union --compromised",
        rotate,
        options=(
            option(
                "--compromised",
                action="store_true",
                help="somebody else may have the old keys: disown them, and prove everything anew",
            ),
            IN_GROUP,
            AS_MEMBER,
            AS_JSON,
        ),
    ),
)
