// Texts, dates and numbers in the person's language. Each language is two files in languages/: the texts of the first
// screens, and all others, which would make the first visit slower.
import start from "./languages/en_start.js";
import { signal } from "./vendor/preact/preact-11.2.0.js";

/** @typedef {typeof start & typeof import("./languages/en.js").default} Texts */
/** @typedef {{[Section in keyof Texts]: `${Section}.${keyof Texts[Section] & string}`}[keyof Texts]} Key */

// A language is offered when the content and the API speak it, too. The two pseudo-locales show texts that are not
// translated, and a layout that does not mirror: open /app/?language=en-XA or ?language=ar-XB.
const PSEUDO = ["en-XA", "ar-XB"];

/** The language of texts, such as "en". */
export const language = signal("en");
/** Changes the texts for a pseudo-locale. */
let translate = (/** @type {any} */ texts) => texts;
/** @type {any} */
let texts = start;
export const locale = navigator.languages?.find((each) => each.startsWith("en")) ?? "en-GB";

/** Choose the language of the address or of the last visit. */
export async function startLanguage() {
  const asked = new URLSearchParams(location.search).get("language") ?? sessionStorage.getItem("language") ?? "en";
  if (!PSEUDO.includes(asked)) return;
  sessionStorage.setItem("language", asked);
  const pseudo = await import("./languages/pseudo.js");
  translate = (texts) => pseudo.translate(texts, asked === "ar-XB");
  texts = translate(start);
  language.value = asked;
  document.documentElement.lang = asked;
  document.documentElement.dir = asked === "ar-XB" ? "rtl" : "ltr";
}

/** Load the texts of all screens. */
export async function loadTexts() {
  const { default: others } = await import("./languages/en.js");
  texts = translate({ ...start, ...others });
}

/**
 * Return a text. `{name}` in it becomes the parameter of that name; `count` chooses among plural forms.
 * @param {Key} key
 * @param {Record<string, string | number>} [params]
 * @returns {string}
 */
export function t(key, params = {}) {
  const [section = "", name = ""] = key.split(".");
  let text = texts[section]?.[name] ?? key;
  if (typeof text === "object") text = text[new Intl.PluralRules(locale).select(Number(params.count))] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ all, /** @type {string} */ param) => {
    const value = params[param];
    return typeof value === "number" ? formatNumber(value) : (value ?? all);
  });
}

/** @param {number} value */
export const formatNumber = (value) => new Intl.NumberFormat(locale).format(value);

/**
 * Format a wall time, which has no zone, such as "2026-11-28T19:00:00".
 * @param {string} wall
 * @param {Intl.DateTimeFormatOptions} options
 */
export function formatWall(wall, options) {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(dateOf(wall));
}

/** @param {string} wall */
export const dateOf = (wall) => new Date(wall.length === 10 ? `${wall}T12:00:00Z` : `${wall}Z`);

/** Format a day and a time of day: "Sat 28 Nov, 19:00". @param {string} wall */
export const formatDayTime = (wall) => `${formatDay(wall)}, ${formatTime(wall)}`;
/** Format a day: "Sat 28 Nov". @param {string} wall */
export const formatDay = (wall) => formatWall(wall, { weekday: "short", day: "numeric", month: "short" });
/** Format a day in full: "Saturday 28 November". @param {string} wall */
export const formatLongDay = (wall) => formatWall(wall, { weekday: "long", day: "numeric", month: "long" });
/** Format a time of day: "19:00". @param {string} wall */
export const formatTime = (wall) => formatWall(wall, { hour: "numeric", minute: "2-digit" });

/** Format an instant in the zone of this device. @param {string} instant */
export const formatInstant = (instant) =>
  new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }).format(new Date(instant));

/** Format the day of an instant in the zone of this device. @param {string} instant */
export const formatInstantDay = (instant) =>
  new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" }).format(new Date(instant));

/** Format a time from now: "in 3 hours", "yesterday". @param {string} instant */
export function formatRelative(instant) {
  const minutes = (new Date(instant).getTime() - Date.now()) / 60_000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (Math.abs(minutes) < 60) return format.format(Math.round(minutes), "minute");
  if (Math.abs(minutes) < 36 * 60) return format.format(Math.round(minutes / 60), "hour");
  // From one morning to the next evening it is one day: count midnights.
  const midnight = (/** @type {Date} */ at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
  return format.format(Math.round((midnight(new Date(instant)) - midnight(new Date())) / 86_400_000), "day");
}

/** Format minutes: "90 min", "3 h". @param {number} minutes */
export const formatMinutes = (minutes) => formatMinutesRange(minutes, minutes);

/** Format a range of minutes: "45–90 min", "1.5–3 h". @param {number} least @param {number} most */
export function formatMinutesRange(least, most) {
  const unit = most < 120 ? "minute" : most < 48 * 60 ? "hour" : "day";
  const divisor = { minute: 1, hour: 60, day: 60 * 24 }[unit];
  const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 });
  if (least === most) return format.format(most / divisor);
  // The ends of a range are rough: half an hour is exact enough.
  const rough = (/** @type {number} */ minutes) => (unit === "minute" ? minutes : Math.round((2 * minutes) / divisor) / 2);
  return format.formatRange(rough(least), rough(most));
}

/** Join a list: "A, B and C". @param {string[]} items */
export const formatList = (items) => new Intl.ListFormat(locale, { type: "conjunction" }).format(items);
