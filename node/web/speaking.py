"""In which language an answer is: that of its Accept-Language header among those the node speaks, else English.

The pages of the desk are in the language that the member has chosen (node.web.admin.door). Documents for servers
say the same in every language: none is looked for there, and what a language needs is not read for a server alone.
"""

from __future__ import annotations

from aiohttp import web

from node import translating
from node.web.negotiation import Handler, wants_activity

INBOX = "/inbox"


@web.middleware
async def speaking(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer people in their language."""
    if request.path.endswith(INBOX) or wants_activity(request) or not _is_asked_by_a_person(request):
        return await handler(request)
    language = translating.asked_for(request.headers.get("Accept-Language", ""))
    await translating.load(language)
    with translating.speaking(language):
        return await handler(request)


def _is_asked_by_a_person(request: web.Request) -> bool:
    """Whether a browser asks. Whoever watches the node's health needs no words."""
    return "Accept-Language" in request.headers or "text/html" in request.headers.get("Accept", "")
