// A self-care plan that the person chose: when its small things are, low weeks, other times, and the way out.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Icon, Switch, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { CHOSEN, whenOf } from "../parts/self_care.js";
import { change, refresh, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["ChosenPlan"]} Plan */

/** @param {{id: string}} props */
export default function ChosenPlanScreen({ id }) {
  const path = /** @type {const} */ (`${CHOSEN}/${id}`);
  const plan = useResource(path);
  return html`<${Page} title=${plan.data?.title ?? t("guides.care")} tab="Rekindle" back="/me/guides?show=care" class="chosen-plan">
    <${Loaded} resource=${plan} retry=${() => refresh(path)}>${(/** @type {Plan} */ data) => html`<${Content} plan=${data} path=${path} />`}<//>
  <//>`;
}

/** @param {{plan: Plan, path: string}} props */
function Content({ plan, path }) {
  const [asks, setAsks] = useState(false);
  const weeks = [...new Set(plan.steps.map((step) => step.week))];
  const isPast = plan.state === "past";
  return html`
    <p class="lead">${plan.purpose}</p>
    <p class="seen"><${Icon} name="lock" />${t("care.only_you")}</p>
    ${isPast && html`<${Notice} icon="sprout">${t("care.over")}<//>`}
    ${weeks.map((week) => html`<${Week} key=${week} plan=${plan} week=${week} path=${path} />`)}
    ${isPast
      ? html`<${Section} title=${t("guides.look_back")}><p class="question">${plan.look_back}</p>
          <p><${Link} class="button" to="/notes/new"><${Icon} name="feather" />${t("care.write")}<//></p><//>`
      : html`<p class="hint">${t("care.no_count")}</p>`}
    <div class="buttons">
      ${!isPast && html`<${Link} class="button" to="/me/self-care/${plan.slug}/times?plan=${plan.id}"><${Icon} name="clock" />${t("care.change_times")}<//>`}
      <${Button} kind="quiet" icon=${isPast ? "trash-2" : "x"} onClick=${() => setAsks(true)}>${isPast ? t("care.forget") : t("care.drop")}<//>
    </div>
    ${asks && html`<${Drop} plan=${plan} path=${path} onClose=${() => setAsks(false)} />`}`;
}

/** @param {{plan: Plan, week: number, path: string}} props */
function Week({ plan, week, path }) {
  const isLow = plan.low_weeks.includes(week);
  const steps = plan.steps.filter((step) => step.week === week && (step.local_time || plan.state === "running"));
  const isAhead = steps.some((step) => step.state === "ahead");
  const { run, error } = useAction(async (/** @type {boolean} */ low) => {
    const low_weeks = low ? [...plan.low_weeks, week] : plan.low_weeks.filter((each) => each !== week);
    change(path, (data) => ({ ...data, low_weeks }));
    try {
      const { data } = await request("PATCH", path, { body: { low_weeks }, version: plan.version });
      change(path, () => data);
      say(low ? t("care.low_said") : t("care.usual_said"));
    } catch (refused) {
      await refresh(path);
      throw refused;
    }
  });
  return html`<${Section} title=${t("guides.week", { number: week })}>
    ${plan.state === "running" && (isAhead || isLow) && html`<${Switch} label=${t("care.low_week")} hint=${t("care.low_week_hint")} checked=${isLow} onChange=${run} />`}
    <${ActionError} error=${error} />
    <ul class="guide-steps">${steps.map((step) => html`<${Step} key=${step.action} step=${step} />`)}</ul>
  <//>`;
}

/** One step. Its date is changed or called off where all dates are. @param {{step: Schemas["PlanStep"]}} props */
function Step({ step }) {
  const when = whenOf(step);
  return html`<li class=${step.state === "ahead" ? "first" : ""}>
    <p>${step.text}</p>
    <p class="hint">${step.date_id && step.state !== "off" ? html`<${Link} class="text-link" to="/dates/${step.date_id}">${when}<//>` : when}</p>
  </li>`;
}

/** @param {{plan: Plan, path: string, onClose: () => void}} props */
function Drop({ plan, path, onClose }) {
  const { run, busy, error } = useAction(async () => {
    await request("DELETE", path);
    change(CHOSEN, ({ items }) => ({ items: items.filter((/** @type {Plan} */ each) => each.id !== plan.id) }));
    say(t("care.dropped"));
    navigate("/me/guides?show=care", { replace: true });
  });
  const isPast = plan.state === "past";
  return html`<${Confirm} title=${isPast ? t("care.forget_title") : t("care.drop_title")} text=${isPast ? t("care.forget_text") : t("care.drop_text")}
    yes=${isPast ? t("care.forget") : t("care.drop")} busy=${busy} onYes=${() => run()} onClose=${onClose}><${ActionError} error=${error} /><//>`;
}
