// Rows of a list that lead to a screen, each with its present value.
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

/**
 * A row that leads to a screen. `text` is its present value; `href` leads out of the client instead.
 * @param {{to?: string, href?: string, icon: string, label: string, text?: any}} props
 */
export function RowLink({ to, href, icon, label, text }) {
  const inside = html`<${Icon} name=${icon} />
    <span><b>${label}</b>${text && html`<small>${text}</small>`}</span>
    <${Icon} name="chevron-right" class="ahead" />`;
  return html`<li>
    ${to === undefined ? html`<a class="row" href=${href}>${inside}</a>` : html`<${Link} class="row" to=${to}>${inside}<//>`}
  </li>`;
}

/** A row that acts. @param {{icon: string, label: string, text?: any, onClick: () => void}} props */
export function RowButton({ icon, label, text, onClick }) {
  return html`<li><button type="button" class="row" onClick=${onClick}>
    <${Icon} name=${icon} /><span><b>${label}</b>${text && html`<small>${text}</small>`}</span>
  </button></li>`;
}
