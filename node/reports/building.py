"""From a draft of a report to its value on the wire and its rows: pure but for the moment and the ids it is given."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from node.reports.imports import Draft
from node.statements.markup import escape
from node.statements.store import Shown
from schemas import codes
from schemas.attached import Tag
from schemas.struggle_report import StruggleReport

HASHTAGS = {
    "strike": "strike", "partial-strike": "strike", "wildcat-strike": "strike", "lockout": "lockout",
    "rent-strike": "rentstrike", "boycott": "boycott", "occupation": "occupation", "hunger-strike": "hungerstrike",
    "feminist-strike": "feministstrike", "school-strike": "schoolstrike", "land-defence": "landdefence",
    "eviction-resistance": "evictions",
}  # fmt: skip


BLANKED = "[…]"
PARTICULARS = (
    "began_precision", "ended_precision", "status", "outcome", "responses", "claims", "occupations", "confidence",
    "withheld", "alleged_by", "report_status", "report_status_reason", "disputes",
)  # fmt: skip
"""What a draft and its report call by the same name, beside what `value` spells out."""


def hashtags(draft: Draft) -> tuple[str, ...]:
    """The hashtags under which people elsewhere find a report."""
    return tuple(dict.fromkeys(filter(None, ["strugglereport", HASHTAGS.get(draft.action_kind), draft.field])))


def value(
    draft: Draft,
    *,
    iri: str,
    struggle: str,
    group: str,
    language: str,
    content: str,
    tag_address: str,
    opening: str = "",
    **more: Any,
) -> StruggleReport:
    """The report as it is sent; `content` is its clean HTML without the title, `opening` what stands above that."""
    titled = f"{opening}<p><strong>{escape(draft.title)}</strong></p>\n{content}"
    return StruggleReport(
        id=iri,
        attributed_to=group,
        content=titled,
        content_map={language: titled},
        tags=tuple(
            Tag(type="Hashtag", name=f"#{tag}", href=tag_address + quote(tag.casefold())) for tag in hashtags(draft)
        ),
        struggle=struggle,
        action_kind=draft.action_kind,
        field=draft.field,
        who=draft.who,
        started_by=draft.started_by,
        addressees=draft.addressees,
        organisations=draft.organisations,
        location=draft.location,
        began=draft.began,
        ended=draft.ended,
        as_of=draft.as_of,
        measures=draft.measures,
        demands=draft.demands,
        sector=draft.sector,
        sources=draft.sources,
        basis=draft.basis,
        **{name: getattr(draft, name) for name in PARTICULARS},
        **more,
    )


def content(draft: Draft, *, tag_address: str) -> str:
    """An imported report as HTML that everybody can read: its sentences, its sources, its hashtags."""
    parts = [f"<p>{escape(paragraph)}</p>" for paragraph in draft.summary.split("\n\n") if paragraph.strip()]
    for source in draft.sources:
        name = escape(source.name or source.url or "")
        parts.append(
            f'<p>Source: <a href="{escape(source.url)}">{name}</a></p>' if source.url else f"<p>Source: {name}</p>"
        )
    links = (
        f'<a href="{tag_address}{quote(tag.casefold())}" class="mention hashtag">#{tag}</a>' for tag in hashtags(draft)
    )
    return "\n".join([*parts, f"<p>{' '.join(links)}</p>"])


def shown(draft: Draft, *, iri: str, html: str, language: str) -> Shown:
    """The report's statement as this node's pages show it."""
    return Shown(iri=iri, html=html, title=draft.title, language=language, url=iri, hashtags=hashtags(draft))


def meaning(kind: str) -> str:
    """An action kind in words, its code where it is not one of ours."""
    return codes.ACTION_KINDS.get(kind, kind)
