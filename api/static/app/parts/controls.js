// Controls: icons, buttons, fields and choices. Each has a label, a target of 48 pixels, and the state of its action.
import { NotUsed, Refusal, Unreachable } from "../api.js";
import { formatInstant, t } from "../i18n.js";
import { html, useId, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

const SPRITE = new URL("../icons.svg", import.meta.url).pathname;

/** An icon of the sprite. It says nothing to a screen reader. @param {{name: string, class?: string}} props */
export function Icon({ name, class: more = "" }) {
  return html`<svg class="icon ${more}" aria-hidden="true"><use href="${SPRITE}#${name}" /></svg>`;
}

/**
 * A button. `kind` is "primary", "plain" (default), "quiet" or "danger"; `busy` shows that its action runs.
 * @param {{kind?: string, icon?: string, busy?: boolean, children?: any, onClick?: any, type?: string,
 *   disabled?: boolean, class?: string, [attribute: string]: any}} props
 */
export function Button({ kind = "plain", icon, busy = false, children, class: more = "", type = "button", ...rest }) {
  return html`<button type=${type} class="button ${kind} ${more}" aria-busy=${busy} disabled=${busy} ...${rest}>
    ${icon && html`<${Icon} name=${icon} />`}<span>${children}</span>
  </button>`;
}

/** A round button with an icon only. @param {{icon: string, label: string, [attribute: string]: any}} props */
export function IconButton({ icon, label, class: more = "", ...rest }) {
  return html`<button type="button" class="icon-button ${more}" aria-label=${label} title=${label} ...${rest}>
    <${Icon} name=${icon} />
  </button>`;
}

/** Return how many letters a person sees in a text, as the server counts them. @param {string} text */
export function countLetters(text) {
  const trimmed = text.trim();
  if (/^[ -~\n]*$/.test(trimmed)) return trimmed.length;
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...segmenter.segment(trimmed)].length;
}
/** @type {Intl.Segmenter | undefined} */
let segmenter;

/**
 * A labelled input. All other properties go to the input.
 * @param {{label: string, hint?: string, error?: string, value: string, onInput: (value: string) => void,
 *   lines?: number, most?: number, [attribute: string]: any}} props `lines` makes it an area for longer text, and `most`
 *   is how many letters it may have: `maxlength` would cut off what is pasted, and a letter can have several characters
 */
export function Field({ label, hint, error: refused, value, onInput, lines, most = Infinity, class: more = "", ...rest }) {
  const id = useId();
  const surplus = countLetters(value) - most;
  const error = surplus > 0 ? t("common.too_long", { count: surplus }) : refused;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const shared = {
    id,
    value,
    "aria-describedby": described,
    "aria-invalid": error ? "true" : undefined,
    onInput: (/** @type {any} */ event) => onInput(event.currentTarget.value),
    ...rest,
  };
  return html`<div class="field ${more}">
    <label for=${id}>${label}</label>
    ${lines ? html`<textarea rows=${lines} ...${shared}></textarea>` : html`<input ...${shared} />`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${error && html`<p class="fault" id="${id}-error">${error}</p>`}
  </div>`;
}

/** A field for a password, with a button that shows it. @param {any} props those of Field */
export function PasswordField({ label, ...rest }) {
  const [shown, setShown] = useState(false);
  return html`<div class="password">
    <${Field} label=${label} type=${shown ? "text" : "password"} autocapitalize="none" spellcheck=${false} ...${rest} />
    <${IconButton}
      icon=${shown ? "eye-off" : "eye"}
      label=${shown ? t("common.hide_password") : t("common.show_password")}
      aria-pressed=${shown}
      onClick=${() => setShown(!shown)}
    />
  </div>`;
}

/**
 * A choice of one among several, as radio buttons. Options may have a text that explains them.
 * @template {string | number} T
 * @param {{label: string, hideLabel?: boolean, options: {value: T, label: string, text?: string, icon?: string}[],
 *   value: T | null, onChange: (value: T) => void, look?: "chips" | "cards"}} props
 */
export function Choice({ label, hideLabel = false, options, value, onChange, look = "chips" }) {
  const name = useId();
  return html`<fieldset class="choice ${look}">
    <legend class=${hideLabel ? "hidden" : ""}>${label}</legend>
    ${options.map(
      (option) => html`<label key=${option.value}>
        <input type="radio" name=${name} checked=${option.value === value} onChange=${() => onChange(option.value)} />
        <span class="option">
          ${option.icon && html`<${Icon} name=${option.icon} />`}
          <span><b>${option.label}</b>${option.text && html`<small>${option.text}</small>`}</span>
        </span>
      </label>`,
    )}
  </fieldset>`;
}

/**
 * A choice of any number among several, as checkboxes that look like chips.
 * @param {{label: string, hideLabel?: boolean, options: {value: string, label: string}[], values: string[],
 *   onChange: (values: string[]) => void, hint?: string}} props
 */
export function Chips({ label, hideLabel = false, options, values, onChange, hint }) {
  /** @param {string} value */
  const toggle = (value) => onChange(values.includes(value) ? values.filter((each) => each !== value) : [...values, value]);
  return html`<fieldset class="choice chips">
    <legend class=${hideLabel ? "hidden" : ""}>${label}</legend>
    ${hint && html`<p class="hint">${hint}</p>`}
    ${options.map(
      (option) => html`<label key=${option.value}>
        <input type="checkbox" checked=${values.includes(option.value)} onChange=${() => toggle(option.value)} />
        <span class="option"><b>${option.label}</b></span>
      </label>`,
    )}
  </fieldset>`;
}

/** A switch. @param {{label: string, hint?: string, checked: boolean, onChange: (checked: boolean) => void}} props */
export function Switch({ label, hint, checked, onChange }) {
  return html`<label class="switch">
    <span><b>${label}</b>${hint && html`<small>${hint}</small>`}</span>
    <input type="checkbox" role="switch" checked=${checked} onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.checked)} />
  </label>`;
}

/**
 * An action that runs once at a time: `run` starts it, `busy` says that it runs, `error` why it failed.
 * @template {any[]} A
 * @param {(...values: A) => Promise<unknown>} act
 * @returns {{run: (...values: A) => Promise<void>, busy: boolean, error: Error | null, clear: () => void}}
 */
export function useAction(act) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {Error | null} */ (null));
  const running = useRef(false);
  /** @param {A} values */
  const run = async (...values) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await act(...values);
    } catch (caught) {
      if (!(caught instanceof Refusal || caught instanceof Unreachable || caught instanceof NotUsed)) throw caught;
      setError(caught);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { run, busy, error, clear: () => setError(null) };
}

/** Return the sentence about one field of a failed action, or "". @param {Error | null} error @param {string} name */
export const fieldError = (error, name) => (error instanceof Refusal ? error.field(name) : "");

/** Return a sentence about a failed action. @param {Error} error */
export function sentenceOf(error) {
  if (error instanceof Unreachable) return t("common.unreachable");
  const id = error instanceof Refusal && error.problem.status === 500 && error.problem.request_id;
  return id ? `${error.message} ${t("common.tell_operator", { id })}` : error.message;
}

/** Why an action failed, in a region that is read out. @param {{error: Error | null, besides?: string[]}} props
 * `besides` names the fields that show their own errors */
export function ActionError({ error, besides = [] }) {
  if (!error) return html`<div role="alert"></div>`;
  const rest = error instanceof Refusal ? (error.problem.errors ?? []).filter((each) => !besides.includes(each.field)) : [];
  const opensAt = error instanceof Refusal ? error.problem.opens_at : null;
  const covered = error instanceof Refusal && error.problem.errors?.length && rest.length === 0;
  return html`<div role="alert">
    ${!covered &&
    html`<p class="fault notice"><${Icon} name="circle-alert" />
      <span>${rest.length ? rest.map((each) => each.message).join(" ") : sentenceOf(error)}
        ${opensAt && ` ${t("common.opens_at", { when: formatInstant(opensAt) })}`}</span></p>`}
  </div>`;
}
