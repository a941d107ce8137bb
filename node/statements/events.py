"""A planned action in a statement's front matter: read, and said in words. FEP-8a8e.

Mastodon shows name, summary and link of an Event and nothing of its fields; others show the text alone. So day, hour
and place stand in the summary and on top of the text, in the language of the statement where its days and months are
known here, else in figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from node.errors import Invalid, every_fault, together
from schemas import codes
from schemas.event import VIRTUAL, Address, Event, Venue

KEYS = ("starts", "ends", "timezone", "place", "address", "latitude", "longitude", "online", "status", "confirm")
PREVIOUSLY = "previously"  # when it was to begin; no key for writers, a correction enters it
NEEDED = {"starts": "2000-01-01 00:00", "timezone": "UTC", "place": "-"}
"""What stands for keys that are at fault, while the rest is looked at."""
OPEN_END = timedelta(hours=3)
LINE_CHARACTERS = 200
STATUSES = {
    "scheduled": "EventScheduled",
    "tentative": "EventTentative",
    "moved-online": "EventMovedOnline",
    "rescheduled": "EventRescheduled",
    "postponed": "EventPostponed",
    "cancelled": "EventCancelled",
}
assert set(STATUSES.values()) == set(codes.EVENT_STATUSES)

MONTHS: Mapping[str, str] = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
DAYS: Mapping[str, str] = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
}
DATES = {
    "en": "{day} {number} {month} {year}, {hour}",
    "fr": "{day} {number} {month} {year}, {hour}",
    "es": "{day} {number} de {month} de {year}, {hour}",
    "de": "{day}, {number}. {month} {year}, {hour}",
}
SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "EventTentative": "Not certain yet",
        "EventMovedOnline": "Moved to the net",
        "EventRescheduled": "At a new time",
        "EventPostponed": "Postponed",
        "EventCancelled": "Cancelled",
    },
    "fr": {
        "EventTentative": "Pas encore certain",
        "EventMovedOnline": "Déplacé en ligne",
        "EventRescheduled": "À une nouvelle date",
        "EventPostponed": "Reporté",
        "EventCancelled": "Annulé",
    },
    "es": {
        "EventTentative": "Aún no es seguro",
        "EventMovedOnline": "Pasa a ser en línea",
        "EventRescheduled": "En una nueva fecha",
        "EventPostponed": "Aplazado",
        "EventCancelled": "Cancelado",
    },
    "de": {
        "EventTentative": "Noch nicht sicher",
        "EventMovedOnline": "Findet online statt",
        "EventRescheduled": "Zu neuer Zeit",
        "EventPostponed": "Verschoben",
        "EventCancelled": "Abgesagt",
    },
}


def fields(given: Mapping[str, str]) -> dict[str, Any]:
    """The fields of an Event from the keys of a front matter. Raises Invalid, with the key; Faults for several."""
    try:
        return _fields(given)
    except Invalid as error:
        raise together(every_fault(_fields, given, lambda name: NEEDED.get(name, "")) or [error]) from None


def _fields(given: Mapping[str, str]) -> dict[str, Any]:
    zone = _zone(given)
    starts = _moment(given, "starts", zone)
    if starts is None:
        raise Invalid("say when it begins, such as 2026-11-28 18:00", field="starts")
    ends = _moment(given, "ends", zone)
    if ends is not None and ends <= starts:
        raise Invalid(
            "{value} is not after the beginning, {starts}",
            field="ends",
            value=ends.isoformat(),
            starts=starts.isoformat(),
        )
    venues = tuple(filter(None, [_place(given), _online(given)]))
    if not venues:
        raise Invalid("say where: place, address, or online", field="place")
    return {
        "start_time": starts,
        # FEP-8a8e wants an end, for lists of what is still to come, and has a way to say that it is open.
        "end_time": ends or starts + OPEN_END,
        "display_end_time": None if ends else False,
        "previous_start_time": _moment(given, PREVIOUSLY, zone),
        "timezone": given.get("timezone") or None,
        "venues": venues,
        "status": _status(given),
    }


def moved(given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """A newer version of a planned action, with the time at which it was to begin before if that is another one."""
    was, will_be = fields(before)["start_time"], fields(given)["start_time"]
    previously = was.isoformat() if was != will_be else before.get(PREVIOUSLY, "")
    return {**given, PREVIOUSLY: previously} if previously else dict(given)


def in_words(event: Event, language: str) -> str:
    """When and where, and whether it takes place at all, in one line of plain text."""
    tongue = language.partition("-")[0].lower()
    said = SAID.get(tongue, SAID["en"]).get(event.status or "", "")
    parts = [said, *([_when(event, tongue)] if event.start_time is not None else [])]
    for venue in event.venues:
        lines = venue.address.lines if venue.address is not None else ()
        parts.append(", ".join(filter(None, [venue.name, *lines, venue.url if venue.virtual else None])))
    return " · ".join(filter(None, parts))


def _when(event: Event, tongue: str) -> str:
    starts, ends = event.start_time, event.shown_end
    assert starts is not None
    words = _date(starts, tongue)
    if ends is not None:
        words += f"–{ends:%H:%M}" if ends.date() == starts.date() else f" – {_date(ends, tongue)}"
    return f"{words} ({event.timezone})" if event.timezone else f"{words} (UTC{starts:%z})"


def _date(moment: datetime, tongue: str) -> str:
    if tongue not in DATES:
        return f"{moment:%Y-%m-%d, %H:%M}"
    return DATES[tongue].format(
        day=DAYS[tongue].split()[moment.weekday()],
        number=moment.day,
        month=MONTHS[tongue].split()[moment.month - 1],
        year=moment.year,
        hour=f"{moment:%H:%M}",
    )


def _zone(given: Mapping[str, str]) -> ZoneInfo | None:
    name = given.get("timezone") or ""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise Invalid("{name!r} is not a time zone such as Europe/Rome", field="timezone", name=name) from None


def _moment(given: Mapping[str, str], key: str, zone: ZoneInfo | None) -> datetime | None:
    text = given.get(key) or ""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("{text!r} is not a day and an hour such as 2026-11-28 18:00", field=key, text=text) from None
    if ":" not in text:
        raise Invalid("{text!r} has no hour; write it such as 2026-11-28 18:00", field=key, text=text)
    if found.tzinfo is None and zone is None:
        raise Invalid("say by which clock: timezone, such as Europe/Rome", field="timezone")
    found = found if found.tzinfo is not None else found.replace(tzinfo=zone)
    return (found if zone is None else found.astimezone(zone)).replace(microsecond=0)


def _place(given: Mapping[str, str]) -> Venue | None:
    name, address = _line(given, "place"), _line(given, "address")
    latitude, longitude = _degrees(given, "latitude", 90), _degrees(given, "longitude", 180)
    if (latitude is None) != (longitude is None):
        missing = "longitude" if longitude is None else "latitude"
        raise Invalid("latitude and longitude belong together", field=missing)
    if name is None and address is None:
        if latitude is not None:
            raise Invalid("say in words where it is, too: place or address", field="place")
        return None
    where = Address(street=address) if address else None
    return Venue(name=name or address, address=where, latitude=latitude, longitude=longitude)


def _online(given: Mapping[str, str]) -> Venue | None:
    address = _line(given, "online")
    if address is None:
        return None
    if not address.startswith(("https://", "http://")):
        raise Invalid(
            "{address!r} is not an address such as https://meet.example/room", field="online", address=address
        )
    return Venue(type=VIRTUAL, url=address)


def _line(given: Mapping[str, str], key: str) -> str | None:
    text = " ".join((given.get(key) or "").split())
    if len(text) > LINE_CHARACTERS:
        raise Invalid(
            "it has {given} characters; {limit} are the limit",
            field=key,
            given=len(text),
            limit=LINE_CHARACTERS,
        )
    return text or None


def _degrees(given: Mapping[str, str], key: str, limit: int) -> float | None:
    text = given.get(key) or ""
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not -limit <= found <= limit:
        raise Invalid("{text!r} is not a number of degrees from -{limit} to {limit}", field=key, text=text, limit=limit)
    return found


def _status(given: Mapping[str, str]) -> str:
    word = (given.get("status") or "scheduled").lower().replace(" ", "-").replace("_", "-")
    if word not in STATUSES:
        raise Invalid("{word!r} is not one of {known}", field="status", word=word, known=", ".join(STATUSES))
    return STATUSES[word]
