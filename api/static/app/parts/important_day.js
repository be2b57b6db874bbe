// An important day: what it is called, how far away it is, and its row.
import { formatLongDay, t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

/** @typedef {Schemas["ImportantDay"]} ImportantDay */

/** Return what a day is called. @param {ImportantDay} day @param {string | null | undefined} partner */
export function titleOf(day, partner) {
  if (day.title) return day.title;
  if (day.kind === "anniversary") return t("days.anniversary");
  return day.birthday_of === "me" ? t("days.own_birthday") : t("days.birthday_of", { name: partner ?? t("notes.your_partner") });
}

/** Return how far away a day is. @param {ImportantDay} day */
export function countdownOf(day) {
  const years = day.years ? ` · ${t("days.years", { count: day.years })}` : "";
  return (day.days_left === 0 ? t("days.today") : t("days.left", { count: day.days_left })) + years;
}

/** @param {ImportantDay} day @param {string | null | undefined} partner */
export function stateOf(day, partner) {
  const name = partner ?? t("notes.your_partner");
  if (day.state === "agreed") return t("days.for_both");
  if (day.state === "private") return t("days.for_me");
  return day.mine ? t("days.offered") : t("days.offered_by", { name });
}

/** The row of a day, which leads to it. `note` takes the place of the countdown.
 * @param {{day: ImportantDay, partner: string | null | undefined, note?: string}} props */
export function ImportantDayRow({ day, partner, note }) {
  return html`<li><${Link} class="row" to="/calendar/days/${day.id}"><${Icon} name="gift" />
    <span><b>${titleOf(day, partner)}</b><small>${note ?? `${countdownOf(day)} · ${formatLongDay(day.next_day)}`}</small></span>
    <${Icon} name="chevron-right" class="ahead" /><//></li>`;
}
