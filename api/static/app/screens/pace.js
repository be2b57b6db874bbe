// Pace: how close ideas may come, one step at a time.
import { t } from "../i18n.js";
import { ForTwo } from "../parts/couple.js";
import { Loaded, Notice, Page } from "../parts/page.js";
import { splitLabel, StepDialog, Steps } from "../parts/steps.js";
import { refresh, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** The lowest pace at which a proposal may carry words. */
const WORDS_FROM = 3;

export default function Pace() {
  return html`<${Page} title=${t("us.pace")} lead=${t("us.pace_lead")} back="/us">
    <${ForTwo}>${(/** @type {Schemas["Couple"]} */ couple) => html`<${Choices} name=${couple.partner} isTogether=${couple.rhythm === "together"} />`}<//>
  <//>`;
}

/** @param {{name: string, isTogether: boolean}} props */
function Choices({ name, isTogether }) {
  const pace = useResource("/me/pace");
  const catalogue = useResource("/catalogue").data;
  const [picked, setPicked] = useState(/** @type {number | null} */ (null));
  return html`<${Loaded} resource=${pace} retry=${() => refresh("/me/pace")} lines=${5}>
    ${(/** @type {Schemas["PaceChoice"]} */ choice) => {
      const steps = (catalogue?.paces ?? []).map((level) => stepOf(level, choice));
      const step = steps.find((each) => each.value === picked);
      return html`
        <${Steps} label=${t("us.pace")} steps=${steps} onPick=${(/** @type {{value: number}} */ each) => setPicked(each.value)} />
        <${Notice} icon="eye-off">${t("us.pace_private", { name })}<//>
        ${step && html`<${PaceDialog} step=${step} choice=${choice} name=${name} isTogether=${isTogether}
          next=${steps.find((each) => each.value === choice.pace + 1)?.label ?? ""} onClose=${() => setPicked(null)} />`}`;
    }}
  <//>`;
}

/** @param {Schemas["CatalogueLevel"]} level @param {Schemas["PaceChoice"]} choice */
function stepOf({ value, label }, choice) {
  const [name, text] = splitLabel(label);
  const marks = [
    value === choice.pace && t("us.mark_now"),
    value === choice.quiet_pace && t("us.mark_quiet"),
    value === choice.requested_pace && t("us.mark_asked"),
    value === choice.max_pace && t("us.mark_ceiling"),
  ].filter((mark) => mark !== false);
  return { value, label: name, text, marks, isNow: value === choice.pace };
}

/** @param {{step: import("../parts/steps.js").Step, choice: Schemas["PaceChoice"], name: string, isTogether: boolean,
 *   next: string, onClose: () => void}} props */
function PaceDialog({ step, choice, name, isTogether, next, onClose }) {
  const { pace, quiet_pace: quiet, requested_pace: requested } = choice;
  /** @type {string[]} */
  const lines = [];
  /** @type {import("../parts/steps.js").Way[]} */
  const ways = [];
  if (step.value < WORDS_FROM) lines.push(t("us.pace_no_words"));
  if (step.value < pace) {
    ways.push({ icon: "users", text: t("us.pace_openly", { name }), button: t("us.openly"), value: step.value });
    if (step.value === quiet) lines.push(t("us.quiet_already"));
    else ways.push({ icon: "eye-off", text: t("us.pace_quietly", { name }), button: t("us.quietly"), value: step.value, quietly: true });
  } else if (step.value === pace) {
    if (quiet === null && requested === null) lines.push(t("us.counts_now"));
    else ways.push({ icon: "undo-2", text: t("us.pace_keep", { name }), button: t("us.back_to_shared"), value: pace });
  } else if (step.value > pace + 1) lines.push(t("us.pace_far", { next }));
  else if (requested === step.value) ways.push({ icon: "undo-2", text: t("us.pace_asked", { name }), button: t("us.take_back"), value: pace });
  else {
    if (quiet !== null) lines.push(t("us.quiet_ends"));
    const text = t(isTogether ? "us.pace_ask_now" : "us.pace_ask", { name });
    ways.push({ icon: "hand-heart", text, button: t("us.ask"), value: step.value });
  }
  return html`<${StepDialog} step=${step} lines=${lines} ways=${ways} path="/me/pace" field="pace" onClose=${onClose} />`;
}
