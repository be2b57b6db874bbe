// A guide to read: when it is not for you, how to begin, the steps, and how to stop. A talk of two can begin here.
import { formatMinutes, formatMinutesRange, t } from "../i18n.js";
import { BeginTalk } from "../parts/begin_talk.js";
import { BySlug } from "../parts/by_slug.js";
import { Button, Icon } from "../parts/controls.js";
import { Fold } from "../parts/fold.js";
import { labelOf } from "../parts/note.js";
import { Page, Section } from "../parts/page.js";
import { RowLink } from "../parts/rows.js";
import { useResource } from "../resources.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

// Ideas that leave room to talk.
const PLACES = "/activities?for=two&q=talking%20walk&limit=10";

/** @param {{slug: string}} props */
export default function GuideScreen({ slug }) {
  const title = useResource("/guides").data?.items.find((guide) => guide.slug === slug)?.title;
  return html`<${Page} title=${title ?? t("guides.title")} tab="Rekindle" back="/me/guides">
    <${BySlug} path="/guides" slug=${slug}>${(/** @type {Schemas["Guide"]} */ guide) => html`<${Guide} guide=${guide} />`}<//>
  <//>`;
}

/** @param {{guide: Schemas["Guide"]}} props */
function Guide({ guide }) {
  return html`
    <p class="lead">${guide.purpose}</p>
    <p class="hint">${t(guide.for === "one" ? "guides.for_one" : "guides.for_two", { time: formatMinutes(guide.minutes) })}</p>
    <div class="card when-not"><h2 class="with-icon"><${Icon} name="circle-alert" />${t("guides.when_not")}</h2><p>${guide.when_not}</p></div>
    <${Section} title=${t("guides.opening")}><p class="question quote">${guide.opening}</p><//>
    <${Section} title=${t("guides.steps")}><${Steps} steps=${guide.steps} /><//>
    <${Section} title=${t("guides.stop")}>
      <p>${guide.stop}</p>
      <p class="hint">${t("guides.pause", { pause: formatMinutes(guide.pause_minutes), resume: formatMinutes(60 * guide.resume_hours) })}</p>
    <//>
    <${Section} title=${t("guides.closing")}><p>${guide.closing}</p><//>
    ${guide.for === "one" ? html`<${Link} to="/me/guides/${guide.slug}/alone" class="button primary"><${Icon} name="arrow-right" />${t("talks.alone_begin")}<//>`
      : html`<${Together} guide=${guide} />`}`;
}

/** Begin a talk with the partner: now, or as a date. @param {{guide: Schemas["Guide"]}} props */
function Together({ guide }) {
  const today = useResource("/today").data;
  const [isAsked, setAsked] = useState(false);
  const name = today?.couple?.partner;
  if (!today || !today.couple || !name) return null;
  if (guide.pace > today.couple.pace) return html`<p class="hint">${t("talks.above_pace")} <${Link} to="/us/pace" class="text-link">${t("us.pace")}<//></p>`;
  return html`<${Section} title=${t("talks.together", { name })}>
    ${today.talk ? html`<${Link} to="/talks/${today.talk.id}" class="button primary"><${Icon} name="arrow-right" />${t("talks.to_talk")}<//>`
      : html`<p>${t("talks.together_text", { name })}</p>
        <div><${Button} kind="primary" icon="arrow-right" onClick=${() => setAsked(true)}>${t("talks.begin_now")}<//></div>`}
    <${PlanTalk} guide=${guide} pace=${today.couple.pace} />
    ${isAsked && html`<${BeginTalk} title=${guide.title} guide=${guide.slug} onClose=${() => setAsked(false)} />`}
  <//>`;
}

/** The ideas for a place to talk. A talk at an agreed time is a date. @param {{guide: Schemas["Guide"], pace: number}} props */
function PlanTalk({ guide, pace }) {
  const ideas = useResource(PLACES).data?.items.filter((idea) => idea.pace <= pace) ?? [];
  if (ideas.length === 0) return null;
  return html`<${Fold} title=${t("talks.plan")}>
    <p>${t("talks.plan_text")}</p>
    <ul class="rows">${ideas.map((idea) => html`<${RowLink} key=${idea.id} to="/propose/${idea.id}?guide=${guide.slug}" icon="calendar-plus"
      label=${idea.title} text=${formatMinutesRange(idea.duration_min, idea.duration_max)} />`)}</ul>
  <//>`;
}

/** @param {{steps: Schemas["GuideStep"][]}} props */
function Steps({ steps }) {
  const speakers = useResource("/catalogue").data?.speakers ?? [];
  return html`<ol class="guide-steps">
    ${steps.map(
      (step, index) => html`<li key=${index} class=${step.speaker}>
        <p class="eyebrow">${labelOf(step.speaker, speakers)}<span>${formatMinutes(step.minutes)}</span></p>
        <p>${step.text}</p>
      </li>`,
    )}
  </ol>`;
}
