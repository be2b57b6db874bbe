// Wall times, such as "2026-11-28T19:00", which have no zone; and times that are likely to suit.

/** The hour at which most people like to begin, in each part of a day. @type {Record<string, number>} */
const HOURS = { morning: 10, afternoon: 14, evening: 19, night: 21 };
const DAYS_AHEAD = 14;
const MOST = 6;

/** @param {string} wall */
const toDate = (wall) => new Date(wall.length === 10 ? `${wall}T00:00Z` : `${wall}Z`);

/** Return the wall time so many minutes later. @param {string} wall @param {number} minutes */
export const addMinutes = (wall, minutes) => new Date(toDate(wall).getTime() + minutes * 60_000).toISOString().slice(0, 16);

/** Return the day so many days later. @param {string} day @param {number} days */
export const addDays = (day, days) => addMinutes(day, days * 24 * 60).slice(0, 10);

/** Return the same day in another month, or the last day of a shorter one. @param {string} day @param {number} months */
export function addMonths(day, months) {
  const first = toDate(`${day.slice(0, 7)}-01`);
  first.setUTCMonth(first.getUTCMonth() + months);
  const month = first.toISOString().slice(0, 7);
  return `${month}-${String(Math.min(Number(day.slice(8)), daysOf(month))).padStart(2, "0")}`;
}

/** Return how many days a month has. @param {string} month such as "2026-11" */
export function daysOf(month) {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

/** Return how many days later another day is. @param {string} day @param {string} other */
export const daysFrom = (day, other) => Math.round((toDate(other).getTime() - toDate(day).getTime()) / 86_400_000);

/** Return the weekday of a day: 1 for Monday to 7 for Sunday. @param {string} day */
export const weekdayOf = (day) => toDate(day).getUTCDay() || 7;

/** Return the wall time now in a zone, or in this device's zone. @param {string} [zone] */
export const nowIn = (zone) => wallAt(Date.now(), zone);

/** Return the wall time at an instant. @param {number} instant in milliseconds @param {string} [zone] @returns {string} */
export function wallAt(instant, zone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { dateStyle: "short", timeStyle: "medium", hourCycle: "h23" };
  try {
    return new Intl.DateTimeFormat("sv", { ...options, timeZone: zone }).format(instant).replace(" ", "T").slice(0, 16);
  } catch {
    return wallAt(instant); // a zone that this browser does not know
  }
}

/** Return the instant of a wall time, in milliseconds. @param {string} wall @param {string} [zone] */
function instantOf(wall, zone) {
  const asUtc = toDate(wall).getTime();
  const offsetAt = (/** @type {number} */ instant) => toDate(wallAt(instant, zone)).getTime() - instant;
  // The clocks may change between the first guess and the instant.
  return asUtc - offsetAt(asUtc - offsetAt(asUtc));
}

/** Return the city of a zone: "New York". @param {string} zone */
export const cityOf = (zone) => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");

/** Return those of the agreed dates that share time with a slot.
 * @param {string} wall @param {number} minutes @param {Schemas["PlannedDate"][]} agreed @param {string} [zone] that of the wall time */
export function overlapping(wall, minutes, agreed, zone) {
  const begins = instantOf(wall, zone);
  return between(begins, begins + minutes * 60_000, agreed);
}

/** Return those of the agreed dates that share time with whole days.
 * @param {string} first @param {string} last @param {Schemas["PlannedDate"][]} agreed @param {string} [zone] that of the days */
export const overlappingDays = (first, last, agreed, zone) =>
  between(instantOf(`${first}T00:00`, zone), instantOf(`${addDays(last, 1)}T00:00`, zone), agreed);

/** @param {number} begins @param {number} ends @param {Schemas["PlannedDate"][]} agreed */
const between = (begins, ends, agreed) =>
  agreed.filter(({ slots: [slot] }) => slot && Date.parse(slot.start) < ends && begins < Date.parse(slot.end));

/**
 * Return up to six times for an activity: evenings of the next days, and the weekends. None is taken.
 * @param {Schemas["Activity"]} activity @param {string} earliest a wall time @param {Schemas["PlannedDate"][]} agreed
 * @param {string} [zone]
 */
export function suggestTimes(activity, earliest, agreed, zone) {
  const first = addDays(earliest.slice(0, 10), activity.lead_days);
  const days = Array.from({ length: DAYS_AHEAD }, (_, number) => addDays(first, number));
  const times = days.map((day) =>
    hoursOn(day, activity)
      .map((hour) => `${day}T${String(hour).padStart(2, "0")}:00`)
      .find((wall) => wall > earliest && overlapping(wall, activity.duration_max, agreed, zone).length === 0),
  );
  const free = times.filter((wall) => wall !== undefined);
  const soon = free.slice(0, 2);
  return [...soon, ...free.filter((wall) => !soon.includes(wall) && weekdayOf(wall.slice(0, 10)) > 5)].slice(0, MOST);
}

/** Return how many whole days an activity takes: a night is between two, and 36 hours have one. @param {{duration_max: number}} activity */
export const usualDays = ({ duration_max: longest }) => 1 + Math.ceil(longest / (24 * 60) - 0.5);

/** Return the hours at which an activity may begin on a day, the best first. @param {string} day @param {Schemas["Activity"]} activity */
function hoursOn(day, activity) {
  const weekday = weekdayOf(day);
  const late = ["evening", "night"];
  const order = weekday < 6 ? late : weekday === 6 ? ["afternoon", ...late, "morning"] : ["morning", "afternoon", ...late];
  return order.filter((part) => activity.time_of_day.some((each) => each === part)).map((part) => HOURS[part] ?? 19);
}
