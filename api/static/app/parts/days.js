// Whole days in the person's language, apart from i18n.js: the first screen does not need them.
import { dateOf, formatDay, locale } from "../i18n.js";
import { daysFrom } from "./times.js";

/** @param {string} first @param {string} last days @param {Intl.DateTimeFormatOptions} options */
const formatRange = (first, last, options) =>
  new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).formatRange(dateOf(first), dateOf(last));

/** Format whole days: "14–16 May", or "Fri 14 May" for one. @param {string} first @param {string} last */
export const formatDays = (first, last) => (first === last ? formatDay(first) : formatRange(first, last, { day: "numeric", month: "short" }));
/** Format whole days with their weekdays, to choose among: "Fri 14 – Sun 16 May". @param {string} first @param {string} last */
export const formatWeekdays = (first, last) => formatRange(first, last, { weekday: "short", day: "numeric", month: "short" });
/** Format whole days in full: "Friday 14 – Sunday 16 May". @param {string} first @param {string} last */
export const formatLongDays = (first, last) => formatRange(first, last, { weekday: "long", day: "numeric", month: "long" });

/** Format a day from another day: "tomorrow", "in 3 days". @param {string} day @param {string} today */
export function formatRelativeDay(day, today) {
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(daysFrom(today, day), "day");
}
