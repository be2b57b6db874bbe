// The dialogs of a date: other times, something else, taking an offer back, other words, and calling a date off.
import { t } from "../i18n.js";
import { useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ProposalsLeft, usedUp } from "./allowance.js";
import { ActionError, Button, Choice, Field, fieldError, Icon } from "./controls.js";
import { Confirm, Dialog } from "./dialog.js";
import { wholeDays } from "./slot_text.js";
import { faultsOf, MOST_SLOTS, NO_TIME, slotFields, SlotPicker, toSlots } from "./slots.js";
import { nowIn } from "./times.js";

/** @typedef {ReturnType<typeof import("./controls.js").useAction<[name: string, said: string, body?: unknown]>>} Moves */
/** @typedef {{date: Schemas["PlannedDate"], me: Schemas["Me"] | undefined, move: Moves, onClose: () => void}} Props */

const LONGEST_TEXT = 140;

/** @param {Props & {asked: string}} props */
export function AnswerDialog({ asked, ...rest }) {
  if (asked === "counter" || asked === "move") return html`<${OtherTimes} isMove=${asked === "move"} ...${rest} />`;
  if (asked === "edit") return html`<${OtherWords} ...${rest} />`;
  if (asked === "deny") return html`<${Denial} ...${rest} />`;
  if (asked === "decline") return html`<${Decline} ...${rest} />`;
  return html`<${Ending} isOffer=${asked === "withdraw"} ...${rest} />`;
}

/** Other times, for a proposal or for an agreed date. For two they count as a proposal of the viewer.
 * @param {Props & {isMove: boolean}} props */
function OtherTimes({ isMove, date, me, move, onClose }) {
  const isAlone = date.for === "one";
  const name = me?.couple?.partner ?? "";
  const [plan, setPlan] = useState(() => firstPlan(date));
  const [faults, setFaults] = useState(/** @type {string[]} */ ([]));
  const now = nowIn(me?.zone);
  const free = useResource(`/activities/${date.activity.id}/slots?for=${date.for}`).data?.slots ?? [];
  const offered = [...date.slots, ...(date.move?.slots ?? [])].map((slot) => (slot.first_day ?? slot.viewer_local_time).slice(0, 16));
  const suggested = free.map((slot) => slot.local_time.slice(0, 16)).filter((wall) => !offered.includes(plan.isWhole ? wall.slice(0, 10) : wall));
  const isOfferedRitual = Boolean(date.ritual) && date.state === "proposed";
  const said = isAlone ? t("dates.moved_said") : t("dates.countered", { name });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const chosen = plan.times.length > 0 ? plan : { ...plan, times: [NO_TIME] };
    const wrong = faultsOf(chosen, now);
    setPlan(chosen);
    setFaults(wrong);
    if (!wrong.some(Boolean)) move.run(isMove ? "move" : "counter", said, { slots: toSlots(chosen, me?.zone) });
  };
  return html`<${Dialog} title=${isMove ? t("dates.move") : t("dates.other_times")} onClose=${onClose}>
    <form onSubmit=${submit} novalidate>
      ${isMove && !isAlone && html`<p>${t("dates.move_text", { name })}</p>`}
      <${SlotPicker} plan=${plan} onChange=${setPlan} suggested=${suggested} zone=${me?.zone} usual=${date.activity}
        most=${isAlone ? 1 : MOST_SLOTS} moved=${date.id} mayBeWhole=${!isOfferedRitual} faults=${faults} error=${move.error} />
      ${!isAlone && me?.allowance && html`<${ProposalsLeft} allowance=${me.allowance} name=${name} />`}
      <${ActionError} error=${move.error} besides=${slotFields(plan)} />
      ${(isAlone || !usedUp(me?.allowance)) && html`<${Button} kind="primary" type="submit" icon=${isAlone ? "check" : "send"} busy=${move.busy}>
        ${isAlone ? t("dates.move_alone") : t("dates.offer_times")}<//>`}
      <p class="seen"><${Icon} name=${isAlone ? "lock" : "eye"} />${isAlone ? t("dates.only_you") : t("dates.partner_sees", { name })}</p>
    </form>
  <//>`;
}

/** Return a plan without times, as long as the date is. @param {Schemas["PlannedDate"]} date */
function firstPlan({ slots: [slot], activity }) {
  const isWhole = Boolean(slot && wholeDays(slot));
  return { times: [NO_TIME], minutes: String((isWhole ? activity.duration_max : slot?.minutes) ?? ""), isWhole };
}

/** Another message, or another place. @param {Props} props */
function OtherWords({ date, me, move, onClose }) {
  const isAlone = date.for === "one";
  const name = me?.couple?.partner ?? "";
  const [typed, setTyped] = useState(/** @type {{message?: string, place?: string}} */ ({}));
  // What the viewer leaves alone follows a change by the partner.
  const message = typed.message ?? date.message ?? "";
  const place = typed.place ?? date.place ?? "";
  const shared = me?.allowance?.shared;
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const words = Object.entries({ message: message.trim() || null, place: place.trim() || null });
    const changed = Object.fromEntries(words.filter(([kind, text]) => text !== date[/** @type {"message" | "place"} */ (kind)]));
    if (Object.keys(changed).length === 0) onClose();
    else move.run("edit", t("common.saved"), changed);
  };
  return html`<${Dialog} title=${t("dates.edit_ask")} onClose=${onClose}>
    <form onSubmit=${submit} novalidate>
      <${Field} label=${t("dates.note_here")} lines=${2} most=${LONGEST_TEXT} error=${fieldError(move.error, "message")}
        value=${message} onInput=${(/** @type {string} */ value) => setTyped({ ...typed, message: value })} />
      <${Field} label=${t("dates.place")} most=${LONGEST_TEXT} error=${fieldError(move.error, "place")}
        value=${place} onInput=${(/** @type {string} */ value) => setTyped({ ...typed, place: value })} />
      ${!isAlone && shared && html`<p class="hint">${t("dates.edit_hint", { count: shared.left })}</p>`}
      <${ActionError} error=${move.error} besides=${["message", "place"]} />
      <${Button} kind="primary" type="submit" icon="check" busy=${move.busy}>${t("common.save")}<//>
      <p class="seen"><${Icon} name=${isAlone ? "lock" : "eye"} />${isAlone ? t("dates.only_you") : t("dates.edit_seen", { name })}</p>
    </form>
  <//>`;
}

/** Say that a date which the partner wrote down was not agreed. @param {Props} props */
function Denial({ me, move, onClose }) {
  const name = me?.couple?.partner ?? t("dates.they");
  return html`<${Confirm} title=${t("dates.deny_ask")} text=${t("dates.deny_text", { name })} yes=${t("dates.deny")} busy=${move.busy}
    onYes=${() => move.run("deny", t("dates.answered", { name }))} onClose=${onClose}>
    <${ActionError} error=${move.error} />
  <//>`;
}

/** No to this date, with a wish or without. @param {Props} props */
function Decline({ me, move, onClose }) {
  const name = me?.couple?.partner ?? "";
  const [answer, setAnswer] = useState(/** @type {Schemas["DateAnswer"] | null} */ (null));
  const options = /** @type {const} */ (["another_time", "another_idea", "no"]);
  return html`<${Dialog} title=${t("dates.something_else")} onClose=${onClose}>
    <${Choice} label=${t("dates.answers")} hideLabel look="cards" value=${answer} onChange=${setAnswer}
      options=${options.map((value) => ({ value, label: t(`dates.answer_${value}`), text: t(`dates.answer_${value}_text`, { name }) }))} />
    <p class="seen"><${Icon} name="eye" />${t("dates.no_reason", { name })}</p>
    <${ActionError} error=${move.error} />
    <div class="buttons">
      <${Button} onClick=${onClose}>${t("common.cancel")}<//>
      <${Button} kind="primary" disabled=${!answer || move.busy} busy=${move.busy}
        onClick=${() => move.run("decline", t("dates.answered", { name }), { answer })}>${t("dates.send_answer")}<//>
    </div>
  <//>`;
}

/** Take an offer back, or call an agreed date off. @param {Props & {isOffer: boolean}} props */
function Ending({ isOffer, date, me, move, onClose }) {
  const name = me?.couple?.partner ?? t("dates.they");
  const isAlone = date.for === "one";
  const text = isOffer ? t("dates.withdraw_text", { name }) : isAlone ? t("dates.cancel_alone_text") : t("dates.cancel_text", { name });
  const run = () => (isOffer ? move.run("withdraw", t("dates.withdrawn_said")) : move.run("cancel", t("dates.cancelled_said")));
  return html`<${Confirm} title=${isOffer ? t("dates.withdraw_ask") : t("dates.cancel_ask")} text=${text} danger=${!isOffer}
    yes=${isOffer ? t("dates.withdraw") : t("dates.cancel")} no=${isOffer ? t("dates.keep_offer") : t("dates.keep_date")} busy=${move.busy} onYes=${run} onClose=${onClose}>
    <${ActionError} error=${move.error} />
  <//>`;
}
