"""The second factor of a log-in: the time-based code of an app (RFC 6238), and codes on paper for when it is lost.

The seed is kept locked with a secret of the keyring (AES-256-GCM), so that a copy of the database alone opens no
account; of the codes on paper only digests are kept. A code counts once. Wrong ones are counted on the account, apart
from wrong passwords: the right password does not make them forgotten.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Row, Table, Text, delete, func, select, update

from node.context import Transaction
from node.database import Moment, metadata
from node.errors import Conflict, Invalid, Missing, Unfit
from node.identifiers import ALPHABET
from node.members import rules

KEYRING_NAME = "members"
SEED_BYTES = 20  # RFC 4226 section 4, R6
DIGITS, STEP_SECONDS = 6, 30
DRIFT_STEPS = 1  # of a clock that is slow or fast, RFC 6238 section 5.2
PAPER_CODES = 10
PAPER_LETTERS = 16  # 80 bits
NONCE_BYTES = 12
UNPROVEN_FOR = timedelta(days=1)
APP_CODE = re.compile(r"[0-9]{6}")

second_factors = Table(
    "second_factors",
    metadata,
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("seed", Text, nullable=False),  # locked
    Column("since", Moment, nullable=False),
    Column("proven", Moment),
    Column("last_step", BigInteger, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failed", Moment),
)

paper_codes = Table(
    "paper_codes",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("member", Integer, ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a member copies into her app: the seed in base 32, and the same as an address that apps read."""

    seed: str
    address: str


def find(tx: Transaction, member: int) -> Row[Any] | None:
    """The second factor of a member, whether she has proven it or not."""
    return tx.execute(select(second_factors).where(second_factors.c.member == member)).one_or_none()


def is_on(tx: Transaction, member: int) -> bool:
    """Whether a log-in of this member needs a code."""
    row = find(tx, member)
    return row is not None and row.proven is not None


def begin(tx: Transaction, member: int) -> None:
    """Make a seed for a member; it changes nothing until she has proven it. Raises Conflict if one is in use."""
    if is_on(tx, member):
        raise Conflict("a second factor is in use already; turn it off first")
    drop(tx, member)
    locked = _lock(tx, secrets.token_bytes(SEED_BYTES), member)
    tx.execute(second_factors.insert().values(member=member, seed=locked, since=tx.now))


def enrolment(tx: Transaction, member: int, name: str) -> Enrolment:
    """What is to be copied while it is not proven yet. Raises Missing."""
    row = find(tx, member)
    if row is None or row.proven is not None:
        raise Missing("no second factor is being set up; begin once more")
    seed = base64.b32encode(_unlock(tx, row)).decode()
    issuer = tx.node.config.host
    query = urlencode({"secret": seed, "issuer": issuer}, quote_via=quote)
    return Enrolment(seed, f"otpauth://totp/{quote(issuer, safe='')}:{quote(name, safe='')}?{query}")


def prove(tx: Transaction, member: int, code: str) -> list[str] | None:
    """Turn the second factor on if `code` is what the app shows; the codes on paper, or None if it is not."""
    row = find(tx, member)
    if row is None or row.proven is not None:
        raise Missing("no second factor is being set up; begin once more")
    step = matching_step(_unlock(tx, row), code, tx.now, after=row.last_step)
    if step is None:
        return None
    _note(tx, member, proven=tx.now, last_step=step, failures=0, failed=None)
    return renew_paper(tx, member)


def renew_paper(tx: Transaction, member: int) -> list[str]:
    """Make new codes on paper in place of those there are. They are shown this once."""
    tx.execute(delete(paper_codes).where(paper_codes.c.member == member))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(PAPER_LETTERS)) for _ in range(PAPER_CODES)]
    tx.execute(paper_codes.insert(), [{"digest": _digest(code, member), "member": member} for code in codes])
    return ["-".join(code[start : start + 4] for start in range(0, PAPER_LETTERS, 4)) for code in codes]


def count_paper(tx: Transaction, member: int) -> int:
    """How many codes on paper are left."""
    return int(tx.execute(select(func.count()).where(paper_codes.c.member == member)).scalar_one())


def drop(tx: Transaction, member: int) -> bool:
    """Turn the second factor off and forget seed and codes; whether one was in use."""
    was_on = is_on(tx, member)
    tx.execute(delete(paper_codes).where(paper_codes.c.member == member))
    tx.execute(delete(second_factors).where(second_factors.c.member == member))
    return was_on


def accepts(tx: Transaction, member: int, code: str) -> bool:
    """Whether `code` is the one of the app or one on paper; it is used up by this.

    After a few wrong ones the account rests for a while, and then no code is right. Nothing is raised: a wrong code
    has to be counted, and what raises is not kept.
    """
    row = find(tx, member)
    if row is None or row.proven is None or rules.rests(row.failures, row.failed, now=tx.now):
        return False
    if APP_CODE.fullmatch(given := spelled(code)):
        step = matching_step(_unlock(tx, row), given, tx.now, after=row.last_step)
        right, last = step is not None, step or row.last_step
    else:
        used = delete(paper_codes).where(paper_codes.c.digest == _digest(given, member), paper_codes.c.member == member)
        right, last = tx.execute(used).rowcount == 1, row.last_step
    if right:
        _note(tx, member, last_step=last, failures=0, failed=None)
    else:
        _note(tx, member, failures=row.failures + 1, failed=tx.now)
    return right


def prune_unproven(tx: Transaction) -> int:
    """Delete seeds that nobody has proven in a day; how many there were."""
    old = delete(second_factors).where(
        second_factors.c.proven.is_(None), second_factors.c.since <= tx.now - UNPROVEN_FOR
    )
    return int(tx.execute(old).rowcount)


def matching_step(seed: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """The step of time for which `code` is right and which is later than `after`; RFC 6238 section 5.2."""
    if not APP_CODE.fullmatch(code):
        return None
    totp, present = TOTP(seed, DIGITS, SHA1(), STEP_SECONDS), int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(max(0, present - DRIFT_STEPS), present + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate(step * STEP_SECONDS), code.encode()) and step > after:
            found = step
    return found


def spelled(code: str) -> str:
    """A code as it was meant: without spaces and dashes, in the digits 0 to 9 whatever digits a keyboard has (Arabic
    has its own), and letters that are not in the alphabet as their like."""
    bare = re.sub(r"[\s-]", "", code[:100]).lower()
    plain = "".join(str(int(one)) if one.isdecimal() else one for one in bare)
    return plain if plain.isdecimal() else plain.translate(str.maketrans("oil", "011"))


def check_code(code: str) -> str:
    """`code`, if it can be one at all. Raises Invalid."""
    if not code.strip():
        raise Invalid("type the code that your app shows, or one of the codes on paper", field="code")
    return code


def _note(tx: Transaction, member: int, **values: Any) -> None:
    tx.execute(update(second_factors).where(second_factors.c.member == member).values(**values))


def _lock(tx: Transaction, seed: bytes, member: int) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    locked = AESGCM(tx.node.keyring.secret(KEYRING_NAME)).encrypt(nonce, seed, str(member).encode())
    return base64.b64encode(nonce + locked).decode()


def _unlock(tx: Transaction, row: Row[Any]) -> bytes:
    kept = base64.b64decode(row.seed)
    try:
        box = AESGCM(tx.node.keyring.secret(KEYRING_NAME))
        return box.decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], str(row.member).encode())
    except InvalidTag:
        raise Unfit(
            "codes cannot be checked: keys/{name}.secret is not the one they were made with; use a code on paper, "
            "or have the second factor removed with: commonwire member reset",
            name=KEYRING_NAME,
        ) from None


def _digest(code: str, member: int) -> str:
    return hashlib.sha256(f"{member} {code}".encode()).hexdigest()
