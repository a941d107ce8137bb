"""Commands about the keys of a group and of the node: keys rotate."""

from __future__ import annotations

import argparse
import asyncio

from node import actors
from node.cli.commands import AS_JSON, AS_MEMBER, IN_GROUP, URGENT, Command, group_of, opened, option, told, words
from node.context import Transaction
from node.decisions import with_proposed
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
            key_id, proposed = await node.database.write(with_proposed, _rotate, options)
        except NodeError:
            await asyncio.to_thread(node.keyring.destroy, name)
            raise
    return told(options, proposed, {"key": key_id, "compromised": options.compromised}, _summary(options, key_id))


def _next_name(tx: Transaction, options: argparse.Namespace) -> str:
    return rotation.next_name(tx, _actor(tx, options))


def _actor(tx: Transaction, options: argparse.Namespace) -> str:
    row = actors.instance(tx) if options.instance else group_of(tx, options)
    return str(row.iri)


def _rotate(tx: Transaction, options: argparse.Namespace) -> str:
    iri, member = _actor(tx, options), members.named(tx, options.member)
    group = actors.main_group(tx).iri if options.instance else None
    rotation.rotate(tx, actor=iri, compromised=options.compromised, member=member, group=group, urgent=options.urgent)
    row = actors.local(tx, iri)
    return actors.rsa_key_id(iri, row.key_number)


def _summary(options: argparse.Namespace, key_id: str) -> str:
    lines = [f"requests are signed with {key_id} from now on"]
    if options.instance:
        lines.append("whoever the node asks has a look at it")
        lines.append("the addresses of pictures of others on its pages follow")
    else:
        lines.append("the running node tells followers and peers")
    if options.compromised and not options.instance:
        lines.append("the keys before it are disowned, and the running node proves everything the group has said anew")
    lines.append("make a new backup of keys/: what is in the one you have is no longer believed")
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
            option("--instance", action="store_true", help="the keys by which the node signs what it fetches, instead"),
            IN_GROUP,
            AS_MEMBER,
            URGENT,
            AS_JSON,
        ),
    ),
)
