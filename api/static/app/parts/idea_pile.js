// The pile of ideas: which card comes next, which have been voted on in this visit, and how to take that back.
import { formatDay, formatList, formatTime, t } from "../i18n.js";
import { onEnd } from "../session.js";
import { signal } from "../vendor/preact/preact-11.2.0.js";
import { dayOf } from "./idea_filters.js";
import { castVote, voteOf } from "./vote.js";

/** @typedef {{activity: Schemas["Activity"], reasons: Schemas["SuggestionReason"][], slots: Schemas["FreeSlot"][], first_day?: string}} Card a card of the deck has no first day */
/** @typedef {{card: Card, before: import("./vote.js").Vote, vote: "like" | "pass" | "never"}} Cast */

/** The votes of this visit, the latest last. */
export const cast = signal(/** @type {Cast[]} */ ([]));
/** Cards that an undo brought back. They come first. */
const returned = signal(/** @type {Card[]} */ ([]));
/** Whether cards that were passed on show again. */
const isSecondLook = signal(false);
onEnd(() => lookAgain(false));

/** Show the pile from its beginning. @param {boolean} withPassed */
export function lookAgain(withPassed) {
  cast.value = [];
  returned.value = [];
  isSecondLook.value = withPassed;
}

/**
 * Return the cards that are still to be looked at.
 *
 * There is one pile. The API has two lists: suggestions, ranked for the two, and the deck of the day, on which likes can
 * match. A person need not know which card is of which list. So without filters the pile takes one suggestion, then two
 * cards of the deck, and so on; with filters, which the deck does not have, it holds suggestions only.
 * @param {Card[]} suggested @param {Schemas["Activity"][]} dealt @param {boolean} isFiltered
 */
export function pileOf(suggested, dealt, isFiltered) {
  const ids = new Set(suggested.map((card) => card.activity.id));
  const deck = dealt.filter((activity) => !ids.has(activity.id)).map((activity) => ({ activity, reasons: [], slots: [] }));
  const mixed = suggested.flatMap((card, index) => [card, ...deck.slice(2 * index, 2 * index + 2)]);
  const all = isFiltered ? suggested : [...mixed, ...deck.slice(2 * suggested.length)];
  const done = new Set([...cast.value.map((each) => each.card.activity.id), ...returned.value.map((card) => card.activity.id)]);
  const open = all.filter((card) => !done.has(card.activity.id) && isOpen(card.activity));
  // Without filters, ideas that the viewer liked before come last: they need a plan, not a vote.
  const isLiked = (/** @type {Card} */ card) => voteOf(card.activity) === "like";
  const rest = isFiltered ? open : [...open.filter((card) => !isLiked(card)), ...open.filter(isLiked)];
  return [...returned.value, ...rest];
}

/** @param {Schemas["Activity"]} activity */
function isOpen(activity) {
  const vote = voteOf(activity);
  return vote !== "never" && (vote !== "pass" || isSecondLook.value);
}

/** Vote on a card, and go on to the next at once. @param {Card} card @param {"like" | "pass" | "never"} vote */
export async function voteOn(card, vote) {
  const before = voteOf(card.activity);
  cast.value = [...cast.value, { card, before, vote }];
  returned.value = returned.value.filter((each) => each.activity.id !== card.activity.id);
  try {
    await castVote(card.activity.id, vote);
  } catch (error) {
    cast.value = cast.value.filter((each) => each.card !== card);
    throw error;
  }
}

/** Take back the last vote, and show its card again. */
export async function undoVote() {
  const last = cast.value.at(-1);
  if (!last) return;
  cast.value = cast.value.slice(0, -1);
  const activity = { ...last.card.activity, vote: last.before };
  returned.value = [{ ...last.card, activity }, ...returned.value];
  await castVote(activity.id, last.before);
}

/** Return when an idea fits: at times of today, or on days. @param {Schemas["FreeSlot"][]} slots */
export function timesOf(slots) {
  const [first] = new Set(slots.map((slot) => slot.local_time.slice(0, 10)));
  const isOneDay = slots.every((slot) => slot.local_time.startsWith(first ?? ""));
  const times = formatList(slots.map((slot) => (isOneDay ? formatTime(slot.local_time) : `${formatDay(slot.local_time)} ${formatTime(slot.local_time)}`)));
  if (isOneDay && first === dayOf(new Date())) return t("ideas.fits_at", { times });
  return isOneDay && first ? t("ideas.fits_on", { day: formatDay(first), times }) : t("ideas.fits_days", { times });
}
