"""What tests of pages need: a real browser, and things to read."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from node.reports import actions as reports
from node.reports import importing, imports
from node.reports.rules import Provenance
from node.statements import writing
from tests.nodes.served import PATIENCE, ServedNode, eventually

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_ONE = "there is no browser; get one with: apt-get install chromium, or: playwright install chromium"
PATIENCE_MILLISECONDS = 2000 * PATIENCE  # of every window, for whatever it waits for
TABLE = Path(__file__).parents[2] / "node" / "demo" / "struggles.csv"

Report = Callable[..., Awaitable[str]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium. Where there is none the test is skipped; in CI it fails."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    async with async_playwright() as playwright:
        found = next(filter(None, map(shutil.which, (*BROWSERS, playwright.chromium.executable_path))), None)
        if found is None:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HOW_TO_GET_ONE)
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = await playwright.chromium.launch(executable_path=found, args=arguments, timeout=PATIENCE_MILLISECONDS)
        opened = started.new_context

        async def patient(**settings: Any) -> BrowserContext:
            context = await opened(**settings)
            context.set_default_timeout(PATIENCE_MILLISECONDS)
            return context

        started.new_context = patient  # type: ignore[method-assign]
        yield started
        await started.close()


@pytest.fixture
def report() -> Report:
    """Publishes a report of a struggle: `await report(node, title="...", kind="strike", began="2025")`; its IRI."""

    async def publish(node: ServedNode, text: str = "It goes on.", **fields: str) -> str:
        told = {"title": "Night crews stop work", "kind": "strike", "field": "work", "began": "2025-10-12"} | fields
        front = "\n".join(f"{name}: {value}" for name, value in told.items())
        draft = writing.read(f"---\n{front}\n---\n{text}\n", report_keys=reports.REPORT_KEYS)
        iri, _ = await node.write(reports.publish, draft, actor=node.group, member=await node.steward())
        return iri

    return publish


@pytest.fixture
def import_table() -> Callable[..., Awaitable[str]]:
    """Imports the table of the demonstration: `await import_table(node)`; the collection's IRI."""

    async def run(node: ServedNode, *, proposed: bool = True) -> str:
        drafts = await asyncio.to_thread(_drafts)
        provenance = Provenance(
            title="Struggles of several kinds",
            publisher="Wikipedia",
            publisher_url="https://en.wikipedia.org/",
            retrieved=date(2025, 11, 20),
            licence="CC-BY-SA-4.0",
        )
        member = await node.steward()
        named: dict[str, Any] = {"mapping": "commonwire", "file_digest": "d"}
        iri: str = await node.write(importing.begin_import, provenance, actor=node.group, member=member, **named)
        await node.write(importing.transcribe, iri, drafts)
        if proposed:
            await node.write(importing.propose_import, iri, refused=2, member=member)
        return iri

    return run


def _drafts() -> list[imports.Draft]:
    mapping = imports.detect(imports.outline(TABLE).columns)
    assert mapping is not None
    return [found for found in imports.read_all(imports.rows(TABLE), mapping) if isinstance(found, imports.Draft)]


@pytest.fixture
def arrives() -> Callable[[ServedNode, str], Awaitable[str]]:
    """Waits until a node holds what another has said: `await arrives(node, iri)`; the path of its page there."""
    from node import objects
    from node.identifiers import spell

    async def wait(node: ServedNode, iri: str) -> str:
        async def held() -> Any:
            return await node.read(objects.find, iri)

        return f"/heard/{spell((await eventually(held)).sort_id)}"

    return wait
