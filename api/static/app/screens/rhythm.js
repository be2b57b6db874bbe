// Rhythm: how often things come up between the two.
import { t } from "../i18n.js";
import { ForTwo } from "../parts/couple.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { splitLabel, StepDialog, Steps } from "../parts/steps.js";
import { refresh, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @type {Schemas["Rhythm"][]} */
const CALMEST_FIRST = ["apart", "gentle", "together"];

export default function Rhythm() {
  return html`<${Page} title=${t("us.rhythm")} lead=${t("us.rhythm_lead")} back="/us">
    <${ForTwo}>${(/** @type {Schemas["Couple"]} */ couple) => html`<${Choices} name=${couple.partner} />`}<//>
  <//>`;
}

/** @param {{name: string}} props */
function Choices({ name }) {
  const rhythm = useResource("/me/rhythm");
  const catalogue = useResource("/catalogue").data;
  const [picked, setPicked] = useState("");
  return html`<${Loaded} resource=${rhythm} retry=${() => refresh("/me/rhythm")}>
    ${(/** @type {Schemas["RhythmChoice"]} */ choice) => {
      const steps = (catalogue?.rhythms ?? []).map((level) => stepOf(level, choice));
      const step = steps.find((each) => each.value === picked);
      return html`
        <${Steps} label=${t("us.rhythm")} steps=${steps} onPick=${(/** @type {{value: string}} */ each) => setPicked(each.value)} />
        <${Notice} icon="eye-off">${t("us.rhythm_private", { name })}<//>
        <${Allowed} labels=${steps} />
        ${step && html`<${RhythmDialog} step=${step} choice=${choice} name=${name} onClose=${() => setPicked("")} />`}`;
    }}
  <//>`;
}

/** @param {Schemas["CatalogueEntry"]} level @param {Schemas["RhythmChoice"]} choice */
function stepOf({ value, label }, choice) {
  const marks = [
    value === choice.rhythm && t("us.mark_now"),
    value === choice.quiet_rhythm && t("us.mark_quiet"),
    value === choice.choice && t("us.mark_choice"),
  ].filter((mark) => mark !== false);
  const rhythm = /** @type {Schemas["Rhythm"]} */ (value);
  return { value: rhythm, label: splitLabel(label)[0], text: t(`us.rhythm_${rhythm}`), marks, isNow: value === choice.rhythm };
}

/** What each rhythm allows each of the two. @param {{labels: {value: Schemas["Rhythm"], label: string}[]}} props */
function Allowed({ labels }) {
  return html`<${Section} title=${t("us.allows")}>
    <div class="card levels-table" role="region" tabindex="0" aria-label=${t("us.allows")}>
      <table>
        <thead><tr><td></td>${labels.map(({ value, label }) => html`<th key=${value} scope="col">${label}</th>`)}</tr></thead>
        <tbody>
          <tr><th scope="row">${t("us.allows_proposals")}</th>
            ${labels.map(({ value }) => html`<td key=${value}>${t(`us.allows_proposals_${value}`)}</td>`)}</tr>
          <tr><th scope="row">${t("us.allows_shared")}</th>
            ${labels.map(({ value }) => html`<td key=${value}>${t(`us.allows_shared_${value}`)}</td>`)}</tr>
          <tr><th scope="row">${t("us.allows_wait")}</th>
            ${labels.map(({ value }) => html`<td key=${value}>${t(value === "together" ? "us.allows_wait_none" : "us.allows_wait_some")}</td>`)}</tr>
        </tbody>
      </table>
    </div>
    <p class="hint">${t("us.allows_hint")}</p>
  <//>`;
}

/** @param {{step: import("../parts/steps.js").Step, choice: Schemas["RhythmChoice"], name: string, onClose: () => void}} props */
function RhythmDialog({ step, choice, name, onClose }) {
  const { rhythm, choice: own, quiet_rhythm: quiet } = choice;
  const steps = CALMEST_FIRST.indexOf(step.value) - CALMEST_FIRST.indexOf(rhythm);
  /** @type {string[]} */
  const lines = [];
  /** @type {import("../parts/steps.js").Way[]} */
  const ways = [];
  if (steps < 0) {
    ways.push({ icon: "users", text: t("us.rhythm_openly", { name }), button: t("us.openly"), value: step.value });
    if (step.value === quiet) lines.push(t("us.quiet_already"));
    else ways.push({ icon: "eye-off", text: t("us.rhythm_quietly", { name }), button: t("us.quietly"), value: step.value, quietly: true });
  } else if (steps === 0) {
    if (quiet === null && own === rhythm) lines.push(t("us.counts_now"));
    else ways.push({ icon: "undo-2", text: t("us.rhythm_keep", { name }), button: t("us.back_to_shared"), value: rhythm });
  } else if (quiet === null && own === step.value) {
    ways.push({ icon: "undo-2", text: t("us.rhythm_asked", { name }), button: t("us.take_back"), value: rhythm });
  } else {
    if (quiet !== null) lines.push(t("us.quiet_ends"));
    ways.push({ icon: "hand-heart", text: t("us.rhythm_ask", { name }), button: t("us.ask"), value: step.value });
  }
  return html`<${StepDialog} step=${step} lines=${lines} ways=${ways} path="/me/rhythm" field="rhythm" onClose=${onClose} />`;
}
