"""What a member, an effect or a peer can do about following and policies."""

from __future__ import annotations

import json

from federation import origin
from federation.errors import Refused
from node import activities, actors, decisions, happenings, jobs, lost_inboxes
from node.context import Effect, Transaction
from node.decisions import Act, Described, State
from node.errors import Conflict, Missing
from node.happenings import What
from node.jobs import Priority
from node.members.store import Member
from node.peering import admission, blocks, choices, governing, handles, log, rules, standing, store
from node.peering.governing import drop_policy, set_policy, set_switch
from node.peering.log import Deed
from node.peering.rules import Follow
from node.translating import N_

__all__ = ["ACTS", "EFFECTS", "drop_policy", "follow", "set_policy", "set_switch", "unfollow"]


def follow(tx: Transaction, target: str, *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose that the group `actor` follow the known actor `target`; where that stands.

    Raises Conflict, Forbidden, Refused.
    """
    if target == actor:
        raise Conflict("a group does not follow itself")
    row = actors.find(tx, target)
    if row is None:
        raise Missing("{target} is not known", target=target)
    standing.check_sends(tx, host=row.host, actor=target)
    held = store.find(tx, follower=actor, followed=target)
    if held is not None and held.state in (Follow.ACCEPTED.value, Follow.PENDING.value):
        raise Conflict("{value} is followed already ({state})", value=actors.handle_of(row), state=held.state)
    actors.mark_addressed(tx, [target])  # it is known when the group has decided, however long that takes
    return decisions.propose(tx, "follow", _pair(actor, target), actor=actor, member=member, urgent=urgent)


def unfollow(tx: Transaction, target: str, *, actor: str, member: Member, urgent: bool = False) -> State:
    """Propose that the group `actor` no longer follow `target`. Raises Missing, Forbidden."""
    held = store.find(tx, follower=actor, followed=target)
    if held is None or held.state not in (Follow.ACCEPTED.value, Follow.PENDING.value):
        raise Missing("{target} is not followed", target=target)
    return decisions.propose(tx, "unfollow", _pair(actor, target), actor=actor, member=member, urgent=urgent)


def begin_following(tx: Transaction, subject: str) -> None:
    """Effect: send the Follow."""
    actor, target = _read_pair(subject)
    send_follow(tx, actor=actor, target=target)
    number = decisions.result(tx, "follow", subject).number
    log.note(tx, Deed.FOLLOWED, target, group=actor, decision=number)


def send_follow(tx: Transaction, *, actor: str, target: str) -> None:
    """Ask `target` to let the group follow it."""
    activity = activities.make(tx, "Follow", actor=actor, object=target, to=[target])
    activities.send(tx, activity, admission.inboxes(tx, target), priority=Priority.ANSWER)
    store.put(tx, follower=actor, followed=target, activity=activity["id"], state=Follow.PENDING)
    handles.promise_asking(tx, [target])


def end_following(tx: Transaction, subject: str) -> None:
    """Effect: send the Undo of the Follow."""
    actor, target = _read_pair(subject)
    send_unfollow(tx, actor=actor, target=target)
    number = decisions.result(tx, "unfollow", subject).number
    log.note(tx, Deed.UNFOLLOWED, target, group=actor, decision=number)


def send_unfollow(tx: Transaction, *, actor: str, target: str) -> None:
    """Tell `target` that the group no longer follows it, if it did."""
    held = store.find(tx, follower=actor, followed=target)
    if held is None:
        return
    follow = {"id": held.activity, "type": "Follow", "actor": actor, "object": target}
    activity = activities.make(tx, "Undo", actor=actor, object=follow, to=[target])
    activities.send(tx, activity, admission.inboxes(tx, target), priority=Priority.ANSWER)
    store.set_state(tx, follower=actor, followed=target, state=Follow.ENDED)


def be_followed(tx: Transaction, *, follower: str, followed: str, activity: str) -> None:
    """Somebody follows one of our groups: let it in and say so, or let it wait. A repeated Follow is answered again."""
    group = actors.local(tx, followed)
    if activities.was_undone(tx, activity, actor=follower):
        return
    if blocks.find(tx, actor=group.iri, blocked=follower) is not None:
        admission.answer(tx, "Reject", follower=follower, followed=group.iri, activity=activity)
        return
    blocks.lift(tx, actor=follower, blocked=group.iri)  # whoever follows wants to hear
    if (known := actors.find(tx, follower)) is not None:  # she is there, whatever her inbox said in the meantime
        lost_inboxes.found(tx, filter(None, (known.inbox, known.shared_inbox)))
    held = store.find(tx, follower=follower, followed=group.iri)
    pair = {"follower": follower, "followed": group.iri, "activity": activity}
    if held is not None and held.state == Follow.REJECTED.value and held.activity == activity:
        admission.answer(tx, "Reject", **pair)
    elif (held is None or held.state != Follow.ACCEPTED.value) and admission.waits(
        tx, follower=follower, followed=group.iri
    ):
        admission.let_wait(tx, **pair)
    else:
        admission.let_in(tx, **pair)


def be_answered(tx: Transaction, *, by: str, activity: str, state: Follow, words: str = "") -> None:
    """The one we asked to follow has accepted or rejected it, with a reason. Raises Refused if nobody asked."""
    ours = activities.outgoing(tx, activity)
    if ours is None or ours.type != "Follow":
        raise Refused(f"{by} answers a Follow that nobody sent: {activity}")
    origin.check_answer(by, followed=ours.object)
    held = store.find(tx, follower=ours.actor, followed=by)
    if held is not None and held.activity == activity and held.state != Follow.ENDED.value:
        store.set_state(tx, follower=ours.actor, followed=by, state=state)
        answer = admission.ADMITTED if state is Follow.ACCEPTED else admission.DECLINED
        admission.keep_answer(tx, follower=ours.actor, followed=by, answer=answer, reason=words)
        if state is Follow.ACCEPTED:  # the room `backfill` does it: what was said before is a reason to follow
            jobs.promise(tx, jobs.Promise("begin_backfill", {"actor": by}, key=f"begin_backfill {by}"))


def be_unfollowed(tx: Transaction, *, follower: str, activity: str | None, followed: str | None) -> None:
    """A follower takes back its Follow, named by its id or, if no Follow of that id has come, by whom it followed."""
    named = activity is not None and activities.find(tx, activity, actor=follower) is not None
    for row in tx.execute(store.follows.select().where(store.follows.c.follower == follower)):
        if activity == row.activity or (not named and followed == row.followed):
            store.set_state(tx, follower=follower, followed=row.followed, state=Follow.ENDED)
            happenings.note(tx, What.UNFOLLOWED, row.followed, actor=follower)


def be_blocked(tx: Transaction, *, by: str, blocked: str, activity: str) -> None:
    """Somebody wants nothing more of a group of ours: the follows between the two end, and nothing is sent any more.

    Nobody is told: the server of the one who blocks has ended the follows on its side already.
    """
    if activities.was_undone(tx, activity, actor=by):
        return
    group = actors.local(tx, blocked)
    blocks.put(tx, actor=by, blocked=group.iri, activity=activity)
    for follower, followed in ((by, group.iri), (group.iri, by)):
        held = store.find(tx, follower=follower, followed=followed)
        if held is not None and held.state in rules.LIVE:
            store.set_state(tx, follower=follower, followed=followed, state=Follow.ENDED)


def _pair(actor: str, target: str) -> str:
    return json.dumps([actor, target])


def _read_pair(subject: str) -> tuple[str, str]:
    actor, target = json.loads(subject)
    return actor, target


def _describe_follow(tx: Transaction, subject: str) -> Described:
    _, target = _read_pair(subject)
    row = actors.find(tx, target)
    return Described(target if row is None else actors.handle_of(row), address=target)


ACTS: dict[str, Act] = {
    "follow": Act("peer", "follow", N_("follow somebody"), _describe_follow),
    "unfollow": Act("peer", "follow", N_("follow somebody no longer"), _describe_follow),
    "admit_follower": Act("peer", "follow", N_("let somebody follow the group"), admission.described),
    "decline_follower": Act("peer", "follow", N_("let somebody not follow the group"), admission.described),
    "choose_about_peers": Act(
        "peer", "limit_peer", N_("change who may follow the group and who sees its lists"), choices.described
    ),
} | governing.ACTS
EFFECTS: dict[str, Effect] = {
    "follow": begin_following,
    "unfollow": end_following,
    "admit_follower": admission.admitted,
    "decline_follower": admission.declined,
    "choose_about_peers": choices.chosen,
} | governing.EFFECTS
