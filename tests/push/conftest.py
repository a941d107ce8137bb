"""`pushes`: a push service. `app_login` as in the tests of the API for apps."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.nodes.push_service import PushService, push_service
from tests.web.mastodon import logins
from tests.web.mastodon.conftest import AppLogin


@pytest.fixture
async def pushes() -> AsyncIterator[PushService]:
    async with push_service() as one:
        yield one


@pytest.fixture
def app_login() -> AppLogin:
    return logins.let_in
