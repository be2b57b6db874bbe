// A ritual in words: how it repeats, and the card on the screen of a date that leads to it.
import { formatList, formatTime, formatWall, t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";
import { shortText } from "./slot_text.js";
import { addDays, cityOf, nowIn, weekdayOf } from "./times.js";

/** @typedef {Schemas["Repeat"]} Repeat */
/** @typedef {Pick<Schemas["DateRitual"], "repeat" | "local_time" | "zone">} Times */

export const WEEKDAYS = /** @type {const} */ (["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]);
const A_MONDAY = "2026-06-01";
// A monthly rule cannot name the fifth Friday: not every month has one.
export const LAST_DAY_OF_FOURTH = 28;

/** @param {string} weekday one of WEEKDAYS */
export const weekdayName = (weekday) =>
  formatWall(addDays(A_MONDAY, WEEKDAYS.indexOf(/** @type {any} */ (weekday))), { weekday: "long" });
/** @param {string} wall @returns {(typeof WEEKDAYS)[number]} */
export const weekdayAt = (wall) => WEEKDAYS[weekdayOf(wall.slice(0, 10)) - 1] ?? "monday";
/** @param {string} wall */
const dayWithYear = (wall) => formatWall(wall.slice(0, 10), { day: "numeric", month: "long", year: "numeric" });

/** Return the day of a month in words: "the 14th". @param {string} wall */
export function monthDay(wall) {
  const count = Number(wall.slice(8, 10));
  const rule = new Intl.PluralRules("en", { type: "ordinal" }).select(count);
  return t(/** @type {any} */ (`rituals.nth_${rule}`), { count });
}

/** Return the weekday of a month in words: "the second Friday". @param {string} wall @param {boolean} isLast */
export function monthWeekday(wall, isLast) {
  const week = isLast ? "last" : Math.ceil(Number(wall.slice(8, 10)) / 7);
  return t(/** @type {any} */ (`rituals.week_${week}`), { day: weekdayName(weekdayAt(wall)) });
}

/** Return how something repeats: "Every second Friday". @param {Repeat} repeat @param {string} start a wall time */
function ruleText({ every, interval: count, weekdays, by }, start) {
  if (every === "day") return t("rituals.every_day", { count });
  if (every === "week") {
    const days = formatList(weekdays.map(weekdayName));
    return count === 2 && weekdays.length === 1 ? t("rituals.every_second", { day: days }) : t("rituals.every_week", { count, days });
  }
  if (every === "year") return t("rituals.every_year", { count, day: formatWall(start, { day: "numeric", month: "long" }) });
  const day = by === "day" ? monthDay(start) : monthWeekday(start, by === "last_weekday");
  return t("rituals.every_month", { count, day });
}

/** Return a ritual in one sentence: "Every Friday at 19:00, from 5 December 2026, 6 times." @param {Times} ritual */
export function ritualText({ repeat, local_time: start, zone }) {
  const params = { rule: ruleText(repeat, start), time: formatTime(start), day: dayWithYear(start) };
  const sentence = repeat.count
    ? t("rituals.sentence_count", { ...params, count: repeat.count })
    : repeat.until
      ? t("rituals.sentence_until", { ...params, last: dayWithYear(repeat.until) })
      : t("rituals.sentence", params);
  // A partner elsewhere reads the times of the ritual's own zone.
  return nowIn(zone) === nowIn() ? sentence : t("rituals.in_city", { sentence, city: cityOf(zone) });
}

/** What a date belongs to, on its screen. @param {{date: Schemas["PlannedDate"]}} props */
export function RitualCard({ date }) {
  const { ritual } = date;
  if (!ritual) return null;
  const isAsked = date.actions.includes("accept");
  return html`<div class="card ritual-card">
    <p class="with-icon"><${Icon} name="repeat" /><b>${ritualText(ritual)}</b></p>
    ${ritual.replaces_id && ritual.state === "offered" && html`<p>${t("rituals.is_change")}</p>`}
    ${isAsked && html`<p>${t("rituals.one_yes")}</p>`}
    ${date.actions.includes("cancel") && html`<p class="hint">${t("rituals.only_this")}</p>`}
    ${ritual.state === "ended" && html`<p class="hint">${t("rituals.ended")}</p>`}
    ${ritual.state !== "closed" && html`<${Link} class="text-link" to="/rituals/${ritual.id}">${t("rituals.see")}<//>`}
  </div>`;
}

/** One time of a ritual: a link if it is a date already. @param {{time: Schemas["RitualTime"]}} props */
export function RitualTimeRow({ time }) {
  const text = html`<time datetime=${time.start}>${shortText(time)}</time>`;
  if (!time.date_id) return html`<li><div class="row"><${Icon} name="repeat" /><span>${text}</span></div></li>`;
  return html`<li><${Link} class="row" to="/dates/${time.date_id}"><${Icon} name="calendar-days" /><span><b>${text}</b></span>
    <${Icon} name="chevron-right" class="ahead" /><//></li>`;
}
