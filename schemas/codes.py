"""Our code lists: each code with its meaning.

A peer may use a code that we do not know (its list is newer, or its own): reading keeps it, `known` tells it from ours,
and what we write ourselves must be known. Nothing is ever removed from a list.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

FIELDS: Final[Mapping[str, str]] = {
    "work": "Pay, hours, contracts, safety and power at work.",
    "housing": "Rent, eviction, repair, the right to a home.",
    "land": "Access to land, its defence and its return.",
    "environment": "Air, water, soil, climate.",
    "gender": "Against patriarchy; feminist and queer struggles.",
    "racism": "Against racism, caste and colonial rule.",
    "migration": "Freedom to move and to stay; papers, detention, deportation.",
    "education": "Schools, universities, those who learn and teach there.",
    "health": "Care, its funding and the right to it.",
    "prison": "Inside prisons and against them.",
    "war": "Against war, armament and conscription.",
    "services": "Water, power, transport and other services people depend on.",
    "rights": "To organise, assemble, speak, vote.",
    "other": "None of the above.",
}
ACTION_KINDS: Final[Mapping[str, str]] = {
    "strike": "Work stopped by those who do it.",
    "partial-strike": "Some of the work, or some of the hours, refused.",
    "wildcat-strike": "A strike without or against the union's leadership.",
    "work-to-rule": "Working exactly by the rules.",
    "go-slow": "Working slowly.",
    "overtime-ban": "Refusing overtime.",
    "sick-out": "Reporting sick together.",
    "lockout": "Work stopped by the employer.",
    "occupation": "Staying in a place and holding it.",
    "blockade": "Closing a way or a gate.",
    "picket": "Standing before a place to turn others away.",
    "boycott": "Refusing to buy or to deal.",
    "protest": "A march, a rally, any other public showing.",
    "petition": "A demand handed over with signatures.",
    "solidarity-action": "Any action for another struggle.",
    "notice": "An action announced.",
    "ballot": "A vote on an action.",
    "rent-strike": "Rent withheld together.",
    "eviction-resistance": "Preventing an eviction.",
    "land-defence": "Keeping land from those who would take or ruin it.",
    "encampment": "Living in a public place as a protest.",
    "school-strike": "Pupils or students staying away.",
    "hunger-strike": "Refusing food.",
    "feminist-strike": "Stopping paid and unpaid work as women and with them.",
    "court-case": "Going to law, or being taken there.",
    "mutual-aid": "Organised help among those concerned.",
    "work-stoppage": "A strike or a lockout; the source does not tell which.",
    "other": "None of the above.",
}
WHO: Final[Mapping[str, str]] = {
    "workers": "In work, out of it, or in unpaid work.",
    "tenants": "Those who rent their home.",
    "residents": "Those who live in a place.",
    "peasants": "Those who work the land, fish or herd.",
    "peoples": "Indigenous and colonised peoples.",
    "students": "Those who learn.",
    "prisoners": "Those locked up.",
    "migrants": "Those who moved, or are kept from moving.",
    "other": "None of the above.",
}
STARTED_BY: Final[Mapping[str, str]] = {
    "people": "Those who struggle began the action.",
    "addressee": "The other side did, as in a lockout.",
}
PARTY_KINDS: Final[Mapping[str, str]] = {
    "employer": "Whoever employs those who struggle.",
    "landlord": "Whoever lets to them.",
    "developer": "Whoever builds there, or wants to.",
    "authority": "A state, a city, a public body.",
    "police": "Police or army.",
    "court": "A court.",
    "company": "A company that is neither employer nor landlord here.",
    "other": "None of the above.",
}
MEASURES: Final[Mapping[str, str]] = {
    "participants": "People who took part.",
    "workers-involved": "Workers who stopped work or were kept from it.",
    "bargaining-unit": "Workers whom the dispute covers.",
    "workplaces": "Workplaces concerned.",
    "households": "Households concerned.",
    "days-not-worked": "Working days not worked, all workers together.",
    "arrests": "People arrested.",
    "injuries": "People injured.",
    "hectares": "Area of the land concerned, in hectares.",
    "displaced": "People who lost their place.",
}
MEASURE_BASES: Final[Mapping[str, str]] = {
    "participants": "Counted or told by those who took part.",
    "organisation": "Told by an organisation on their side.",
    "addressee": "Told by the other side.",
    "police": "Told by the police.",
    "media": "Told by the press.",
    "own-estimate": "Estimated by the group that reports.",
    "imported": "Taken from the imported source as it stands.",
}
DEMAND_STATUSES: Final[Mapping[str, str]] = {
    "raised": "Asked for, not decided.",
    "won": "Conceded.",
    "partly-won": "Conceded in part.",
    "lost": "Refused, and the struggle for it is over.",
    "dropped": "Given up by those who raised it.",
}
BASES: Final[Mapping[str, str]] = {
    "own-witness": "The group was there.",
    "document": "The group has seen documents.",
    "alleged": "The group was told.",
    "imported": "The group vouches for the transcription of a source, not for the facts.",
}
STANCES: Final[Mapping[str, str]] = {
    "support": "The group supports the text.",
    "oppose": "The group opposes the text.",
    "reservations": "The group supports the text, with reservations.",
    "amend": "The group proposes to amend the text.",
    "none": "The group takes no position on the text, and says so.",
}
DELETION_REASONS: Final[Mapping[str, str]] = {
    "mistake": "It should not have been published, or not like this.",
    "superseded": "Something newer stands in its place.",
    "personal-data": "It named or showed somebody who must not be found through it.",
    "safety": "It put people in danger.",
    "illegal": "A law or a court demands it.",
    "revoked": "The group does not stand by it any more.",
    "other": "None of the above.",
}
REDACTORS: Final[Mapping[str, str]] = {
    "group": "The group has decided so.",
    "host": "Whoever runs the server has done so, because a law demands it.",
}
DECISION_METHODS: Final[Mapping[str, str]] = {
    "one-member": "One member with a mandate may act.",
    "approvals": "So many ballots for it are enough.",
    "majority": "More ballots for it than against, or more than half of all who may vote.",
    "two-thirds": "Two thirds for it.",
    "consent": "Nobody blocks it.",
}
MAJORITIES: Final[Mapping[str, str]] = {
    "eligible": "Of all who could vote.",
    "voting": "Of those who said yes or no.",
}
CHOICES: Final[Mapping[str, str]] = {
    "for": "For it.",
    "against": "Against it.",
    "abstain": "Neither.",
    "block": "Against it, so much that it must not be.",
}
SECTOR_SCHEMES: Final[Mapping[str, str]] = {
    "isic4": "International Standard Industrial Classification, revision 4.",
}
EVENT_STATUSES: Final[Mapping[str, str]] = {
    "EventScheduled": "It takes place as planned.",
    "EventTentative": "It is being planned, and not certain yet.",
    "EventMovedOnline": "It takes place on the net.",
    "EventRescheduled": "It takes place at another time than was planned.",
    "EventPostponed": "It is put off, without a new time.",
    "EventCancelled": "It does not take place.",
}


def known(code_list: Container[str], value: str) -> bool:
    """Whether `value` is one of our codes."""
    return value in code_list
