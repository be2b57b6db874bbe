// Answers of the API that screens show: loaded once, kept for a start without network, and asked again in the background.
import { offline, Refusal, request, Unreachable } from "./api.js";
import { endSession, onEnd, session } from "./session.js";
import { forget, forgetAnswers, keep, read } from "./storage.js";
import { signal, useEffect } from "./vendor/preact/preact-11.2.0.js";

/**
 * @template T
 * @typedef {object} Resource
 * @property {T | undefined} data the last answer
 * @property {Error | null} error why the last request failed
 * @property {boolean} isOld whether the data was kept on this device and not yet confirmed
 * @property {number} at when the data arrived, in milliseconds
 */

// Only these answers are kept on the device, without what `withoutPrivate` takes away.
const KEPT = /^\/(today|dates|memories|rituals|notes|requests|commitments|catalogue|activities|suggestions|deck|matches|someday-list|inbox|prompts|couple|me|me\/profile)($|[/?])/;
// A search tells what a person thinks about. Memories of this day tell the pace. Places can be those of an appointment, and
// photos those of self-care. Free times tell what is in the person's calendars.
const NEVER_KEPT = /^\/me\/(?!profile)|[?&](q|hidden)=|\/photos$|^\/memories\/(on-this-day|places)|^\/activities\/[^/]+\/slots($|\?)/;
// These texts change only with the server: they are asked for once, and never kept.
const FIXED = /^\/(guides|self-care-plans|support-kinds)$/;
const PRIVATE_ITEMS = /space|pace|rhythm|held|erasure|deletion/;
const SECONDS_VISIBLE = 22;
const SECONDS_IDLE = 60;
const SECONDS_RETURNING = 5;
const IDLE_AFTER = 5 * 60 * 1000;
const KEPT_FOR = 30 * 24 * 60 * 60 * 1000;

/** The version of this client. An answer that another version kept may lack what this one shows. */
const VERSION = import.meta.url.split("/").at(-2);

/** @typedef {{state: import("./vendor/preact/preact-11.2.0.js").Signal<Resource<any>>, etag: string, shown: number,
 *   asking: Promise<void> | null, again: boolean}} Entry */
/** @type {Map<string, Entry>} */
const entries = new Map();

onEnd(() => entries.clear());

/** @param {string} path @returns {Entry} */
function entry(path) {
  let existing = entries.get(path);
  if (!existing) {
    const state = signal({ data: undefined, error: null, isOld: false, at: 0 });
    existing = { state, etag: "", shown: 0, asking: null, again: false };
    entries.set(path, existing);
    if (isKept(path)) restore(path, existing);
  }
  return existing;
}

/** @param {string} path */
const isKept = (path) => KEPT.test(path) && !NEVER_KEPT.test(path);

/** @param {string} path @param {Entry} existing */
const isFixed = (path, existing) => FIXED.test(path) && existing.state.value.data !== undefined;

/** @param {string} path @param {Entry} existing */
async function restore(path, existing) {
  const kept = await read(`answer:${path}`);
  if (kept && kept.version === VERSION && existing.state.value.data === undefined) {
    existing.state.value = { data: kept.data, error: null, isOld: true, at: kept.at };
  }
}

/**
 * Return an answer of the API, and show it again when it changes. A path of null asks for nothing.
 * @template {keyof Answers} P
 * @param {P | null} path below /v1
 * @returns {Resource<Answers[P]>}
 */
export function useResource(path) {
  const existing = path === null ? null : entry(path);
  useEffect(() => {
    if (!existing || path === null) return undefined;
    existing.shown += 1;
    if (!isFixed(path, existing)) refresh(path);
    return () => {
      existing.shown -= 1;
    };
  }, [path, existing]);
  return existing ? existing.state.value : NOTHING;
}
/** @type {Resource<any>} */
const NOTHING = { data: undefined, error: null, isOld: false, at: 0 };

/** Ask for one answer again. @param {string} path @returns {Promise<void>} */
export function refresh(path) {
  const existing = entry(path);
  if (existing.asking) {
    existing.again = true; // the running request may have been answered before the change
    return existing.asking;
  }
  existing.asking = ask(path, existing).finally(() => {
    existing.asking = null;
    if (existing.again && entries.get(path) === existing) {
      existing.again = false;
      refresh(path);
    }
  });
  return existing.asking;
}

/** @param {string} path @param {Entry} existing */
async function ask(path, existing) {
  const started = session.value;
  try {
    const { status, data, etag } = await request("GET", path, { etag: existing.etag });
    if (session.value !== started) return; // the answer belongs to a sign-in that has ended
    const at = Date.now();
    const previous = existing.state.value;
    if (status === 304) {
      if (previous.isOld || previous.error) existing.state.value = { ...previous, error: null, isOld: false, at };
      else previous.at = at;
      return;
    }
    existing.etag = etag;
    existing.state.value = { data, error: null, isOld: false, at };
    const isCare = /^\/(dates|memories)\/[^?]/.test(path) && !(data.activity && isNotCare(data));
    if (isKept(path) && !isCare) await keep(`answer:${path}`, { data: withoutPrivate(path, data), at, version: VERSION });
  } catch (error) {
    if (session.value !== started) return;
    if (error instanceof Refusal && error.status === 401 && started) await endSession("session.ended");
    else if (error instanceof Refusal || error instanceof Unreachable) {
      // What was shown a moment ago may be gone for good: a refusal takes it off the screen, and off this device.
      const isGone = error instanceof Refusal && error.status === 404;
      existing.state.value = { ...existing.state.value, data: isGone ? undefined : existing.state.value.data, error };
      if (isGone) await forget(`answer:${path}`);
    } else throw error;
  }
}

/**
 * Return a thing from a list that was loaded before: it shows at once, and without a network.
 * @param {string} beginning of the paths of the lists, such as "/notes?"
 * @param {string} id
 */
export function findInLists(beginning, id) {
  for (const [path, { state }] of entries) {
    const item = path.startsWith(beginning) && state.value.data?.items.find((/** @type {{id: string}} */ each) => each.id === id);
    if (item) return item;
  }
  return undefined;
}

/** Change a shown answer at once, before the server confirms it.
 * @param {string} path @param {(data: any) => any} change */
export function change(path, change) {
  const existing = entries.get(path);
  if (existing?.state.value.data === undefined) return;
  existing.state.value = { ...existing.state.value, data: change(existing.state.value.data) };
  existing.etag = ""; // a 304 would leave the changed answer
}

/** Ask again for all answers on the screen. */
export async function refreshShown() {
  const shown = [...entries].filter(([path, existing]) => existing.shown > 0 && !isFixed(path, existing)).map(([path]) => path);
  await Promise.all(shown.map(refresh));
}

/**
 * Return an answer without what must not stay on a device: space, pace, rhythm and held things.
 * The allowance would tell the rhythm, and the number of unseen items that something is held back.
 * @param {string} path @param {any} data
 */
function withoutPrivate(path, data) {
  if (path.startsWith("/couple")) return { ...data, pace: 0, rhythm: "", sentences: [] };
  const kept = { ...data };
  if (path.startsWith("/today")) {
    kept.space = { kind: null, since: null, until: null, held: false };
    kept.talk = null; // it moves on in seconds
  }
  if (kept.couple) kept.couple = { ...kept.couple, pace: 0, rhythm: "", sentences: [] };
  if (kept.allowance) kept.allowance = null;
  if (kept.inbox) {
    kept.inbox = kept.inbox.filter(isNotPrivate).map(withoutTitle);
    kept.unseen = kept.inbox.length;
  }
  if (path.startsWith("/inbox")) kept.items = kept.items.filter(isNotPrivate).map(withoutTitle);
  if (kept.dates) kept.dates = kept.dates.filter(isNotCare);
  if (/^\/(dates|memories)($|\?)/.test(path)) kept.items = kept.items.filter(isNotCare);
  if (path.startsWith("/suggestions")) kept.items = kept.items.map(withoutTimes);
  if (kept.idea) kept.idea = withoutTimes(kept.idea);
  return kept;
}

/** Self-care and first appointments are dates of one person, about an activity that no list has. A memory does not tell.
 * @param {{for: string, activity: {retired?: boolean} | null}} date */
const isNotCare = (date) => date.for === "two" || date.activity?.retired === false;

const OF_ANY_DATE = /^(date_(tomorrow|soon|feedback|off)|ritual_stopped)$/;
/** An item about a date can be about self-care, and does not tell. @param {Schemas["InboxItem"]} item */
const withoutTitle = (item) => (item.subject && OF_ANY_DATE.test(item.kind) ? { ...item, subject: { ...item.subject, title: null } } : item);

/** Free times tell what is in the person's calendars. @param {Schemas["Suggestion"]} idea */
const withoutTimes = (idea) => ({ ...idea, slots: [] });

/** @param {Schemas["InboxItem"]} item */
const isNotPrivate = (item) => !PRIVATE_ITEMS.test(item.kind);

let lastActive = Date.now();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Ask again for what is on the screen: often while it is used, at once on return. */
export function startLive() {
  forgetAnswers(Date.now() - KEPT_FOR);
  const look = () => {
    if (document.visibilityState !== "visible") return;
    lastActive = Date.now();
    refreshShown();
    schedule();
  };
  for (const name of ["focus", "online", "pageshow"]) addEventListener(name, look);
  addEventListener("visibilitychange", look);
  for (const name of ["pointerdown", "keydown"]) {
    addEventListener(name, () => {
      if (Date.now() - lastActive > IDLE_AFTER) look();
      lastActive = Date.now();
    });
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (document.visibilityState === "visible" && session.value) await refreshShown();
    schedule();
  }, 1000 * secondsToNext());
}

function secondsToNext() {
  if (offline.value) return navigator.onLine ? SECONDS_RETURNING : SECONDS_VISIBLE;
  return Date.now() - lastActive > IDLE_AFTER ? SECONDS_IDLE : SECONDS_VISIBLE;
}
