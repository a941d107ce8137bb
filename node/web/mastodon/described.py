"""The description of the client API for programs: OpenAPI 3.1, made from the list of routes and the shapes of entities.

What an address takes and answers stands in the two tables here; one that stands in none is described all the same, by
its scopes and as answering with JSON. Whatever goes wrong is an Error, with a status of 400 to 499.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from node import VERSION
from node.apps import rules
from node.web.mastodon.door import Route
from node.web.mastodon.entities import shapes

PATH = "/api/openapi-apps.json"
NO_JSON = (PATH, "/api/v1/streaming", "/oauth/authorize", "/media/", "/health")
"""Pages, pictures, streams, and a word that says that all is well."""

_PAGE = "max_id since_id min_id limit"
_V1, _V2 = "/api/v1", "/api/v2"
_ACCOUNT, _TEXT, _NOTES = f"{_V1}/accounts", f"{_V1}/statuses", f"{_V1}/notifications"
_RELATION = ("follow", "unfollow", "remove_from_followers", "mute", "unmute", "block", "unblock", "note")
_ACT = ("favourite", "unfavourite", "bookmark", "unbookmark", "mute", "unmute", "reblog", "unreblog", "pin", "unpin")

ANSWERS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("POST", f"{_V1}/apps"): "CredentialApplication",
        ("GET", f"{_V1}/apps/verify_credentials"): "Application",
        ("POST", "/oauth/token"): "Token",
        ("POST", "/oauth/revoke"): "Empty",
        ("GET", "/oauth/userinfo"): "UserInfo",
        ("POST", "/oauth/userinfo"): "UserInfo",
        ("GET", "/.well-known/oauth-authorization-server"): "map",
        ("POST", _ACCOUNT): "Token",
        ("GET", _ACCOUNT): "[Account]",
        ("GET", f"{_ACCOUNT}/verify_credentials"): "CredentialAccount",
        ("PATCH", f"{_ACCOUNT}/update_credentials"): "CredentialAccount",
        ("DELETE", f"{_V1}/profile/{{which}}"): "CredentialAccount",
        ("GET", f"{_ACCOUNT}/search"): "[Account]",
        ("GET", f"{_ACCOUNT}/lookup"): "Account",
        ("GET", f"{_ACCOUNT}/relationships"): "[Relationship]",
        ("GET", f"{_ACCOUNT}/familiar_followers"): "[FamiliarFollowers]",
        ("GET", f"{_ACCOUNT}/{{id}}"): "Account",
        ("GET", f"{_ACCOUNT}/{{id}}/statuses"): "[Status]",
        ("GET", f"{_ACCOUNT}/{{id}}/followers"): "[Account]",
        ("GET", f"{_ACCOUNT}/{{id}}/following"): "[Account]",
        ("GET", f"{_ACCOUNT}/{{id}}/featured_tags"): "[any]",
        ("GET", f"{_ACCOUNT}/{{id}}/lists"): "[List]",
        **{("POST", f"{_ACCOUNT}/{{id}}/{act}"): "Relationship" for act in _RELATION},
        ("GET", _TEXT): "[Status]",
        ("GET", f"{_TEXT}/{{id}}"): "Status",
        ("PUT", f"{_TEXT}/{{id}}"): "Status",
        ("DELETE", f"{_TEXT}/{{id}}"): "Deleted",
        ("POST", _TEXT): "Status",
        ("GET", f"{_TEXT}/{{id}}/context"): "Context",
        ("GET", f"{_TEXT}/{{id}}/history"): "[Edit]",
        ("GET", f"{_TEXT}/{{id}}/source"): "StatusSource",
        ("GET", f"{_TEXT}/{{id}}/reblogged_by"): "[Account]",
        ("GET", f"{_TEXT}/{{id}}/favourited_by"): "[Account]",
        ("GET", f"{_TEXT}/{{id}}/quotes"): "[Status]",
        ("GET", f"{_TEXT}/{{id}}/card"): "any",
        **{("POST", f"{_TEXT}/{{id}}/{act}"): "Status" for act in _ACT},
        ("GET", f"{_V1}/polls/{{id}}"): "Poll",
        ("POST", f"{_V1}/polls/{{id}}/votes"): "Poll",
        **{
            ("GET", f"{_V1}/{one}"): "[Status]"
            for one in ("favourites", "bookmarks", "timelines/home", "timelines/public", "timelines/tag/{hashtag}",
                        "timelines/link", "timelines/list/{id}")
        },
        ("GET", f"{_V2}/search"): "Search",
        ("GET", f"{_V1}/scheduled_statuses"): "[Scheduled]",
        ("GET", f"{_V1}/scheduled_statuses/{{id}}"): "Scheduled",
        ("PUT", f"{_V1}/scheduled_statuses/{{id}}"): "Scheduled",
        ("DELETE", f"{_V1}/scheduled_statuses/{{id}}"): "Empty",
        ("POST", f"{_V1}/media"): "MediaAttachment",
        ("POST", f"{_V2}/media"): "MediaAttachment",
        ("GET", f"{_V1}/media/{{id}}"): "MediaAttachment",
        ("PUT", f"{_V1}/media/{{id}}"): "MediaAttachment",
        ("DELETE", f"{_V1}/media/{{id}}"): "Empty",
        ("GET", _NOTES): "[Notification]",
        ("GET", f"{_NOTES}/{{id}}"): "Notification",
        ("GET", f"{_NOTES}/unread_count"): "Count",
        ("GET", f"{_V2}/notifications/unread_count"): "Count",
        **{("POST", f"{_NOTES}/{one}"): "Empty" for one in ("clear", "dismiss", "{id}/dismiss")},
        ("GET", f"{_NOTES}/requests"): "[NotificationRequest]",
        ("GET", f"{_NOTES}/requests/merged"): "Merged",
        ("GET", f"{_NOTES}/requests/{{id}}"): "NotificationRequest",
        **{
            ("POST", f"{_NOTES}/requests/{one}"): "Empty"
            for one in ("accept", "dismiss", "{id}/accept", "{id}/dismiss")
        },
        ("GET", f"{_V2}/notifications"): "GroupedNotifications",
        ("GET", f"{_V2}/notifications/{{key}}"): "GroupedNotifications",
        ("GET", f"{_V2}/notifications/{{key}}/accounts"): "[Account]",
        ("POST", f"{_V2}/notifications/{{key}}/dismiss"): "Empty",
        **{(method, f"{one}/notifications/policy"): "NotificationPolicy"
           for method in ("GET", "PATCH") for one in (_V1, _V2)},
        ("PUT", f"{_NOTES}/policy"): "NotificationPolicy",
        **{("GET", f"{_V1}/{one}"): "[Account]" for one in ("mutes", "blocks", "follow_requests", "endorsements")},
        ("GET", f"{_V1}/domain_blocks"): "[text]",
        ("POST", f"{_V1}/domain_blocks"): "Empty",
        ("DELETE", f"{_V1}/domain_blocks"): "Empty",
        ("GET", f"{_V1}/followed_tags"): "[Tag]",
        ("GET", f"{_V1}/tags/{{name}}"): "Tag",
        ("POST", f"{_V1}/tags/{{name}}/follow"): "Tag",
        ("POST", f"{_V1}/tags/{{name}}/unfollow"): "Tag",
        ("GET", f"{_V1}/lists"): "[List]",
        ("POST", f"{_V1}/lists"): "List",
        ("GET", f"{_V1}/lists/{{id}}"): "List",
        ("PUT", f"{_V1}/lists/{{id}}"): "List",
        ("DELETE", f"{_V1}/lists/{{id}}"): "Empty",
        ("GET", f"{_V1}/lists/{{id}}/accounts"): "[Account]",
        ("POST", f"{_V1}/lists/{{id}}/accounts"): "Empty",
        ("DELETE", f"{_V1}/lists/{{id}}/accounts"): "Empty",
        ("GET", f"{_V2}/filters"): "[Filter]",
        ("POST", f"{_V2}/filters"): "Filter",
        **{(method, f"{_V2}/filters/{{id}}"): "Filter" for method in ("GET", "PUT")},
        **{("DELETE", f"{_V2}/filters/{one}"): "Empty" for one in ("{id}", "keywords/{id}", "statuses/{id}")},
        ("GET", f"{_V2}/filters/{{id}}/keywords"): "[FilterKeyword]",
        ("POST", f"{_V2}/filters/{{id}}/keywords"): "FilterKeyword",
        **{(method, f"{_V2}/filters/keywords/{{id}}"): "FilterKeyword" for method in ("GET", "PUT")},
        ("GET", f"{_V2}/filters/{{id}}/statuses"): "[FilterStatus]",
        ("POST", f"{_V2}/filters/{{id}}/statuses"): "FilterStatus",
        ("GET", f"{_V2}/filters/statuses/{{id}}"): "FilterStatus",
        ("GET", f"{_V1}/filters"): "[FilterV1]",
        ("POST", f"{_V1}/filters"): "FilterV1",
        **{(method, f"{_V1}/filters/{{id}}"): "FilterV1" for method in ("GET", "PUT")},
        ("DELETE", f"{_V1}/filters/{{id}}"): "Empty",
        ("GET", f"{_V1}/markers"): "Markers",
        ("POST", f"{_V1}/markers"): "Markers",
        ("GET", f"{_V1}/conversations"): "[any]",
        ("GET", f"{_V1}/instance"): "InstanceV1",
        ("GET", f"{_V2}/instance"): "Instance",
        ("GET", f"{_V1}/instance/rules"): "[Rule]",
        ("GET", f"{_V1}/instance/peers"): "[text]",
        ("GET", f"{_V1}/instance/domain_blocks"): "[DomainBlock]",
        ("GET", f"{_V1}/instance/activity"): "[Week]",
        ("GET", f"{_V1}/instance/extended_description"): "Description",
        ("GET", f"{_V1}/instance/privacy_policy"): "Description",
        ("GET", f"{_V1}/instance/translation_languages"): "map",
        ("GET", f"{_V1}/preferences"): "Preferences",
        **{("GET", f"{_V1}/{one}"): "[any]" for one in ("custom_emojis", "directory", "trends", "trends/{what}",
                                                        "announcements", "suggestions", "featured_tags",
                                                        "featured_tags/suggestions")},
        ("GET", f"{_V2}/suggestions"): "[any]",
    }
)  # fmt: skip
"""What an address answers with, by method and path: a kind of `entities.shapes`."""

_FILTERS = "title context filter_action expires_in keywords_attributes phrase irreversible whole_word"
_TIMELINE = f"{_PAGE} local remote only_media"
TAKES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("POST", f"{_V1}/apps"): "client_name redirect_uris scopes website",
        ("POST", "/oauth/token"): "grant_type code client_id client_secret redirect_uri scope code_verifier",
        ("POST", "/oauth/revoke"): "client_id client_secret token",
        ("POST", _ACCOUNT): "username password email agreement locale reason",
        ("GET", _ACCOUNT): "id[]",
        ("PATCH", f"{_ACCOUNT}/update_credentials"): "display_name note discoverable indexable",
        ("GET", f"{_ACCOUNT}/search"): "q limit offset resolve following",
        ("GET", f"{_ACCOUNT}/lookup"): "acct",
        ("GET", f"{_ACCOUNT}/relationships"): "id[]",
        ("GET", f"{_ACCOUNT}/familiar_followers"): "id[]",
        ("GET", f"{_ACCOUNT}/{{id}}/statuses"): f"{_PAGE} pinned only_media exclude_replies exclude_reblogs tagged",
        ("GET", f"{_ACCOUNT}/{{id}}/followers"): _PAGE,
        ("GET", f"{_ACCOUNT}/{{id}}/following"): _PAGE,
        ("POST", f"{_ACCOUNT}/{{id}}/follow"): "reblogs notify languages",
        ("POST", f"{_ACCOUNT}/{{id}}/mute"): "notifications duration",
        ("POST", f"{_ACCOUNT}/{{id}}/note"): "comment",
        ("GET", _TEXT): "id[]",
        ("POST", _TEXT): "status in_reply_to_id media_ids sensitive spoiler_text visibility language scheduled_at",
        ("PUT", f"{_TEXT}/{{id}}"): "status spoiler_text sensitive language media_ids",
        ("POST", f"{_V1}/polls/{{id}}/votes"): "choices",
        ("GET", f"{_V1}/favourites"): _PAGE,
        ("GET", f"{_V1}/bookmarks"): _PAGE,
        ("GET", f"{_V1}/mutes"): _PAGE,
        ("GET", f"{_V1}/blocks"): _PAGE,
        ("GET", f"{_V1}/domain_blocks"): _PAGE,
        ("POST", f"{_V1}/domain_blocks"): "domain",
        ("DELETE", f"{_V1}/domain_blocks"): "domain",
        ("GET", f"{_V1}/timelines/home"): _PAGE,
        ("GET", f"{_V1}/timelines/public"): _TIMELINE,
        ("GET", f"{_V1}/timelines/tag/{{hashtag}}"): f"{_TIMELINE} any[] all[] none[]",
        ("GET", f"{_V1}/timelines/list/{{id}}"): _PAGE,
        ("GET", f"{_V2}/search"): "q type limit offset following account_id",
        ("GET", f"{_V1}/scheduled_statuses"): _PAGE,
        ("PUT", f"{_V1}/scheduled_statuses/{{id}}"): "scheduled_at",
        ("PUT", f"{_V1}/media/{{id}}"): "description focus",
        ("GET", _NOTES): f"{_PAGE} types[] exclude_types[] account_id",
        ("GET", f"{_V2}/notifications"): f"{_PAGE} types[] exclude_types[] account_id grouped_types[]",
        ("POST", f"{_NOTES}/dismiss"): "id",
        ("GET", f"{_NOTES}/requests"): _PAGE,
        ("POST", f"{_V1}/lists"): "title replies_policy exclusive",
        ("PUT", f"{_V1}/lists/{{id}}"): "title replies_policy exclusive",
        **{(method, f"{_V1}/lists/{{id}}/accounts"): "account_ids" for method in ("POST", "DELETE")},
        ("GET", f"{_V1}/lists/{{id}}/accounts"): _PAGE,
        ("POST", f"{_V2}/filters"): _FILTERS,
        ("PUT", f"{_V2}/filters/{{id}}"): _FILTERS,
        ("POST", f"{_V1}/filters"): _FILTERS,
        ("PUT", f"{_V1}/filters/{{id}}"): _FILTERS,
        ("POST", f"{_V2}/filters/{{id}}/keywords"): "keyword whole_word",
        ("PUT", f"{_V2}/filters/keywords/{{id}}"): "keyword whole_word",
        ("POST", f"{_V2}/filters/{{id}}/statuses"): "status_id",
        ("GET", f"{_V1}/followed_tags"): _PAGE,
        ("GET", f"{_V1}/markers"): "timeline[]",
    }
)
"""What an address takes, by method and path: in the query where it is read, else in the body."""

_IDS = ("max_id", "since_id", "min_id", "account_id", "in_reply_to_id", "status_id", "id")
_FLAGS = ("local", "remote", "only_media", "pinned", "exclude_replies", "exclude_reblogs", "resolve", "following",
          "sensitive", "reblogs", "notify", "notifications", "exclusive", "whole_word", "irreversible", "agreement",
          "discoverable", "indexable")  # fmt: skip
_COUNTS = ("limit", "offset", "duration", "expires_in")
_SEVERAL = ("media_ids", "choices", "account_ids", "context", "languages")
_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "visibility": ("public", "unlisted", "private", "direct"),
        "replies_policy": ("followed", "list", "none"),
        "filter_action": ("warn", "hide", "blur"),
        "type": ("accounts", "statuses", "hashtags"),
        "grant_type": ("authorization_code", "client_credentials", "refresh_token"),
    }
)


def describe(routes: Iterable[Route], origin: str) -> dict[str, Any]:
    """The OpenAPI document of the client API of a node at `origin`, made from the list of its routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = re.sub(r"\{(\w+):[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", r"{\1}", route.path)
        if not path.startswith(NO_JSON):
            paths.setdefault(path, {})[route.method.lower()] = _operation(route, path)
    scopes = {name: rules.MEANINGS[name] for name in rules.SCOPES if name in rules.MEANINGS}
    flow = {"authorizationUrl": f"{origin}/oauth/authorize", "tokenUrl": f"{origin}/oauth/token", "scopes": scopes}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Commonwire: the Mastodon client API", "version": VERSION},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "schemas": shapes.schemas(),
            "securitySchemes": {"app": {"type": "oauth2", "flows": {"authorizationCode": flow}}},
            "responses": {"wrong": _answer("What is wrong, in words.", "Error")},
        },
    }


def _operation(route: Route, path: str) -> dict[str, Any]:
    said = " ".join((route.handler.__doc__ or "").split())
    names = TAKES.get((route.method, path), "").split()
    found: dict[str, Any] = {
        "operationId": re.sub(r"[^a-z0-9]+", "_", f"{route.method.lower()}{path}").strip("_"),
        "summary": said.partition(". ")[0],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": _in_path(name, route.path)}
            for name in re.findall(r"{(\w+)}", path)
        ],
        "responses": {
            "200": _answer("Done.", ANSWERS.get((route.method, path), "any")),
            "4XX": {"$ref": "#/components/responses/wrong"},
        },
    }
    if route.method == "GET":
        found["parameters"] += [{"name": name, "in": "query", "schema": _schema(name)} for name in names]
    elif names:
        body = {"schema": {"type": "object", "properties": {name: _schema(name) for name in names}}}
        found["requestBody"] = {"content": {"application/json": body, "application/x-www-form-urlencoded": body}}
    if route.scopes or not route.open:
        # Any one of the scopes is enough: each stands for itself. Where a door is open to all, none is asked.
        doors: list[dict[str, list[str]]] = [{"app": [one]} for one in route.scopes] or [{"app": []}]
        found["security"] = [*doors, {}] if route.open else doors
    return found


def _answer(said: str, kind: str) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": shapes.of_kind(kind)}}}


def _in_path(name: str, pattern: str) -> dict[str, Any]:
    if words := re.search(rf"{{{name}:([a-z_|]+)}}", pattern):
        return {"type": "string", "enum": words[1].split("|")}
    return shapes.of_kind("id") if name == "id" else {"type": "string", "minLength": 1}


def _schema(name: str) -> dict[str, Any]:
    if name.endswith("[]") or name in _SEVERAL:
        return {"type": "array", "items": {"type": "string"}, "maxItems": 40}
    if name == "keywords_attributes":
        return {"type": "array", "items": {"type": "object"}, "maxItems": 10}
    if name in _IDS:
        return shapes.of_kind("id")
    if name in _FLAGS:
        return {"type": "boolean"}
    if name in _COUNTS:
        return {"type": "integer"}
    return {"type": "string", "enum": list(_WORDS[name])} if name in _WORDS else {"type": "string"}
