// An activity in short: its picture, its facts, and the card that leads to it.
import { formatMinutes, t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

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

/** The picture of a category: its icon on its colour. @param {{category: Schemas["Category"]}} props */
export function CategoryPicture({ category }) {
  return html`<span class="category-picture ${category}"><${Icon} name=${ICONS[category]} /></span>`;
}

/** What an activity takes: minutes, cost and place. @param {{activity: Schemas["Activity"]}} props */
export function ActivityFacts({ activity }) {
  const { duration_min: least, duration_max: most } = activity;
  const minutes =
    least === most ? formatMinutes(least) : t("activity.minutes", { from: formatMinutes(least), to: formatMinutes(most) });
  const cost = /** @type {const} */ (["activity.cost_0", "activity.cost_1", "activity.cost_2", "activity.cost_3"])[activity.cost_band];
  return html`<ul class="facts">
    <li><${Icon} name="clock" />${minutes}</li>
    ${cost && html`<li><${Icon} name="coins" />${t(cost)}</li>`}
    <li><${Icon} name=${activity.setting === "home" ? "house" : "map-pin"} />${t(`activity.setting_${activity.setting}`)}</li>
  </ul>`;
}

/**
 * A card of an activity, which leads to it.
 * @param {{activity: Schemas["Activity"], reasons?: Schemas["SuggestionReason"][], children?: any}} props
 */
export function ActivityCard({ activity, reasons = [], children }) {
  return html`<article class="card activity-card">
    <${CategoryPicture} category=${activity.category} />
    <h3><${Link} to="/activities/${activity.id}">${activity.title}<//></h3>
    <p>${activity.summary}</p>
    <${ActivityFacts} activity=${activity} />
    ${reasons.length > 0 && html`<ul class="reasons">${reasons.map((reason) => html`<li key=${reason.code}>${reason.text}</li>`)}</ul>`}
    ${children}
  </article>`;
}
