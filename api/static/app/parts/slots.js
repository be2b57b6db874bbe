// The times of a proposal: suggested ones as chips, and up to three rows with a day and a time of day.
import { formatDayTime, formatMinutes, t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Button, Chips, Field, fieldError, Icon, IconButton } from "./controls.js";
import { cityOf, nowIn, overlapping } from "./times.js";

export const MOST_SLOTS = 3;

/** @typedef {{day: string, time: string}} Time a row: both are "" at first */
/** @typedef {{times: Time[], minutes: string}} Plan */

/** @param {Time} time */
export const wallOf = ({ day, time }) => `${day}T${time}`;
/** @param {string} wall @returns {Time} */
export const timeOf = (wall) => ({ day: wall.slice(0, 10), time: wall.slice(11, 16) });

/** Return the slots of a plan in the form of the API. @param {Plan} plan @param {string | undefined} zone */
export const toSlots = ({ times, minutes }, zone) =>
  times.map((time) => ({ local_time: wallOf(time), ...(zone && { zone }), ...(minutes && { minutes: Number(minutes) }) }));

/**
 * Return what is wrong with each row, as a sentence or "". The server checks the rest.
 * @param {Plan} plan @param {string} now a wall time
 */
export function faultsOf({ times }, now) {
  return times.map((time) => {
    if (!time.day || !time.time) return t("dates.fault_missing");
    return wallOf(time) <= now ? t("dates.fault_past") : "";
  });
}

/** Return the fields whose faults the picker shows. @param {Plan} plan */
export const slotFields = ({ times }) => times.flatMap((_, index) => [`slots.${index}.local_time`, `slots.${index}.minutes`]);

/**
 * Choose up to `most` times and the length.
 * @param {{plan: Plan, onChange: (plan: Plan) => void, suggested: string[], agreed: Schemas["PlannedDate"][],
 *   zone: string | undefined, usual: {duration_min: number, duration_max: number}, most?: number,
 *   faults: string[], error: Error | null}} props
 */
export function SlotPicker({ plan, onChange, suggested, agreed, zone, usual, most = MOST_SLOTS, faults, error }) {
  const { times } = plan;
  const minutes = Number(plan.minutes) || usual.duration_max;
  const filled = times.filter((time) => time.day || time.time);
  /** @param {Time[]} changed */
  const set = (changed) => onChange({ ...plan, times: changed });
  /** @param {string[]} walls what is chosen among the suggested times */
  const choose = (walls) => {
    const others = filled.filter((time) => !suggested.includes(wallOf(time)) || walls.includes(wallOf(time)));
    const added = walls.filter((wall) => !others.some((time) => wallOf(time) === wall)).map(timeOf);
    // With one time only, another choice takes its place.
    set([...others, ...added].slice(most === 1 ? -1 : 0, most === 1 ? undefined : most));
  };
  return html`<div class="slot-picker">
    ${suggested.length > 0 && html`<${Chips} label=${t("dates.suggested")} hint=${most > 1 ? t("dates.suggested_hint") : undefined}
      options=${suggested.map((wall) => ({ value: wall, label: formatDayTime(wall) }))}
      values=${times.map(wallOf).filter((wall) => suggested.includes(wall))} onChange=${choose} />`}
    ${times.map(
      (time, index) => html`<${SlotFields} key=${index} time=${time} number=${index + 1} isOnly=${most === 1}
        fault=${faults[index] || fieldError(error, `slots.${index}.local_time`)}
        taken=${time.day && time.time ? overlapping(wallOf(time), minutes, agreed) : []}
        onChange=${(/** @type {Time} */ changed) => set(times.with(index, changed))}
        onRemove=${() => set(times.toSpliced(index, 1))} />`,
    )}
    ${times.length < most && html`<${Button} kind="quiet" icon="plus" onClick=${() => set([...times, { day: "", time: "" }])}>
      ${times.length === 0 ? t("dates.own_time") : t("dates.another_time")}<//>`}
    <${Field} label=${t("dates.minutes")} type="number" inputmode="numeric" min="10" max="20160" step="5" class="short"
      hint=${usualText(usual)} error=${times.map((_, index) => fieldError(error, `slots.${index}.minutes`)).find(Boolean)}
      value=${plan.minutes} onInput=${(/** @type {string} */ value) => onChange({ ...plan, minutes: value })} />
    ${zone && nowIn(zone) !== nowIn() && html`<p class="hint">${t("dates.zone", { city: cityOf(zone) })}</p>`}
  </div>`;
}

/** @param {{duration_min: number, duration_max: number}} usual */
function usualText({ duration_min: least, duration_max: longest }) {
  if (least === longest) return t("dates.usual", { minutes: formatMinutes(least) });
  return t("dates.usual_range", { from: formatMinutes(least), to: formatMinutes(longest) });
}

/** One time: a day, a time of day, and what is wrong with them or overlaps.
 * @param {{time: Time, number: number, isOnly: boolean, fault: string, taken: Schemas["PlannedDate"][],
 *   onChange: (time: Time) => void, onRemove: () => void}} props */
function SlotFields({ time, number, isOnly, fault, taken, onChange, onRemove }) {
  const label = t("dates.time_number", { number });
  return html`<fieldset class="slot-fields">
    <legend class=${isOnly ? "hidden" : ""}>${label}</legend>
    <${IconButton} icon="x" label=${t("dates.remove_time", { time: label })} onClick=${onRemove} />
    <div>
      <${Field} label=${t("dates.day")} type="date" value=${time.day} error=${fault}
        onInput=${(/** @type {string} */ day) => onChange({ ...time, day })} />
      <${Field} label=${t("dates.time")} type="time" value=${time.time} aria-invalid=${fault ? "true" : undefined}
        onInput=${(/** @type {string} */ value) => onChange({ ...time, time: value })} />
    </div>
    ${taken.map((date) => html`<p key=${date.id} class="overlap" role="status"><${Icon} name="circle-alert" />
      ${t("dates.overlap", { title: date.activity.title })}</p>`)}
  </fieldset>`;
}
