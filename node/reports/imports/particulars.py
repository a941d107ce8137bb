"""What a row can say beside who, what, where, when and how many: how it stands, how it ended, whose word it is.

Cells of several parts hold each in its own way: a response is `state: arrests`, what is withheld `place: safety`, a
claim `Northern Tramways: has called the police [alleged by drivers]`, an occupation `8331 Bus and tram drivers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from node.reports.imports import cells
from schemas import classifications, codes
from schemas.struggle_report import Claim, Occupation, Response, Withheld

if TYPE_CHECKING:
    from node.reports.imports.drafts import Given

_CLAIM = re.compile(r"(?P<about>[^:]+):\s*(?P<text>.*?)\s*\[(?P<basis>[^\[\]]*)\]\Z", re.DOTALL)
_ALLEGED = re.compile(r"alleged by\s+(?P<who>.+)\Z", re.IGNORECASE)
_OCCUPATION = re.compile(r"(?P<code>\d{1,4})\b\s*(?P<label>.*)\Z", re.DOTALL)


def particulars(given: Given) -> dict[str, Any]:
    """The fields of a `Draft` that are codes, words or pairs of them and say nothing of each other."""
    return {
        "status": given.read("status", _code(codes.STATUSES)),
        "outcome": given.read("outcome", _code(codes.OUTCOMES)),
        "began_precision": given.read("began_precision", _code(codes.DATE_PRECISIONS)),
        "ended_precision": given.read("ended_precision", _code(codes.DATE_PRECISIONS)),
        "responses": tuple(given.several("responses", response)),
        "claims": tuple(given.several("claims", claim)),
        "occupations": tuple(given.several("occupations", occupation)),
        "confidence": given.read("confidence", _code(codes.CONFIDENCES)),
        "withheld": tuple(given.several("withheld", withheld)),
        "alleged_by": given.read("alleged_by", cells.text),
        "report_status": given.read("report_status", _code(codes.REPORT_STATUSES)),
        "report_status_reason": given.read("report_status_reason", cells.text),
        "disputes": tuple(given.several("disputes", cells.address)),
    }


def response(cell: str) -> Response:
    """“state: arrests”."""
    by, kind = _pair(cell, "state: arrests")
    return Response(by=cells.code(by, codes.RESPONDERS), kind=cells.code(kind, codes.RESPONSES))


def withheld(cell: str) -> Withheld:
    """“place: safety”."""
    part, reason = _pair(cell, "place: safety")
    return Withheld(part=cells.code(part, codes.WITHHELD_PARTS), reason=cells.code(reason, codes.WITHHOLDING_REASONS))


def claim(cell: str) -> Claim:
    """“Northern Tramways: has called the police [own-witness]”, or “[alleged by drivers]”."""
    found = _CLAIM.match(cell)
    if found is None:
        raise cells.Unreadable("Write whom it is about, a colon, what is said, and whose word it is in brackets")
    about, text = cells.text(found["about"]), cells.text(found["text"])
    if not text:
        raise cells.Unreadable("There is nothing said before the brackets")
    alleged = _ALLEGED.match(found["basis"].strip())
    if alleged is not None:
        return Claim(text=text, about=about, basis="alleged", alleged_by=cells.text(alleged["who"]))
    basis = cells.code(found["basis"].strip(), codes.BASES)
    if basis == "alleged":
        raise cells.Unreadable("Say who alleges it: [alleged by drivers]")
    return Claim(text=text, about=about, basis=basis)


def occupation(cell: str) -> Occupation:
    """“8331”, or “8331 Bus and tram drivers”."""
    found = _OCCUPATION.match(cell)
    if found is None:
        raise cells.Unreadable("It is not a code of ISCO-08: write one to four digits, then words if you like")
    if not classifications.exists("isco08", found["code"]):
        coarser = classifications.longest("isco08", found["code"])
        hint = f"{coarser} is one, as far as it goes" if coarser else "write one to four digits, then words if you like"
        raise cells.Unreadable(f"There is no {found['code']} in ISCO-08: {hint}")
    return Occupation(code=found["code"], label=cells.text(found["label"]) or None)


def _pair(cell: str, example: str) -> tuple[str, str]:
    first, colon, second = cell.partition(":")
    if not colon:
        raise cells.Unreadable(f"Write both with a colon between them: {example}")
    return first.strip(), second.strip()


def _code(known: Mapping[str, str]) -> Callable[[str], str]:
    return lambda cell: cells.code(cell, known)
