// How a date repeats: never, or every few days, weeks, months or years, with an end or without.
import { t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Chips, Choice, Field, fieldError } from "./controls.js";
import { LAST_DAY_OF_FOURTH, monthDay, monthWeekday, ritualText, WEEKDAYS, weekdayAt, weekdayName } from "./ritual.js";
import { addDays } from "./times.js";

/** @typedef {Schemas["RepeatUnit"]} Unit */
/** @typedef {{every: Unit | "", interval: string, weekdays: string[], by: Schemas["RepeatMonthDay"],
 *   end: "never" | "count" | "until", count: string, until: string}} Draft what the person has chosen so far */

/** @type {Draft} */
export const ONCE = { every: "", interval: "1", weekdays: [], by: "day", end: "never", count: "6", until: "" };
const UNITS = /** @type {const} */ (["", "day", "week", "month", "year"]);
export const REPEAT_FIELDS = ["repeat.interval", "repeat.weekdays", "repeat.by", "repeat.count", "repeat.until"];

/** Return the draft of what an API request holds, without the weekday of its start: `toRepeat` adds that of the new start.
 * @param {Schemas["Repeat"] | null | undefined} repeat @param {string} start a wall time @returns {Draft} */
export function draftOf(repeat, start) {
  if (!repeat) return ONCE;
  const end = repeat.count ? "count" : repeat.until ? "until" : "never";
  const { every, by } = repeat;
  const weekdays = repeat.weekdays.filter((day) => day !== weekdayAt(start));
  return { every, weekdays, by: by ?? "day", end, interval: String(repeat.interval), count: String(repeat.count ?? 6), until: repeat.until ?? "" };
}

/** Return the repeat of a draft in the form of the API, or null for a date that does not repeat.
 * @param {Draft} draft @param {string} start the wall time of the first date */
export function toRepeat(draft, start) {
  if (!draft.every) return null;
  const isWeekly = draft.every === "week";
  return {
    every: draft.every,
    interval: Number(draft.interval) || 1,
    weekdays: isWeekly ? WEEKDAYS.filter((day) => day === weekdayAt(start) || draft.weekdays.includes(day)) : [],
    by: draft.every === "month" ? possibleBy(draft.by, start) : "day",
    count: draft.end === "count" ? Number(draft.count) : null,
    until: draft.end === "until" ? draft.until || null : null,
  };
}

/** Return what a monthly date can repeat of its first day. @param {string} start @returns {Draft["by"][]} */
function monthOptions(start) {
  const day = start.slice(0, 10);
  const isLast = addDays(day, 7).slice(0, 7) !== day.slice(0, 7);
  return ["day", ...(Number(day.slice(8)) <= LAST_DAY_OF_FOURTH ? /** @type {const} */ (["weekday"]) : []), ...(isLast ? /** @type {const} */ (["last_weekday"]) : [])];
}

/** @param {Draft["by"]} by @param {string} start */
const possibleBy = (by, start) => (monthOptions(start).includes(by) ? by : "day");

/**
 * Choose how a date repeats. `start` is the wall time of the first date, or "" before it is chosen.
 * @param {{draft: Draft, onChange: (draft: Draft) => void, start: string, zone: string | undefined, error: Error | null,
 *   isRitual?: boolean}} props `isRitual`: it repeats in any case
 */
export function RepeatPicker({ draft, onChange, start, zone, error, isRitual = false }) {
  /** @param {Partial<Draft>} changed */
  const set = (changed) => onChange({ ...draft, ...changed });
  const repeat = start ? toRepeat(draft, start) : null;
  return html`<div class="repeat-picker">
    <${Choice} label=${t("rituals.repeat")} value=${draft.every} onChange=${(/** @type {Draft["every"]} */ every) => set({ every })}
      options=${UNITS.filter((value) => value || !isRitual).map((value) => ({ value, label: t(value ? `rituals.unit_${value}` : "rituals.never") }))} />
    ${draft.every && html`
      <${Field} label=${t(`rituals.interval_${draft.every}`)} type="number" inputmode="numeric" min="1" max="99" class="short"
        value=${draft.interval} onInput=${(/** @type {string} */ interval) => set({ interval })} error=${fieldError(error, "repeat.interval")} />
      ${!start && html`<p class="hint">${t("rituals.choose_first")}</p>`}
      ${start && draft.every === "week" && html`<${Days} draft=${draft} set=${set} start=${start} />`}
      ${start && draft.every === "month" && html`<${Choice} label=${t("rituals.which_day")} value=${possibleBy(draft.by, start)}
        onChange=${(/** @type {Draft["by"]} */ by) => set({ by })} options=${monthOptions(start).map((by) => ({ value: by, label: monthText(by, start) }))} />`}
      <${End} draft=${draft} set=${set} error=${error} />
      ${repeat && repeat.interval > 0 && html`<p class="card ritual-text" role="status">${ritualText({ repeat, local_time: start, zone: zone ?? "" })}</p>`}`}
  </div>`;
}

/** @param {Draft["by"]} by @param {string} start */
const monthText = (by, start) => (by === "day" ? monthDay(start) : monthWeekday(start, by === "last_weekday"));

/** The weekdays of a weekly date; that of its first day is always one. @param {{draft: Draft, set: (changed: Partial<Draft>) => void, start: string}} props */
function Days({ draft, set, start }) {
  const first = weekdayAt(start);
  return html`<${Chips} label=${t("rituals.weekdays")} options=${WEEKDAYS.map((value) => ({ value, label: weekdayName(value) }))}
    values=${[first, ...draft.weekdays]} onChange=${(/** @type {string[]} */ weekdays) => set({ weekdays: weekdays.filter((day) => day !== first) })} />`;
}

/** @param {{draft: Draft, set: (changed: Partial<Draft>) => void, error: Error | null}} props */
function End({ draft, set, error }) {
  return html`<${Choice} label=${t("rituals.ends")} value=${draft.end} onChange=${(/** @type {Draft["end"]} */ end) => set({ end })}
      options=${/** @type {const} */ (["never", "count", "until"]).map((value) => ({ value, label: t(`rituals.end_${value}`) }))} />
    ${draft.end === "count" && html`<${Field} label=${t("rituals.count")} type="number" inputmode="numeric" min="2" max="500" class="short"
      value=${draft.count} onInput=${(/** @type {string} */ count) => set({ count })} error=${fieldError(error, "repeat.count")} />`}
    ${draft.end === "until" && html`<${Field} label=${t("rituals.last_day")} type="date" class="short"
      value=${draft.until} onInput=${(/** @type {string} */ until) => set({ until })} error=${fieldError(error, "repeat.until")} />`}`;
}
