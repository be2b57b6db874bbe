// A guide for one person, step by step. The server learns nothing of it; the address alone knows the step.
import { serverNow } from "../api.js";
import { t } from "../i18n.js";
import { BySlug } from "../parts/by_slug.js";
import { Button, Icon } from "../parts/controls.js";
import { Page } from "../parts/page.js";
import { StepCard, TurnTime, useAwakeScreen } from "../parts/talk.js";
import { useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html, useMemo } from "../vendor/preact/preact-11.2.0.js";

/** @param {{slug: string}} props */
export default function GuideAlone({ slug }) {
  const title = useResource("/guides").data?.items.find((guide) => guide.slug === slug)?.title;
  useAwakeScreen(true);
  return html`<${Page} title=${title ?? t("guides.title")} tab="Rekindle" back="/me/guides/${slug}" class="talk-page">
    <${BySlug} path="/guides" slug=${slug}>${(/** @type {Schemas["Guide"]} */ guide) => html`<${Steps} guide=${guide} />`}<//>
  <//>`;
}

/** @param {{guide: Schemas["Guide"]}} props */
function Steps({ guide }) {
  const last = guide.steps.length + 1;
  const step = Math.min(last, Math.max(0, Math.trunc(Number(query.value.get("step"))) || 0));
  const go = (/** @type {number} */ to) => navigate(`/me/guides/${guide.slug}/alone?step=${to}`, { replace: true });
  const began = useMemo(serverNow, [step]);
  const turn = guide.steps[step - 1];
  const text = step === 0 ? guide.opening : (turn?.text ?? guide.closing);
  const place = step === 0 ? t("guides.opening") : turn ? t("talks.step", { step, steps: last - 1 }) : t("guides.closing");
  return html`
    <${StepCard} who=${t("talks.alone")} side="me" text=${text} place=${place} isQuote=${step === 0}>
      ${turn && html`<${TurnTime} key=${step} beganAt=${began} minutes=${turn.minutes} />`}
    <//>
    <p class="hint with-icon"><${Icon} name="info" /><span>${guide.stop}</span></p>
    ${step < last ? html`<${Button} kind="primary" class="wide" icon="arrow-right" onClick=${() => go(step + 1)}>${t("talks.next")}<//>`
      : html`<${Link} to="/" class="button primary wide"><${Icon} name="check" /><span>${t("talks.finish")}</span><//>`}
    <div class="talk-ways">
      <${Button} icon="arrow-left" disabled=${step === 0} onClick=${() => go(step - 1)}>${t("common.back")}<//>
      <${Link} to="/me/guides" class="button"><${Icon} name="x" /><span>${t("talks.stop")}</span><//>
    </div>
    <p class="seen"><${Icon} name="lock" />${t("talks.alone_seen")}</p>`;
}
