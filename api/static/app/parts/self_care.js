// What the screens of self-care plans share: the paths, and the texts of a step.
import { formatDayTime, formatMinutes, t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { RowLink } from "./rows.js";

export const CHOSEN = "/me/self-care-plans";

/** Return when a step is, or why it has no date. @param {Schemas["PlanStep"]} step */
export function whenOf({ state, local_time: wall, minutes }) {
  if (!wall) return t("care.not_chosen");
  const when = `${formatDayTime(wall)}, ${formatMinutes(minutes)}`;
  if (state === "off") return t("care.off");
  return state === "open" ? t("care.rests") : when;
}

/** The person's plans as rows. @param {{plans: Schemas["ChosenPlan"][]}} props */
export function PlanRows({ plans }) {
  return html`<ul class="rows">${plans.map((plan) => html`<${RowLink} key=${plan.id} to="/me/plans/${plan.id}" icon="hand-heart"
    label=${plan.title} text=${summaryOf(plan)} />`)}</ul>`;
}

/** @param {Schemas["ChosenPlan"]} plan */
function summaryOf(plan) {
  const next = plan.steps.find((step) => step.state === "ahead");
  if (plan.state === "past") return t("care.is_over");
  return next?.local_time ? t("care.next", { when: formatDayTime(next.local_time) }) : t("care.nothing_ahead");
}
