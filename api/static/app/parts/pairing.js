// What both sides of an invitation see: the words to compare, the choice of a rhythm, and the ways to say no.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { refresh, useResource } from "../resources.js";
import { navigate } from "../router.js";
import { html, useEffect } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Choice, useAction } from "./controls.js";
import { Dialog, say } from "./dialog.js";
import { Section, Skeleton } from "./page.js";

const SECONDS = 5;

/** Ask often for what is new: two people wait side by side. */
export function useQuickLook() {
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && refresh("/today"), 1000 * SECONDS);
    return () => clearInterval(timer);
  }, []);
}

/** Show Today with a welcome, once both have said yes. @param {string} name of the partner */
export async function landOnToday(name) {
  navigate("/", { replace: true });
  say(t("join.connected", { name }));
  await refresh("/today");
}

/** The three words that both compare. @param {{words: string[], name: string}} props */
export function CheckWords({ words, name }) {
  return html`<${Section} title=${t("join.words", { name })}>
    <div class="card pine">
      <ol class="check-words">${words.map((word) => html`<li key=${word}>${word}</li>`)}</ol>
      <p>${t("join.words_text", { name })}</p>
    </div>
  <//>`;
}

/**
 * The choice of a rhythm, with what each allows.
 * @param {{value: Schemas["Rhythm"] | null, onChange: (rhythm: Schemas["Rhythm"]) => void, name: string}} props
 */
export function RhythmChoice({ value, onChange, name }) {
  const labels = useResource("/catalogue").data?.rhythms;
  if (!labels) return html`<${Skeleton} />`;
  const options = labels.map((each) => {
    const rhythm = /** @type {Schemas["Rhythm"]} */ (each.value);
    return { value: rhythm, label: each.label, text: t(`join.rhythm_${rhythm}`) };
  });
  return html`<${Section} title=${t("join.rhythm")} class="rhythms">
    <p class="hint">${t("join.rhythm_text", { name })}</p>
    <${Choice} label=${t("join.rhythm")} hideLabel look="cards" options=${options} value=${value} onChange=${onChange} />
  <//>`;
}

/**
 * A dialog to say no to a person, or to block them.
 * @param {{title: string, text: string, no: string, name: string, onNo: () => Promise<any>, block: object,
 *   onDone: () => void, onClose: () => void}} props `block` names the person to the server
 */
export function SayNo({ title, text, no, name, onNo, block, onDone, onClose }) {
  const refusing = useAction(async () => {
    await onNo();
    onDone();
  });
  const blocking = useAction(async () => {
    await request("PUT", "/me/blocks", { body: block });
    onDone();
  });
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${text}</p>
    <${ActionError} error=${refusing.error ?? blocking.error} />
    <${Button} kind="primary" busy=${refusing.busy} onClick=${() => refusing.run()}>${no}<//>
    <${Button} icon="ban" busy=${blocking.busy} onClick=${() => blocking.run()}>${t("join.block", { name })}<//>
    <p class="hint">${t("join.block_text")}</p>
    <${Button} kind="quiet" onClick=${onClose}>${t("common.cancel")}<//>
  <//>`;
}
