"""The JSON-LD contexts that we carry. None is ever fetched: whoever names another one names nothing.

PyLD brings the well-known ones, `schemas/contexts` the few that no package carries.
"""

from __future__ import annotations

from typing import Any

from schemas.context import BUNDLED_URLS, bundled


def loader() -> Any:
    """A document loader for PyLD that knows the contexts we carry and raises its JsonLdError for every other."""
    from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

    return FrozenDocumentLoader({**BUNDLED_CONTEXTS, **{url: bundled(url) for url in BUNDLED_URLS}})
