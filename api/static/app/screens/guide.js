// A guide to read: when it is not for you, how to begin, the steps, and how to stop.
import { formatMinutes, t } from "../i18n.js";
import { BySlug } from "../parts/by_slug.js";
import { Icon } from "../parts/controls.js";
import { labelOf } from "../parts/note.js";
import { Page, Section } from "../parts/page.js";
import { useResource } from "../resources.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

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
    <${Section} title=${t("guides.closing")}><p>${guide.closing}</p><//>`;
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
