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
    "union": "A union.",
    "association": "An association, a party, a church, any other body.",
    "group": "A group that speaks for itself here, a committee or an assembly.",
    "other": "None of the above.",
}
CHAIN_ROLES: Final[Mapping[str, str]] = {
    "parent": "Owns the one before it.",
    "franchisor": "Lends it its name.",
    "buyer": "Buys what it makes.",
    "principal": "Has hired it for the work.",
    "investor": "Has put its money into it.",
    "other": "None of the above.",
}
MEASURES: Final[Mapping[str, str]] = {
    "participants": "People who took part.",
    "workers-involved": "Workers who stopped work or were kept from it.",
    "workers-indirectly-involved": "Workers of the same workplaces who could not work because others had stopped.",
    "bargaining-unit": "Workers whom the dispute covers.",
    "workplaces": "Workplaces concerned.",
    "households": "Households concerned.",
    "days-not-worked": "Working days not worked, all workers together.",
    "hours-not-worked": "Working hours not worked, all workers together.",
    "arrests": "People arrested.",
    "injuries": "People injured.",
    "deaths": "People who died.",
    "dismissals": "People dismissed, evicted from their work or struck off.",
    "hectares": "Area of the land concerned, in hectares.",
    "displaced": "People who lost their place.",
    "evictions": "Homes from which people were put out, or were to be.",
    "people-held": "People locked up.",
    "rent-withheld": "Rent withheld, all households together; the unit is a currency.",
    "signatures": "People who signed.",
}
MEASURE_UNITS: Final[Mapping[str, str]] = {
    "participants": "person",
    "workers-involved": "person",
    "workers-indirectly-involved": "person",
    "bargaining-unit": "person",
    "workplaces": "workplace",
    "households": "household",
    "days-not-worked": "person-day",
    "hours-not-worked": "person-hour",
    "arrests": "person",
    "injuries": "person",
    "deaths": "person",
    "dismissals": "person",
    "hectares": "hectare",
    "displaced": "person",
    "evictions": "home",
    "people-held": "person",
    "rent-withheld": "currency",
    "signatures": "person",
}
"""What one of each measure is. Figures are never added across units; the `unit` of a
measure in `currency` says which."""
MEASURE_BASES: Final[Mapping[str, str]] = {
    "participants": "Counted or told by those who took part.",
    "organisation": "Told by an organisation on their side.",
    "addressee": "Told by the other side.",
    "police": "Told by the police.",
    "media": "Told by the press.",
    "own-estimate": "Estimated by the group that reports.",
    "imported": "Taken from the imported source as it stands.",
}
ABSENCES: Final[Mapping[str, str]] = {
    "unknown": "Nobody who was asked knows.",
    "withheld": "It is known, and withheld so that nobody comes to harm.",
    "not-applicable": "There is nothing to count.",
}
PRECISIONS: Final[Mapping[str, str]] = {
    "exact": "Counted.",
    "rounded": "Counted, and rounded.",
    "estimate": "Estimated.",
    "band": "Only the band in which it lies is known.",
}
DEMAND_KINDS: Final[Mapping[str, str]] = {
    "pay": "Pay, and what it buys.",
    "arrears": "Pay that was not paid.",
    "hours": "Hours, shifts, rest.",
    "contracts": "Contracts, outsourcing, precarity.",
    "dismissals": "Dismissals and reinstatement.",
    "closure": "Closure, sale, restructuring.",
    "safety": "Safety and health.",
    "discrimination": "Discrimination, harassment, violence.",
    "recognition": "To be recognised and bargained with.",
    "pensions": "Pensions, insurance, benefits.",
    "rent": "Rents and charges.",
    "repairs": "Repairs and habitability.",
    "eviction": "To stay.",
    "land": "Land: access, title, return.",
    "environment": "Pollution, water, climate.",
    "release": "Release, charges dropped, prison conditions.",
    "papers": "Papers, the right to stay and to move.",
    "services": "Public services and their price.",
    "policy": "A law or a public policy.",
    "solidarity": "For another struggle.",
    "other": "None of the above.",
}
DEMAND_STATUSES: Final[Mapping[str, str]] = {
    "raised": "Asked for, not decided.",
    "won": "Conceded.",
    "partly-won": "Conceded in part.",
    "lost": "Refused, and the struggle for it is over.",
    "dropped": "Given up by those who raised it.",
}
STATUSES: Final[Mapping[str, str]] = {
    "announced": "It is announced, and has not begun.",
    "ongoing": "It goes on.",
    "suspended": "It rests, and may go on.",
    "ended": "It is over.",
    "unknown": "The group does not know how it stands.",
}
REPORT_STATUSES: Final[Mapping[str, str]] = {
    "stands": "The group stands by the report.",
    "withdrawn": "The group does not stand by the report any more. It is shown, and counted nowhere.",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "won": "Those who struggled have won.",
    "partly-won": "They have won in part.",
    "lost": "They have lost.",
    "undecided": "It is not decided.",
    "unknown": "The group does not know.",
}
RESPONDERS: Final[Mapping[str, str]] = {
    "addressee": "The other side.",
    "state": "The state: police, courts, ministries.",
}
RESPONSES: Final[Mapping[str, str]] = {
    "negotiation": "It talks.",
    "concession": "It has given way, in whole or in part.",
    "agreement": "There is an agreement.",
    "arbitration": "It has been put before a third.",
    "refusal": "It refuses.",
    "dismissal": "People were dismissed or put out.",
    "replacement": "Others were set to their work.",
    "lockout": "It has locked them out.",
    "eviction": "They were evicted or cleared.",
    "injunction": "A court has forbidden it.",
    "police-intervention": "Police have intervened.",
    "arrests": "People were arrested.",
    "violence": "People were beaten, shot at, threatened.",
    "legislation": "A law was made.",
    "none": "There was none.",
    "other": "None of the above.",
}
DATE_PRECISIONS: Final[Mapping[str, str]] = {
    "exact": "On that very day, or in that month or year.",
    "about": "About then.",
    "week": "In the week of that day.",
}
PLACE_PRECISIONS: Final[Mapping[str, str]] = {
    "exact": "The very place.",
    "locality": "Somewhere in the locality.",
    "region": "Somewhere in the region.",
    "country": "Somewhere in the country.",
}
SOURCE_KINDS: Final[Mapping[str, str]] = {
    "participants": "Told by those who took part.",
    "organisation": "Published by an organisation on their side.",
    "addressee": "Published by the other side.",
    "media": "Published by the press.",
    "official": "Published by an authority, or in a court.",
    "research": "Published by researchers.",
    "other": "None of the above.",
}
CONFIDENCES: Final[Mapping[str, str]] = {
    "confirmed": "More than one source says so, or the group was there.",
    "probable": "The group has reason to believe it.",
    "unverified": "The group passes on what it was told.",
}
WITHHELD_PARTS: Final[Mapping[str, str]] = {
    "place": "The exact place.",
    "time": "The exact time.",
    "figures": "Some of the figures.",
    "names": "Names.",
    "other": "Something else.",
}
WITHHOLDING_REASONS: Final[Mapping[str, str]] = {
    "safety": "So that nobody comes to harm.",
    "consent": "Those concerned have not agreed.",
    "law": "A law or a court forbids it.",
    "tactics": "So that the other side does not learn of it.",
    "other": "None of the above.",
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
    "naics": "North American Industry Classification System, 2022.",
    "nace2": "Statistical Classification of Economic Activities in the European Community, revision 2.",
}
CONDITION_TOPICS: Final[Mapping[str, str]] = {
    "wages": "What is paid.",
    "hours": "How long and when people work.",
    "contract": "On what terms.",
    "safety": "Accidents, illness, what protects from them.",
    "rents": "What is paid for a home.",
    "repairs": "What is broken, and for how long.",
    "pollution": "Air, soil, noise.",
    "water": "Water: how much, how clean, at what price.",
    "food": "Food: how much, how good, at what price.",
    "detention": "How people are held.",
    "services": "Public services.",
    "other": "None of the above.",
}
PERIODS: Final[Mapping[str, str]] = {
    "hour": "An hour.",
    "day": "A day.",
    "week": "A week.",
    "month": "A month.",
    "year": "A year.",
    "piece": "A piece.",
    "once": "Once.",
}
GATHERINGS: Final[Mapping[str, str]] = {
    "survey": "People were asked.",
    "testimony": "Some have told of it.",
    "documents": "Payslips, contracts, bills, letters.",
    "agreement": "A collective agreement or a tariff.",
    "inspection": "Somebody went to see.",
    "measurement": "It was measured.",
    "publication": "Taken from a publication.",
    "other": "None of the above.",
}
APPEAL_KINDS: Final[Mapping[str, str]] = {
    "strike-fund": "Money for those who go without pay.",
    "bail": "Money for bail and lawyers.",
    "letters": "Letters and calls.",
    "picket": "To come and stand there.",
    "boycott": "Not to buy or to deal.",
    "places-to-stay": "Beds and roofs.",
    "goods": "Food, clothes, tools.",
    "statements": "A word of support.",
    "other": "None of the above.",
}
APPEAL_STATUSES: Final[Mapping[str, str]] = {
    "open": "The group asks for it.",
    "met": "What was asked for is there.",
    "closed": "The group asks for it no longer.",
}
APPEAL_ANSWERS: Final[Mapping[str, str]] = {
    "given": "The group has done or given what was asked.",
    "promised": "The group will.",
    "passed-on": "The group has passed the appeal on.",
    "cannot": "The group cannot, and says so.",
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
