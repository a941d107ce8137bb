"""Texts that several groups sign, at the desk: invited, signed by the group's rule, declined and withdrawn."""

from __future__ import annotations

import pytest

from node.decisions.rules import HOUR, Method, Rule
from tests.nodes.served import ServedNode
from tests.signatories.test_three_nodes_sign import asked, shows
from tests.web.admin.desk_browsers import at_desk, give_rule

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
PAGE = "/desk/signatures"


async def test_a_text_is_signed_at_the_desk_by_the_groups_rule(two_nodes: tuple[ServedNode, ServedNode]) -> None:
    first, second = two_nodes
    text = await first.publish("No eviction this winter.", title="Together")
    async with at_desk(first, "steward") as author, at_desk(second, "steward") as other:
        assert "Nobody yet." in await author.get(PAGE)
        assert f'value="{text}"' in await author.get(f"{PAGE}?text={text}"), "the page of the text leads here"
        status, _, page = await author.send(PAGE, act="invite", text=text, handle="nobody")
        assert status == 422 and 'value="nobody"' in page, "what was typed is not lost"
        status, where, _ = await author.send(PAGE, act="invite", text=text, handle=second.group)
        assert status == 303 and "It is decided." in await author.get(where)
        await asked(second, text)
        assert "Together" in await other.get(PAGE)
        status, _, page = await other.send(PAGE, group="tenants", act="withdraw", text=text)
        assert status == 404 and "Together" in page, "it has not signed"
        await give_rule(second, "sign", Rule(Method.APPROVALS, approvals=1, at_least=HOUR))
        status, _, page = await other.send(PAGE, group="tenants", act="sign", text=text)
        assert status == 200 and "This is its receipt" in page and "It is proposed to the group" in page
        await shows(first, text)
