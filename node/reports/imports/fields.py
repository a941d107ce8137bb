"""The fields that a table can fill, each with its meaning. A mapping says which column fills which field.

These are also the columns of our own tables: a file whose header uses these names needs no mapping of its own.
Fields marked "several" take more than one value, separated by ";" (or what the mapping says).
"""

from __future__ import annotations

from schemas import codes

MEASURES = {code.replace("-", "_"): code for code in codes.MEASURES}
"""Field -> code of the measure that it counts."""

FRACTIONS = frozenset({"hectares", "rent-withheld"})
"""What is measured and not counted."""

FIELDS = {
    "key": "what tells this row from every other, for ever; without it: struggle, kind and first day",
    "struggle": "a short name or number of the struggle, the same in every row about it; without it: the title",
    "struggle_title": "what to call the struggle as a whole; without it: the title of the row",
    "title": "one line; without it one is made from kind, addressee and place",
    "language": "the language of title, summary and demands, such as en or pt-BR (default en)",
    "summary": "plain sentences; without it they are made from the other fields, in English",
    "field": "what it is about: a code such as work, housing, land; see schemas.codes",
    "kind": "what people did: a code such as strike, rent-strike, blockade; see schemas.codes",
    "who": "several: who acts, codes such as workers, tenants, peoples",
    "started_by": "people or addressee (a lockout is started by the addressee)",
    "addressee": "several: whom it is directed at, by name; never a private person",
    "addressee_kind": "one for all addressees or one for each: employer, landlord, authority, police, court ...",
    "organisation": "several: who organises, by name",
    "country": "two-letter code of ISO 3166-1, such as IN",
    "region": "a code of ISO 3166-2, such as US-NJ, or a name",
    "locality": "town, village or quarter",
    "locality_and_region": "both in one cell, “Newark, NJ”: what follows the last comma is the region, in the country",
    "place": "what people there call the place; without it: locality, region and country",
    "indigenous_name": "what those call it to whom the land belongs",
    "latitude": "degrees north, -90 to 90; only together with longitude",
    "longitude": "degrees east, -180 to 180; only together with latitude",
    "latitude_and_longitude": "both in one cell, “40.71, -74.01”",
    "radius": "metres within which the point lies",
    "place_precision": "how exactly the place is told: exact, locality, region or country",
    "began": "first day, month or year: 2021-04-03, 2021-04 or 2021. Needed",
    "ended": "last day, month or year; empty if it goes on or is not known",
    "began_precision": "exact, about or week",
    "ended_precision": "exact, about or week",
    "status": "how it stands: announced, ongoing, suspended, ended or unknown",
    "outcome": "how it ended, as you see it: won, partly-won, lost, undecided or unknown",
    "as_of": "the day, month or year for which the row is right",
    **{name: f"a count. {codes.MEASURES[code]}" for name, code in MEASURES.items()},
    "currency": "of money, three letters of ISO 4217, such as INR",
    "measure_basis": "whose numbers these are: participants, organisation, addressee, police, media (default imported)",
    "measure_precision": "how they were counted: exact, rounded, estimate or band",
    "computed": "several: which of them were computed from others, such as days-not-worked",
    "demands": "several: each demand, behind it in brackets its kind and its state: lower rents [rent, partly-won]",
    "responses": "several: what the other side and the state did, such as addressee: negotiation or state: arrests",
    "claims": "several: what is said of a party, “Northern Tramways: has called the police [alleged by drivers]”",
    "occupations": "several: codes of ISCO-08, with words behind them if you like: 8331 Bus and tram drivers",
    "sector": "economic sector: a section letter or a number of ISIC Rev. 4, or a code of another scheme",
    "sector_scheme": "which scheme the sector is of: isic4, naics or nace2 (default isic4)",
    "source_url": "several: public addresses of the sources",
    "source_name": "several, as many as addresses if both are given: what the sources are called",
    "retrieved": "the day on which the sources were read, 2021-04-03",
    "basis": "own-witness, document, alleged or imported (default imported)",
    "alleged_by": "who says so, where the basis is alleged",
    "confidence": "how sure you are: confirmed, probable or unverified",
    "withheld": "several: what is known and not said, and why, such as place: safety",
    "report_status": "stands, or withdrawn if nobody stands by the report any more",
    "report_status_reason": "why it is withdrawn",
    "disputes": "several: addresses of reports that this one contradicts",
}
"""Field -> meaning, in the order in which a person fills a row."""
