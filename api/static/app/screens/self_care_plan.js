// A self-care plan to read: small things for each week, and the whole plan for a bad one. From here it is chosen.
import { formatMinutes, t } from "../i18n.js";
import { BySlug } from "../parts/by_slug.js";
import { Icon } from "../parts/controls.js";
import { Page, Section } from "../parts/page.js";
import { CHOSEN } from "../parts/self_care.js";
import { useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

/** @param {{slug: string}} props */
export default function SelfCarePlanScreen({ slug }) {
  const title = useResource("/self-care-plans").data?.items.find((plan) => plan.slug === slug)?.title;
  return html`<${Page} title=${title ?? t("guides.care")} tab="Rekindle" back="/me/guides?show=care">
    <${BySlug} path="/self-care-plans" slug=${slug}>${(/** @type {Schemas["SelfCarePlan"]} */ plan) => html`<${Plan} plan=${plan} />`}<//>
  <//>`;
}

/** @param {{plan: Schemas["SelfCarePlan"]}} props */
function Plan({ plan }) {
  const weeks = [...new Set(plan.actions.map((action) => action.week))];
  return html`
    <p class="lead">${plan.purpose}</p>
    <p class="hint">${t("guides.days", { count: plan.days })}. ${t("guides.any_day")}</p>
    ${weeks.map(
      (week) => html`<${Section} key=${week} title=${t("guides.week", { number: week })}>
        <ul class="guide-steps">
          ${plan.actions.filter((action) => action.week === week).map((action) => html`<li key=${action.text}>
            <p>${action.text}</p><p class="hint">${formatMinutes(action.minutes)}</p>
          </li>`)}
        </ul>
      <//>`,
    )}
    <div class="card pine"><h2 class="with-icon"><${Icon} name="battery-medium" />${t("guides.low_capacity")}</h2><p>${plan.low_capacity}</p></div>
    <${Section} title=${t("guides.look_back")}><p class="question">${plan.look_back}</p><//>
    <${Choose} slug=${plan.slug} />`;
}

/** The way to choose a plan, or to the plan that runs already. @param {{slug: string}} props */
function Choose({ slug }) {
  const chosen = useResource(CHOSEN).data?.items;
  const running = chosen?.find((plan) => plan.slug === slug && plan.state === "running");
  if (!chosen) return null;
  return html`<div class="send">
    <${Link} class="button primary wide" to=${running ? `/me/plans/${running.id}` : `/me/self-care/${slug}/times`}>
      <${Icon} name=${running ? "hand-heart" : "calendar-plus"} />${running ? t("care.open") : t("care.choose")}<//>
    <p class="seen"><${Icon} name="lock" />${t("care.only_you")}</p>
  </div>`;
}
