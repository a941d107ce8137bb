// Drives masto.js or megalodon against a node. Prints one JSON line for each thing done; reads the code from stdin.
import readline from "node:readline";

const [library, origin] = process.argv.slice(2);
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (what, value) => console.log(JSON.stringify({ what, value }));
const OOB = "urn:ietf:wg:oauth:2.0:oob";
const SCOPES = "read write follow push";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

async function code(url) {
  say("authorize", url);
  return (await lines.next()).value;
}

async function withMasto() {
  const { createRestAPIClient, createOAuthAPIClient, createStreamingAPIClient } = await import("masto");
  const nobody = createRestAPIClient({ url: origin });
  const app = await nobody.v1.apps.create({ clientName: "masto.js", redirectUris: OOB, scopes: SCOPES });
  const query = new URLSearchParams({
    client_id: app.clientId, redirect_uri: OOB, response_type: "code", scope: SCOPES });
  const token = await createOAuthAPIClient({ url: origin }).token.create({
    clientId: app.clientId, clientSecret: app.clientSecret, redirectUri: OOB, grantType: "authorization_code",
    code: await code(`${origin}/oauth/authorize?${query}`), scope: SCOPES });
  const masto = createRestAPIClient({ url: origin, accessToken: token.accessToken });
  say("me", (await masto.v1.accounts.verifyCredentials()).username);
  const instance = await masto.v2.instance.fetch();
  const streaming = createStreamingAPIClient({
    streamingApiUrl: instance.configuration.urls.streaming, accessToken: token.accessToken });
  const subscription = streaming.user.subscribe();
  const heard = [];
  (async () => { for await (const event of subscription) { if (event.event === "update") heard.push(event.payload.id); } })().catch(() => {});
  await streaming.prepare?.();
  const until = async (done, tries) => { for (let n = 0; n < tries && !done(); n++) await new Promise((next) => setTimeout(next, 50)); };
  for (let n = 0; n < 20 && heard.length === 0; n++) {  // nobody says when a subscription has begun
    const trial = await masto.v1.statuses.create({ status: `Does anybody hear this? ${n}` });
    await until(() => heard.length > 0, 60);
    await masto.v1.statuses.$select(trial.id).remove();
  }
  const media = await masto.v2.media.create({ file: new Blob([PNG], { type: "image/png" }), description: "A dot" });
  const said = await masto.v1.statuses.create({ status: "Posted by masto.js", mediaIds: [media.id], visibility: "public" });
  say("posted", { uri: said.uri, media: said.mediaAttachments.length });
  await until(() => heard.includes(said.id), 2400);
  say("streamed", heard.includes(said.id));
  subscription.unsubscribe?.();
  streaming.close?.();
  const answer = await masto.v1.statuses.create({ status: "And answered", inReplyToId: said.id });
  say("thread", (await masto.v1.statuses.$select(said.id).context.fetch()).descendants.map((one) => one.id === answer.id));
  const edited = await masto.v1.statuses.$select(said.id).update({ status: "Corrected by masto.js", mediaIds: [media.id] });
  say("edited", edited.content.includes("Corrected"));
  await masto.v1.statuses.$select(said.id).favourite();
  await masto.v1.statuses.$select(said.id).bookmark();
  say("marked", [(await masto.v1.favourites.list()).length, (await masto.v1.bookmarks.list()).length]);
  const home = await masto.v1.timelines.home.list({ limit: 5 });
  say("home", home.some((one) => one.id === said.id));
  const other = home.find((one) => one.account.acct.includes("@"));
  const boost = await masto.v1.statuses.$select(other.id).reblog();
  say("boosted", boost.reblog.id === other.id);
  await masto.v1.statuses.$select(other.id).unreblog();
  const pages = [];
  for await (const page of masto.v1.timelines.public.list({ limit: 1 })) { pages.push(page.length); if (pages.length === 2) break; }
  say("pages", pages);
  const list = await masto.v1.lists.create({ title: "Bakers" });
  await masto.v1.lists.$select(list.id).accounts.create({ accountIds: [other.account.id] });
  say("list", (await masto.v1.timelines.list.$select(list.id).list()).length > 0);
  const filter = await masto.v2.filters.create({
    title: "Weather", context: ["home"], filterAction: "warn", keywordsAttributes: [{ keyword: "rain" }] });
  say("filter", (await masto.v2.filters.list())[0].keywords[0].keyword);
  await masto.v2.filters.$select(filter.id).remove();
  say("notifications", (await masto.v1.notifications.list()).map((one) => one.type));
  say("found", (await masto.v2.search.list({ q: "answered" })).statuses.length);
  const pushed = await masto.v1.push.subscription.create({
    subscription: { endpoint: "https://push.example/device", keys: JSON.parse(process.env.DEVICE_KEYS) },
    data: { alerts: { mention: true, follow: false } }, policy: "followed" });
  const asked = await masto.v1.push.subscription.update({ data: { alerts: { poll: true } }, policy: "all" });
  const held = await masto.v1.push.subscription.fetch();
  await masto.v1.push.subscription.remove();
  const left = await masto.v1.push.subscription.fetch().then(() => false, (error) => error.statusCode === 404);
  say("pushes", [pushed.alerts.mention, pushed.policy, asked.alerts.mention, held.alerts.poll, left,
    held.serverKey === instance.configuration.vapid.publicKey]);
  say("relationship", (await masto.v1.accounts.relationships.fetch({ id: [other.account.id] }))[0].requested);
  await masto.v1.statuses.$select(answer.id).remove();
  say("deleted", await masto.v1.statuses.$select(answer.id).fetch().then(() => false, (error) => error.statusCode === 404));
}

async function withMegalodon() {
  const megalodon = (await import("megalodon")).default;
  const generator = megalodon.default ?? megalodon;
  const { detector } = await import("megalodon");
  const sns = await (detector ?? megalodon.detector)(origin);
  say("sns", sns);
  const nobody = generator(sns, origin);
  const app = await nobody.registerApp("megalodon", { scopes: SCOPES.split(" ") });
  const token = await nobody.fetchAccessToken(app.client_id, app.client_secret, await code(app.url), OOB);
  const client = generator(sns, origin, token.access_token);
  say("me", (await client.verifyAccountCredentials()).data.username);
  const media = await client.uploadMedia(new File([PNG], "dot.png", { type: "image/png" }), { description: "A dot" }).catch(() => null);
  const said = (await client.postStatus("Posted by megalodon", media ? { media_ids: [media.data.id] } : {})).data;
  say("posted", { uri: said.uri });
  const answer = (await client.postStatus("And answered", { in_reply_to_id: said.id })).data;
  say("thread", (await client.getStatusContext(said.id)).data.descendants.map((one) => one.id === answer.id));
  say("edited", (await client.editStatus(said.id, { status: "Corrected by megalodon" })).data.content.includes("Corrected"));
  await client.favouriteStatus(said.id);
  await client.bookmarkStatus(said.id);
  say("marked", [(await client.getFavourites()).data.length, (await client.getBookmarks()).data.length]);
  const home = (await client.getHomeTimeline({ limit: 10 })).data;
  const other = home.find((one) => one.account.acct.includes("@"));
  say("boosted", (await client.reblogStatus(other.id)).data.reblog.id === other.id);
  await client.unreblogStatus(other.id);
  say("instance", (await client.getInstance()).data.uri);
  say("notifications", (await client.getNotifications()).data.map((one) => one.type));
  say("found", (await client.search("answered", { type: "statuses" })).data.statuses.length);
  say("lists", (await client.createList("Millers")).data.title);
  await client.deleteStatus(answer.id);
  say("deleted", await client.getStatus(answer.id).then(() => false, (error) => error.response?.status === 404));
}

try {
  await (library === "masto" ? withMasto() : withMegalodon());
  say("done", true);
  process.exit(0);
} catch (error) {
  say("failed", `${error?.stack ?? error} ${JSON.stringify(error?.response?.data ?? error?.error ?? "")}`);
  process.exit(1);
}
