"""What tests of the client API need: `app_login(node, name, scopes="read")`, an app that a member has let in.

`enter` from tests.web.admin.desk_browsers enters members with one role each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.web.mastodon import logins
from tests.web.mastodon.logins import App

AppLogin = Callable[..., Awaitable[App]]


@pytest.fixture
def app_login() -> AppLogin:
    """Lets an app in: `app = await app_login(node, "steward", scopes="read write", account=node.group)`."""
    return logins.let_in
