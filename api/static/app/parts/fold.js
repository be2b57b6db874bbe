// A row that opens to show more, with a short summary of what is inside.
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

/** @param {{title: string, summary?: string, open?: boolean, children?: any}} props */
export function Fold({ title, summary, open = false, children }) {
  return html`<details class="fold" open=${open}>
    <summary>
      <span><b>${title}</b>${summary && html`<small>${summary}</small>`}</span>
      <${Icon} name="chevron-right" class="ahead" />
    </summary>
    <div class="fold-body">${children}</div>
  </details>`;
}
