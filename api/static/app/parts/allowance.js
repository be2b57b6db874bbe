// How many proposals a person may still send, and when they may send the next one.
import { formatInstant, t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Notice } from "./page.js";

/** Return the allowance that is used up, or null. @param {Schemas["Allowances"] | null | undefined} allowance */
export function usedUp(allowance) {
  return [allowance?.proposals, allowance?.open_proposals].find((each) => each?.left === 0) ?? null;
}

/** What is left of the proposals. @param {{allowance: Schemas["Allowances"], name: string}} props */
export function ProposalsLeft({ allowance, name }) {
  const closed = usedUp(allowance);
  if (!closed) return html`<p class="hint">${t("dates.left", { count: allowance.proposals.left })}</p>`;
  const when = closed.opens_at ? formatInstant(closed.opens_at) : "";
  const isOpen = closed === allowance.open_proposals;
  return html`<${Notice} icon="clock">
    ${isOpen ? t("dates.all_open", { name, count: closed.limit }) : t("dates.none_left")} ${when && t("dates.opens", { when })}
  <//>`;
}
