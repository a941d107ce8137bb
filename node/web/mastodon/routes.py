"""Every address of the client API, in one list, with what it takes. Pages for people are in `PAGES`."""

from __future__ import annotations

from aiohttp import web

from node.context import NODE
from node.web.mastodon import (
    about,
    accounts,
    authorizing,
    complaining,
    described,
    door,
    drawn,
    grouped_notifications,
    instance,
    media,
    notification_policies,
    notifications,
    oauth,
    passing_on,
    posting,
    profiles,
    pushing,
    quoting,
    searching,
    signing_up,
    statuses,
    timelines,
    voting,
)
from node.web.mastodon.answers import answer
from node.web.mastodon.door import Route, for_apps, needs, open_to_all
from node.web.mastodon.entities import pictures
from node.web.mastodon.own_routes import OWN
from node.web.mastodon.streaming import event_streams, sockets

MASTODON: tuple[Route, ...] = (
    # ---- OAuth
    open_to_all("POST", "/api/v1/apps", oauth.register),
    for_apps("GET", "/api/v1/apps/verify_credentials", oauth.verify_app),
    needs("GET", "/oauth/userinfo", oauth.userinfo, "profile", "read:accounts"),
    needs("POST", "/oauth/userinfo", oauth.userinfo, "profile", "read:accounts"),
    # ---- what is a viewer's own
    *OWN,
    # ---- accounts
    for_apps("POST", "/api/v1/accounts", signing_up.sign_up, "write:accounts"),
    needs("GET", "/api/v1/accounts/verify_credentials", accounts.verify_credentials, "profile", "read:accounts"),
    needs("PATCH", "/api/v1/accounts/update_credentials", accounts.update_credentials, "write:accounts"),
    needs("DELETE", "/api/v1/profile/{which:avatar|header}", accounts.drop_picture, "write:accounts"),
    needs("GET", "/api/v1/accounts/search", profiles.searched, "read:accounts"),
    open_to_all("GET", "/api/v1/accounts/lookup", profiles.looked_up, "read:accounts"),
    open_to_all("GET", "/api/v1/accounts", profiles.several, "read:accounts"),
    open_to_all("GET", "/api/v1/accounts/{id}", profiles.shown, "read:accounts"),
    open_to_all("GET", "/api/v1/accounts/{id}/statuses", profiles.said, "read:statuses"),
    open_to_all("GET", "/api/v1/accounts/{id}/followers", profiles.followers, "read:accounts"),
    open_to_all("GET", "/api/v1/accounts/{id}/following", profiles.following, "read:accounts"),
    open_to_all("GET", "/api/v1/accounts/{id}/featured_tags", profiles.nothing_featured, "read:accounts"),
    open_to_all("GET", "/api/v1/accounts/{id}/endorsements", profiles.nothing_featured, "read:accounts"),
    # ---- texts
    open_to_all("GET", "/api/v1/statuses", statuses.several, "read:statuses"),
    open_to_all("GET", "/api/v1/statuses/{id}", statuses.shown, "read:statuses"),
    open_to_all("GET", "/api/v1/statuses/{id}/context", statuses.around, "read:statuses"),
    open_to_all("GET", "/api/v1/statuses/{id}/history", statuses.history, "read:statuses"),
    open_to_all("GET", "/api/v1/statuses/{id}/reblogged_by", statuses.boosted_by, "read:accounts"),
    open_to_all("GET", "/api/v1/statuses/{id}/favourited_by", statuses.liked_by, "read:accounts"),
    open_to_all("GET", "/api/v1/statuses/{id}/quotes", quoting.quoted_by, "read:statuses"),
    open_to_all("GET", "/api/v1/statuses/{id}/card", statuses.card, "read:statuses"),
    needs("GET", "/api/v1/statuses/{id}/source", statuses.source, "read:statuses"),
    open_to_all("GET", "/api/v1/polls/{id}", voting.poll, "read:statuses"),
    # ---- time lines and search
    needs("GET", "/api/v1/timelines/home", timelines.home, "read:statuses"),
    open_to_all("GET", "/api/v1/timelines/public", timelines.public, "read:statuses"),
    open_to_all("GET", "/api/v1/timelines/tag/{hashtag}", timelines.tag, "read:statuses"),
    open_to_all("GET", "/api/v1/timelines/link", timelines.link, "read:statuses"),
    needs("GET", "/api/v1/timelines/list/{id}", timelines.of_list, "read:lists"),
    open_to_all("GET", "/api/v2/search", searching.searched, "read:search"),
    # ---- speaking as the group
    needs("POST", "/api/v1/statuses", posting.post, "write:statuses"),
    needs("PUT", "/api/v1/statuses/{id}", posting.edit, "write:statuses"),
    needs("DELETE", "/api/v1/statuses/{id}", posting.delete, "write:statuses"),
    needs("PUT", "/api/v1/statuses/{id}/interaction_policy", quoting.change_policy, "write:statuses"),
    needs("POST", "/api/v1/statuses/{id}/quotes/{quoting}/revoke", quoting.revoke, "write:statuses"),
    needs("POST", "/api/v1/statuses/{id}/reblog", passing_on.boost, "write:statuses"),
    needs("POST", "/api/v1/statuses/{id}/unreblog", passing_on.unboost, "write:statuses"),
    needs("POST", "/api/v1/statuses/{id}/pin", passing_on.pin, "write:accounts"),
    needs("POST", "/api/v1/statuses/{id}/unpin", passing_on.unpin, "write:accounts"),
    needs("POST", "/api/v1/polls/{id}/votes", voting.vote, "write:statuses"),
    needs("GET", "/api/v1/scheduled_statuses", posting.scheduled, "read:statuses"),
    needs("GET", "/api/v1/scheduled_statuses/{id}", posting.one_scheduled, "read:statuses"),
    needs("PUT", "/api/v1/scheduled_statuses/{id}", posting.one_scheduled, "write:statuses"),
    needs("DELETE", "/api/v1/scheduled_statuses/{id}", posting.one_scheduled, "write:statuses"),
    needs("POST", "/api/v1/media", media.upload, "write:media"),
    needs("POST", "/api/v2/media", media.upload, "write:media"),
    needs("GET", "/api/v1/media/{id}", media.shown, "write:media"),
    needs("PUT", "/api/v1/media/{id}", media.describe, "write:media"),
    needs("DELETE", "/api/v1/media/{id}", media.forget, "write:media"),
    # ---- notifications
    needs("GET", "/api/v1/notifications", notifications.index, "read:notifications"),
    needs("GET", "/api/v1/notifications/unread_count", notifications.unread_count, "read:notifications"),
    needs("POST", "/api/v1/notifications/clear", notifications.clear, "write:notifications"),
    needs("POST", "/api/v1/notifications/dismiss", notifications.dismiss, "write:notifications"),
    needs("GET", "/api/v1/notifications/policy", notification_policies.policy, "read:notifications"),
    needs("PUT", "/api/v1/notifications/policy", notification_policies.change, "write:notifications"),
    needs("PATCH", "/api/v1/notifications/policy", notification_policies.change, "write:notifications"),
    needs("GET", "/api/v1/notifications/requests", notification_policies.requests, "read:notifications"),
    needs("GET", "/api/v1/notifications/requests/merged", notification_policies.merged, "read:notifications"),
    needs("POST", "/api/v1/notifications/requests/accept", notification_policies.accept, "write:notifications"),
    needs("POST", "/api/v1/notifications/requests/dismiss", notification_policies.dismiss, "write:notifications"),
    needs("GET", "/api/v1/notifications/requests/{id}", notification_policies.one_request, "read:notifications"),
    needs("POST", "/api/v1/notifications/requests/{id}/accept", notification_policies.accept, "write:notifications"),
    needs("POST", "/api/v1/notifications/requests/{id}/dismiss", notification_policies.dismiss, "write:notifications"),
    needs("GET", "/api/v1/notifications/{id}", notifications.one, "read:notifications"),
    needs("POST", "/api/v1/notifications/{id}/dismiss", notifications.dismiss, "write:notifications"),
    needs("GET", "/api/v2/notifications", grouped_notifications.index, "read:notifications"),
    needs("GET", "/api/v2/notifications/unread_count", grouped_notifications.unread_count, "read:notifications"),
    needs("GET", "/api/v2/notifications/policy", notification_policies.policy, "read:notifications"),
    needs("PATCH", "/api/v2/notifications/policy", notification_policies.change, "write:notifications"),
    needs("GET", "/api/v2/notifications/{key}", grouped_notifications.one, "read:notifications"),
    needs("GET", "/api/v2/notifications/{key}/accounts", grouped_notifications.accounts, "read:notifications"),
    needs("POST", "/api/v2/notifications/{key}/dismiss", grouped_notifications.dismiss, "write:notifications"),
    # ---- devices that are told
    needs("GET", "/api/v1/push/subscription", pushing.shown, "push"),
    needs("POST", "/api/v1/push/subscription", pushing.subscribe, "push"),
    needs("PUT", "/api/v1/push/subscription", pushing.change, "push"),
    needs("DELETE", "/api/v1/push/subscription", pushing.unsubscribe, "push"),
    # ---- complaints
    needs("POST", "/api/v1/reports", complaining.report, "write:reports"),
    # ---- streams
    needs(
        "GET",
        "/api/v1/streaming/{stream:user(?:/notification)?|direct|list|hashtag(?:/local)?|public(?:/.+)?}",
        event_streams.events,
        "read:statuses",
        "read:notifications",
        "read:lists",
    ),
    # ---- what the node is, and what it has not
    open_to_all("GET", "/api/v1/instance", instance.v1),
    open_to_all("GET", "/api/v2/instance", instance.v2),
    open_to_all("GET", "/api/v1/instance/rules", about.rules),
    open_to_all("GET", "/api/v1/instance/peers", about.peers),
    open_to_all("GET", "/api/v1/instance/domain_blocks", about.domain_blocks),
    open_to_all("GET", "/api/v1/instance/activity", about.activity),
    open_to_all("GET", "/api/v1/instance/extended_description", about.extended_description),
    open_to_all("GET", "/api/v1/instance/privacy_policy", about.privacy_policy),
    open_to_all("GET", "/api/v1/instance/translation_languages", about.no_translations),
    open_to_all("GET", "/api/v1/streaming/health", instance.healthy),
    open_to_all("GET", "/api/v1/custom_emojis", instance.nothing),
    open_to_all("GET", "/api/v1/directory", instance.nothing),
    open_to_all("GET", "/api/v1/trends", instance.nothing),
    open_to_all("GET", "/api/v1/trends/{what:tags|statuses|links}", instance.nothing),
    needs("GET", "/api/v1/preferences", instance.preferences, "read:accounts"),
    needs("GET", "/api/v1/announcements", instance.nothing, "read"),
    needs("GET", "/api/v1/suggestions", instance.nothing, "read"),
    needs("GET", "/api/v2/suggestions", instance.nothing, "read"),
    needs("GET", "/api/v1/endorsements", instance.nothing, "read:accounts"),
)


async def description(request: web.Request) -> web.Response:
    """The description of the API of apps: OpenAPI 3.1."""
    made = described.describe((*MASTODON, *WITHOUT_A_TOKEN), request.app[NODE].config.origin)
    return answer(request, made, public=True)


WITHOUT_A_TOKEN: tuple[Route, ...] = (
    Route("POST", "/oauth/token", oauth.token, (), open=True),
    Route("POST", "/oauth/revoke", oauth.revoke, (), open=True),
    Route("GET", "/.well-known/oauth-authorization-server", oauth.metadata, (), open=True),
    Route("GET", "/api/v1/streaming", sockets.socket, (), open=True),
    Route("GET", pictures.PORTRAIT, drawn.portrait, (), open=True),
    Route("GET", pictures.HEADER, drawn.header, (), open=True),
    Route("GET", described.PATH, description, (), open=True),
    Route("GET", "/health", instance.healthy, (), open=True),
    Route("GET", authorizing.PATH, authorizing.form, (), open=True),
    Route("POST", authorizing.PATH, authorizing.decide, (), open=True),
)
"""Where a header of authorization is an app's own, or nobody looks at one."""

ALSO_WITH_A_SLASH = frozenset(
    {
        *("/api/v1/streaming", "/api/v1/instance", "/api/v2/instance", "/api/v1/reports", "/api/v1/conversations"),
        authorizing.PATH,
    }
)
"""Asked for like this by Mastodon.py and toot."""


def definitions() -> list[web.RouteDef]:
    """The routes for the application."""
    found = [_defined(one, door.guarded(one)) for one in MASTODON]
    found += [_defined(one, one.handler) for one in WITHOUT_A_TOKEN]
    slashed = [one for one in found if one.path in ALSO_WITH_A_SLASH]
    return [*found, *(web.RouteDef(one.method, f"{one.path}/", one.handler, one.kwargs) for one in slashed)]


def _defined(route: Route, handler: door.Handler) -> web.RouteDef:
    if route.method == "GET":
        return web.get(route.path, handler)
    return web.route(route.method, route.path, handler)
