"""The shapes of the client API, each declared once: what an app is promised of every entity. Pure.

A shape is written as its members, `name:kind`. A kind is `id` (digits), `text`, `url`, `html`, `moment`, `day`,
`count`, `number`, `flag`, `any`, `map`, one of several words (`public|unlisted`), the name of another shape, or any of
these in brackets for a list; `?` behind it: it may be null; `~` behind the name: it may be left out. More members than
these are no mistake. https://docs.joinmastodon.org/entities/
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_STATUS = """
    id:id uri:text url:url? created_at:moment edited_at:moment? in_reply_to_id:id? in_reply_to_account_id:id?
    sensitive:flag spoiler_text:text visibility:public|unlisted|private|direct language:text? content:html
    replies_count:count reblogs_count:count favourites_count:count quotes_count:count account:Account reblog:Status?
    media_attachments:[MediaAttachment] mentions:[Mention] tags:[HashtagOf] emojis:[Emoji] card:Card? poll:Poll?
    application:any? quote:Quote? quote_approval~:map favourited~:flag reblogged~:flag muted~:flag bookmarked~:flag
    pinned~:flag filtered~:[FilterResult]
"""
_ACCOUNT = """
    id:id username:text acct:text url:url uri:url display_name:text note:html avatar:url avatar_static:url header:url
    header_static:url locked:flag bot:flag group:flag discoverable:flag? created_at:moment followers_count:count
    following_count:count statuses_count:count last_status_at:day? fields:[Field] emojis:[Emoji] roles~:[map]
    noindex~:flag? indexable~:flag hide_collections~:flag?
"""
_FILTER = "id:id title:text context:[text] expires_at:moment? filter_action:text"

MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        "Account": _ACCOUNT,
        "CredentialAccount": f"{_ACCOUNT} source:Source role:map",
        "Source": "privacy:text sensitive:flag language:text? note:text fields:[Field] follow_requests_count:count",
        "Field": "name:text value:html verified_at:moment?",
        "Emoji": "shortcode:text url:url static_url:url visible_in_picker:flag",
        "Status": _STATUS,
        "Deleted": f"{_STATUS} text:text",
        "Scheduled": "id:id scheduled_at:moment params:map media_attachments:[MediaAttachment]",
        "Poll": "id:id expires_at:moment? expired:flag multiple:flag votes_count:count voters_count:count? "
        "options:[Option] emojis:[Emoji] voted:flag own_votes:[count]",
        "Option": "title:text votes_count:count?",
        "MediaAttachment": "id:id type:unknown|image|gifv|video|audio url:url? preview_url:url? remote_url:url? "
        "meta:map? description:text? blurhash:text?",
        "Mention": "id:id username:text acct:text url:url",
        "HashtagOf": "name:text url:url",
        "Tag": "name:text url:url history:[map] following~:flag",
        "Card": "url:url title:text description:text type:link|photo|video|rich author_name:text author_url:text "
        "provider_name:text provider_url:text html:html width:count height:count image:url? "
        "blurhash:text? embed_url:text",
        "Quote": "state:text",
        "Context": "ancestors:[Status] descendants:[Status]",
        "Edit": "content:html spoiler_text:text sensitive:flag created_at:moment account:Account "
        "media_attachments:[MediaAttachment] emojis:[Emoji]",
        "StatusSource": "id:id text:text spoiler_text:text",
        "Relationship": "id:id following:flag showing_reblogs:flag notifying:flag languages:[text]? followed_by:flag "
        "blocking:flag blocked_by:flag muting:flag muting_notifications:flag requested:flag requested_by:flag "
        "domain_blocking:flag endorsed:flag note:text",
        "FamiliarFollowers": "id:id accounts:[Account]",
        "List": "id:id title:text replies_policy:followed|list|none exclusive:flag",
        "Filter": f"{_FILTER} keywords:[FilterKeyword] statuses:[FilterStatus]",
        "FilterKeyword": "id:id keyword:text whole_word:flag",
        "FilterStatus": "id:id status_id:id",
        "FilterResult": "filter:FilterOf keyword_matches:[text]? status_matches:[id]?",
        "FilterOf": _FILTER,
        "FilterV1": "id:id phrase:text context:[text] whole_word:flag expires_at:moment? irreversible:flag",
        "Markers": "home~:Marker notifications~:Marker",
        "Marker": "last_read_id:text version:count updated_at:moment",
        "Notification": "id:id type:text created_at:moment group_key:text account:Account status~:Status",
        "GroupedNotifications": "accounts:[Account] statuses:[Status] notification_groups:[NotificationGroup]",
        "NotificationGroup": "group_key:text notifications_count:count type:text most_recent_notification_id:count "
        "sample_account_ids:[id] page_min_id~:id page_max_id~:id status_id~:id",
        "NotificationPolicy": "summary:map",
        "NotificationRequest": "id:id created_at:moment updated_at:moment notifications_count:text account:Account",
        "Merged": "merged:flag",
        "Count": "count:count",
        "InstanceV1": "uri:text title:text short_description:text description:html email:text version:text urls:map "
        "stats:map thumbnail:url? languages:[text] registrations:flag approval_required:flag invites_enabled:flag "
        "configuration:map contact_account:Account? rules:[Rule]",
        "Instance": "domain:text title:text version:text source_url:url description:html usage:map thumbnail:map "
        "languages:[text] configuration:map registrations:map api_versions:map contact:map rules:[Rule]",
        "Rule": "id:text text:text hint:text",
        "Description": "updated_at:moment content:html",
        "DomainBlock": "domain:text digest:text severity:silence|suspend comment:text?",
        "Week": "week:text statuses:text logins:text registrations:text",
        "Preferences": "posting:default:visibility:text",
        "Search": "accounts:[Account] statuses:[Status] hashtags:[Tag]",
        "Application": "name:text website:url?",
        "CredentialApplication": "id:id name:text website:url? redirect_uri:text client_id:text client_secret:text",
        "Token": "access_token:text token_type:text scope:text created_at:count",
        "UserInfo": "iss:url sub:url",
        "Error": "error:text error_description~:text",
        "Empty": "",
    }
)
_KINDS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "id": {"type": "string", "pattern": "^-?[0-9]+$"},
        "text": {"type": "string"},
        "url": {"type": "string"},
        "html": {"type": "string", "contentMediaType": "text/html"},
        "moment": {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"},
        "day": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "count": {"type": "integer"},
        "number": {"type": "number"},
        "flag": {"type": "boolean"},
        "any": {},
        "map": {"type": "object"},
    }
)


def schemas() -> dict[str, Any]:
    """Every shape as JSON Schema (2020-12), by name."""
    return {name: shape(text) for name, text in MEMBERS.items()}


def shape(text: str) -> dict[str, Any]:
    """One shape as JSON Schema."""
    properties, required = {}, []
    for member in text.split():
        name, _, kind = member.rpartition(":")
        if not name.endswith("~"):
            required.append(name)
        properties[name.removesuffix("~")] = of_kind(kind)
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def of_kind(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind, or of a shape by its name."""
    if kind.endswith("?"):
        return {"anyOf": [of_kind(kind[:-1]), {"type": "null"}]}
    if kind.startswith("["):
        return {"type": "array", "items": of_kind(kind[1:-1])}
    if kind in MEMBERS:
        return {"$ref": f"#/components/schemas/{kind}"}
    if "|" in kind:
        return {"type": "string", "enum": kind.split("|")}
    return dict(_KINDS[kind])
