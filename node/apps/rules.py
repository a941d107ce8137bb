"""What apps may ask for, and where they may be sent back to: pure. RFC 6749, RFC 7636, RFC 8252."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from node.errors import Invalid, NodeError
from node.translating import N_

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
CODE_LASTS = timedelta(minutes=10)
UNUSED_FOR = timedelta(days=90)  # an app on the web is registered once for all its users, and remembers that for long
UNUSED_AT_MOST = 10_000
TOKENS_OF_AN_APP = 20  # that speak for nobody, of one app
NAME_CHARACTERS = 60
ADDRESS_CHARACTERS = 2000
ADDRESSES_AT_MOST = 20
DEFAULT_SCOPES = ("read",)

READ = ("accounts", "blocks", "bookmarks", "favourites", "filters", "follows", "lists", "mutes", "notifications",
        "search", "statuses")  # fmt: skip
WRITE = ("accounts", "blocks", "bookmarks", "conversations", "favourites", "filters", "follows", "lists", "media",
         "mutes", "notifications", "reports", "statuses")  # fmt: skip
FOLLOW = ("blocks", "follows", "mutes")

WITHIN = MappingProxyType(
    {
        "read": frozenset(f"read:{one}" for one in READ),
        "write": frozenset(f"write:{one}" for one in WRITE),
        "follow": frozenset(f"{act}:{one}" for act in ("read", "write") for one in FOLLOW),
        "push": frozenset[str](),
        "profile": frozenset[str](),
    }
)
"""The broad scopes, and the fine ones that each of them holds."""

SCOPES = (*WITHIN, *sorted(WITHIN["read"]), *sorted(WITHIN["write"]))

MEANINGS = MappingProxyType(
    {
        "profile": N_("see which account this is"),
        "read": N_("read whatever this account may read"),
        "write": N_("act as this account: write, mark, and change what it has chosen"),
        "follow": N_("change whom this account follows, hides and blocks"),
        "push": N_("have notifications sent to this device"),
        "read:accounts": N_("read accounts"),
        "read:blocks": N_("read whom it blocks"),
        "read:bookmarks": N_("read its bookmarks"),
        "read:favourites": N_("read its favourites"),
        "read:filters": N_("read its filters"),
        "read:follows": N_("read whom it follows"),
        "read:lists": N_("read its lists"),
        "read:mutes": N_("read whom it hides"),
        "read:notifications": N_("read its notifications"),
        "read:search": N_("search for it"),
        "read:statuses": N_("read texts"),
        "write:accounts": N_("change its profile"),
        "write:blocks": N_("block"),
        "write:bookmarks": N_("set bookmarks"),
        "write:conversations": N_("hide conversations"),
        "write:favourites": N_("mark favourites"),
        "write:filters": N_("change its filters"),
        "write:follows": N_("follow"),
        "write:lists": N_("change its lists"),
        "write:media": N_("send pictures, films and sounds"),
        "write:mutes": N_("hide accounts and conversations"),
        "write:notifications": N_("clear notifications"),
        "write:reports": N_("send complaints"),
        "write:statuses": N_("write texts"),
    }
)

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,99}")
_NEVER = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source", "urn"})
_VISIBLE = re.compile(r"[!-~]+")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Denied(NodeError):
    """What an app is refused, by the word for it of RFC 6749 section 5.2 and the status."""

    def __init__(self, code: str, why: str, *, status: int = 400, **values: object) -> None:
        super().__init__(why, **values)
        self.code, self.status = code, status


def covers(granted: Iterable[str], scope: str) -> bool:
    """Whether `scope` is among those granted, by its name or within a broader one."""
    return any(scope == one or scope in WITHIN.get(one, ()) for one in granted)


def check_scopes(text: str | None, *, of_app: Iterable[str] | None = None) -> tuple[str, ...]:
    """The scopes in `text`, separated by spaces (or +); without any the least. Raises Denied for what there is not, and
    for what goes beyond those of the app."""
    asked = tuple(dict.fromkeys((text or "").replace("+", " ").split())) or DEFAULT_SCOPES
    allowed = SCOPES if of_app is None else tuple(of_app)
    for scope in asked:
        if scope not in SCOPES or not covers(allowed, scope):
            raise Denied("invalid_scope", "there is no scope {scope!r} for this app", scope=scope[:100])
    return asked


def without_asking(of_app: Iterable[str]) -> str:
    """The scopes of an app that asks for none: the least, and if that is not among those it has registered, these."""
    registered = tuple(of_app)
    least = all(covers(registered, one) for one in DEFAULT_SCOPES)
    return " ".join(DEFAULT_SCOPES if least else registered)


def check_name(text: str | None) -> str:
    """The name of an app. Raises Invalid."""
    name = " ".join((text or "").split())
    if not name:
        raise Invalid("write the name of the app", field="client_name")
    if len(name) > NAME_CHARACTERS:
        raise Invalid("it has {count} characters; {limit} are the limit", field="client_name", count=len(name),
                      limit=NAME_CHARACTERS)  # fmt: skip
    if not name.isprintable():
        raise Invalid("there is a character in it that cannot be kept", field="client_name")
    return name


def check_website(text: str | None) -> str | None:
    """Where an app says it comes from; what is no address of the web is left out."""
    address = (text or "").strip()
    if not address or len(address) > ADDRESS_CHARACTERS or not _VISIBLE.fullmatch(address):
        return None
    return address if address.startswith(("https://", "http://")) else None


def check_redirects(texts: Iterable[str]) -> tuple[str, ...]:
    """The addresses an app can be sent back to, from one text with spaces between or several. Raises Invalid."""
    found = tuple(dict.fromkeys(one for text in texts for one in text.split()))
    if not found:
        raise Invalid("say where the app is to be sent back to", field="redirect_uris")
    if len(found) > ADDRESSES_AT_MOST:
        raise Invalid("there are {count} addresses; {limit} are the limit", field="redirect_uris", count=len(found),
                      limit=ADDRESSES_AT_MOST)  # fmt: skip
    for one in found:
        _check_redirect(one)
    return found


def _check_redirect(address: str) -> None:
    if address == OUT_OF_BAND:
        return
    if len(address) > ADDRESS_CHARACTERS or not _VISIBLE.fullmatch(address) or set(address) & set("\"'<>\\^`{|};,"):
        raise Invalid("{address!r} is no address to be sent back to", field="redirect_uris", address=address[:200])
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    is_web = parts.scheme in ("https", "http")
    if is_web and "@" in parts.netloc:  # what stands before it would be read as the site
        host = None
    if not _SCHEME.fullmatch(parts.scheme) or parts.scheme in _NEVER or parts.fragment or (is_web and not host):
        raise Invalid("{address!r} is no address to be sent back to", field="redirect_uris", address=address[:200])


def form_target(redirect_uri: str) -> str:
    """What the policy of a page has to name so that its form may lead to this address: an origin, or a scheme."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("https", "http") else f"{parts.scheme}:"


def check_challenge(challenge: str | None, method: str | None) -> str | None:
    """The code challenge of RFC 7636, if there is one. Raises Denied for any method but S256."""
    if not challenge:
        return None
    if method != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise Denied("invalid_request", "the code challenge has to be made with S256")
    return challenge


def answers(challenge: str, verifier: str | None) -> bool:
    """Whether `verifier` is what the challenge was made of; RFC 7636 section 4.6."""
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(made, challenge.encode())
