// The steps of a pace or a rhythm: a list from the calmest on, and the dialog that says what a step does before it is taken.
import { refreshShown, useResource } from "../resources.js";
import { request } from "../api.js";
import { t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Icon, useAction } from "./controls.js";
import { Dialog, say } from "./dialog.js";

/** @typedef {{value: any, label: string, text: string, marks: string[], isNow: boolean}} Step */
/** @typedef {{icon: string, text: string, button: string, kind?: string, value: any, quietly?: boolean}} Way */

/** The steps, from the calmest. @param {{label: string, steps: Step[], onPick: (step: Step) => void}} props */
export function Steps({ label, steps, onPick }) {
  return html`<ol class="rows levels" aria-label=${label}>
    ${steps.map(
      (step, index) => html`<li key=${step.value} class=${step.isNow ? "now" : ""}>
        <button type="button" class="row" onClick=${() => onPick(step)}>
          <span class="step-number" aria-hidden="true">${index + 1}</span>
          <span><b>${step.label}</b><small>${step.text}</small>
            ${step.marks.length > 0 && html`<span class="marks">${step.marks.map((mark) => html`<em key=${mark}>${mark}</em>`)}</span>`}</span>
          <${Icon} name="chevron-right" class="ahead" />
        </button>
      </li>`,
    )}
  </ol>`;
}

/**
 * What a step does, and a button for each way to take it.
 * @param {{step: Step, lines: string[], ways: Way[], path: string, field: string, onClose: () => void}} props
 *   `field` names the choice in the request to `path`
 */
export function StepDialog({ step, lines, ways, path, field, onClose }) {
  const choose = useAction(async (/** @type {Way} */ way) => {
    try {
      await request("PUT", path, { body: { [field]: way.value, quietly: way.quietly ?? false } });
    } finally {
      await refreshShown(); // after a refusal, too: the partner may have changed it meanwhile
    }
    onClose();
    say(t("common.saved"));
  });
  return html`<${Dialog} title=${step.label} onClose=${onClose}>
    ${step.text && html`<p>${step.text}</p>`}
    ${lines.map((line) => html`<p key=${line} class="hint">${line}</p>`)}
    ${ways.map(
      (way) => html`<div key=${way.button} class="way">
        <p><${Icon} name=${way.icon} /><span>${way.text}</span></p>
        <${Button} kind=${way.kind} class="wide" busy=${choose.busy} onClick=${() => choose.run(way)}>${way.button}<//>
      </div>`,
    )}
    <${ActionError} error=${choose.error} />
    ${ways.length === 0 && html`<${Button} class="wide" onClick=${onClose}>${t("common.close")}<//>`}
  <//>`;
}

/** Return the two parts of a label such as "Light: in public", the second empty if there is one part only.
 * @param {string} label @returns {[string, string]} */
export function splitLabel(label) {
  const at = label.indexOf(": ");
  if (at < 0) return [label, ""];
  const rest = label.slice(at + 2);
  return [label.slice(0, at), rest.charAt(0).toUpperCase() + rest.slice(1)];
}

/** Return the labels of the paces and rhythms by value, without what follows a colon. */
export function useLevelNames() {
  const catalogue = useResource("/catalogue").data;
  const names = new Map([...(catalogue?.paces ?? []), ...(catalogue?.rhythms ?? [])].map((level) => [level.value, splitLabel(level.label)[0]]));
  return (/** @type {string | number | null | undefined} */ value) => names.get(value ?? "") ?? "";
}
