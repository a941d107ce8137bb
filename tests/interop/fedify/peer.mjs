// A peer for the tests: four Fedify servers over plain HTTP on loopback, and a door through which a test has them act
// and asks what they received. Writes one line of JSON with its addresses, and ends when its standard input does.

import { createServer } from "node:http";
import { once } from "node:events";
import {
  detachSignature, hasProofLike, hasSignatureLike, verifyJsonLd, verifyObject, verifyRequestDetailed,
} from "@fedify/fedify";
import { Activity, Object as AnyObject } from "@fedify/vocab";
import { acts } from "./acts.mjs";
import { described, federate } from "./federation.mjs";

const RFC9421 = "rfc9421";
const CAVAGE = "draft-cavage-http-signatures-12";

const dial = globalThis.fetch;
const knocks = []; // every POST that left this process, and how it was answered

// Nothing leaves this machine: a test in which somebody has to fetch a context from the web has failed. WebFinger is
// asked over https alone, for which nobody has a certificate here.
globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.hostname !== "127.0.0.1") throw new TypeError(`${url} is not on this machine`);
  if (url.protocol === "https:" && url.pathname === "/.well-known/webfinger") {
    url.protocol = "http:";
    return await dial(url, init);
  }
  const knock = { url: url.href, scheme: input instanceof Request ? schemeOf(input) : null };
  const response = await dial(input, init);
  if (input instanceof Request && input.method === "POST") knocks.push({ ...knock, status: response.status });
  return response;
};

function schemeOf(request) {
  return request.headers.has("Signature-Input") ? RFC9421 : request.headers.has("Signature") ? CAVAGE : null;
}

/** Serve a Fedify federation; every delivery is checked by Fedify's own functions, one by one, and written down. */
async function servePeer(firstKnock, { demands } = {}) {
  const peer = { ...federate(firstKnock), firstKnock, received: [] };
  peer.server = await serve(async (request) => {
    if (request.method !== "POST") return await peer.federation.fetch(request, { contextData: undefined });
    const entry = await inspected(peer, request.clone());
    peer.received.push(entry);
    if (demands !== undefined && entry.scheme !== demands) return refuse(entry, demands);
    const response = await peer.federation.fetch(request, { contextData: undefined });
    entry.status = response.status;
    entry.understood = peer.state.understood.get(entry.document.id) ?? null;
    return response;
  });
  return peer;
}

function refuse(entry, demands) {
  entry.status = 401;
  if (demands === CAVAGE) return new Response("sign it the older way", { status: 401 });
  const wanted = 'sig1=("@method" "@target-uri" "@authority" "content-digest");created;keyid';
  return new Response("sign it the other way", { status: 401, headers: { "Accept-Signature": wanted } });
}

/** What a delivery is worth, signature by signature: true, false, or null where there is none. */
async function inspected({ federation }, request) {
  const ctx = federation.createContext(request, undefined);
  const options = { contextLoader: ctx.contextLoader, documentLoader: ctx.documentLoader };
  const document = await request.clone().json();
  const http = await verifyRequestDetailed(request, options);
  const embedded = typeof document.object === "object" ? document.object : {};
  return {
    path: new URL(request.url).pathname,
    document,
    scheme: schemeOf(request),
    http: http.verified,
    keyId: http.key?.id.href,
    linkedData: hasSignatureLike(document) ? await verifyJsonLd(document, options) : null,
    proof: await proven(Activity, document, options),
    objectProof: await proven(AnyObject, embedded, options),
    status: null,
    understood: null,
  };
}

/** Whether every proof of a document holds and its author is among those who made them; null without a proof. */
async function proven(type, document, options) {
  if (!hasProofLike(document)) return null;
  return (await verifyObject(type, detachSignature(document), options)) !== null;
}

/** Answer a test: `{"peer": 0, "do": "follow", ...}`. */
async function obey(peers, request) {
  const { peer: number, do: what, ...fields } = await request.json();
  const peer = peers[number];
  const ctx = peer.federation.createContext(new URL(peer.server.origin), undefined);
  if (what === "received") return peer.received;
  if (what === "check") return await checked(ctx, fields.document);
  if (what === "knocks") return knocks.filter((knock) => knock.url === fields.url);
  return await acts[what]({ ctx, ...peer }, fields);
}

/** What Fedify says of a document that was not delivered to it. */
async function checked(ctx, document) {
  const options = { contextLoader: ctx.contextLoader, documentLoader: ctx.documentLoader };
  return {
    proof: await proven(document.actor === undefined ? AnyObject : Activity, document, options),
    understood: await described(await AnyObject.fromJsonLd(document, options), options),
  };
}

/** Serve `answer` on a free port of loopback. */
async function serve(answer) {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const response = await answer(asRequest(incoming, server.origin, Buffer.concat(await Array.fromAsync(incoming))));
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    } catch (error) {
      console.error(error);
      outgoing.writeHead(500, { "Content-Type": "text/plain" });
      outgoing.end(String(error?.stack ?? error));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.origin = `http://127.0.0.1:${server.address().port}`;
  return server;
}

function asRequest(incoming, origin, body) {
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at], incoming.rawHeaders[at + 1]);
  }
  return new Request(origin + incoming.url, {
    method: incoming.method, headers, body: ["GET", "HEAD"].includes(incoming.method) ? undefined : body,
  });
}

const peers = [
  await servePeer(RFC9421), await servePeer(CAVAGE),
  await servePeer(RFC9421, { demands: RFC9421 }), await servePeer(CAVAGE, { demands: CAVAGE }),
];
const door = await serve(async (request) => Response.json((await obey(peers, request)) ?? null));
console.log(JSON.stringify({ origins: peers.map((peer) => peer.server.origin), door: door.origin }));
process.stdin.resume().on("end", () => process.exit());
