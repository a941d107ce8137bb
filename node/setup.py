"""Making a node: its directory, settings, keys, database, actors, first member, and the recovery key to take away."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation import keys
from node import actors, app, config
from node.context import Transaction
from node.errors import Invalid
from node.keyring import write_private
from node.members import actions as members
from node.migrations import migrate

FIRST_MEMBER = "steward"
RECOVERY_KEY = "recovery-key.pem"
RECOVERY_SHEET = "recovery-sheet.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `init` was told."""

    origin: str
    handle: str
    name: str
    language: str
    tendency: str | None
    listen: str
    database_url: str
    password: str


async def make(directory: Path, plan: Plan) -> dict[str, Any]:
    """Fill `directory`, which exists and is empty. Raises Unfit if the database cannot be used."""
    write_private(directory / config.FILE_NAME, settings_file(plan).encode())
    node = app.build(config.load(directory))
    try:
        if node.database.version() is not None:
            raise Invalid("that database holds a node already", field="database_url")
        node.keyring.make(actors.INSTANCE_NAME)
        node.keyring.make(actors.key_name(actors.GROUP, plan.handle))
        recovery = keys.make_ed25519()
        pem = keys.private_pem(recovery).decode()
        write_private(directory / RECOVERY_KEY, pem.encode())
        write_private(directory / RECOVERY_SHEET, sheet(plan.name, plan.handle, plan.origin, pem).encode())
        migrate(node.database)
        return await node.database.write(_enter, plan, keys.to_multibase(recovery.public_key()))
    finally:
        node.database.close()


def _enter(tx: Transaction, plan: Plan, recovery_key: str) -> dict[str, Any]:
    name = f"The node of {plan.name}"
    actors.add_local(tx, kind=actors.INSTANCE, handle=actors.INSTANCE_HANDLE, name=name, language=plan.language)
    group = actors.add_local(
        tx,
        kind=actors.GROUP,
        handle=plan.handle,
        name=plan.name,
        language=plan.language,
        tendency=plan.tendency,
        recovery_key=recovery_key,
    )
    members.add(tx, FIRST_MEMBER, plan.password, actor=group, role="steward")
    return {"actor": group, "handle": f"@{plan.handle}@{tx.node.config.host}", "member": FIRST_MEMBER}


def settings_file(plan: Plan) -> str:
    """The text of node.toml."""
    database = f"database_url = {json.dumps(plan.database_url)}\n" if plan.database_url else ""
    return (
        "# Every setting, with its default and what it does: deploy/docs/settings.md\n"
        f"origin = {json.dumps(plan.origin)}\n"
        f"listen = {json.dumps(plan.listen)}\n"
        f"{database}"
    )


def sheet(name: str, handle: str, origin: str, pem: str) -> str:
    """The recovery key as a page to print."""
    name, origin = html.escape(name), html.escape(origin)
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Recovery key of {name}</title>
<style>
body {{ font: 12pt/1.5 Georgia, serif; max-width: 34em; margin: 3em auto }}
pre {{ font-size: 13pt; border: 1px solid; padding: 1em }}
</style>
<h1>Recovery key of {name}</h1>
<p>{html.escape(f"@{handle}")} at {origin}</p>
<p>Whoever holds this key can speak for the group when its server or its domain is lost, and can move it elsewhere.
Keep it on paper, in two places that are not searched together, with people the group has chosen. It is not needed for
anything else, and the server does not keep it.</p>
<pre>{html.escape(pem)}</pre>
<p>An Ed25519 private key in PEM (PKCS #8). Its public half has been in the group's public profile since the first
day.</p>
</html>
"""
