// An activity in short: its picture, its facts, and the card or row that leads to it.
import { formatDay, formatMinutesRange, t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";
import { nowIn } from "./times.js";

/** @type {Record<Schemas["Category"], string>} */
const ICONS = {
  apart: "mail",
  cook_taste: "utensils",
  culture: "ticket",
  everyday: "coffee",
  getaway: "luggage",
  give_back: "hand-helping",
  learn: "graduation-cap",
  make: "palette",
  move: "bike",
  outdoors: "trees",
  play: "dices",
  remember: "book-open",
  solo: "sprout",
  talk: "message-circle",
};

const COSTS = /** @type {const} */ (["activity.cost_0", "activity.cost_1", "activity.cost_2", "activity.cost_3", "activity.cost_4"]);

/** The picture of a category: its icon on its colour. @param {{category: Schemas["Category"]}} props */
export function CategoryPicture({ category }) {
  return html`<span class="category-picture ${category}"><${Icon} name=${ICONS[category]} /></span>`;
}

/** Return how long an activity takes: "1–2 h". @param {Schemas["Activity"]} activity */
export const durationOf = (activity) => formatMinutesRange(activity.duration_min, activity.duration_max);

/** Return the cost in a word or two. @param {number} band */
export const costOf = (band) => t(COSTS[band] ?? "activity.cost_4");

/** What an activity takes: minutes, cost and place. @param {{activity: Schemas["Activity"]}} props */
export function ActivityFacts({ activity }) {
  return html`<ul class="facts">
    <li><${Icon} name="clock" />${durationOf(activity)}</li>
    <li><${Icon} name="coins" />${costOf(activity.cost_band)}</li>
    <li><${Icon} name=${activity.setting === "home" ? "house" : "map-pin"} />${t(`activity.setting_${activity.setting}`)}</li>
  </ul>`;
}

/** Why an idea fits. Its minutes and cost are left out: the facts show them. @param {{reasons: Schemas["SuggestionReason"][]}} props */
export function Reasons({ reasons }) {
  const special = reasons.filter((reason) => reason.code !== "duration" && reason.code !== "cost");
  if (special.length === 0) return null;
  return html`<ul class="reasons">${special.map((reason) => html`<li key=${reason.code}>${reason.text}</li>`)}</ul>`;
}

/** From which day on an idea is possible. An answer of an earlier version has none. @param {{day: string | undefined}} props */
export function FirstDay({ day }) {
  if (!day) return null;
  const text = day === nowIn().slice(0, 10) ? t("ideas.from_today") : t("ideas.from_day", { day: formatDay(day) });
  return html`<p class="fits with-icon"><${Icon} name="calendar" />${text}</p>`;
}

/**
 * A card of an activity, which leads to it.
 * @param {{activity: Schemas["Activity"], reasons?: Schemas["SuggestionReason"][], firstDay?: string, children?: any}} props
 */
export function ActivityCard({ activity, reasons = [], firstDay, children }) {
  return html`<article class="card activity-card">
    <${CategoryPicture} category=${activity.category} />
    <h3><${Link} to="/activities/${activity.id}">${activity.title}<//></h3>
    <p>${activity.summary}</p>
    <${ActivityFacts} activity=${activity} />
    <${FirstDay} day=${firstDay} />
    <${Reasons} reasons=${reasons} />
    ${children}
  </article>`;
}

/** A row that leads to an activity. @param {{activity: Schemas["Activity"], note?: any, withSummary?: boolean}} props */
export function ActivityRow({ activity, note, withSummary = false }) {
  return html`<li>
    <${Link} class="row" to="/activities/${activity.id}">
      <${CategoryPicture} category=${activity.category} />
      <span><b>${activity.title}</b>
        <small>${durationOf(activity)} · ${costOf(activity.cost_band)} · ${t(`activity.setting_${activity.setting}`)}</small>
        ${withSummary && activity.summary && html`<small>${activity.summary}</small>`}
        ${note && html`<small class="row-note">${note}</small>`}</span>
      <${Icon} name="chevron-right" class="ahead" />
    <//>
  </li>`;
}

/**
 * Return what one does, with the ending that suits the viewer's rhythm.
 * @param {{steps: string[], ending: string | null}} activity
 */
export const stepsOf = ({ steps, ending }) => (ending ? [...steps, ending] : steps);
