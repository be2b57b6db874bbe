// The outbox: writes that wait for the network, in order. A refused one stays until the person changes it or throws it away.
//
// Only creates with an id of ours and idempotent sets may wait. Space, leaving, blocks, safety and invitations never do:
// a person must know at once whether they hold.
//
// A write is in the outbox before it is sent, so a page that closes meanwhile loses nothing. All writes go in order, one
// tab at a time. A repeat is safe: it has the same id.
import { newId, offline, Refusal, request, Unreachable } from "./api.js";
import { refreshShown } from "./resources.js";
import { beforeSignOut, onEnd, session } from "./session.js";
import { changeInOutbox, forgetInOutbox, keepInOutbox, listOutbox } from "./storage.js";
import { signal } from "./vendor/preact/preact-11.2.0.js";

/**
 * @typedef {object} Waiting
 * @property {string} id the id of the thing that a create makes, or a random one
 * @property {number} at when the person acted, in milliseconds
 * @property {string} kind what it is, to show it: "note", "vote", "date" ...
 * @property {string} method
 * @property {string} path
 * @property {any} body
 * @property {number | null} version
 * @property {"waiting" | "refused"} state
 * @property {string} why the server's sentence about a refusal
 */

/** Everything that waits or was refused. @type {import("./vendor/preact/preact-11.2.0.js").Signal<Waiting[]>} */
export const outbox = signal(/** @type {Waiting[]} */ ([]));

/** Times in seconds until the next try after a busy or unreachable server. */
const NEXT_TRIES = [2, 5, 15, 30, 60];
/** How long a screen waits for its turn to send, in milliseconds. */
const PATIENCE = 3000;
/** These may succeed later: signed out, too slow, too many, and a busy or missing server. */
const LATER = [401, 408, 425, 429, 502, 503, 504];

let failures = 0;
/** The write that a screen sends now. It does not show as waiting. */
let inHand = "";
/** Whether a flush waits for its turn. */
let queued = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
const tabs = new BroadcastChannel("rekindle-outbox");
tabs.onmessage = () => show();

onEnd(() => {
  clearTimeout(timer);
  outbox.value = [];
});
// What was written offline must not vanish with the sign-out that empties this device.
beforeSignOut(async () => {
  if (offline.value || !isAnyWaiting()) return;
  await Promise.race([flush(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
});

const isAnyWaiting = () => outbox.value.some((write) => write.state === "waiting");

/** Read the outbox, and send what waits whenever the network is back. */
export async function startOutbox() {
  await show();
  for (const name of ["online", "focus", "pageshow"]) {
    addEventListener(name, () => {
      failures = 0; // the first request after "online" often fails: then try again soon
      flush();
    });
  }
  offline.subscribe((isOffline) => !isOffline && isAnyWaiting() && flush());
  flush();
}

async function show() {
  outbox.value = (await listOutbox()).filter((write) => write.id !== inHand);
}

async function changed() {
  await show();
  tabs.postMessage("changed");
}

/**
 * Send a write, or leave it in the outbox until the server can be reached.
 * Returns the answer's data, or undefined if the write waits. Throws Refusal.
 * @param {string} kind
 * @param {string} method
 * @param {string} path
 * @param {any} [body] a create has its own `id`
 * @param {{version?: number | null}} [options]
 * @returns {Promise<any>}
 */
export async function send(kind, method, path, body, { version = null } = {}) {
  /** @type {Waiting} */
  const write = { id: body?.id ?? newId(), at: Date.now(), kind, method, path, body, version, state: "waiting", why: "" };
  try {
    return await inTurn(() => sendNow(write), AbortSignal.timeout(PATIENCE));
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
  }
  // Another tab sends on a slow network.
  await add(write);
  await changed();
  flush();
  return undefined;
}

/** @param {Waiting} write @returns {Promise<any>} */
async function sendNow(write) {
  inHand = write.id;
  try {
    await add(write);
    const sent = await sendAll(write.id);
    if (sent.size > 0) refreshShown();
    return sent.get(write.id);
  } finally {
    inHand = "";
    await changed();
  }
}

/** Put a write at the end. A later choice about the same thing replaces an earlier one. @param {Waiting} write */
async function add(write) {
  const isCreate = write.body?.id === write.id;
  const needless = (await listOutbox()).filter((earlier) => !isCreate && earlier.path === write.path);
  await keepInOutbox(
    write,
    needless.map((earlier) => earlier.id),
  );
}

/** Forget a write that has not been sent. @param {string} id */
export async function drop(id) {
  await forgetInOutbox(id);
  await changed();
}

/** Try a refused write again. @param {Waiting} write */
export async function retry(write) {
  await changeInOutbox({ ...write, state: "waiting", why: "" });
  await changed();
  await flush();
}

/** Send everything that waits, in order. */
export async function flush() {
  if (!session.value || queued) return;
  queued = true;
  const sent = await inTurn(() => {
    queued = false;
    return sendAll();
  });
  // First show what the server has now: else a note that has just been sent would vanish for a moment.
  if (sent.size > 0) await refreshShown();
  await changed();
}

/** @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Run one task at a time, over all tabs. Pages on plain http have no locks: then two tabs may send the same write,
 * which is safe.
 * @template T @param {() => Promise<T>} task @param {AbortSignal} [signal] @returns {Promise<T>}
 */
async function inTurn(task, signal) {
  if (navigator.locks) return await navigator.locks.request("rekindle-outbox", signal ? { signal } : {}, task);
  const run = last.then(task);
  last = run.catch(() => null);
  return run;
}

/**
 * Send what waits, and return the answers by the ids of the writes.
 * @param {string} [wanted] the write of a screen, which gets its refusal: it is thrown
 * @returns {Promise<Map<string, any>>}
 */
async function sendAll(wanted) {
  clearTimeout(timer);
  const sent = new Map();
  const owner = session.value;
  // Read again for each: the person may have thrown one away meanwhile.
  for (let write = await next(); write && session.value === owner; write = await next()) {
    try {
      const { data } = await request(write.method, write.path, { body: write.body, version: write.version });
      await forgetInOutbox(write.id);
      failures = 0;
      sent.set(write.id, data);
    } catch (error) {
      if (session.value !== owner) break;
      if (isForLater(error)) {
        sendLater();
        break;
      }
      if (!(error instanceof Refusal)) throw error;
      if (write.id === wanted) {
        await forgetInOutbox(write.id);
        throw error;
      }
      await refuse(write, error);
    }
  }
  return sent;
}

/** @returns {Promise<Waiting | undefined>} */
const next = async () => (await listOutbox()).find((write) => write.state === "waiting");

function sendLater() {
  const seconds = NEXT_TRIES[Math.min(failures, NEXT_TRIES.length - 1)] ?? 60;
  failures += 1;
  timer = setTimeout(flush, 1000 * seconds);
}

/** Keep a refused write with its reason. What was read needs no second look. @param {Waiting} write @param {Refusal} refusal */
async function refuse(write, refusal) {
  if (write.kind === "seen") return forgetInOutbox(write.id);
  const why = refusal.problem.errors?.map((error) => error.message).join(" ") || refusal.message;
  return changeInOutbox({ ...write, state: "refused", why });
}

/** @param {unknown} error whether the same request may succeed later */
function isForLater(error) {
  return error instanceof Unreachable || (error instanceof Refusal && LATER.includes(error.status));
}
