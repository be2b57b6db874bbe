// The service worker: it makes the client open without a network. This file registers it, and tells of new versions.
import { navigate } from "./router.js";
import { signal } from "./vendor/preact/preact-11.2.0.js";

/** A new version of the client that is installed and waits, or null.
 * @type {import("./vendor/preact/preact-11.2.0.js").Signal<ServiceWorker | null>} */
export const newVersion = signal(/** @type {ServiceWorker | null} */ (null));

/** Register the service worker. Pages on plain http, away from localhost, have none. */
export async function registerWorker() {
  if (!("serviceWorker" in navigator)) return;
  // Trusted Types: the worker's path is the only text that may become the URL of a script.
  const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("rekindle-sw", {
    createScriptURL: (/** @type {string} */ url) => {
      if (url !== "/app/sw.js") throw new TypeError(url);
      return url;
    },
  });
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    // A notification arrived, or the person opened one.
    if (data?.open) navigate(data.open);
    dispatchEvent(new Event("focus"));
  });
  const registration = await navigator.serviceWorker.register(policy?.createScriptURL("/app/sw.js") ?? "/app/sw.js", { scope: "/app/" });
  const isFirst = !navigator.serviceWorker.controller;
  const watch = () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && !isFirst) newVersion.value = worker;
    });
  };
  registration.addEventListener("updatefound", watch);
  watch();
  if (registration.waiting && !isFirst) newVersion.value = registration.waiting;
  navigator.serviceWorker.addEventListener("controllerchange", () => newVersion.value && location.reload());
  // iOS does not look for a new version when an app comes back.
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && registration.update().catch(() => null));
}
