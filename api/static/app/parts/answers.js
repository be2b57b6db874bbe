// The dialogs of a date: other times, something else, taking an offer back, and calling a date off.
import { t } from "../i18n.js";
import { useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ProposalsLeft, usedUp } from "./allowance.js";
import { ActionError, Button, Choice, Icon } from "./controls.js";
import { Confirm, Dialog } from "./dialog.js";
import { faultsOf, slotFields, SlotPicker, toSlots } from "./slots.js";
import { nowIn } from "./times.js";

/** @typedef {ReturnType<typeof import("./controls.js").useAction<[name: string, said: string, body?: unknown]>>} Moves */
/** @typedef {{date: Schemas["PlannedDate"], me: Schemas["Me"] | undefined, move: Moves, onClose: () => void}} Props */

const AGREED = "/dates?show=upcoming&state=accepted&limit=100";

/** @param {Props & {asked: string}} props */
export function AnswerDialog({ asked, ...rest }) {
  if (asked === "counter") return html`<${Counter} ...${rest} />`;
  if (asked === "decline") return html`<${Decline} ...${rest} />`;
  return html`<${Ending} isOffer=${asked === "withdraw"} ...${rest} />`;
}

/** Other times. They count as a proposal of the viewer. @param {Props} props */
function Counter({ date, me, move, onClose }) {
  const name = me?.couple?.partner ?? "";
  const [plan, setPlan] = useState(() => ({ times: [{ day: "", time: "" }], minutes: String(date.slots[0]?.minutes ?? "") }));
  const [faults, setFaults] = useState(/** @type {string[]} */ ([]));
  const agreed = useResource(AGREED).data?.items ?? [];
  const now = nowIn(me?.zone);
  const free = useResource(`/activities/${date.activity.id}/slots?for=two`).data?.slots ?? [];
  const offered = date.slots.map((slot) => slot.viewer_local_time.slice(0, 16));
  const suggested = free.map((slot) => slot.local_time.slice(0, 16)).filter((wall) => !offered.includes(wall));
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const chosen = plan.times.length > 0 ? plan : { ...plan, times: [{ day: "", time: "" }] };
    const wrong = faultsOf(chosen, now);
    setPlan(chosen);
    setFaults(wrong);
    if (!wrong.some(Boolean)) move.run("counter", t("dates.countered", { name }), { slots: toSlots(chosen, me?.zone) });
  };
  return html`<${Dialog} title=${t("dates.other_times")} onClose=${onClose}>
    <form onSubmit=${submit} novalidate>
      <${SlotPicker} plan=${plan} onChange=${setPlan} suggested=${suggested} agreed=${agreed} zone=${me?.zone}
        usual=${date.activity} faults=${faults} error=${move.error} />
      ${me?.allowance && html`<${ProposalsLeft} allowance=${me.allowance} name=${name} />`}
      <${ActionError} error=${move.error} besides=${slotFields(plan)} />
      ${!usedUp(me?.allowance) && html`<${Button} kind="primary" type="submit" icon="send" busy=${move.busy}>${t("dates.offer_times")}<//>`}
      <p class="seen"><${Icon} name="eye" />${t("dates.partner_sees", { name })}</p>
    </form>
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
