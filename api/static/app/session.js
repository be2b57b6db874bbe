// This device's sign-in: read at the start, kept after signing in, and forgotten when it ends.
import { request, setToken } from "./api.js";
import { forgetAll, forgetAllButMark, keepSession, readSession } from "./storage.js";
import { signal } from "./vendor/preact/preact-11.2.0.js";

/** The sign-in of this device: undefined before it is read, null without one.
 * @type {import("./vendor/preact/preact-11.2.0.js").Signal<Schemas["NewSession"] | null | undefined>} */
export const session = signal(/** @type {any} */ (undefined));

/** Why the last sign-in ended, as the key of a text, or "". */
export const endReason = signal("");

/** @type {(() => void)[]} */
const listeners = [];
// Other tabs of this browser must not go on with a sign-in that ended here.
const tabs = new BroadcastChannel("rekindle-session");
tabs.onmessage = () => location.reload();

/** Call `listener` when the sign-in ends, to empty what is in memory. @param {() => void} listener */
export function onEnd(listener) {
  listeners.push(listener);
}

/** @type {(() => Promise<void>)[]} */
const tasks = [];

/** Do `task` before this device signs out. @param {() => Promise<void>} task */
export function beforeSignOut(task) {
  tasks.push(task);
}

/** Read the kept sign-in. */
export async function restoreSession() {
  /** @type {Schemas["NewSession"] | undefined} */
  const kept = await readSession();
  setToken(kept?.token ?? "");
  session.value = kept ?? null;
}

/** Start using a new sign-in, and keep it. @param {Schemas["NewSession"]} fresh */
export async function startSession(fresh) {
  setToken(fresh.token);
  await keepSession(fresh);
  endReason.value = "";
  session.value = fresh;
  // Not awaited: a browser may ask the person first.
  navigator.storage?.persist?.().catch(() => null);
}

/** Sign out on the server, if it can be reached, and empty this device. */
export async function signOut() {
  for (const task of tasks) await task();
  await request("DELETE", "/sign-ins/current").catch(() => null);
  await endSession("");
}

/**
 * Empty this device. When the server ended the sign-in, the mark stays: wrong passwords of others must not lock this
 * device out. When the person signs out, nothing stays.
 * @param {string} reason the key of a text that explains the end by the server, or ""
 */
export async function endSession(reason) {
  setToken("");
  for (const listener of listeners) listener();
  await (reason ? forgetAllButMark() : forgetAll());
  endReason.value = reason;
  session.value = null;
  tabs.postMessage("ended");
}
