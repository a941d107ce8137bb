"""Sending e-mail by somebody else's SMTP server (RFC 5321), where the settings name one; off by default.

A message is plain text, tells mail programs that no person has written it (RFC 3834), and names nobody but its
addressee. It is sent in a thread, because the library waits.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from federation.errors import Refused, Unreachable
from node.config import Config

TIMEOUT_SECONDS = 30
RETRY_AFTER = timedelta(minutes=5)


async def send(config: Config, *, to: str, subject: str, text: str, now: datetime) -> None:
    """Hand one message to the server of the settings. Raises Unreachable, to be tried again, and Refused."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = config.mail_sender, to, subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=config.mail_sender.rpartition("@")[2].rstrip(">"))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    await asyncio.to_thread(_send, config, message)


def _send(config: Config, message: EmailMessage) -> None:
    try:
        with _connected(config) as server:
            if config.mail_user:
                server.login(config.mail_user, config.mail_password)
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=550)
        raise _refusal(config, code) from None
    except smtplib.SMTPResponseException as error:
        raise _refusal(config, error.smtp_code) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"the mail server {config.mail_host} cannot be reached: {type(error).__name__}") from None


def _refusal(config: Config, code: int) -> Exception:
    """What the server said, by its number alone: its words may name the addressee, and the log keeps no addresses."""
    sentence = f"the mail server {config.mail_host} answered {code}"
    return Refused(sentence) if code >= 550 else Unreachable(sentence, retry_after=RETRY_AFTER)


def _connected(config: Config) -> smtplib.SMTP:
    host, port = config.mail_host, config.mail_port
    if config.mail_tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if config.mail_tls == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server
