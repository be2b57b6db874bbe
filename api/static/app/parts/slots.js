// The times of a proposal: suggested ones as chips, and up to three rows with a time of day, or with whole days.
import { formatDayTime, formatMinutesRange, t } from "../i18n.js";
import { useResource } from "../resources.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Button, Chips, Field, fieldError, Icon, IconButton, Switch } from "./controls.js";
import { formatWeekdays } from "./days.js";
import { addDays, cityOf, daysFrom, nowIn, overlapping, overlappingDays, usualDays } from "./times.js";

export const MOST_SLOTS = 3;
const MOST_DAYS = 14;
const DAYS_AHEAD = 800;

/** @typedef {{day: string, time: string, last: string}} Time a row: all are "" at first. Whole days have a `last` day, and no `time` */
/** @typedef {{times: Time[], minutes: string, isWhole: boolean}} Plan */

/** @type {Time} */
export const NO_TIME = { day: "", time: "", last: "" };

/** @param {Time} time */
export const wallOf = ({ day, time }) => `${day}T${time}`;
/** @param {string} wall @returns {Time} */
export const timeOf = (wall) => ({ day: wall.slice(0, 10), time: wall.slice(11, 16), last: "" });
/** @param {string} first @param {number} days @returns {Time} */
export const timeOfDays = (first, days) => ({ day: first, time: "", last: isDay(first) ? addDays(first, days - 1) : "" });

/** Return whether a day is complete: while a year is being typed, it may have six digits. @param {string} day */
const isDay = (day) => /^\d{4}-\d\d-\d\d$/.test(day);

/** Return the slots of a plan in the form of the API. @param {Plan} plan @param {string | undefined} zone */
export const toSlots = ({ times, minutes, isWhole }, zone) =>
  times.map((time) => ({
    ...(isWhole
      ? { first_day: time.day, days: daysFrom(time.day, time.last) + 1 }
      : { local_time: wallOf(time), ...(minutes && { minutes: Number(minutes) }) }),
    ...(zone && { zone }),
  }));

/**
 * Return what is wrong with each row, as a sentence or "". The server checks the rest.
 * @param {Plan} plan @param {string} now a wall time
 */
export function faultsOf({ times, isWhole }, now) {
  return times.map((time) => (isWhole ? faultOfDays(time, now.slice(0, 10)) : faultOfTime(time, now)));
}

/** @param {Time} time @param {string} now */
function faultOfTime(time, now) {
  if (!time.day || !time.time) return t("dates.fault_missing");
  return wallOf(time) <= now ? t("dates.fault_past") : "";
}

/** @param {Time} time @param {string} today */
function faultOfDays({ day, last }, today) {
  if (!day || !last) return t("dates.fault_days_missing");
  if (day <= today) return t("dates.fault_days_past");
  const count = daysFrom(day, last) + 1;
  return count < 1 || count > MOST_DAYS ? t("dates.fault_days", { most: MOST_DAYS }) : "";
}

const BEGINNINGS = ["local_time", "first_day", "days"];

/** Return the fields whose faults the picker shows. @param {Plan} plan */
export const slotFields = ({ times }) => times.flatMap((_, index) => [...BEGINNINGS, "minutes"].map((name) => `slots.${index}.${name}`));

/**
 * Choose up to `most` times and the length, or whole days. `zone` is that of the times, and `home` is that of the viewer.
 * @param {{plan: Plan, onChange: (plan: Plan) => void, suggested: string[], zone: string | undefined, home?: string,
 *   usual: {duration_min: number, duration_max: number}, most?: number, label?: string, moved?: string, mayBeWhole?: boolean,
 *   faults: string[], error: Error | null}} props `moved` is the id of the date that gets another time
 */
export function SlotPicker({ plan, onChange, suggested, zone, home, usual, most = MOST_SLOTS, label, moved, mayBeWhole = true, faults, error }) {
  const { times, isWhole } = plan;
  const minutes = Number(plan.minutes) || usual.duration_max;
  /** @param {Time[]} changed */
  const set = (changed) => onChange({ ...plan, times: changed });
  return html`<div class="slot-picker">
    ${mayBeWhole && html`<${Switch} label=${t("dates.whole_days")} checked=${isWhole}
      onChange=${(/** @type {boolean} */ chosen) => onChange(withWhole(plan, chosen, usualDays(usual)))} />`}
    <${Suggested} plan=${plan} set=${set} suggested=${suggested} most=${most} label=${label} days=${usualDays(usual)} zone=${zone} />
    ${times.map(
      (time, index) => html`<${SlotFields} key=${index} time=${time} number=${index + 1} isOnly=${most === 1} isWhole=${isWhole}
        fault=${faults[index] || BEGINNINGS.map((name) => fieldError(error, `slots.${index}.${name}`)).find(Boolean)}
        minutes=${minutes} days=${usualDays(usual)} zone=${zone} moved=${moved}
        onChange=${(/** @type {Time} */ changed) => set(times.with(index, changed))}
        onRemove=${() => set(times.toSpliced(index, 1))} />`,
    )}
    ${times.length < most && html`<${Button} kind="quiet" icon="plus" onClick=${() => set([...times, NO_TIME])}>
      ${addText(isWhole, times.length)}<//>`}
    ${isWhole
      ? html`<p class="hint">${usualText(usual)}</p>`
      : html`<${Field} label=${t("dates.minutes")} type="number" inputmode="numeric" min="10" max="20160" step="5" class="short"
          hint=${usualText(usual)} error=${times.map((_, index) => fieldError(error, `slots.${index}.minutes`)).find(Boolean)}
          value=${plan.minutes} onInput=${(/** @type {string} */ value) => onChange({ ...plan, minutes: value })} />`}
    ${zone && [undefined, home].some((each) => nowIn(zone) !== nowIn(each)) && html`<p class="hint">${t("dates.zone", { city: cityOf(zone) })}</p>`}
  </div>`;
}

/** Return the plan with whole days, or with times. The days stay. @param {Plan} plan @param {boolean} isWhole @param {number} days */
function withWhole(plan, isWhole, days) {
  return { ...plan, isWhole, times: plan.times.map((time) => (isWhole && !time.last ? { ...time, last: timeOfDays(time.day, days).last } : time)) };
}

/** @param {boolean} isWhole @param {number} count */
function addText(isWhole, count) {
  if (isWhole) return count === 0 ? t("dates.own_days") : t("dates.another_days");
  return count === 0 ? t("dates.own_time") : t("dates.another_time");
}

/** Times or days that may suit, as chips.
 * @param {{plan: Plan, set: (times: Time[]) => void, suggested: string[], most: number, label: string | undefined, days: number,
 *   zone: string | undefined}} props */
function Suggested({ plan: { times, isWhole }, set, suggested, most, label, days, zone }) {
  const today = nowIn(zone).slice(0, 10);
  const firstDays = [...new Set(suggested.map((wall) => wall.slice(0, 10)))].filter((day) => day > today);
  const offered = isWhole ? firstDays.map((day) => timeOfDays(day, days)) : suggested.map(timeOf);
  if (offered.length === 0) return null;
  const valueOf = (/** @type {Time} */ time) => (isWhole ? `${time.day}/${time.last}` : wallOf(time));
  const values = offered.map(valueOf);
  /** @param {string[]} chosen what is chosen among the suggested times */
  const choose = (chosen) => {
    const others = times.filter((time) => time.day || time.time).filter((time) => !values.includes(valueOf(time)) || chosen.includes(valueOf(time)));
    const added = offered.filter((time) => chosen.includes(valueOf(time)) && !others.some((other) => valueOf(other) === valueOf(time)));
    // With one time only, another choice takes its place.
    set([...others, ...added].slice(most === 1 ? -1 : 0, most === 1 ? undefined : most));
  };
  return html`<${Chips} label=${label ?? (isWhole ? t("dates.suggested_days") : t("dates.suggested"))}
    hint=${most > 1 ? t("dates.suggested_hint") : undefined}
    options=${offered.map((time) => ({ value: valueOf(time), label: isWhole ? formatWeekdays(time.day, time.last) : formatDayTime(wallOf(time)) }))}
    values=${times.map(valueOf).filter((value) => values.includes(value))} onChange=${choose} />`;
}

/** @param {{duration_min: number, duration_max: number}} usual */
const usualText = ({ duration_min: least, duration_max: longest }) => t("dates.usual", { time: formatMinutesRange(least, longest) });

/** Return the agreed dates at a time; none while a day is being typed.
 * @param {Time} time @param {boolean} isWhole @param {number} minutes @param {string | undefined} zone @param {string | undefined} moved */
function useTaken(time, isWhole, minutes, zone, moved) {
  const { day } = time;
  const today = nowIn(zone).slice(0, 10);
  const last = isWhole ? time.last : timeOfDays(day, 1 + Math.ceil(minutes / (24 * 60))).last;
  const isSoon = isDay(day) && day >= today && day <= addDays(today, DAYS_AHEAD);
  const isTyped = isSoon && last >= day && last <= addDays(day, MOST_DAYS) && (isWhole || time.time);
  // Days of the viewer may begin a day earlier or later than those of another zone.
  const path = /** @type {const} */ (`/dates?show=upcoming&state=accepted&from=${isTyped && addDays(day, -1)}&to=${isTyped && addDays(last, 1)}&limit=100`);
  const nearby = useResource(isTyped ? path : null).data?.items.filter((date) => date.id !== moved) ?? [];
  if (!isTyped) return [];
  return isWhole ? overlappingDays(day, last, nearby, zone) : overlapping(wallOf(time), minutes, nearby, zone);
}

/** One time: a day and a time of day, or the first and the last day, and what is wrong with them or overlaps.
 * @param {{time: Time, number: number, isOnly: boolean, isWhole: boolean, fault: string, minutes: number, days: number,
 *   zone: string | undefined, moved: string | undefined, onChange: (time: Time) => void, onRemove: () => void}} props */
function SlotFields({ time, number, isOnly, isWhole, fault, minutes, days, zone, moved, onChange, onRemove }) {
  const taken = useTaken(time, isWhole, minutes, zone, moved);
  const label = t("dates.time_number", { number });
  /** @param {string} day the last day follows, as long as it was */
  const setFirst = (day) => {
    const length = isDay(time.day) && time.last >= time.day ? daysFrom(time.day, time.last) + 1 : days;
    onChange(timeOfDays(day, length));
  };
  return html`<fieldset class="slot-fields">
    <legend class=${isOnly ? "hidden" : ""}>${label}</legend>
    <${IconButton} icon="x" label=${t("dates.remove_time", { time: label })} onClick=${onRemove} />
    ${isWhole
      ? html`<div>
          <${Field} label=${t("dates.first_day")} type="date" value=${time.day} error=${fault} onInput=${setFirst} />
          <${Field} label=${t("dates.last_day")} type="date" value=${time.last} min=${time.day} aria-invalid=${fault ? "true" : undefined}
            onInput=${(/** @type {string} */ last) => onChange({ ...time, last })} />
        </div>`
      : html`<div>
          <${Field} label=${t("dates.day")} type="date" value=${time.day} error=${fault}
            onInput=${(/** @type {string} */ day) => onChange({ ...time, day, last: "" })} />
          <${Field} label=${t("dates.time")} type="time" value=${time.time} aria-invalid=${fault ? "true" : undefined}
            onInput=${(/** @type {string} */ value) => onChange({ ...time, time: value })} />
        </div>`}
    ${taken.map((date) => html`<p key=${date.id} class="overlap" role="status"><${Icon} name="circle-alert" />
      ${t("dates.overlap", { title: date.activity.title })}</p>`)}
  </fieldset>`;
}
