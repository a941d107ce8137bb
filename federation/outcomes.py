"""What a request that failed means for us: the library's errors as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from federation.addresses import LeadsInward, NotAdmitted
from federation.errors import Refused, Unreachable
from federation.origin import origin


@contextmanager
def outcomes(url: str) -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, NotAdmitted):
            raise Refused(f"{origin(url)} may not be contacted: {error.os_error}") from error
        raise Unreachable(f"{origin(url)} cannot be reached") from error
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise Refused(f"{url[:200]} is no usable address") from error
    except (aiohttp.ClientError, aiohttp.ServerTimeoutError, OSError) as error:
        # TimeoutError is an OSError: the deadline of the whole exchange comes as a cancellation instead.
        raise Unreachable(f"{origin(url)} broke off ({type(error).__name__})") from error


@contextmanager
def names_may_change(url: str) -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, LeadsInward):
            raise Unreachable(f"{origin(url)} cannot be reached now: {error.os_error}") from error
        raise
