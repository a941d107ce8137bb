"""What an app gets that gets nothing: Mastodon's shape, `{"error": ..., "error_description": ...}`, and its statuses.

`error` is always a text. Where OAuth has a word for it (`Denied.code`) it is that word, else the sentence itself.
"""

from __future__ import annotations

from aiohttp import web

from node.apps.rules import Denied

PREFIXES = ("/api/v1/", "/api/v2/", "/api/v1_alpha/", "/oauth/")
PAGES = ("/oauth/authorize",)
SENTENCE_CHARACTERS = 500


def is_for_apps(path: str) -> bool:
    """Whether an address belongs to the Mastodon client API, whether there is anything or not."""
    return path.startswith(PREFIXES) and not path.startswith(PAGES)


def status_for_apps(status: int) -> int:
    """What is wrong with the input has one status at Mastodon."""
    return 422 if status in (400, 409) else status


def answer(status: int, sentence: str, *, error: Exception | None = None) -> web.Response:
    """The refusal as an app reads it."""
    said = sentence[:SENTENCE_CHARACTERS]
    if isinstance(error, Denied):
        response = web.json_response({"error": error.code, "error_description": said}, status=error.status)
    else:
        status = status_for_apps(status)
        response = web.json_response({"error": said, "error_description": said}, status=status)
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="apps", error="invalid_token"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
