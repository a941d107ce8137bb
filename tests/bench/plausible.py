"""Plausible reports of struggles, as many as are asked for and always the same: pure, by a seed.

They are spread as real ones are: a few countries, employers and demands have most of them, most are of one report and
some of four, figures have a long tail, and of every fifth something is missing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from node.identifiers import CHANCE_BITS, spell
from node.reports.imports import sectors
from schemas import codes
from schemas.measure import Measure
from schemas.partial_date import PartialDate
from schemas.party import ChainLink, Party
from schemas.place import Place
from schemas.struggle_report import Demand, Occupation, Response, Sector, Source, StruggleReport

FIRST_DAY = datetime(1990, 1, 1, tzinfo=UTC)
DAYS = 13_400  # from there, until 2026
HEARD_SINCE = datetime(2026, 6, 1, tzinfo=UTC)
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"

PEERS = tuple(f"https://peer{number}.example/groups/paper" for number in range(1, 13))
STRANGERS = tuple(f"https://stranger{number}.example/groups/paper" for number in range(1, 4))

COUNTRIES = (
    "US", "IN", "FR", "GB", "ES", "IT", "DE", "BR", "ZA", "AR", "KR", "CN", "MX", "GR", "BD",
    "CL", "PT", "NG", "TR", "ID", "PH", "EG", "CO", "PL", "MA", "KE", "PE", "SE", "JP", "TN",
)  # fmt: skip
TOWNS = (
    "Port Calder", "Lindenau", "Villa Esperanza", "Al-Qasr", "Kawasaki", "Nairnford", "Santa Inés", "Bergheim", "Dockyard",
    "Old Market", "Río Seco", "Hammersfield", "Novo Horizonte", "East Rand", "Marikund", "Tannenbach", "Le Havre", "Elche",
)  # fmt: skip
FIELDS = ("work",) * 11 + ("housing",) * 4 + tuple(codes.FIELDS)
KINDS = {
    "work": ("strike", "strike", "strike", "wildcat-strike", "lockout", "work-to-rule", "picket", "protest", "work-stoppage"),
    "housing": ("rent-strike", "eviction-resistance", "protest", "occupation"),
    "land": ("land-defence", "blockade", "occupation"),
    "prison": ("hunger-strike", "protest", "strike"),
    "education": ("school-strike", "occupation", "strike"),
}  # fmt: skip
OTHER_KINDS = ("protest", "blockade", "encampment", "petition", "boycott", "hunger-strike", "court-case")
WHO = {"work": "workers", "housing": "tenants", "land": "peasants", "prison": "prisoners", "education": "students"}
PARTS_OF_NAMES = (
    "North",
    "Atlas",
    "Calder",
    "Union",
    "Delta",
    "Orion",
    "Grand",
    "Metro",
    "Prime",
    "Terra",
    "Nova",
    "Iberia",
)
TRADES = (
    "Tramways",
    "Steel",
    "Textiles",
    "Estates",
    "Hospitals",
    "Logistics",
    "Mines",
    "Foods",
    "Schools",
    "Water",
    "Homes",
)
UNIONS = (
    "Transport Workers",
    "Metalworkers",
    "Tenants’ Union",
    "CNT",
    "Teachers",
    "Nurses",
    "Dockers",
    "Peasant League",
)
SENTENCES = (
    ("en", "The gate is closed and the night shift has joined us. We ask for the rise that was promised in spring."),
    ("en", "Forty households refuse the new rents until the lifts and the heating are repaired."),
    ("es", "La asamblea decidió seguir la huelga hasta que readmitan a las compañeras despedidas."),
    ("fr", "Les éboueurs bloquent le dépôt depuis l’aube ; la direction refuse toujours de négocier."),
    ("de", "Die Belegschaft hat die Arbeit niedergelegt und fordert gleiche Löhne für alle."),
    ("pt", "As famílias ocupam o terreno e exigem água, luz e o título da terra."),
    ("ar", "أضرب العمال عن العمل مطالبين بالأجور المتأخرة وبعودة زملائهم المفصولين."),
    ("ja", "倉庫の労働者は賃上げと安全な職場を求めてストライキに入った。"),
    ("zh", "工人们要求补发拖欠的工资，并在厂门口集会。"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A report, its title, its place in time (`sort_id`), and whether it is transcribed from a table."""

    report: StruggleReport
    title: str
    language: str
    sort_id: int
    imported: bool


def told(count: int, *, group: str, origin: str, seed: int = 1) -> Iterator[Told]:
    """`count` reports by `group` (of `origin`), by PEERS and, few, by STRANGERS."""
    chance = random.Random(seed)
    step = timedelta(days=160) / max(count, 1)
    number, struggle = 0, 0
    while number < count:
        struggle += 1
        authors = _authors(chance, group)
        story = _Story(chance, f"{_home(authors[0], group, origin)}/struggles/{spell(struggle)}")
        for author in authors[: count - number]:
            moment = HEARD_SINCE + number * step
            sort_id = (int(moment.timestamp() * 1000) << CHANCE_BITS) | chance.getrandbits(CHANCE_BITS - 1)
            number += 1
            home = _home(author, group, origin)
            yield story.told(f"{home}/reports/{spell(sort_id)}", author, moment.replace(microsecond=0), sort_id)


def _home(author: str, group: str, origin: str) -> str:
    return origin if author == group else "/".join(author.split("/")[:3])


def _authors(chance: random.Random, group: str) -> list[str]:
    known = [group, *PEERS, *STRANGERS]
    weights = [40, *([55 / len(PEERS)] * len(PEERS)), *([5 / len(STRANGERS)] * len(STRANGERS))]
    several = chance.choices((1, 2, 3, 4), (90, 6, 3, 1))[0]
    return list(dict.fromkeys(chance.choices(known, weights, k=several)))


class _Story:
    """What a struggle is; each group tells it a little differently."""

    def __init__(self, chance: random.Random, iri: str) -> None:
        self._chance, self._iri = chance, iri
        self._field = chance.choice(FIELDS)
        self._kind = chance.choice(KINDS.get(self._field, OTHER_KINDS))
        self._began = FIRST_DAY + timedelta(days=int(DAYS * chance.random()))
        self._days = int(chance.lognormvariate(1.6, 1.2)) if chance.random() < 0.8 else None
        self._people = max(2, int(chance.lognormvariate(4.5, 1.6)))
        self._country = _often_the_first(chance, COUNTRIES)
        self._town = chance.choice(TOWNS)
        self._employer = f"{_often_the_first(chance, PARTS_OF_NAMES)} {chance.choice(TRADES)} {chance.randrange(60)}"
        self._union = f"{_often_the_first(chance, UNIONS)} {chance.randrange(1, 20)}"
        self._section = chance.choice(list(sectors.SECTIONS)) if self._field == "work" else None

    def told(self, iri: str, author: str, moment: datetime, sort_id: int) -> Told:
        language, sentence = self._chance.choice(SENTENCES)
        title = f"{self._kind.replace('-', ' ').capitalize()} at {self._employer}, {self._town}"
        content = f"<p>{sentence}</p>\n<p>{self._union}: {self._employer}, {self._town}.</p>"
        titled = f"<p><strong>{title}</strong></p>\n{content}"
        imported = self._chance.random() < 0.7
        report = StruggleReport(
            id=iri,
            attributed_to=author,
            content=titled,
            content_map={language: titled},
            published=moment,
            to=(PUBLIC,),
            url=iri,
            struggle=self._iri,
            action_kind=self._kind,
            field=self._field,
            who=(WHO.get(self._field, "residents"),),
            started_by="addressee" if self._kind == "lockout" else "people",
            addressees=(self._addressee(),),
            organisations=(Party(name=self._union, kind="union"),),
            location=Place(country=self._country, region=f"District {len(self._town)}", locality=self._town),
            measures=self._measures(),
            demands=self._demands(),
            sector=Sector(code=self._section, label=sectors.SECTIONS[self._section]) if self._section else None,
            occupations=(Occupation(code="8332", label="Drivers"),) if self._section == "H" else (),
            responses=(Response(by="addressee", kind=self._chance.choice(list(codes.RESPONSES))),),
            sources=(Source(url=f"https://archive.example/{sort_id}", name="The archive"),),
            basis="imported" if imported else "own-witness",
            **self._end(),
        )
        return Told(report, title, language, sort_id, imported)

    def _end(self) -> dict[str, object]:
        began = PartialDate.of(self._began.date())
        ended = None if self._days is None else PartialDate.of((self._began + timedelta(days=self._days)).date())
        outcome = self._chance.choice(list(codes.OUTCOMES)) if ended else None
        return {"began": began, "ended": ended, "status": "ended" if ended else "ongoing", "outcome": outcome}

    def _addressee(self) -> Party:
        kind = {"work": "employer", "housing": "landlord"}.get(self._field, "authority")
        head = self._employer.rpartition(" ")[0]
        return Party(name=self._employer, kind=kind, chain=(ChainLink(name=f"{head} Group", role="parent"),))

    def _measures(self) -> tuple[Measure, ...]:
        chance, main = self._chance, "workers-involved" if self._field == "work" else "participants"
        if chance.random() < 0.1:
            return (Measure(measure=main, absent="unknown"),)
        people = max(1, int(self._people * chance.uniform(0.8, 1.25)))
        basis = chance.choice(list(codes.MEASURE_BASES))
        if chance.random() < 0.25:
            found = [Measure(measure=main, low=people // 2, high=people * 2, basis=basis, precision="band")]
        else:
            found = [Measure(measure=main, value=people, basis=basis)]
        if self._field == "work" and self._days is not None:
            found.append(
                Measure(measure="days-not-worked", value=people * (self._days + 1), basis=basis, computed=True)
            )
        if self._field == "housing":
            found.append(
                Measure(measure="rent-withheld", value=people * 700, unit=chance.choice(("EUR", "USD", "INR")))
            )
        if chance.random() < 0.1:
            found.append(Measure(measure="arrests", value=chance.randrange(12), basis="police"))
        return tuple(found)

    def _demands(self) -> tuple[Demand, ...]:
        chosen = self._chance.sample(list(codes.DEMAND_KINDS), self._chance.choice((1, 1, 2, 3)))
        states = list(codes.DEMAND_STATUSES)
        return tuple(
            Demand(text=codes.DEMAND_KINDS[kind], kind=kind, status=self._chance.choice(states)) for kind in chosen
        )


def _often_the_first(chance: random.Random, among: Sequence[str]) -> str:
    return among[min(int(chance.paretovariate(0.7)) - 1, len(among) - 1)]
