"""A code as it stands in a line of text, on pages and in what leaves the node, so that one translation does.

Its sentences enter the catalogues by `node.web.pages.words`.
"""

from __future__ import annotations

from collections.abc import Mapping

# A code says itself in English with its dashes as spaces, but for these.
SAID: Mapping[str, str] = {
    "work-to-rule": "work-to-rule",
    "go-slow": "go-slow",
    "sick-out": "sick-out",
    "rent-strike": "rent strike",
    "work-stoppage": "work stoppage (strike or lockout)",
    "own-witness": "own witness",
    "own-estimate": "our own estimate",
    "workers-indirectly-involved": "workers kept from work because others had stopped",
    "hours-not-worked": "working hours not worked",
    "deaths": "people who died",
    "dismissals": "people dismissed",
    "people-held": "people locked up",
    "strike-fund": "strike fund",
    "police-intervention": "police intervention",
    "bargaining-unit": "workers whom the dispute covers",
    "workers-involved": "workers involved",
    "days-not-worked": "working days not worked",
    "hectares": "hectares of land",
    "displaced": "people displaced",
    "arrests": "people arrested",
    "injuries": "people injured",
    "partly-won": "won in part",
    "raised": "raised, not decided",
    "services": "public services",
    "peoples": "indigenous and colonised peoples",
    "support": "in support",
    "oppose": "opposed",
    "reservations": "in support, with reservations",
    "amend": "for an amendment",
    "none": "no position",
    "EventScheduled": "as planned",
    "EventTentative": "not certain yet",
    "EventMovedOnline": "moved to the net",
    "EventRescheduled": "moved to another time",
    "EventPostponed": "put off",
    "EventCancelled": "called off",
}


def code(value: str) -> str:
    """A code as it stands in a line of text."""
    return SAID.get(value, value.replace("-", " "))
