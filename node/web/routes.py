"""Every address of the node, in one list."""

from __future__ import annotations

from functools import cache
from typing import Any

from aiohttp import web

from node.web import (
    activitypub,
    api,
    asking,
    collections,
    comparisons,
    complaining,
    corrections,
    deciding,
    desk_routes,
    draft_api,
    feeds,
    figures,
    inboxes,
    media,
    merge_api,
    moderation_api,
    nodeinfo,
    oembed,
    openapi,
    pages,
    peer_api,
    policy_api,
    policy_list_api,
    positions,
    proposing_api,
    readers,
    receipt_api,
    recognitions,
    refusals,
    report_api,
    search_api,
    sitemap,
    speaking,
    suggestions,
    synchronisation,
    wellknown,
    wellness,
)
from node.web.mastodon import cors, pace, streaming
from node.web.mastodon import routes as mastodon
from node.web.negotiation import both
from node.web.pages import rendering, vocabulary_pages


def middlewares() -> list[Any]:
    """What every request passes through."""
    return [cors.preflight, speaking.speaking, refusals.refusals, readers.readers, asking.authorised]


def add(app: web.Application) -> None:
    """Enter every address into the application."""
    app.on_response_prepare.append(refusals.without_server_name)
    app.on_response_prepare.append(cors.allow)
    app[nodeinfo.FIGURES] = nodeinfo.Figures()
    app[comparisons.COMPARISONS] = comparisons.Comparisons()
    app.on_shutdown.append(comparisons.stop)
    app[pace.PACE] = pace.Pace()
    app.on_startup.append(streaming.start)
    app.on_shutdown.append(streaming.stop)
    app[synchronisation.OFFERS] = synchronisation.Offers()
    for resource in _resources():
        app.router.register_resource(resource)


@cache
def _resources() -> tuple[web.AbstractResource, ...]:
    """Every address with its handlers, compiled once in a process, which may serve many nodes."""
    router = web.UrlDispatcher()
    router.add_routes([*_discovery(), *_feeds(), *_federation(), *_pages(), *_programs(), *desk_routes.desk()])
    router.add_routes(mastodon.definitions())
    return tuple(router.resources())


def prepare() -> None:
    """Read from the disk what answering needs; called once, outside the loop."""
    rendering.prepare()
    vocabulary_pages.examples()


def _discovery() -> list[web.RouteDef]:
    return [
        web.get("/.well-known/webfinger", wellknown.webfinger),
        web.get("/.well-known/host-meta", wellknown.host_meta),
        web.get("/.well-known/host-meta.json", wellknown.host_meta_json),
        web.get("/.well-known/nodeinfo", nodeinfo.index),
        web.get(r"/nodeinfo/{version:2\.[01]}", nodeinfo.nodeinfo),
        web.get("/.well-known/security.txt", wellknown.security_txt),
        web.get("/robots.txt", sitemap.robots),
        web.get("/sitemap.xml", sitemap.index),
        web.get("/sitemaps/{part}.xml", sitemap.part),
        web.get("/healthz", wellness.healthz),
    ]


def _feeds() -> list[web.RouteDef]:
    """Before the pages, whose names would take the ending for their own."""
    return [
        web.get(r"/groups/{handle}.{form:atom|json}", feeds.group),
        web.get(r"/wire.{form:atom|json}", feeds.wire),
        web.get("/wire.ics", feeds.calendar_of_wire),
        web.get("/figures.json", figures.as_json),
        web.get("/figures.csv", figures.as_csv),
        web.get("/figures/inputs.json", figures.inputs),
        web.get(r"/deadlines/{secret}.{form:atom|ics}", feeds.deadlines),
        web.get(r"/tags/{tag}.{form:atom|json}", feeds.tag),
    ]


def _federation() -> list[web.RouteDef]:
    return [
        web.get("/actor", activitypub.instance),
        web.post("/actor/inbox", inboxes.inbox),
        web.get("/actor/outbox", collections.instance_collection),
        web.post("/inbox", inboxes.inbox),
        web.get("/groups/{handle}", both(activitypub.group, pages.group)),
        web.post("/groups/{handle}/inbox", inboxes.inbox),
        web.get("/groups/{handle}/outbox", collections.outbox),
        web.get("/groups/{handle}/followers", collections.followers),
        web.get("/groups/{handle}/followers_synchronization", synchronisation.followers_synchronization),
        web.get("/groups/{handle}/following", collections.following),
        web.get("/groups/{handle}/featured", collections.featured),
        web.get("/groups/{handle}/recognitions", recognitions.of_group),
        web.get("/recognitions/{id}", recognitions.one),
        web.get("/activities/{id}", activitypub.activity),
        web.get("/media/{name}", media.picture),
        web.get("/media/remote/{name}", media.remote_picture),
        *_objects(),
    ]


def _objects() -> list[web.RouteDef]:
    return [
        web.get("/statements/{id}", both(activitypub.held_object, pages.statement)),
        web.get("/reports/{id}", both(activitypub.held_object, pages.report)),
        web.get("/positions/{id}", both(activitypub.held_object, pages.position)),
        web.get("/appeals/{id}", both(activitypub.held_object, pages.statement)),
        web.get("/answers/{id}", both(activitypub.held_object, pages.statement)),
        web.get("/conditions/{id}", both(activitypub.held_object, pages.statement)),
        *(
            web.get(f"/{kind}/{{id}}/{name}", handler)
            for kind in ("statements", "reports", "positions", "appeals", "answers", "conditions")
            for name, handler in (
                ("replies", collections.replies),
                ("context", collections.context),
                ("likes", collections.reactions),
                ("shares", collections.reactions),
            )
        ),
        web.get("/statements/{id}/quotes/{number}", activitypub.stamp),
        web.get("/reports/{id}/quotes/{number}", activitypub.stamp),
        web.get("/positions/{id}/quotes/{number}", activitypub.stamp),
        web.get("/appeals/{id}/quotes/{number}", activitypub.stamp),
        web.get("/answers/{id}/quotes/{number}", activitypub.stamp),
        web.get("/conditions/{id}/quotes/{number}", activitypub.stamp),
        web.get("/signatures/{id}", activitypub.signature),
        web.get("/statements/{id}/versions/{number}", pages.version),
        web.get("/reports/{id}/versions/{number}", pages.version),
        web.get("/positions/{id}/versions/{number}", pages.version),
        web.get("/merges/{id}", both(activitypub.held_object, pages.merge)),
        web.get("/appeals/{id}/versions/{number}", pages.version),
        web.get("/answers/{id}/versions/{number}", pages.version),
        web.get("/conditions/{id}/versions/{number}", pages.version),
        web.get("/struggles/{id}", both(collections.struggle, pages.struggle)),
        web.get("/imports/{id}", both(collections.import_collection, pages.import_collection)),
    ]


def _pages() -> list[web.RouteDef]:
    return [
        web.get("/", pages.front),
        web.get("/wire", pages.wire),
        web.get("/search", pages.search),
        web.get("/corrections/ask", corrections.form),
        web.post("/corrections/ask", corrections.ask),
        web.get("/complain", complaining.form),
        web.post("/complain", complaining.tell),
        web.get("/complain/seen", complaining.find),
        web.get(r"/complain/{number:\d+}/{word}", complaining.seen),
        web.post(r"/complain/{number:\d+}/{word}", complaining.object_to),
        web.get("/groups/{handle}/peers", pages.peers),
        web.get("/groups/{handle}/lists/{form:blocks|allows}.csv", policy_list_api.published),
        web.get("/appeals", pages.appeals),
        web.get("/conditions", pages.conditions),
        web.get("/conditions.json", pages.conditions_pages.as_json),
        web.get("/conditions.csv", pages.conditions_pages.as_csv),
        web.get("/heard/struggle", pages.heard_struggle),
        web.get("/heard/{id}", pages.heard),
        web.get("/figures", pages.figures),
        web.get("/figures.svg", pages.chart),
        web.get("/figures/compare", pages.compare),
        web.get("/countries/{code}", pages.country),
        web.get("/sectors/{letter}", pages.sector),
        web.get("/families/{key}", pages.family),
        web.get("/tags/{tag}", pages.tag),
        web.get("/about", pages.about),
        web.get("/ns", both(wellknown.vocabulary, pages.vocabulary)),
        web.get("/ns/codes", both(wellknown.code_lists, pages.code_lists)),
        web.get("/ns/{name}", both(wellknown.schema, pages.described_type, also=wellknown.JSON_SCHEMA)),
        web.get("/assets/{name}", pages.asset),
    ]


def _programs() -> list[web.RouteDef]:
    return [
        web.get("/api/positions", positions.listed),
        web.post("/api/positions", positions.take),
        web.post("/api/positions/{act:revoke|admit|decline|remove}", positions.decide),
        web.get("/api/oembed", oembed.oembed),
        web.get("/api/suggest/{what}", suggestions.suggest),
        web.get("/api/me", api.me),
        web.get("/api/search", search_api.found),
        web.post("/api/statements", api.publish),
        web.get(report_api.PATH, report_api.listed),
        web.post(report_api.PATH, report_api.publish),
        web.post("/api/reports/{act:correct|develop|withdraw|dispute}", proposing_api.revise),
        web.get("/api/corrections", proposing_api.held),
        web.post("/api/corrections/{act:confirm|drop}", proposing_api.settle),
        web.post("/api/appeals", proposing_api.appeal),
        web.post("/api/appeals/answer", proposing_api.answer_appeal),
        web.post("/api/appeals/end", proposing_api.end_appeal),
        web.post("/api/conditions", proposing_api.conditions),
        web.get("/api/moderation", moderation_api.shown),
        web.get("/api/moderation/held", moderation_api.held),
        web.post("/api/moderation/{act}", moderation_api.act),
        web.get("/api/complaints", moderation_api.complaints),
        web.post("/api/complaints/close", moderation_api.close_complaint),
        web.get("/api/peers", peer_api.listed),
        web.get("/api/receipts", receipt_api.shown),
        web.post("/api/receipts/retry", receipt_api.retry),
        web.get("/api/policies", policy_api.listed),
        web.get("/api/policies/log", policy_api.done),
        web.get("/api/policies/list", policy_list_api.export),
        web.post("/api/policies/list/{act:preview|apply}", policy_list_api.act),
        web.get("/api/policies/subscriptions", policy_list_api.subscriptions),
        web.post(
            "/api/policies/subscriptions/{act:subscribe|unsubscribe|except|include|adopt}", policy_list_api.subscribe
        ),
        web.post("/api/policies/{act:preview|set|drop|switch|redact}", policy_api.act),
        web.get("/api/peers/one", peer_api.shown),
        web.post("/api/peers/look", peer_api.look),
        web.post("/api/peers/{act:ask|admit|decline|recognise|revoke|choose}", peer_api.act),
        web.post("/api/complaints/send", moderation_api.send_complaint),
        web.get("/api/merges", merge_api.listed),
        web.get("/api/merges/likely", merge_api.likely),
        web.post("/api/merges", merge_api.merge),
        web.post("/api/merges/withdraw", merge_api.withdraw),
        web.post("/api/merges/{act:dismiss|undo}", merge_api.dismiss),
        web.get(openapi.PATH, openapi.document),
        web.get("/api/drafts", draft_api.listed),
        web.post("/api/drafts", draft_api.begin),
        web.get("/api/drafts/{number}", draft_api.shown),
        web.put("/api/drafts/{number}", draft_api.save),
        web.delete("/api/drafts/{number}", draft_api.drop),
        web.get("/api/drafts/{number}/versions/{version}", draft_api.version),
        web.post("/api/drafts/{number}/versions/{version}/leave-out", draft_api.leave_out),
        web.get("/api/drafts/{number}/difference", draft_api.difference),
        web.get("/api/drafts/{number}/previews", draft_api.previews),
        web.post("/api/drafts/{number}/comments", draft_api.comment),
        web.delete("/api/drafts/{number}/comments/{comment}", draft_api.take_back_comment),
        web.post("/api/drafts/{number}/propose", draft_api.propose),
        web.post("/api/drafts/{number}/call-back", draft_api.call_back),
        web.get("/api/decisions", deciding.listed),
        web.get(r"/api/decisions/{number:\d+}", deciding.shown),
        web.post(r"/api/decisions/{number:\d+}/ballot", deciding.vote),
        web.get(r"/api/decisions/{number:\d+}/count", deciding.count),
        web.post(r"/api/decisions/{number:\d+}/confirm", deciding.confirm),
        web.post(r"/api/decisions/{number:\d+}/withdraw", deciding.withdraw),
        web.get("/api/rules", deciding.rules),
        web.post("/api/rules", deciding.change_rule),
    ]
