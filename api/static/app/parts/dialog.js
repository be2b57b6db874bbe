// Dialogs and short messages at the edge of the screen.
import { t } from "../i18n.js";
import { html, signal, useEffect, useId, useRef } from "../vendor/preact/preact-11.2.0.js";
import { Button, IconButton } from "./controls.js";

/**
 * A modal dialog. Escape, the back gesture and a tap beside it close it.
 * @param {{title: string, onClose: () => void, children?: any}} props
 */
export function Dialog({ title, onClose, children }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    const opener = /** @type {HTMLElement | null} */ (document.activeElement);
    dialog?.showModal();
    return () => {
      dialog?.close();
      opener?.focus(); // the dialog is gone from the page by now, so closing it does not give the focus back
    };
  }, []);
  /** @param {MouseEvent} event */
  const closeBeside = (event) => event.target === element.current && onClose();
  return html`<dialog ref=${element} class="dialog" aria-labelledby=${heading} onClose=${onClose} onClick=${closeBeside}>
    <div class="dialog-body">
      <header><h2 id=${heading}>${title}</h2><${IconButton} icon="x" label=${t("common.close")} onClick=${onClose} /></header>
      ${children}
    </div>
  </dialog>`;
}

/**
 * Ask whether to go on. `text` says what will happen.
 * @param {{title: string, text?: any, yes: string, no?: string, danger?: boolean, busy?: boolean, onYes: () => void,
 *   onClose: () => void, children?: any}} props
 */
export function Confirm({ title, text, yes, no = t("common.cancel"), danger = false, busy = false, onYes, onClose, children }) {
  return html`<${Dialog} title=${title} onClose=${onClose}>
    ${text && html`<p>${text}</p>`}
    ${children}
    <div class="buttons">
      <${Button} onClick=${onClose}>${no}<//>
      <${Button} kind=${danger ? "danger" : "primary"} busy=${busy} onClick=${onYes}>${yes}<//>
    </div>
  <//>`;
}

/** @typedef {{id: number, text: string, undo?: () => void}} Message */
const messages = signal(/** @type {Message[]} */ ([]));
let last = 0;
const MILLISECONDS = 6000;

/** Show a short message for six seconds. @param {string} text @param {() => void} [undo] what the button "Undo" does */
export function say(text, undo) {
  last += 1;
  const id = last;
  messages.value = [...messages.value.slice(-1), undo ? { id, text, undo } : { id, text }];
  setTimeout(() => hide(id), MILLISECONDS);
}

/** @param {number} id */
function hide(id) {
  messages.value = messages.value.filter((message) => message.id !== id);
}

/** The messages that are shown now. */
export function Messages() {
  return html`<div class="messages" role="status">
    ${messages.value.map(
      (message) => html`<p key=${message.id} class="message"><span>${message.text}</span>
        ${message.undo &&
        html`<${Button}
          kind="quiet"
          onClick=${() => {
            hide(message.id);
            message.undo?.();
          }}
          >${t("common.undo")}<//
        >`}
      </p>`,
    )}
  </div>`;
}
