// The times that a date is offered at, with a yes to each: those of a proposal, and those of a move.
import { formatDayTime, formatInstant, t } from "../i18n.js";
import { useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Button, Icon } from "./controls.js";
import { Section } from "./page.js";
import { lengthText, longDays, shortText, wholeDays } from "./slot_text.js";
import { cityOf } from "./times.js";

/** @typedef {Schemas["PlannedDate"]} PlannedDate */
/** @typedef {{date: PlannedDate, partner: string | undefined, move: {run: (name: string, said: string, body?: unknown) => Promise<void>, busy: boolean}}} Props */

/** When a slot is, in the zones of both, and what it overlaps with. @param {{slot: Schemas["TimeSlot"]}} props */
export function SlotText({ slot }) {
  const isWhole = Boolean(wholeDays(slot));
  const isElsewhere = slot.local_time !== slot.viewer_local_time;
  const city = cityOf(slot.zone);
  return html`<div class="slot">
    <time datetime=${slot.start}><b>${longDays(slot)}</b> <span>${lengthText(slot)}</span></time>
    ${isElsewhere && html`<p class="hint">${isWhole ? t("dates.days_in", { city }) : t("dates.in_city", { time: formatDayTime(slot.local_time), city })}</p>`}
    ${slot.overlaps.map((id) => html`<${Overlap} key=${id} id=${id} />`)}
  </div>`;
}

/** Another date of the viewer at the same time. @param {{id: string}} props */
function Overlap({ id }) {
  const title = useResource(`/dates/${id}`).data?.activity.title;
  return title && html`<p class="overlap"><${Icon} name="circle-alert" />
    <${Link} to="/dates/${id}">${t("dates.overlap", { title })}<//></p>`;
}

/** The times of a proposal: one tap says yes to one of them. @param {Props} props */
export function Offers({ date, partner, move }) {
  return html`<${Section} title=${date.slots.length === 1 ? t("dates.offer") : t("dates.offers")}>
    <${Times} slots=${date.slots} name=${partner ?? ""} answer="accept" move=${move} look="card" />
  <//>`;
}

/** @param {{slots: Schemas["TimeSlot"][], name: string, answer: string, move: Props["move"], look?: string}} props */
function Times({ slots, name, answer, move, look = "" }) {
  const isOnly = slots.length === 1;
  return html`<ul class="slots">
      ${slots.map(
        (slot) => html`<li key=${slot.id} class="offer ${look}">
          <${SlotText} slot=${slot} />
          <${Button} kind=${isOnly ? "primary" : "plain"} class="yes" icon="check" busy=${move.busy}
            aria-label=${t("dates.yes_to", { time: shortText(slot) })}
            onClick=${() => move.run(answer, t("dates.agreed_with", { name }), { slot_id: slot.id })}>${t("dates.yes")}<//>
        </li>`,
      )}
    </ul>
    <p class="seen"><${Icon} name="eye" />${t("dates.partner_sees_answer", { name })}</p>`;
}

/** The open offer to move an agreed date, and what the viewer can do with it.
 * @param {Props & {offer: Schemas["DateMove"], onAsk: (what: string) => void}} props */
export function MoveOffer({ date, offer, partner, move, onAsk }) {
  const name = partner ?? t("dates.they");
  const can = (/** @type {Schemas["MoveAction"]} */ action) => offer.actions.includes(action);
  return html`<section class="card date-question" aria-labelledby="move-offer">
    <h2 id="move-offer">${offer.sender === "me" ? t("dates.move_by_me", { name }) : t("dates.move_by", { name })}</h2>
    <p class="hint">${t("dates.move_until", { when: formatInstant(offer.expires_at) })}</p>
    ${
      can("accept")
        ? html`<${Times} slots=${offer.slots} name=${name} answer="move/accept" move=${move} />`
        : html`<ul class="slots">${offer.slots.map((slot) => html`<li key=${slot.id}><${SlotText} slot=${slot} /></li>`)}</ul>`
    }
    <div class="actions">
      ${can("decline") && html`<${Button} icon="calendar-days" busy=${move.busy}
        onClick=${() => move.run("move/decline", t("dates.stays_said", { name }))}>${t("dates.stays")}<//>`}
      ${date.actions.includes("move") && html`<${Button} icon="clock" onClick=${() => onAsk("move")}>${t("dates.other_times")}<//>`}
      ${can("withdraw") && html`<${Button} icon="undo-2" busy=${move.busy}
        onClick=${() => move.run("move/withdraw", t("dates.move_withdrawn_said"))}>${t("dates.withdraw")}<//>`}
    </div>
  </section>`;
}

/** A date that was written down as agreed and that the partner has not confirmed. @param {Props & {onAsk: (what: string) => void}} props */
export function Recorded({ date, partner, move, onAsk }) {
  const name = partner ?? t("dates.they");
  if (!date.actions.includes("confirm")) return html`<p class="with-icon hint"><${Icon} name="clock" />${t("dates.not_confirmed", { name })}</p>`;
  return html`<section class="card date-question" aria-labelledby="recorded">
    <h2 id="recorded">${t("dates.recorded_by", { name })}</h2>
    <div class="actions">
      <${Button} kind="primary" icon="check" busy=${move.busy} onClick=${() => move.run("confirm", t("dates.confirmed_said"))}>${t("dates.confirm")}<//>
      <${Button} icon="x" onClick=${() => onAsk("deny")}>${t("dates.deny")}<//>
    </div>
    <p class="seen"><${Icon} name="eye" />${t("dates.partner_sees_answer", { name })}</p>
  </section>`;
}
