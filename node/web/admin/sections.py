"""The sections of the desk, in the order in which they stand in its navigation.

A part of the desk enters itself here with one line. `needs` is what one of her mandates in the group must permit for
the section to be shown to her (node.members.rules); the page itself asks again.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.translating import N_


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its path, its title (translated when shown), and for whom it is."""

    path: str
    title: str
    needs: str | None = None


SECTIONS = (
    Section("/desk", N_("Overview")),
    Section("/desk/drafts", N_("Drafts"), needs="read"),
    Section("/desk/reports/new", N_("Report"), needs="write"),
    Section("/desk/decisions", N_("Decisions")),
    Section("/desk/rules", N_("Rules")),
    Section("/desk/published", N_("Published"), needs="read"),
    Section("/desk/positions", N_("Positions"), needs="read"),
    Section("/desk/appeals", N_("Appeals"), needs="read"),
    Section("/desk/conditions", N_("Conditions"), needs="read"),
    Section("/desk/struggles", N_("Struggles"), needs="read"),
    Section("/desk/signatures", N_("Signed together")),
    Section("/desk/members", N_("Members"), needs="read"),
    Section("/desk/groups", N_("Groups"), needs="read"),
    Section("/desk/figures", N_("Figures"), needs="peer"),
    Section("/desk/corrections", N_("Corrections"), needs="publish"),
    Section("/desk/complaints", N_("Complaints"), needs="peer"),
    Section("/desk/me", N_("Me")),
    Section("/desk/notices", N_("Notices")),
)


def current(path: str) -> Section:
    """The section in which the page of `path` stands: the one with the longest path that begins it."""
    return max((one for one in SECTIONS if is_within(path, one.path)), key=lambda one: len(one.path))


def is_within(path: str, section: str) -> bool:
    """Whether a page stands in a section."""
    return path == section or path.startswith(f"{section}/") or section == "/desk"
