"""Every address of the desk, and of the doors to it."""

from __future__ import annotations

from aiohttp import web

from node.web import admin


def _doors() -> list[web.RouteDef]:
    return [
        web.get("/login", admin.login_form),
        web.post("/login", admin.login),
        web.get("/login/code", admin.code_form),
        web.post("/login/code", admin.code),
        web.post("/logout", admin.logout),
        web.get("/join", admin.joining.reader_form),
        web.post("/join", admin.joining.become_reader),
        web.get("/join/{secret}", admin.joining.join_form),
        web.post("/join/{secret}", admin.joining.join),
        web.get("/reset/{secret}", admin.joining.reset_form),
        web.post("/reset/{secret}", admin.joining.reset),
    ]


def desk() -> list[web.RouteDef]:
    return [
        *_doors(),
        web.get("/desk", admin.desk),
        web.post("/desk/publish", admin.publish),
        web.post("/desk/call-back", admin.call_back),
        web.get("/desk/drafts", admin.drafts.drafts),
        web.get("/desk/drafts/new", admin.drafting.new),
        web.post("/desk/drafts/new", admin.drafting.begin),
        web.get("/desk/drafts/{number}", admin.drafts.draft),
        web.get("/desk/drafts/{number}/edit", admin.drafting.edit),
        web.post("/desk/drafts/{number}/edit", admin.drafting.save),
        web.get("/desk/drafts/{number}/versions/{version}", admin.drafts.version),
        web.get("/desk/drafts/{number}/difference", admin.drafts.difference),
        web.get("/desk/drafts/{number}/preview", admin.drafts.preview),
        web.post("/desk/drafts/{number}/comment", admin.drafting.comment),
        web.post("/desk/drafts/{number}/take-back", admin.drafting.take_back),
        web.post("/desk/drafts/{number}/leave-out", admin.drafting.leave_out),
        web.post("/desk/drafts/{number}/propose", admin.drafting.propose),
        web.post("/desk/drafts/{number}/call-back", admin.drafting.call_back),
        web.post("/desk/drafts/{number}/drop", admin.drafting.drop),
        web.get("/desk/reports/new", admin.reporting.new),
        web.post("/desk/reports/new", admin.reporting.begin),
        web.get(r"/desk/reports/{number:\d+}", admin.reporting.edit),
        web.post(r"/desk/reports/{number:\d+}", admin.reporting.save),
        web.get("/desk/published/{id}/receipts", admin.receipts.page),
        web.post("/desk/published/{id}/receipts", admin.receipts.retry),
        web.get("/desk/published/{id}/report", admin.reporting.correction),
        web.post("/desk/published/{id}/report", admin.reporting.correct),
        web.get("/desk/positions", admin.positions.positions),
        web.post("/desk/positions/take", admin.positions.take),
        web.post("/desk/positions/revoke", admin.positions.revoke),
        web.post("/desk/positions/admit", admin.positions.admit),
        web.post("/desk/positions/decline", admin.positions.decline),
        web.post("/desk/positions/remove", admin.positions.remove),
        web.get("/desk/appeals", admin.appeals.appeals),
        web.post("/desk/appeals/ask", admin.appeals.ask),
        web.post("/desk/appeals/answer", admin.appeals.answer),
        web.post("/desk/appeals/end", admin.appeals.end),
        web.get("/desk/conditions", admin.conditions.conditions),
        web.post("/desk/conditions", admin.conditions.report),
        web.get("/desk/struggles", admin.struggles.struggles),
        web.post("/desk/struggles/{act:merge|separate|dismiss|undo}", admin.struggles.act),
        web.get("/desk/signatures", admin.signatures.signatures),
        web.post("/desk/signatures", admin.signatures.act),
        web.get("/desk/decisions", admin.decisions.listed),
        web.get("/desk/decisions/{number}", admin.decisions.shown),
        web.post("/desk/decisions/{number}/vote", admin.decisions.vote),
        web.post("/desk/decisions/{number}/confirm", admin.decisions.confirm),
        web.post("/desk/decisions/{number}/withdraw", admin.decisions.withdraw),
        web.get("/desk/rules", admin.rules.listed),
        web.get("/desk/rules/{under}", admin.rules.shown),
        web.post("/desk/rules/{under}", admin.rules.change),
        *_people(),
        *_peers(),
        *_moderation(),
        web.get("/desk/published", admin.published.listed),
        web.get("/desk/published/{id}", admin.published.shown),
        web.post("/desk/published/{id}/{act:correct|withdraw|redact|delete}", admin.published.act),
        web.post("/desk/published/{id}/{act:confirm|let-go|pin|unpin}", admin.published.act),
        web.get("/desk/pass-on", admin.passing.page),
        web.post("/desk/pass-on", admin.passing.look),
        web.post("/desk/pass-on/vote", admin.passing.vote),
        web.post("/desk/pass-on/{act:boost|unboost}", admin.passing.act),
        web.get("/desk/import", admin.importing.page),
        web.post("/desk/import", admin.importing.bring),
        web.get("/desk/import/{id}", admin.importing.trial),
        web.post("/desk/import/{id}", admin.importing.again),
        web.post("/desk/import/{id}/propose", admin.importing.propose),
        web.post("/desk/import/{id}/drop", admin.importing.drop),
        web.get("/desk/profile", admin.profile.page),
        web.post("/desk/profile", admin.profile.change),
        web.get("/desk/figures", admin.figures.figures),
        web.post("/desk/figures", admin.figures.fetch),
        web.get("/desk/corrections", admin.corrections.page),
        web.post("/desk/corrections/{act:answer|close}", admin.corrections.act),
    ]


def _moderation() -> list[web.RouteDef]:
    """Of the desk: complaints, and what others say."""
    return [
        web.get("/desk/moderation", admin.moderation.page),
        web.post("/desk/moderation/{act}", admin.moderation.act),
        web.get("/desk/complaints", admin.complaints.complaints),
        web.post("/desk/complaints/close", admin.complaints.close),
        web.post("/desk/complaints/send", admin.complaints.send),
    ]


def _peers() -> list[web.RouteDef]:
    """Of the desk: whom the group follows, what they are, who asks."""
    return [
        web.get("/desk/peers", admin.peers.page),
        web.get("/desk/policies", admin.policies.page),
        web.get("/desk/policies/lists", admin.policy_lists.page),
        web.post("/desk/policies/lists", admin.policy_lists.act),
        web.post("/desk/policies/lists/{act:subscribe|unsubscribe|except|include|adopt}", admin.policy_lists.subscribe),
        web.get(r"/desk/policies/lists/{form:blocks|allows|plain}", admin.policy_lists.export),
        web.post("/desk/policies/{act:set|drop|switch|redact}", admin.policies.act),
        web.post("/desk/peers", admin.peers.look),
        web.post("/desk/peers/{act:follow|unfollow}", admin.peers.act),
        web.get("/desk/peers/requests", admin.peer_pages.requests),
        web.get("/desk/peers/page", admin.peer_pages.page),
        web.post("/desk/peers/{act:ask|admit|decline|recognise|revoke|choose}", admin.peer_pages.act),
    ]


def _people() -> list[web.RouteDef]:
    """Of the desk: members, oneself, groups, notices."""
    return [
        web.get("/desk/members", admin.members.page),
        web.get("/desk/members/power", admin.members.power),
        web.post("/desk/members/{act}", admin.members.act),
        web.get("/desk/me", admin.me.page),
        web.post("/desk/me/{act}", admin.me.act),
        web.get(r"/desk/me/marks.{form:json|csv}", admin.marks.copy),
        web.get("/desk/groups", admin.groups.page),
        web.post("/desk/groups/{act}", admin.groups.act),
        web.get("/desk/notices", admin.notices.notices),
        web.post("/desk/notices/language", admin.notices.language),
        web.post("/desk/notices/feed", admin.notices.make_feed),
        web.post("/desk/notices/feed/end", admin.notices.end_feed),
        web.post("/desk/notices/email", admin.notices.email),
        web.post("/desk/notices/email/confirm", admin.notices.confirm),
        web.post("/desk/notices/email/forget", admin.notices.forget),
    ]
