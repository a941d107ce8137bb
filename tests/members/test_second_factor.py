"""A code beside the password: set up, asked for, used once, lost."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from node.errors import Conflict, Invalid, Missing, Unfit
from node.members import actions, resets, rules, second_factor
from tests.nodes.served import PASSWORD, ServedNode

RFC_SEED = b"12345678901234567890"


def shown(seed: str, moment: datetime) -> str:
    """What an app shows that knows nothing of us but the seed in base 32."""
    totp = TOTP(base64.b32decode(seed), 6, SHA1(), 30)
    return totp.generate(int(moment.timestamp())).decode()


async def enrolled(node: ServedNode) -> tuple[int, str, list[str]]:
    """The steward with a second factor: her number, the seed, the codes on paper."""
    steward = await node.steward()
    await node.write(second_factor.begin, steward.id)
    seed = (await node.read(second_factor.enrolment, steward.id, "steward")).seed
    codes = await node.write(second_factor.prove, steward.id, shown(seed, node.clock()))
    assert codes is not None
    node.clock.advance(timedelta(seconds=90))
    return steward.id, seed, codes


@pytest.mark.parametrize(
    ("seconds", "code"),
    # RFC 6238, appendix B, the last six digits
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_rfc_for_half_a_minute_more_and_less(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    step = second_factor.matching_step(RFC_SEED, code, moment, after=0)
    assert step == seconds // 30
    for late in (-30, 30):
        assert second_factor.matching_step(RFC_SEED, code, moment + timedelta(seconds=late), after=0) == step
    for late in (-90, 90):
        assert second_factor.matching_step(RFC_SEED, code, moment + timedelta(seconds=late), after=0) is None
    assert second_factor.matching_step(RFC_SEED, code, moment, after=step) is None, "it was used"
    for wrong in ("", "28708", code + "0", "a" * 6, code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))):
        assert second_factor.matching_step(RFC_SEED, wrong, moment, after=0) is None


async def test_a_second_factor_changes_nothing_before_it_is_proven(node: ServedNode) -> None:
    steward = await node.steward()
    await node.write(second_factor.begin, steward.id)
    login = await actions.log_in(node.node, "steward", PASSWORD)
    assert login is not None and not login.waits
    assert await node.write(second_factor.prove, steward.id, "000000") is None
    found = await node.read(second_factor.enrolment, steward.id, "steward")
    address = urlsplit(found.address)
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert parse_qs(address.query)["secret"] == [found.seed]
    await node.write(second_factor.prove, steward.id, shown(found.seed, node.clock()))
    with pytest.raises(Missing):
        await node.read(second_factor.enrolment, steward.id, "steward")
    with pytest.raises(Conflict):
        await node.write(second_factor.begin, steward.id)


async def test_a_seed_that_nobody_proves_is_gone_after_a_day(node: ServedNode) -> None:
    steward = await node.steward()
    await node.write(second_factor.begin, steward.id)
    await node.write(second_factor.prune_unproven)
    assert await node.read(second_factor.find, steward.id) is not None
    node.clock.advance(timedelta(days=1, seconds=1))
    await node.write(second_factor.prune_unproven)
    assert await node.read(second_factor.find, steward.id) is None
    await enrolled(node)
    node.clock.advance(timedelta(days=2))
    await node.write(second_factor.prune_unproven)
    assert await node.read(second_factor.is_on, steward.id)


async def test_a_password_alone_opens_nothing_and_a_code_counts_once(node: ServedNode) -> None:
    _, seed, _ = await enrolled(node)
    login = await actions.log_in(node.node, "steward", PASSWORD)
    assert login is not None and login.waits
    assert await node.read(actions.session, login.secret) is None
    code = shown(seed, node.clock())
    arabic = code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))  # as the keyboard of a telephone writes it
    whole = await actions.confirm(node.node, login.secret, f" {arabic[:3]} {code[3:]}")
    assert whole is not None and whole.secret != login.secret
    assert (await node.read(actions.session, whole.secret)).member.name == "steward"
    with pytest.raises(Missing):
        await actions.confirm(node.node, login.secret, code)
    again = await actions.log_in(node.node, "steward", PASSWORD)
    assert again is not None
    assert await actions.confirm(node.node, again.secret, code) is None, "a code counts once"
    node.clock.advance(rules.CODE_WAITS)
    with pytest.raises(Missing):
        await actions.confirm(node.node, again.secret, shown(seed, node.clock()))


async def test_a_code_on_paper_counts_once(node: ServedNode) -> None:
    steward, _, codes = await enrolled(node)
    assert len(set(codes)) == second_factor.PAPER_CODES
    for given in (codes[0], codes[1].upper().replace("-", " "), codes[2].replace("1", "l").replace("0", "O")):
        assert await node.write(second_factor.accepts, steward, given)
        assert not await node.write(second_factor.accepts, steward, given)
    assert await node.read(second_factor.count_paper, steward) == second_factor.PAPER_CODES - 3
    renewed = await node.write(second_factor.renew_paper, steward)
    assert not set(renewed) & set(codes)
    assert not await node.write(second_factor.accepts, steward, codes[5])
    assert await node.write(second_factor.accepts, steward, renewed[0])


async def test_wrong_codes_are_counted_and_the_right_password_does_not_forget_them(node: ServedNode) -> None:
    steward, seed, codes = await enrolled(node)
    for number in range(rules.FAILURES_FREE):
        login = await actions.log_in(node.node, "steward", PASSWORD)
        assert login is not None
        assert await actions.confirm(node.node, login.secret, f"wrong-{number}") is None
    assert not await node.write(second_factor.accepts, steward, shown(seed, node.clock())), "the account rests"
    assert not await node.write(second_factor.accepts, steward, codes[0])
    node.clock.advance(rules.FAILURE_PAUSE + timedelta(seconds=1))
    assert await node.write(second_factor.accepts, steward, codes[0])
    assert (await node.read(second_factor.find, steward)).failures == 0


async def test_guesses_at_once_are_no_more_than_a_few_and_a_code_is_accepted_once(node: ServedNode) -> None:
    steward, seed, _ = await enrolled(node)
    code = shown(seed, node.clock())
    answers = await asyncio.gather(*(node.write(second_factor.accepts, steward, code) for _ in range(4)))
    assert sum(answers) == 1
    await asyncio.gather(*(node.write(second_factor.accepts, steward, f"guess{n}") for n in range(9)))
    assert (await node.read(second_factor.find, steward)).failures == rules.FAILURES_FREE


async def test_neither_seed_nor_codes_can_be_read_from_the_database(node: ServedNode) -> None:
    steward, seed, codes = await enrolled(node)
    contents = repr(await node.contents())
    assert seed not in contents and base64.b32decode(seed).hex() not in contents
    assert base64.b64encode(base64.b32decode(seed)).decode().rstrip("=") not in contents
    for code in codes:
        assert code.replace("-", "") not in contents
    kept = node.directory / "keys" / "members.secret"
    assert len(kept.read_bytes()) == 32
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_bytes(b"x" * 32)
    node.node.keyring._secrets.clear()
    with pytest.raises(Unfit, match=r"members\.secret"):
        await node.write(second_factor.accepts, steward, shown(seed, node.clock()))
    assert await node.write(second_factor.accepts, steward, codes[0]), "a code on paper needs no seed"
    kept.write_bytes(b"short")
    node.node.keyring._secrets.clear()
    with pytest.raises(Unfit, match="32 bytes"):
        await node.write(second_factor.accepts, steward, shown(seed, node.clock()))


async def test_a_reset_gives_a_new_password_and_takes_the_second_factor_only_if_it_says_so(node: ServedNode) -> None:
    steward, seed, _ = await enrolled(node)
    first = await actions.log_in(node.node, "steward", PASSWORD)
    assert first is not None
    token = await node.write(actions.make_token, "steward", ("read", "publish"))
    old = await node.write(resets.make, steward)
    assert await actions.log_in(node.node, "steward", PASSWORD) is None, "the old one opens nothing"
    assert await node.read(actions.token, token) is None, "nor does what was made with it for programs"
    secret = await node.write(resets.make, steward)
    with pytest.raises(Missing):
        await resets.use(node.node, old, "a new password of mine")
    with pytest.raises(Invalid):
        await resets.use(node.node, secret, "short")
    await resets.use(node.node, secret, "a new password of mine")
    with pytest.raises(Missing, match="used already"):
        await resets.use(node.node, secret, "another password of mine")
    login = await actions.log_in(node.node, "steward", "a new password of mine")
    assert login is not None and login.waits
    assert await actions.confirm(node.node, login.secret, shown(seed, node.clock())) is not None
    secret = await node.write(resets.make, steward, second_factor=True)
    assert await node.read(second_factor.is_on, steward), "nothing changes before it is used"
    assert secret not in repr(await node.contents())
    await resets.use(node.node, secret, "a newer password of mine")
    login = await actions.log_in(node.node, "steward", "a newer password of mine")
    assert login is not None and not login.waits
    contents = await node.contents()
    assert [contents[table] for table in ("second_factors", "paper_codes", "resets")] == [[], [], []]


async def test_a_reset_ends_by_itself(node: ServedNode) -> None:
    steward = await node.steward()
    secret = await node.write(resets.make, steward.id)
    node.clock.advance(resets.LASTS)
    with pytest.raises(Missing):
        await resets.use(node.node, secret, "a new password of mine")
    await node.write(resets.prune)
    assert (await node.contents())["resets"] == []


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(node: ServedNode) -> None:
    here, there = [await actions.log_in(node.node, "steward", PASSWORD) for _ in range(2)]
    assert here is not None and there is not None
    known = await node.read(actions.session, here.secret)
    for old, new in ((PASSWORD, "short"), ("not the old password", "a new password of mine")):
        with pytest.raises(Invalid):
            await actions.change_password(node.node, known, old, new)
    assert await node.read(actions.session, there.secret) is not None
    await actions.change_password(node.node, known, PASSWORD, "a new password of mine")
    assert await node.read(actions.session, here.secret) is not None
    assert await node.read(actions.session, there.secret) is None
    for _ in range(rules.FAILURES_FREE):
        with pytest.raises(Invalid):
            await actions.check_password(node.node, known.member, "guess guess guess")
    with pytest.raises(Invalid, match="too many attempts"):
        await actions.check_password(node.node, known.member, "a new password of mine")
