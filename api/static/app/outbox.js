// The outbox: writes that wait for the network, in order. A refused one stays until the person changes it or throws it away.
//
// Only creates with an id of ours and idempotent sets may wait. Space, leaving, blocks, safety and invitations never do:
// a person must know at once whether they hold.
import { newId, Refusal, request, Unreachable } from "./api.js";
import { refreshShown } from "./resources.js";
import { onEnd, session } from "./session.js";
import { forgetInOutbox, keepInOutbox, listOutbox } from "./storage.js";
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

/** Everything that has not been sent. @type {import("./vendor/preact/preact-11.2.0.js").Signal<Waiting[]>} */
export const outbox = signal(/** @type {Waiting[]} */ ([]));

/** Times in seconds until the next try after a busy or unreachable server. */
const NEXT_TRIES = [5, 15, 30, 60];
let failures = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

onEnd(() => {
  outbox.value = [];
});

/** Read the outbox, and send what waits whenever the network is back. */
export async function startOutbox() {
  outbox.value = (await listOutbox().catch(() => [])).sort((first, second) => first.at - second.at);
  addEventListener("online", () => flush());
  addEventListener("focus", () => flush());
  flush();
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
  const waiting = { id: body?.id ?? newId(), at: Date.now(), kind, method, path, body, version, state: "waiting", why: "" };
  if (!outbox.value.some((earlier) => earlier.state === "waiting")) {
    try {
      const { data } = await request(method, path, { body, version });
      refreshShown();
      return data;
    } catch (error) {
      if (!(error instanceof Unreachable) && !isForLater(error)) throw error;
    }
  }
  // Earlier writes go first. A later vote on the same idea replaces one that waits.
  const replaced = outbox.value.filter((earlier) => method !== "POST" && earlier.state === "waiting" && earlier.path === path);
  for (const earlier of replaced) await drop(earlier.id);
  await keepInOutbox(waiting);
  outbox.value = [...outbox.value, waiting];
  flush();
  return undefined;
}

/** Forget a write that has not been sent. @param {string} id */
export async function drop(id) {
  await forgetInOutbox(id);
  outbox.value = outbox.value.filter((waiting) => waiting.id !== id);
}

/** Send everything that waits, in order. One tab at a time does this. */
export async function flush() {
  if (!session.value) return;
  // Pages on plain http have no locks. Then two tabs may send the same write, which is safe: it has one id.
  if (navigator.locks) await navigator.locks.request("rekindle-outbox", { ifAvailable: true }, (lock) => (lock ? sendAll() : undefined));
  else await sendAll();
}

async function sendAll() {
  clearTimeout(timer);
  outbox.value = (await listOutbox().catch(() => outbox.value)).sort((first, second) => first.at - second.at);
  let sent = false;
  for (const waiting of outbox.value.filter((each) => each.state === "waiting")) {
    try {
      await request(waiting.method, waiting.path, { body: waiting.body, version: waiting.version });
      await drop(waiting.id);
      failures = 0;
      sent = true;
    } catch (error) {
      if (error instanceof Refusal && !isForLater(error)) await refuse(waiting, error);
      else {
        const seconds = NEXT_TRIES[Math.min(failures, NEXT_TRIES.length - 1)] ?? 60;
        failures += 1;
        timer = setTimeout(flush, 1000 * seconds);
        break;
      }
    }
  }
  if (sent) await refreshShown();
}

/** @param {Waiting} waiting @param {Refusal} refusal */
async function refuse(waiting, refusal) {
  const why = refusal.problem.errors?.map((error) => error.message).join(" ") || refusal.message;
  const refused = { ...waiting, state: /** @type {const} */ ("refused"), why };
  await keepInOutbox(refused);
  outbox.value = outbox.value.map((each) => (each.id === waiting.id ? refused : each));
}

/** @param {unknown} error whether the same request may succeed later */
function isForLater(error) {
  return error instanceof Unreachable || (error instanceof Refusal && (error.status === 401 || error.status === 429 || error.status >= 500));
}
