"""Members: who may act in a group's name, and how she shows it.

Words: a **member** has a login name and a password; a **mandate** is a role in one group, from a day to a day, with a
**remit** (what she may say in its name), and several can follow each other in **turns**; an **invitation** is a link
by which somebody becomes a member; a **session** is a browser she logged in with, a **token** a program she let in, a
**viewer** an account as her apps meet it; a
**second factor** is the code of an app beside the password; a **reset** is a link to a new password. Roles are a ladder
for writing (`reader`, `writer`, `editor`) beside two offices (`delegate`: peering and moderation; `steward`: members
and settings, and whatever an editor may).

A **reader** is somebody who holds no mandate, or none but that of a reader; `admission` says who may become one without
any.

Invariants: passwords are kept as argon2id, links, tokens and sessions as SHA-256, seeds of second factors locked with a
key that is not in the database; failed log-ins are limited per account (wrong codes and used links too) and never by
address, because no address is kept; a mandate that has ended, or has not begun, permits nothing; of a session only the
days of its beginning and last use are shown. What is done to members in
office is written down for all of them (`offices`), by which office and never by whom.

This room knows nothing of what members do with their mandates, nor of how a group decides to give one.
"""

from node.members import admission, invitations, mandates, offices, resets, second_factor, viewers
from node.members.rules import ROLES, Grant, may, role_permits
from node.members.store import Member, prune_sessions
from node.members.viewers import Viewer

PRUNINGS = (
    prune_sessions,
    invitations.prune,
    resets.prune,
    second_factor.prune_unproven,
    mandates.prune,
    offices.prune,
    viewers.prune,
    admission.prune,
)

__all__ = ["PRUNINGS", "ROLES", "Grant", "Member", "Viewer", "may", "role_permits"]
