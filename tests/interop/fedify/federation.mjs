// A federation as Fedify's manual says to build one: actors with keys, objects with addresses, listeners for what
// comes. It does nothing by itself except to answer a Follow; everything else a test asks for (acts.mjs).

import { Temporal } from "@js-temporal/polyfill";
import { createFederation, generateCryptoKeyPair, MemoryKvStore } from "@fedify/fedify";
import {
  Accept, Activity, Announce, Create, Endpoints, Follow, LanguageString, Like, Note, Object as AnyObject, Person,
  QuoteAuthorization, QuoteRequest, Reject, Tombstone, Undo, getTypeId,
} from "@fedify/vocab";

// Making keys is slow (Fedify's RSA keys have 4,096 bits); all actors share one pair of each kind.
const KEYS = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];

/** A Fedify server at one origin, that knocks first in the way named by `firstKnock`. */
export function federate(firstKnock) {
  const state = { actors: new Map(), objects: new Map(), understood: new Map() };
  const federation = createFederation({ kv: new MemoryKvStore(), allowPrivateAddress: true, firstKnock });
  federation
    .setActorDispatcher("/users/{identifier}", (ctx, name) => person(ctx, state, name))
    .setKeyPairsDispatcher((_ctx, name) => (state.actors.has(name) ? KEYS : []));
  federation.setFollowersDispatcher("/users/{identifier}/followers", (_ctx, name) => ({
    items: [...(state.actors.get(name)?.followers.values() ?? [])],
  }));
  serveObjects(federation, state);
  federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
    software: { name: "fedify-peer", version: "2.3.6" },
    protocols: ["activitypub"],
    usage: { users: { total: state.actors.size }, localPosts: state.objects.size, localComments: 0 },
  }));
  listen(federation, state);
  return { federation, state };
}

// Fedify takes no embedded object of another origin at its word and fetches it by its id: what others embed of ours
// (a Follow in an Accept) must have an address that answers.
function serveObjects(federation, state) {
  for (const type of [Note, Create, Follow, Like, Announce, QuoteRequest, QuoteAuthorization]) {
    federation.setObjectDispatcher(type, `/${type.name.toLowerCase()}s/{id}`, (ctx, values) => {
      const held = state.objects.get(ctx.getObjectUri(type, values).href);
      return held instanceof type ? held : null;
    });
  }
}

/** The document of an actor, or the tombstone of one who has left. */
export async function person(ctx, state, name) {
  const actor = state.actors.get(name);
  if (actor === undefined) return null;
  if (actor.left) return new Tombstone({ id: ctx.getActorUri(name), deleted: Temporal.Now.instant() });
  const keys = await ctx.getActorKeyPairs(name);
  return new Person({
    id: ctx.getActorUri(name),
    preferredUsername: name,
    name: actor.shown,
    inbox: ctx.getInboxUri(name),
    endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
    followers: ctx.getFollowersUri(name),
    publicKey: keys[0].cryptographicKey,
    assertionMethods: keys.map((pair) => pair.multikey),
  });
}

function listen(federation, state) {
  federation
    .setInboxListeners("/users/{identifier}/inbox", "/inbox")
    .setSharedKeyDispatcher((_ctx) => {
      const [name] = state.actors.keys();
      return name === undefined ? null : { identifier: name };
    })
    .on(Follow, async (ctx, follow) => {
      const asked = ctx.parseUri(follow.objectId);
      if (asked?.type !== "actor" || !state.actors.has(asked.identifier)) return;
      const follower = await follow.getActor(ctx);
      const actor = state.actors.get(asked.identifier);
      await note(ctx, state, follow);
      if (actor.accepts) actor.followers.set(follower.id.href, follower);
      const Answer = actor.accepts ? Accept : Reject;
      await ctx.sendActivity({ identifier: asked.identifier }, follower, new Answer({
        id: new URL(`#answers/${crypto.randomUUID()}`, ctx.getActorUri(asked.identifier)),
        actor: ctx.getActorUri(asked.identifier),
        object: follow,
      }));
    })
    .on(Undo, async (ctx, undo) => {
      await note(ctx, state, undo);
      const undone = await undo.getObject(ctx);
      if (!(undone instanceof Follow)) return;
      const asked = ctx.parseUri(undone.objectId);
      if (asked?.type === "actor") state.actors.get(asked.identifier)?.followers.delete(undo.actorId.href);
    })
    .on(Activity, (ctx, activity) => note(ctx, state, activity));
}

/** Keep what Fedify has understood of an activity that it let in. */
async function note(ctx, state, activity) {
  const object = await activity.getObject(ctx);
  state.understood.set(activity.id.href, {
    type: shortType(activity),
    actor: activity.actorId?.href,
    objectId: activity.objectId?.href,
    targetId: activity.targetId?.href,
    instrumentId: activity.instrumentId?.href,
    resultId: activity.resultId?.href,
    object: object === null ? null : await described(object, ctx),
  });
}

/** What Fedify reads in an object: its own words for it, not ours. */
export async function described(object, ctx) {
  if (!(object instanceof AnyObject)) return { type: shortType(object) };
  const tags = await gathered(object.getTags(ctx));
  return {
    type: shortType(object),
    id: object.id?.href,
    author: object.attributionId?.href,
    actor: object.actorId?.href,
    content: object.content?.toString(),
    contents: languages(object.contents),
    name: object.name?.toString(),
    names: languages(object.names),
    summary: object.summary?.toString(),
    replyTarget: object.replyTargetId?.href,
    published: object.published?.toString(),
    updated: object.updated?.toString(),
    deleted: object.deleted?.toString(),
    quote: object.quoteId?.href,
    quoteUrl: object.quoteUrl?.href,
    stamp: object.quoteAuthorizationId?.href,
    starts: object.startTime?.toString(),
    ends: object.endTime?.toString(),
    places: (await gathered(object.getLocations(ctx))).map((place) => place.name?.toString() ?? null),
    to: object.toIds.map((iri) => iri.href),
    cc: object.ccIds.map((iri) => iri.href),
    tags: tags.map((tag) => ({ type: shortType(tag), name: tag.name?.toString(), href: tag.href?.href })),
    canQuote: object.interactionPolicy?.canQuote?.automaticApprovals?.map((iri) => iri.href),
  };
}

function languages(texts) {
  const named = texts.filter((text) => text instanceof LanguageString);
  return named.map((text) => [text.locale.toString(), text.toString()]);
}

function shortType(object) {
  return getTypeId(object).href.replace(/^.*[#/]/, "");
}

async function gathered(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}
