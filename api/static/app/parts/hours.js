// Hours of an availability: what they are, from when until when, and presets for a usual week.
import { formatTime, t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Chips, Choice, Field, IconButton } from "./controls.js";

/** @typedef {Schemas["AvailabilityWindow"]} Hours hours on some days of each week */
/** @typedef {Schemas["AvailabilityDay"]} DayHours hours on one day */
/** @typedef {(name: string) => string} FaultOf the sentence about one field, or "" */

export const WEEKDAYS = /** @type {const} */ (["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]);
const LABELS = /** @type {const} */ (["work", "children", "quiet"]);

/** @param {Hours["kind"]} kind @param {number[]} days 0 is Monday @param {string} from @param {string} until
 * @param {Hours["label"]} [label] @returns {Hours} */
const hours = (kind, days, from, until, label = null) => ({ kind, weekdays: days.map((day) => WEEKDAYS[day] ?? "monday"), from, until, label });

const WORKING_DAYS = [0, 1, 2, 3, 4];
const ALL_DAYS = [...WORKING_DAYS, 5, 6];
/** Hours that many people have. A tap adds or removes them. */
export const PRESETS = /** @type {const} */ ([
  { text: "availability.preset_evenings", hours: hours("free", WORKING_DAYS, "18:00", "22:00") },
  { text: "availability.preset_weekends", hours: hours("free", [5, 6], "09:00", "22:00") },
  { text: "availability.preset_work", hours: hours("never", WORKING_DAYS, "09:00", "17:00", "work") },
  { text: "availability.preset_bedtime", hours: hours("never", ALL_DAYS, "18:30", "20:00", "children") },
  { text: "availability.preset_quiet", hours: hours("never", ALL_DAYS, "22:00", "07:00", "quiet") },
]);

/** @param {Hours} first @param {Hours} second */
export const areSame = (first, second) => JSON.stringify(keyOf(first)) === JSON.stringify(keyOf(second));
/** @param {Hours} each */
const keyOf = ({ kind, weekdays, from, until, label }) => [kind, WEEKDAYS.filter((day) => weekdays.includes(day)), from, until, label];

/** Return the short name of a weekday: "Mon". @param {number} index 0 is Monday */
export const shortDay = (index) => new Intl.DateTimeFormat(navigator.language, { weekday: "short", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + index));

/** Return when hours are: "18:00–22:00". @param {{from: string, until: string}} each */
const rangeOf = ({ from, until }) => t("availability.range", { from: timeText(from), until: timeText(until) });
/** @param {string} time */
const timeText = (time) => (time ? formatTime(`2024-01-01T${time}`) : "–");

/** Return what hours of a week are, in a few words: "Work". @param {Hours} each */
export const nameOf = (each) => (each.kind === "free" ? t("availability.free") : t(`availability.label_${each.label ?? "none"}`));

/** Return when hours of a week are: "Mon–Fri, 18:00–22:00". @param {Hours} each */
export function whenOf(each) {
  const days = WEEKDAYS.map((_, index) => index).filter((index) => each.weekdays.includes(WEEKDAYS[index] ?? "monday"));
  const isRun = days.length > 2 && days.every((day, index) => index === 0 || day === (days[index - 1] ?? 0) + 1);
  const names = isRun ? [t("availability.range", { from: shortDay(days[0] ?? 0), until: shortDay(days.at(-1) ?? 0) })] : days.map(shortDay);
  return [days.length === 7 ? t("availability.every_day") : names.join(" "), rangeOf(each)].join(", ");
}

/** Edit hours of a week. @param {{value: Hours, onChange: (value: Hours) => void, faultOf: FaultOf}} props */
export function WeekFields({ value, onChange, faultOf }) {
  return html`
    <${Kind} value=${value.kind} onChange=${(/** @type {Hours["kind"]} */ kind) => onChange({ ...value, kind, label: kind === "free" ? null : value.label })} />
    ${value.kind === "never" && html`<${Choice} label=${t("availability.label")} value=${value.label ?? "none"}
      options=${["none", ...LABELS].map((label) => ({ value: label, label: t(/** @type {any} */ (`availability.label_${label}`)) }))}
      onChange=${(/** @type {any} */ label) => onChange({ ...value, label: label === "none" ? null : label })} />`}
    <${Chips} label=${t("availability.weekdays")} values=${value.weekdays}
      options=${WEEKDAYS.map((day, index) => ({ value: day, label: shortDay(index) }))}
      onChange=${(/** @type {any} */ weekdays) => onChange({ ...value, weekdays })} />
    ${faultOf("weekdays") && html`<p class="fault">${faultOf("weekdays")}</p>`}
    <${Times} value=${value} onChange=${(/** @type {any} */ times) => onChange({ ...value, ...times })} faultOf=${faultOf} />`;
}

/** Edit hours of one day. @param {{value: DayHours, number: number, onChange: (value: DayHours) => void, onRemove: () => void,
 *   faultOf: FaultOf}} props */
export function DayFields({ value, number, onChange, onRemove, faultOf }) {
  return html`<fieldset class="hours-day">
    <legend>${t("availability.day_number", { number })}</legend>
    <${IconButton} icon="x" label=${t("availability.remove_day", { number })} onClick=${onRemove} />
    <${Field} label=${t("availability.day")} type="date" value=${value.day} error=${faultOf("day")}
      onInput=${(/** @type {string} */ day) => onChange({ ...value, day })} />
    <${Kind} value=${value.kind} onChange=${(/** @type {any} */ kind) => onChange({ ...value, kind })} />
    <${Times} value=${value} onChange=${(/** @type {any} */ times) => onChange({ ...value, ...times })} faultOf=${faultOf} />
  </fieldset>`;
}

/** @param {{value: string, onChange: (value: any) => void}} props */
function Kind({ value, onChange }) {
  return html`<${Choice} label=${t("availability.kind")} hideLabel value=${value} onChange=${onChange} options=${[
    { value: "free", label: t("availability.free"), icon: "sun" },
    { value: "never", label: t("availability.never"), icon: "ban" },
  ]} />`;
}

/** @param {{value: {from: string, until: string}, onChange: (times: {from: string, until: string}) => void, faultOf: FaultOf}} props */
function Times({ value: { from, until }, onChange, faultOf }) {
  const isWhole = from === "00:00" && until === "00:00";
  const passes = from && until > "00:00" && until <= from;
  return html`<div class="hours-times">
      <${Field} label=${t("availability.from")} type="time" value=${from} error=${faultOf("from")}
        onInput=${(/** @type {string} */ changed) => onChange({ from: changed, until })} />
      <${Field} label=${t("availability.until")} type="time" value=${until} error=${faultOf("until")}
        onInput=${(/** @type {string} */ changed) => onChange({ from, until: changed })} />
    </div>
    ${isWhole && html`<p class="hint">${t("availability.whole_day")}</p>`}
    ${passes && html`<p class="hint">${t("availability.passes_midnight")}</p>`}`;
}
