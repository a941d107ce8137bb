// What a test can have an actor do, each as an application of Fedify would do it: the object is made of Fedify's own
// classes, and Fedify signs it (linked-data signature, eddsa-jcs-2022 proof, HTTP signature) and delivers it.

import { Temporal } from "@js-temporal/polyfill";
import { signRequest } from "@fedify/fedify";
import {
  Accept, Announce, Create, Delete, Follow, Hashtag, InteractionPolicy, InteractionRule, LanguageString, Like, Note,
  PUBLIC_COLLECTION, QuoteAuthorization, QuoteRequest, Reject, Tombstone, Undo, Update, isActor,
} from "@fedify/vocab";
import { described, person } from "./federation.mjs";

export const acts = {
  actor, lookup, walk, follow, undo, note, update, remove, like, announce, askToQuote, answerQuote, rename, leave, raw,
};

/** A new actor at this origin, who accepts followers or rejects them. */
function actor({ ctx, state }, { name, accepts = true }) {
  state.actors.set(name, { accepts, shown: name, followers: new Map(), left: false });
  return { id: ctx.getActorUri(name).href, handle: `@${name}@${ctx.host}`, inbox: ctx.getInboxUri(name).href };
}

/** What Fedify finds at a handle or an address, asking with the signature of `as` if there is one. */
async function lookup({ ctx }, { text, as }) {
  const documentLoader = as === undefined ? ctx.documentLoader : await ctx.getDocumentLoader({ identifier: as });
  const found = await ctx.lookupObject(text, { documentLoader });
  if (found === null) return null;
  if (!isActor(found)) return described(found, ctx);
  const [keys, methods] = [[], []];
  for await (const key of found.getPublicKeys(ctx)) keys.push(key);
  for await (const method of found.getAssertionMethods(ctx)) methods.push(method);
  return {
    ...(await described(found, ctx)),
    preferredUsername: found.preferredUsername?.toString(),
    inbox: found.inboxId?.href,
    sharedInbox: found.endpoints?.sharedInbox?.href,
    outbox: found.outboxId?.href,
    followers: found.followersId?.href,
    publicKeys: keys.map((key) => ({
      id: key.id.href, owner: key.ownerId.href, algorithm: key.publicKey.algorithm.name,
    })),
    assertionMethods: methods.map((key) => ({
      id: key.id.href, controller: key.controllerId.href, algorithm: key.publicKey.algorithm.name,
    })),
  };
}

/** The ids of all that Fedify finds in a collection, page after page. */
async function walk({ ctx }, { text }) {
  const found = [];
  for await (const item of ctx.traverseCollection(await ctx.lookupObject(text))) found.push(item.id.href);
  return found;
}

async function follow(peer, { name, to }) {
  return await send(peer, name, to, kept(peer, Follow, { actor: peer.ctx.getActorUri(name), object: new URL(to) }));
}

/** Take back an earlier activity of this actor. */
async function undo(peer, { name, to, activity }) {
  return await send(peer, name, to, passing(peer, Undo, name, { object: peer.state.objects.get(activity) }));
}

/** Say something, perhaps in answer to something or quoting it, with a hashtag and in a language. */
async function note(
  peer, { name, to, content, language, replyTo, quote, quotable, tag, audience = PUBLIC_COLLECTION.href },
) {
  const { ctx } = peer;
  const said = kept(peer, Note, {
    attribution: ctx.getActorUri(name),
    contents: language === undefined ? [content] : [content, new LanguageString(content, language)],
    published: Temporal.Now.instant(),
    to: new URL(audience),
    cc: ctx.getFollowersUri(name),
    ...(replyTo === undefined ? {} : { replyTarget: new URL(replyTo) }),
    ...(quote === undefined ? {} : { quote: new URL(quote), quoteUrl: new URL(quote) }),
    ...(quotable ? { interactionPolicy: new InteractionPolicy({
      canQuote: new InteractionRule({ automaticApproval: PUBLIC_COLLECTION }),
    }) } : {}),
    tags: tag === undefined ? [] : [new Hashtag({ name: `#${tag}`, href: new URL(`/tags/${tag}`, ctx.origin) })],
  });
  const create = kept(peer, Create, {
    actor: ctx.getActorUri(name), object: said, to: new URL(audience), cc: ctx.getFollowersUri(name),
    published: said.published,
  });
  return { ...(await send(peer, name, to, create)), note: said.id.href };
}

async function update(peer, { name, to, note, content }) {
  const changed = peer.state.objects.get(note).clone({ content, updated: Temporal.Now.instant() });
  peer.state.objects.set(note, changed);
  return await send(peer, name, to, passing(peer, Update, name, {
    object: changed, to: PUBLIC_COLLECTION, published: Temporal.Now.instant(),
  }));
}

async function remove(peer, { name, to, note }) {
  peer.state.objects.delete(note);
  return await send(peer, name, to, passing(peer, Delete, name, {
    object: new Tombstone({ id: new URL(note) }), to: PUBLIC_COLLECTION,
  }));
}

async function like(peer, { name, to, object }) {
  return await send(peer, name, to, kept(peer, Like, { actor: peer.ctx.getActorUri(name), object: new URL(object) }));
}

async function announce(peer, { name, to, object }) {
  return await send(peer, name, to, kept(peer, Announce, {
    actor: peer.ctx.getActorUri(name), object: new URL(object), published: Temporal.Now.instant(),
    to: PUBLIC_COLLECTION, cc: peer.ctx.getFollowersUri(name),
  }));
}

/** Ask for leave to quote something in a note of one's own. */
async function askToQuote(peer, { name, to, object, note }) {
  return await send(peer, name, to, kept(peer, QuoteRequest, {
    actor: peer.ctx.getActorUri(name), object: new URL(object), instrument: peer.state.objects.get(note),
    to: new URL(to),
  }));
}

/** Answer somebody who asks to quote a note: with a stamp, or not at all. */
async function answerQuote(peer, { name, to, request, note, quoting, allow }) {
  const self = peer.ctx.getActorUri(name);
  if (!allow) return await send(peer, name, to, passing(peer, Reject, name, { object: new URL(request) }));
  const stamp = kept(peer, QuoteAuthorization, {
    attribution: self, interactingObject: new URL(quoting), interactionTarget: new URL(note),
  });
  const sent = await send(peer, name, to, passing(peer, Accept, name, {
    object: new URL(request), result: stamp.id,
  }));
  return { ...sent, stamp: stamp.id.href };
}

/** Call oneself otherwise, and say so. */
async function rename(peer, { name, to, shown }) {
  peer.state.actors.get(name).shown = shown;
  const self = await person(peer.ctx, peer.state, name);
  return await send(peer, name, to, passing(peer, Update, name, { object: self, to: PUBLIC_COLLECTION }));
}

/** Leave: the actor deletes itself, and its page answers 410 afterwards. */
async function leave(peer, { name, to }) {
  const self = peer.ctx.getActorUri(name);
  const sent = await send(peer, name, to, passing(peer, Delete, name, { object: self, to: PUBLIC_COLLECTION }));
  peer.state.actors.get(name).left = true;
  return sent;
}

/** Deliver exactly this document in a request that is well signed by `name`: the status. */
async function raw({ ctx, firstKnock: spec }, { name, inbox, document }) {
  const [rsa] = await ctx.getActorKeyPairs(name);
  const request = new Request(inbox, {
    method: "POST", headers: { "Content-Type": "application/activity+json" }, body: JSON.stringify(document),
  });
  const response = await fetch(await signRequest(request, rsa.privateKey, rsa.keyId, { spec }));
  return { status: response.status };
}

/** A new object with an address that answers. */
function kept({ ctx, state }, type, values) {
  const made = new type({ id: ctx.getObjectUri(type, { id: crypto.randomUUID() }), ...values });
  state.objects.set(made.id.href, made);
  return made;
}

/** A new activity that is only sent. */
function passing({ ctx }, type, name, values) {
  const self = ctx.getActorUri(name);
  return new type({ id: new URL(`#acts/${crypto.randomUUID()}`, self), actor: self, ...values });
}

/** Bring an activity to the actor at `to`, or else to the followers' shared inboxes. */
async function send({ ctx, state }, name, to, activity) {
  const recipients = to === undefined ? [...state.actors.get(name).followers.values()] : [await ctx.lookupObject(to)];
  await ctx.sendActivity({ identifier: name }, recipients, activity, { preferSharedInbox: to === undefined });
  return { id: activity.id.href };
}
