// A time for a first appointment with outside help, under a title that says as much as the person likes.
import { newId, request } from "../api.js";
import { t } from "../i18n.js";
import { ProposalsLeft, usedUp } from "../parts/allowance.js";
import { ActionError, Button, Choice, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { faultsOf, MOST_SLOTS, NO_TIME, slotFields, SlotPicker, toSlots } from "../parts/slots.js";
import { nowIn } from "../parts/times.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { navigate, query } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** An appointment of two is above a lower pace. */
const LEAST_PACE = 3;
const MINUTES = 60;
const USUAL = { duration_min: MINUTES, duration_max: MINUTES };

export default function Appointment() {
  const me = useResource("/me");
  return html`<${Page} title=${t("care.appointment")} tab="Rekindle" lead=${t("care.appointment_lead")} back="/me/guides?show=help">
    <${Loaded} resource=${me} retry=${() => refresh("/me")}>${(/** @type {Schemas["Me"]} */ data) => html`<${Form} me=${data} />`}<//>
  <//>`;
}

/** @param {{me: Schemas["Me"]}} props */
function Form({ me }) {
  const name = me.couple?.partner;
  const mayBeTwo = Boolean(name) && (me.couple?.pace ?? 0) >= LEAST_PACE;
  const [party, setParty] = useState(/** @type {"one" | "two"} */ (mayBeTwo && query.value.get("for") === "two" ? "two" : "one"));
  const isForTwo = party === "two";
  const [title, setTitle] = useState(t("care.appointment_title"));
  const [place, setPlace] = useState("");
  const [plan, setPlan] = useState({ times: [NO_TIME], minutes: String(MINUTES), isWhole: false });
  const [faults, setFaults] = useState(/** @type {string[]} */ ([]));
  const [id] = useState(newId);
  const free = useResource(/** @type {const} */ (`/free-times?for=${party}&minutes=${MINUTES}`)).data;
  const { run, busy, error } = useAction(async () => {
    const body = { id, title, for: party, place: place || null, slots: toSlots(plan, me.zone) };
    await request("POST", "/me/appointments", { body });
    refreshShown();
    say(isForTwo ? t("dates.proposed_to", { name: name ?? "" }) : t("dates.planned"));
    navigate(`/dates/${id}`, { replace: true });
  });
  /** @param {SubmitEvent} event */
  function submit(event) {
    event.preventDefault();
    const wrong = faultsOf(plan, nowIn(me.zone));
    setFaults(wrong);
    if (!wrong.some(Boolean)) run();
  }
  /** @param {"one" | "two"} value */
  function choose(value) {
    setParty(value);
    if (value === "one") setPlan({ ...plan, times: plan.times.slice(0, 1) });
  }
  const closed = isForTwo ? usedUp(me.allowance) : null;
  return html`<form onSubmit=${submit} novalidate>
    ${mayBeTwo && html`<${Choice} label=${t("dates.for")} value=${party} onChange=${choose} options=${[
      { value: "one", label: t("dates.for_one"), icon: "user" },
      { value: "two", label: t("dates.for_two"), icon: "users" },
    ]} />`}
    <${Field} label=${t("care.appointment_name")} hint=${t("care.appointment_name_hint")} most=${60} value=${title} onInput=${setTitle} error=${fieldError(error, "title")} />
    <${Section} title=${isForTwo ? t("dates.when_two") : t("dates.when_one")}>
      <${SlotPicker} plan=${plan} onChange=${setPlan} suggested=${free?.items.map((each) => each.local_time) ?? []} zone=${me.zone} usual=${USUAL}
        most=${isForTwo ? MOST_SLOTS : 1} mayBeWhole=${false} faults=${faults} error=${error} />
    <//>
    <${Field} label=${t("dates.place")} most=${140} value=${place} onInput=${setPlace} error=${fieldError(error, "place")} />
    ${isForTwo && html`<p class="hint">${t("care.appointment_two", { name: name ?? "" })}</p>`}
    ${isForTwo && me.allowance && html`<${ProposalsLeft} allowance=${me.allowance} name=${name ?? ""} />`}
    ${name && !mayBeTwo && html`<${Notice} icon="users">${t("care.appointment_pace")}<//>`}
    <${ActionError} error=${error} besides=${[...slotFields(plan), "title", "place"]} />
    ${!closed && html`<div class="send">
      <${Button} kind="primary" type="submit" class="wide" icon=${isForTwo ? "send" : "calendar-plus"} busy=${busy}>
        ${isForTwo ? t("dates.propose") : t("dates.plan_alone")}<//>
      <p class="seen"><${Icon} name=${isForTwo ? "eye" : "lock"} />${isForTwo ? t("dates.partner_sees", { name: name ?? "" }) : t("dates.only_you")}</p>
    </div>`}
  </form>`;
}
