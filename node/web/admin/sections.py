"""The sections of the desk, in the order in which they stand in its navigation, and the parts under which they do.

A page of the desk enters itself here with one line. `needs` is what one of her mandates in the group must permit for
the section to be shown to her (node.members.rules); the page itself asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from node.translating import N_

WRITE, DECIDE, HEAR, PEOPLE, GROUP = N_("Write"), N_("Decide"), N_("Hear"), N_("People"), N_("The group")


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its path, its title and the part of the desk it stands in (both translated when shown), and for
    whom it is. The one without a part stands before all others."""

    path: str
    title: str
    part: str | None = None
    needs: str | None = None


SECTIONS = (
    Section("/desk", N_("Overview")),
    Section("/desk/drafts", N_("Drafts"), WRITE, needs="read"),
    Section("/desk/reports/new", N_("Report"), WRITE, needs="write"),
    Section("/desk/appeals", N_("Appeals"), WRITE, needs="read"),
    Section("/desk/conditions", N_("Conditions"), WRITE, needs="read"),
    Section("/desk/import", N_("Import"), WRITE, needs="write"),
    Section("/desk/published", N_("Published"), WRITE, needs="read"),
    Section("/desk/decisions", N_("Decisions"), DECIDE),
    Section("/desk/rules", N_("Rules"), DECIDE),
    Section("/desk/positions", N_("Positions"), DECIDE, needs="read"),
    Section("/desk/signatures", N_("Signed together"), DECIDE),
    Section("/desk/pass-on", N_("Pass on"), HEAR, needs="read"),
    Section("/desk/peers", N_("Following"), HEAR, needs="read"),
    Section("/desk/policies", N_("Whom the node hears"), HEAR, needs="peer"),
    Section("/desk/struggles", N_("Struggles"), HEAR, needs="read"),
    Section("/desk/figures", N_("Figures"), HEAR, needs="peer"),
    Section("/desk/corrections", N_("Corrections"), HEAR, needs="publish"),
    Section("/desk/complaints", N_("Complaints"), HEAR, needs="peer"),
    Section("/desk/moderation", N_("Moderation"), HEAR, needs="peer"),
    Section("/desk/members", N_("Members"), PEOPLE, needs="read"),
    Section("/desk/me", N_("Me"), PEOPLE),
    Section("/desk/notices", N_("Notices"), PEOPLE),
    Section("/desk/profile", N_("Profile"), GROUP, needs="read"),
    Section("/desk/groups", N_("Groups"), GROUP, needs="read"),
)


def parts(may: Callable[[str], bool]) -> list[tuple[str | None, list[Section]]]:
    """What the navigation shows to somebody of whom `may` says what her mandates permit: by part."""
    shown: Iterable[Section] = (one for one in SECTIONS if one.needs is None or may(one.needs))
    return [(part, list(found)) for part, found in groupby(shown, key=lambda one: one.part)]


def current(path: str) -> Section:
    """The section in which the page of `path` stands: the one with the longest path that begins it."""
    return max((one for one in SECTIONS if is_within(path, one.path)), key=lambda one: len(one.path))


def is_within(path: str, section: str) -> bool:
    """Whether a page stands in a section."""
    return path == section or path.startswith(f"{section}/") or section == "/desk"
