"""Members: who may act in a group's name, and how she shows it.

Words: a **member** has a login name and a password; a **mandate** is a role in one group, from a day to a day; a
**session** is a browser she logged in with, a **token** a program she let in. Roles are a ladder for writing (`reader`,
`writer`, `editor`) beside two offices (`delegate`: peering and moderation; `steward`: members and settings, and
whatever an editor may).

Invariants: passwords are kept as argon2id, tokens and sessions as SHA-256, none of them readable; failed log-ins are
limited per account and never by address, because no address is kept; a mandate that has ended permits nothing.

This room knows nothing of what members do with their mandates.
"""

from node.members.rules import ROLES, may, role_permits
from node.members.store import Member, prune_sessions

PRUNINGS = (prune_sessions,)

__all__ = ["PRUNINGS", "ROLES", "Member", "may", "role_permits"]
