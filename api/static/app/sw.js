// The service worker keeps the files of one version, so that the client opens without a network.
// It serves paths below /app/ only. No private answer of /v1 enters Cache Storage. It also shows the notifications.
const VERSION = "%VERSION%";
const PICTURES = ["%PICTURES%"];
const CACHE = `app-${VERSION}`;
const PAGE = "/app/";
const PICTURE = `${PAGE}${VERSION}/icon-192.png`;
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && url.pathname.startsWith(PAGE)) {
    event.respondWith(fromCache(PAGE, event.request));
  } else if (url.pathname.startsWith(`${PAGE}${VERSION}/`)) {
    event.respondWith(fromCache(event.request, event.request));
  }
});

self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? PAGE));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function fill() {
  const cache = await caches.open(CACHE);
  // All texts come in one request, and each becomes a file of the cache.
  const answer = await fetch(`${PAGE}${VERSION}/texts.json`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  for (const [name, text] of Object.entries(await answer.json())) {
    const type = TYPES[name.slice(name.lastIndexOf("."))];
    await cache.put(`${PAGE}${VERSION}/${name}`, new Response(text, { headers: { "Content-Type": type } }));
  }
  await cache.addAll(PICTURES);
  await cache.add(new Request(PAGE, { cache: "reload" }));
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith("app-") && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

async function fromCache(key, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(key)) ?? fetch(request);
}

/** Show a message. Each push must show something: else the browser ends the subscription. */
async function show(data) {
  let shown = {};
  try {
    shown = data.json().notification;
  } catch {
    // A message that this version cannot read still rings.
  }
  const { title = "Rekindle", body = "", tag, lang, dir, silent = false, navigate = PAGE } = shown;
  const path = new URL(navigate, location.origin).pathname;
  await registration.showNotification(title, { body, tag, lang, dir, silent, icon: PICTURE, data: { path } });
  for (const page of await pages()) page.postMessage({ arrived: true });
}

const pages = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });

/** Open a screen: in a page that is there, without loading it again, for something may be typed in it. */
async function open(path) {
  const known = (await pages()).filter((page) => new URL(page.url).pathname.startsWith(PAGE));
  const page = known.find((each) => each.focused) ?? known[0];
  if (!page || !path.startsWith(PAGE)) return self.clients.openWindow(path);
  page.postMessage({ open: path.slice(PAGE.length - 1) });
  return page.focus().catch(() => null);
}

/** The browser gives this device another subscription: tell the server, also when no page is open. */
async function renew(event) {
  const [session, push] = await readKept("session", "push");
  if (!session || !push) return;
  const options = { userVisibleOnly: true, applicationServerKey: push.key };
  const { endpoint, keys } = (event.newSubscription ?? (await registration.pushManager.subscribe(options))).toJSON();
  const headers = { Authorization: `Bearer ${session.token}`, "Content-Type": "application/json" };
  const body = JSON.stringify({ kind: "web_push", endpoint, keys });
  await fetch(`/v1/devices/${push.installation}`, { method: "PUT", headers, body, cache: "no-store" });
}

/** Read what the client keeps on this device (see storage.js). */
function readKept(...keys) {
  return new Promise((resolve, reject) => {
    const opened = indexedDB.open("rekindle", 1);
    opened.onupgradeneeded = () => opened.transaction.abort(); // the client makes the stores
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
      const kept = opened.result.transaction("kept").objectStore("kept");
      const asked = keys.map((key) => kept.get(key));
      kept.transaction.oncomplete = () => {
        opened.result.close();
        resolve(asked.map((each) => each.result));
      };
    };
  });
}
