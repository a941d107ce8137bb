"""What the form of a report asks, in the order in which it asks: data, from which the page is drawn and read again.

A section is a fieldset. Its fields are keys of a report; with `part` they are the keys of one nested value, or of a row
of several. What few reports need is folded away and opened where something stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from node.translating import N_
from schemas import codes


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `known`: the codes among which to choose; `several` of them, or `yes` or nothing.

    `suggest`: what is suggested while she writes (node.web.suggestions). `plain`: no language of people, so left to
    right everywhere. `rarely`: folded away below the others of its row.
    """

    name: str
    label: str
    hint: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    yes: bool = False
    suggest: str = ""
    plain: bool = False
    needed: bool = False
    inputmode: str = ""
    rarely: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A fieldset. `rows`: how many empty rows it begins with, 0 for a single one; `folded` where few need it."""

    legend: str
    fields: tuple[Field, ...]
    part: str = ""
    rows: int = 0
    hint: str = ""
    folded: bool = False
    more: str = ""

    @property
    def usual(self) -> tuple[Field, ...]:
        """The fields that are seen at once."""
        return tuple(one for one in self.fields if not one.rarely)

    @property
    def rare(self) -> tuple[Field, ...]:
        """Those that are folded away in each row."""
        return tuple(one for one in self.fields if one.rarely)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its fields."""
        return tuple(one.name for one in self.fields)


DATE = N_("such as 2026-11-03, or 2026-11 or 2026 if no more is known")
ADDRESSES = N_("addresses with spaces between them: Wikidata, a register")
_PARTY = (
    Field("kind", N_("What it is"), known=codes.PARTY_KINDS),
    Field("same_as", N_("Where else it is described"), ADDRESSES, plain=True, inputmode="url", rarely=True),
    Field("chain", N_("What stands behind it"), N_("such as “parent: Nordic Holding; buyer: Sun Clothes”"),
          rarely=True),
    Field("person", N_("This is a person, named for her office, or because she has agreed."), yes=True, rarely=True),
    Field("office", N_("Her office"), rarely=True),
    Field("consent", N_("She has agreed to be named"), yes=True, rarely=True),
)  # fmt: skip

SECTIONS = (
    Section(
        N_("What happens"),
        (
            Field("kind", N_("What"), known=codes.ACTION_KINDS, needed=True),
            Field("field", N_("Field"), known=codes.FIELDS, needed=True),
            Field("who", N_("Who struggles"), known=codes.WHO, several=True),
            Field("began", N_("Began"), DATE, plain=True, needed=True),
            Field("ended", N_("Ended"), N_("empty if it goes on, or nobody knows"), plain=True),
            Field("status", N_("How it stands"), known=codes.STATUSES),
            Field("as_of", N_("As of"), N_("the day for which this is right"), plain=True),
        ),
    ),
    Section(
        N_("Where"),
        (
            Field("country", N_("Country"), N_("its name, or two letters"), suggest="countries"),
            Field("region", N_("Region"), N_("its name, or a code such as US-NJ")),
            Field("locality", N_("Town, village or quarter")),
            Field("name", N_("What people there call the place"), N_("only if it is safe to say so exactly")),
            Field("indigenous_name", N_("What those call it to whom the land belongs")),
            Field("precision", N_("How exactly the place is told"), known=codes.PLACE_PRECISIONS),
        ),
        part="location",
    ),
    Section(
        N_("Directed at"), (Field("name", N_("Name"), suggest="addressees"), *_PARTY),
        part="addressee", rows=1, more=N_("One more"),
        hint=N_("the employer, landlord, authority, company; never a private person"),
    ),
    Section(N_("Organised by"), (Field("name", N_("Name")), *_PARTY), part="organisation", rows=1, more=N_("One more")),
    Section(
        N_("How many"),
        (
            Field("measure", N_("What is counted"), known=codes.MEASURES),
            Field("value", N_("How many"), N_("120, 100-500, 40+, ~500, or unknown"), plain=True),
            Field("basis", N_("Whose figure"), known=codes.MEASURE_BASES),
            Field("precision", N_("How it was counted"), known=codes.PRECISIONS, rarely=True),
            Field("unit", N_("Currency, if it is money"), suggest="currencies", plain=True),
            Field("computed", N_("It was computed from other figures"), yes=True, rarely=True),
        ),
        part="measures", rows=2, more=N_("One more figure"), hint=N_("what is not known stays empty; zero means none"),
    ),
    Section(
        N_("Demands"),
        (
            Field("text", N_("Demand")),
            Field("kind", N_("What it is about"), known=codes.DEMAND_KINDS),
            Field("status", N_("What became of it"), known=codes.DEMAND_STATUSES),
            Field("raised", N_("Raised"), plain=True, rarely=True),
            Field("decided", N_("Won, lost or dropped on"), plain=True, rarely=True),
        ),
        part="demands", rows=1, more=N_("One more demand"),
    ),
    Section(
        N_("Outcome"),
        (
            Field("outcome", N_("Outcome"), N_("as you see it; others may see it differently"), known=codes.OUTCOMES),
        ),
    ),
    Section(
        N_("What the other side and the state did"),
        (
            Field("by", N_("Who"), known=codes.RESPONDERS),
            Field("kind", N_("What"), known=codes.RESPONSES),
            Field("text", N_("In words")),
            Field("on", N_("When"), plain=True),
            Field("basis", N_("Whose word it is"), known=codes.BASES),
            Field("alleged_by", N_("Who says so, where it is alleged")),
        ),
        part="responses", rows=1, folded=True, more=N_("One more"),
    ),
    Section(
        N_("What is said of somebody by name"),
        (
            Field("about", N_("About whom")),
            Field("text", N_("What is said")),
            Field("basis", N_("Whose word it is"), known=codes.BASES),
            Field("alleged_by", N_("Who says so, where it is alleged")),
        ),
        part="claims", rows=1, folded=True, more=N_("One more"),
    ),
    Section(
        N_("Sources"),
        (
            Field("name", N_("Name")),
            Field("url", N_("Address"), plain=True, inputmode="url"),
            Field("kind", N_("What it is"), known=codes.SOURCE_KINDS),
            Field("retrieved", N_("read on"), plain=True),
            Field("archived_digest", N_("SHA-256 of what was read"), plain=True, rarely=True),
        ),
        part="sources", rows=1, folded=True, more=N_("One more"),
    ),
    Section(
        N_("Sector"),
        (
            Field("code", N_("Sector"), N_("a section letter, or a number"), suggest="sectors", plain=True),
            Field("scheme", N_("Which scheme"), known=codes.SECTOR_SCHEMES),
            Field("label", N_("In words")),
        ),
        part="sector", folded=True,
    ),
    Section(
        N_("Occupations"),
        (
            Field("code", N_("Code of ISCO-08"), N_("one to four digits, such as 8331"), plain=True),
            Field("label", N_("In words")),
        ),
        part="occupations", rows=1, folded=True, more=N_("One more"),
    ),
    Section(
        N_("The struggle"),
        (
            Field("struggle", N_("Struggle"), N_("its address, if somebody has reported on it; else a name"),
                  suggest="struggles", plain=True),
            Field("struggle_title", N_("What to call the struggle as a whole")),
            Field("started_by", N_("Who began"), known=codes.STARTED_BY),
            Field("began_precision", N_("How exactly the beginning is told"), known=codes.DATE_PRECISIONS),
            Field("ended_precision", N_("How exactly the end is told"), known=codes.DATE_PRECISIONS),
        ),
        folded=True,
    ),
    Section(
        N_("A point on the map"),
        (
            Field("latitude", N_("Degrees north"), plain=True, inputmode="decimal"),
            Field("longitude", N_("Degrees east"), plain=True, inputmode="decimal"),
            Field("radius", N_("Metres around it"), N_("anywhere within"), plain=True, inputmode="numeric"),
            Field("name_map", N_("The place in other languages"), N_("such as “sv: Solgatan; en: Sun Street”")),
        ),
        part="location", folded=True,
    ),
    Section(
        N_("Whose word this is"),
        (
            Field("basis", N_("What you vouch for"), known=codes.BASES),
            Field("alleged_by", N_("Who says so, where it is alleged")),
            Field("confidence", N_("How sure you are"), known=codes.CONFIDENCES),
        ),
    ),
    Section(
        N_("What you know and do not say"),
        (
            Field("part", N_("What"), known=codes.WITHHELD_PARTS),
            Field("reason", N_("Why"), known=codes.WITHHOLDING_REASONS),
        ),
        part="withheld", rows=1, folded=True, more=N_("One more"),
    ),
    Section(
        N_("Standing by it"),
        (
            Field("report_status", N_("Whether you stand by the report"), known=codes.REPORT_STATUSES),
            Field("report_status_reason", N_("Why not any more")),
            Field("disputes", N_("Reports of others that this one contradicts"), N_("addresses with ; between them"),
                  plain=True),
        ),
        folded=True,
    ),
)  # fmt: skip
"""The sections of the form. Two may ask for keys of one nested value: what is safe to say of a place, and its point."""
