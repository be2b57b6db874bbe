// The service worker keeps the files of one version, so that the client opens without a network.
// It serves paths below /app/ only. It never touches /v1, so no private answer enters Cache Storage.
const VERSION = "%VERSION%";
const PICTURES = ["%PICTURES%"];
const CACHE = `app-${VERSION}`;
const PAGE = "/app/";
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
