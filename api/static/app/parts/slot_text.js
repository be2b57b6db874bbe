// When a slot is, in words: a time of day, or whole days. For people, the last of whole days is included.
import { formatDayTime, formatLongDay, formatMinutes, formatRelative, formatTime, t } from "../i18n.js";
import { formatDays, formatLongDays, formatRelativeDay } from "./days.js";
import { addDays, daysFrom, nowIn } from "./times.js";

/** @typedef {Schemas["TimeSlot"]} Slot */
/** @typedef {Pick<Slot, "first_day" | "end_day" | "viewer_local_time">} Times */

/** Return the whole days of a slot, or null. @param {Times} slot */
export function wholeDays({ first_day: first, end_day: end }) {
  return first && end ? { first, last: addDays(end, -1), count: daysFrom(first, end) } : null;
}

/** Return the day on which a slot begins for the viewer. @param {Slot} slot */
export const dayOf = (slot) => slot.first_day ?? slot.viewer_local_time.slice(0, 10);

/** Return when a slot is, in short: "Sat 28 Nov, 19:00", or "14–16 May". @param {Times} slot */
export function shortText(slot) {
  const days = wholeDays(slot);
  return days ? formatDays(days.first, days.last) : formatDayTime(slot.viewer_local_time);
}

/** Return when a slot of a request is, in short. @param {Schemas["TimeSlotIn"]} slot */
export function requestText({ first_day: first, days, local_time: wall }) {
  return first && days ? formatDays(first, addDays(first, days - 1)) : formatDayTime(wall ?? "");
}

/** Return the days of a slot in full. @param {Slot} slot */
export function longDays(slot) {
  const days = wholeDays(slot);
  return days ? formatLongDays(days.first, days.last) : formatLongDay(slot.viewer_local_time);
}

/** Return how long a slot is, and when it begins on its day: "19:00 · 90 min", or "3 whole days". @param {Slot} slot */
export function lengthText(slot) {
  const days = wholeDays(slot);
  if (days) return t("dates.days_count", { count: days.count });
  return `${formatTime(slot.viewer_local_time)} · ${formatMinutes(slot.minutes)}`;
}

/** Return how far away a slot is: "in 3 hours", or "tomorrow" for whole days. @param {Slot} slot */
export function countdown(slot) {
  const days = wholeDays(slot);
  if (!days) return formatRelative(slot.start);
  const today = nowIn().slice(0, 10);
  if (today >= days.first && today <= days.last) return t("dates.going_on");
  return formatRelativeDay(today < days.first ? days.first : days.last, today);
}
