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
    if request.path.endswith(INBOX) or wants_activity(request):
        return await handler(request)
    language = translating.asked_for(request.headers.get("Accept-Language", ""))
    await translating.load(language)
    with translating.speaking(language):
        return await handler(request)
