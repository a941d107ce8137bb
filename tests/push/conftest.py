"""`pushes`: a push service. `app_login` as in the tests of the API for apps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.nodes.push_service import PushService, push_service
from tests.nodes.served import ServedNode
from tests.web.mastodon import logins
from tests.web.mastodon.conftest import AppLogin


@pytest.fixture
async def pushes() -> AsyncIterator[PushService]:
    async with push_service() as one:
        yield one


@pytest.fixture
async def node(serve: Callable[..., Any]) -> ServedNode:
    """One node, that waits for a push service as long as a starved machine needs: what is tried again comes later."""
    found: ServedNode = await serve(0, settings={"federation.request_timeout": 60})
    return found


@pytest.fixture
def app_login() -> AppLogin:
    return logins.let_in
