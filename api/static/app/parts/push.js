// Notifications on this device: whether they are possible, and the subscription of this browser.
//
// A browser binds a subscription to the key of the server. When the key has changed, the device subscribes anew.
import { newId, request } from "../api.js";
import { session } from "../session.js";
import { forget, keep, read } from "../storage.js";
import { signal } from "../vendor/preact/preact-11.2.0.js";
import { decode } from "./base64url.js";

/** What this device keeps while its notifications are on: its own id, and the key that it subscribed with. */
const KEPT = "push";
/** A browser that cannot reach its push service may never answer. */
const PATIENCE = 20_000;

/** Whether this device gets notifications: undefined before it is known.
 * @type {import("../vendor/preact/preact-11.2.0.js").Signal<boolean | undefined>} */
export const isOn = signal(/** @type {boolean | undefined} */ (undefined));

/** The push service of the browser did not answer, or the person said no. Its `reason` is the key of a text. */
export class Refused extends Error {
  /** @param {"denied" | "no_service"} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Return why this device cannot get notifications, as the key of a text, or "".
 * @param {string | null} key the key of the server
 */
export function obstacle(key) {
  if (!isSecureContext) return "plain_http";
  if (!key) return "server_off";
  if (!("serviceWorker" in navigator)) return "no_browser";
  // Safari on phones offers push to installed apps only.
  if (!("PushManager" in globalThis)) return /iP(hone|ad|od)/.test(navigator.userAgent) ? "install" : "no_browser";
  return Notification.permission === "denied" ? "denied" : "";
}

/** Look whether this device gets notifications. */
export async function look() {
  isOn.value = Boolean(await read(KEPT));
}

/** Ask for permission and subscribe. Call it in a tap: browsers ask only then. @param {string} key */
export async function turnOn(key) {
  if ((await Notification.requestPermission()) !== "granted") throw new Refused("denied");
  const installation = newId();
  // Before the server knows of it: a page that is closed before the answer goes on at its next start.
  await keep(KEPT, { installation, key });
  await subscribe(key, installation).catch(async (error) => {
    await end();
    throw error;
  });
}

/** Get no more notifications on this device. */
export async function turnOff() {
  const kept = await read(KEPT);
  if (kept) await request("DELETE", `/devices/${kept.installation}`).catch((error) => error.status === 404 || Promise.reject(error));
  await end();
}

/** End the subscription of this browser. The push service then tells the server. */
export async function end() {
  await forget(KEPT);
  isOn.value = false;
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration("/app/");
  await (await registration?.pushManager?.getSubscription())?.unsubscribe().catch(() => null);
}

/** At the start: subscribe anew if the server's key or the subscription has changed, and confirm the device. */
export async function confirm() {
  const kept = await read(KEPT);
  isOn.value = Boolean(kept);
  if (!kept) return;
  const { push_key: key } = (await request("GET", "/server")).data;
  if (!key) return; // the operator may switch it on again
  if (obstacle(key)) await turnOff();
  else await subscribe(key, kept.installation);
}

/** @param {string} key @param {string} installation */
async function subscribe(key, installation) {
  const owner = session.value;
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: decode(key) };
  const existing = await pushManager.getSubscription();
  if (existing && !hasKey(existing, key)) await existing.unsubscribe();
  const subscription = await inTime(pushManager.subscribe(options));
  const { endpoint, keys } = subscription.toJSON();
  await request("PUT", `/devices/${installation}`, { body: { kind: "web_push", endpoint, keys } });
  if (session.value !== owner) return;
  await keep(KEPT, { installation, key });
  isOn.value = true;
}

/** @template T @param {Promise<T>} answer @returns {Promise<T>} */
function inTime(answer) {
  const tooLate = new Promise((_, reject) => setTimeout(reject, PATIENCE));
  return Promise.race([answer, tooLate]).catch(() => Promise.reject(new Refused("no_service")));
}

/** @param {PushSubscription} subscription @param {string} key */
function hasKey(subscription, key) {
  const used = new Uint8Array(subscription.options.applicationServerKey ?? []);
  const wanted = decode(key);
  return used.length === wanted.length && wanted.every((byte, index) => byte === used[index]);
}
