// The steps after sign-up: put the secrets away, what fits, what the person likes, and a first idea. Each can be skipped.
import { t } from "../i18n.js";
import { ActivityCard } from "../parts/activity.js";
import { Choice, Icon } from "../parts/controls.js";
import { forgetSecrets, Progress, secrets, situation } from "../parts/first_run.js";
import { heldCode } from "../parts/held_code.js";
import { LikesStep } from "../parts/likes.js";
import { Loaded, Notice, Page } from "../parts/page.js";
import { KeepSecrets } from "../parts/secrets.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html, useEffect } from "../vendor/preact/preact-11.2.0.js";

const STEPS = /** @type {const} */ ({ situation: SituationStep, likes: LikesStep, idea: IdeaStep });

export default function Onboarding() {
  const isInvited = Boolean(heldCode.value);
  useEffect(() => {
    // A reload loses the secrets, but not the invitation.
    if (!secrets.value && isInvited) navigate("/join", { replace: true });
  }, [isInvited]);
  if (secrets.value) return html`<${SecretsStep} />`;
  if (isInvited) return null;
  const name = /** @type {keyof typeof STEPS} */ (query.value.get("step") ?? "situation");
  const Step = STEPS[name] ?? SituationStep;
  return html`<${Step} key=${name} />`;
}

function SecretsStep() {
  const shown = /** @type {import("../parts/first_run.js").Secrets} */ (secrets.value);
  const goOn = () => {
    const next = shown.isNew ? "/start?step=situation" : "/";
    navigate(heldCode.value ? "/join" : next, { replace: true });
    forgetSecrets();
  };
  const lead = t(shown.isNew ? "welcome.keep_lead" : "welcome.keep_lead_recovery");
  return html`<${Page} title=${t("welcome.keep")} lead=${lead} class="first-run">
    ${shown.isNew && html`<${Progress} step=${2} />`}
    ${!shown.opensReflections && html`<${Notice} icon="lock">${t("me.code_keep_old")}<//>`}
    <${KeepSecrets} secrets=${shown} onDone=${goOn} />
  <//>`;
}

function SituationStep() {
  const values = /** @type {const} */ (["alone", "together", "apart"]);
  const icons = { alone: "user", together: "users", apart: "wind" };
  const options = values.map((value) => ({
    value,
    icon: icons[value],
    label: t(`welcome.situation_${value}`),
    text: t(`welcome.situation_${value}_text`),
  }));
  const chosen = situation.value;
  return html`<${Page} title=${t("welcome.situation")} lead=${t("welcome.situation_lead")} class="first-run" actions=${html`<${Skip} to="/start?step=likes" />`}>
    <${Progress} step=${3} />
    <${Choice} label=${t("welcome.situation")} hideLabel look="cards" options=${options} value=${chosen}
      onChange=${(/** @type {any} */ value) => (situation.value = value)} />
    <p class="hint" aria-live="polite">${chosen && t(chosen === "alone" ? "welcome.then_alone" : "welcome.then_invite")}</p>
    <${Link} to="/start?step=likes" class="button primary wide">${t("common.next")}<//>
  <//>`;
}

/** @param {{to: string}} props */
function Skip({ to }) {
  return html`<${Link} to=${to} class="button quiet">${t("common.skip")}<//>`;
}

function IdeaStep() {
  const suggestions = useResource("/suggestions");
  const today = useResource("/today").data;
  return html`<${Page} title=${t("welcome.first_idea")} lead=${t("welcome.first_idea_lead")} class="first-run">
    <${Progress} step=${5} />
    <${Loaded} resource=${suggestions} retry=${() => refresh("/suggestions")}>
      ${(/** @type {Schemas["Suggestions"]} */ { items }) => html`<div class="columns">
        ${items.slice(0, 2).map(
          ({ activity, reasons, first_day: firstDay }) => html`<${ActivityCard} key=${activity.id} activity=${activity} reasons=${reasons} firstDay=${firstDay}>
            <${Link} to="/propose/${activity.id}" class="button">${t("activity.plan")}<//>
          <//>`,
        )}
      </div>`}
    <//>
    <div class="first-buttons">
      <${Link} to="/" class="button primary">${t("common.to_today")}<//>
      ${today?.invitation && html`<${Link} to="/us/invitation" class="button">${t("join.back")}<//>`}
      ${today?.pairing === "alone" && situation.value !== "alone" && html`<${Link} to="/us/invitation" class="button"><${Icon} name="user-plus" />${t("today.invite")}<//>`}
    </div>
  <//>`;
}
