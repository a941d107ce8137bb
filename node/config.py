"""Every setting of node.toml, declared once: key, type, default, unit, help. Check and documentation derive from it.

`load(directory)` reads DIR/node.toml into a frozen `Config`. An unknown key is an error, so that a misspelt setting is
never silently without effect.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from node.errors import Unfit

FILE_NAME = "node.toml"
_AT_LEAST_ONE = (
    "deliveries_at_once", "deliveries_per_host", "fetches_per_host", "fetches_per_minute", "import_page",
    "request_timeout", "note_characters",
)  # fmt: skip
# It stands in a header field: visible ASCII, and nothing that would end a comment.
_CONTACT = re.compile(r"(https://|[^@\s()\\]{1,64}@)[!#-'*-\[\]-~]{3,200}")


_SENDER = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,190}")


def setting(key: str, default: Any = dataclasses.MISSING, *, unit: str = "", help: str) -> Any:
    """Declare one setting; without a default it must be given."""
    return dataclasses.field(default=default, metadata={"key": key, "unit": unit, "help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one node. Durations are seconds, sizes bytes, as the `unit` of each setting says."""

    directory: Path
    origin: str = setting(
        "origin", help="The address of the node as others see it, without a path. It is for ever: it is in every id."
    )
    listen: str = setting("listen", "127.0.0.1:8080", unit="HOST:PORT", help="Where `serve` listens for the proxy.")
    metrics_listen: str = setting(
        "metrics_listen",
        "",
        unit="HOST:PORT",
        help="Where `serve` answers /metrics (Prometheus), apart from the public. Empty: nowhere. Keep it on an "
        "address that only the monitoring reaches, such as 127.0.0.1:9464.",
    )
    database_url: str = setting(
        "database_url", "", help="SQLAlchemy address of the database. Empty: SQLite in the node's directory."
    )
    contact: str = setting(
        "contact",
        "",
        unit="e-mail or https address",
        help="Whom the administrators of other servers can write to. It is public: in the name under which the node "
        "asks other servers, among other places.",
    )
    log_level: str = setting("log_level", "info", help="debug, info, warning or error.")
    publication_delay: int = setting(
        "publication_delay",
        120,
        unit="seconds",
        help="How long an adopted publication waits before it leaves, and can be called back.",
    )
    report_updates_per_day: int = setting(
        "report_updates_per_day",
        3,
        help="How many short answers below one report say in 24 hours what is new in it. What is new beyond that is "
        "said together in the next one, as soon as there is room. 0: none; the report itself is always sent anew.",
    )
    mail_host: str = setting(
        "mail.host",
        "",
        help="The SMTP server that takes the node's e-mail: notices to members who want to be told that something "
        "waits for them. Empty: the node sends none.",
    )
    mail_port: int = setting("mail.port", 587, help="Its port.")
    mail_tls: str = setting(
        "mail.tls",
        "starttls",
        help="starttls, tls (from the first byte, usually port 465), or none on this machine.",
    )
    mail_user: str = setting("mail.user", "", help="As whom the node logs in there. Empty: not at all.")
    mail_password: str = setting("mail.password", "", help="The password for it.")
    mail_sender: str = setting(
        "mail.sender", "", unit="e-mail address", help="From which address it writes. Required with mail.host."
    )
    readers_admission: str = setting(
        "readers.admission",
        "invitation",
        help="Who may have an account to read with through an app, without a mandate: open (anybody gives herself a "
        "name and a password), invitation (only whom a group has invited, as a reader or for more), closed (nobody "
        "new, and an invitation as a reader is not taken).",
    )
    readers_unused_days: int = setting(
        "readers.unused_days",
        400,
        unit="days",
        help="How long the account of a reader without any mandate stays after she was last here. 0: until she or a "
        "steward ends it.",
    )
    allow_networks: tuple[str, ...] = setting(
        "federation.allow_networks",
        (),
        unit="networks in CIDR notation",
        help="Networks that are not globally routable and may be talked to all the same.",
    )
    allow_http: bool = setting(
        "federation.allow_http", False, help="Speak to other servers without TLS. For tests and demonstrations only."
    )
    authorized_fetch: bool = setting(
        "federation.authorized_fetch",
        False,
        help="Give ActivityStreams documents to those servers alone who sign their request and are not suspended. "
        "Pages for people stay open, and so do the instance actor and the keys of the groups.",
    )
    ca_file: str = setting(
        "federation.ca_file", "", unit="path", help="Certificates to trust beside the system's, in PEM."
    )
    request_timeout: int = setting(
        "federation.request_timeout", 10, unit="seconds", help="How long one request to another server may take."
    )
    document_bytes: int = setting(
        "federation.document_bytes", 1_048_576, unit="bytes", help="The largest document fetched from another server."
    )
    deliveries_at_once: int = setting(
        "federation.deliveries_at_once", 128, help="How many deliveries are under way at the same time."
    )
    deliveries_per_host: int = setting(
        "federation.deliveries_per_host",
        4,
        help="How many of these may go to one host, so that a slow one slows nobody.",
    )
    fetches_per_host: int = setting(
        "federation.fetches_per_host", 2, help="How many documents are fetched from one host at the same time."
    )
    fetches_per_minute: int = setting(
        "federation.fetches_per_minute",
        60,
        help="How many documents are fetched from one host in a minute, on average. Errands such as backfill wait for "
        "their turn; what somebody waits for goes first and is made up for.",
    )
    backfill_objects: int = setting(
        "federation.backfill_objects",
        1000,
        help="How much of the past of somebody who has accepted a follow is fetched: so many entries of the outbox. 0: "
        "nothing.",
    )
    backfill_days: int = setting(
        "federation.backfill_days", 0, unit="days", help="How old what is fetched of it may be. 0: however old."
    )
    thread_requests: int = setting(
        "federation.thread_requests",
        100,
        unit="requests",
        help="How much of one thread is fetched in a day from servers with which a group here has a follow relation. "
        "0: answers that nobody sends are not looked for.",
    )
    inbox_bytes: int = setting(
        "limits.inbox_bytes", 1_048_576, unit="bytes", help="The largest activity the inbox takes."
    )
    note_characters: int = setting(
        "limits.note_characters",
        5000,
        unit="characters",
        help="The longest statement sent as a Note, which Mastodon shows whole; longer ones are sent as an Article.",
    )
    statement_characters: int = setting(
        "limits.statement_characters", 200_000, unit="characters", help="The longest statement there may be."
    )
    picture_bytes: int = setting(
        "limits.picture_bytes", 16_777_216, unit="bytes", help="The largest picture a statement takes."
    )
    film_bytes: int = setting(
        "limits.film_bytes",
        104_857_600,
        unit="bytes",
        help="The largest film or sound a statement takes; while it is worked on it needs twice that of the disk. 0: "
        "none.",
    )
    media_cache_bytes: int = setting(
        "limits.media_cache_bytes",
        1_073_741_824,
        unit="bytes",
        help="How much of the disk pictures and films of others may take, which pages show through the node; those not "
        "looked at for longest go first. Films have half of it, each a sixteenth at most. 0: pages only link to them.",
    )
    unneeded_days: int = setting(
        "limits.unneeded_days",
        0,
        unit="days",
        help="How long the node keeps what others said and nobody here needs: of those no group follows, in no thread "
        "of ours, not pinned, quoted, liked or boosted here. 0: until `commonwire prune`. What is followed stays.",
    )
    import_rows: int = setting("limits.import_rows", 500_000, unit="rows", help="The longest file `import` takes.")
    import_page: int = setting(
        "limits.import_page", 100, unit="reports", help="How many reports one page of an import collection carries."
    )

    @property
    def host(self) -> str:
        """Host and port of the origin, as they stand in handles and Host headers."""
        return urlsplit(self.origin).netloc

    @property
    def database_address(self) -> str:
        """The database in use, as SQLAlchemy spells it."""
        return self.database_url or f"sqlite:///{self.directory / 'node.db'}"

    @property
    def listen_address(self) -> tuple[str, int]:
        """Host and port `serve` listens on."""
        return _host_and_port(self.listen)

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Host and port /metrics is answered on, if it is."""
        return _host_and_port(self.metrics_listen) if self.metrics_listen else None


SETTINGS = tuple(f for f in dataclasses.fields(Config) if "key" in f.metadata)


def load(directory: Path) -> Config:
    """Read DIR/node.toml. Raises Unfit, naming the file, the key and what is expected."""
    path = directory / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Unfit(
            f"there is no node in {directory} (no {FILE_NAME}); make one with: commonwire init {directory}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Unfit(f"{path} cannot be read: {error}") from None
    return from_table(table, directory=directory, source=str(path))


def from_table(table: dict[str, Any], *, directory: Path, source: str = FILE_NAME) -> Config:
    """The settings in `table` (as TOML reads it), checked."""
    given = _flat(table)
    known = {f.metadata["key"]: f for f in SETTINGS}
    if unknown := sorted(set(given) - set(known)):
        raise Unfit(f"{source}: there is no setting {unknown[0]!r}; the settings are: {', '.join(known)}")
    if "origin" not in given:
        raise Unfit(f'{source}: origin is missing; say the address of the node, such as origin = "https://example.org"')
    values = {known[key].name: _typed(known[key], value, source) for key, value in given.items()}
    config = Config(directory=directory, **values)
    check(config, source)
    return config


def check_origin(text: str) -> str:
    """`text` as an origin (scheme and host, no path). Raises Unfit."""
    try:
        parts = urlsplit(text.rstrip("/"))
        port = parts.port
    except ValueError:
        raise Unfit(f"{text!r} is not an address; it should look like https://union.example") from None
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("https", "http") or not parts.hostname or not plain or port == 0:
        raise Unfit(f"{text!r} is not an origin; it should look like https://union.example, without a path")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat.update(_flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value})
    return flat


def _typed(field: dataclasses.Field[Any], value: Any, source: str) -> Any:
    key, kind = field.metadata["key"], str(field.type)
    if kind == "tuple[str, ...]":
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise Unfit(f"{source}: {key} is {value!r}; it should be a list of texts")
    expected: dict[str, tuple[type[str] | type[int] | type[bool], str]] = {
        "str": (str, "a text"),
        "int": (int, "a whole number, zero or more"),
        "bool": (bool, "true or false"),
    }
    wanted, words = expected[kind]
    if type(value) is not wanted or (isinstance(value, int) and value < 0):
        raise Unfit(f"{source}: {key} is {value!r}; it should be {words}")
    return value


def check(config: Config, source: str) -> None:
    """Raise Unfit if a setting has a value that cannot work; `source` is named in the message."""
    if check_origin(config.origin) != config.origin:
        raise Unfit(f"{source}: origin is {config.origin!r}; write it as {check_origin(config.origin)!r}")
    for network in config.allow_networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise Unfit(
                f"{source}: federation.allow_networks: {network!r} is not a network such as 10.1.0.0/16"
            ) from None
    if config.log_level not in ("debug", "info", "warning", "error"):
        raise Unfit(f"{source}: log_level is {config.log_level!r}; it should be debug, info, warning or error")
    if config.mail_tls not in ("starttls", "tls", "none"):
        raise Unfit(f"{source}: mail.tls is {config.mail_tls!r}; it should be starttls, tls or none")
    if config.readers_admission not in ("open", "invitation", "closed"):
        raise Unfit(
            f"{source}: readers.admission is {config.readers_admission!r}; it should be open, invitation or closed"
        )
    if config.mail_host and not _SENDER.fullmatch(config.mail_sender):
        raise Unfit(f"{source}: mail.sender is {config.mail_sender!r}; with mail.host it has to be an e-mail address")
    if config.contact and not _CONTACT.fullmatch(config.contact):
        raise Unfit(
            f"{source}: contact is {config.contact!r}; write an e-mail address or one that begins with https://"
        )
    _check_listen("listen", config.listen, source)
    if config.metrics_listen:
        _check_listen("metrics_listen", config.metrics_listen, source)
    for field in _AT_LEAST_ONE:
        if getattr(config, field) < 1:
            raise Unfit(f"{source}: {field} is 0; it should be at least 1")


def _check_listen(key: str, value: str, source: str) -> None:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise Unfit(f"{source}: {key} is {value!r}; it should be HOST:PORT, such as 127.0.0.1:8080")


def _host_and_port(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)
