// Plan an idea: propose it to the partner with up to three times, or put it into the own calendar.
import { newId } from "../api.js";
import { t } from "../i18n.js";
import { drop, outbox, send } from "../outbox.js";
import { ActivityFacts, CategoryPicture } from "../parts/activity.js";
import { ProposalsLeft, usedUp } from "../parts/allowance.js";
import { ActionError, Button, Choice, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { faultsOf, MOST_SLOTS, slotFields, SlotPicker, timeOf, toSlots } from "../parts/slots.js";
import { addMinutes, nowIn, overlapping, suggestTimes } from "../parts/times.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const AGREED = "/dates?show=upcoming&state=accepted&limit=100";
// The API says it at the field `message`: at a lower pace a proposal goes without words.
const MESSAGE_PACE = 3;
const HOURS_TO_ANSWER = 3;
const LONGEST_MESSAGE = 140;

/** @typedef {Pick<Schemas["Me"], "couple" | "allowance"> & {zone?: string}} Viewer */

/** @param {{activity_id: string}} props */
export default function Proposal({ activity_id: id }) {
  const activity = useResource(`/activities/${id}`);
  const me = useResource("/me");
  const today = useResource("/today").data;
  // Without network, Today may hold what this screen needs.
  const known = activity.data ?? (today?.idea?.activity.id === id ? today.idea.activity : undefined);
  const viewer = me.data ?? (me.error ? today : undefined);
  const both = { ...me, data: known && viewer && { activity: known, me: viewer }, error: activity.error ?? me.error };
  const retry = () => Promise.all([refresh(`/activities/${id}`), refresh("/me")]);
  return html`<${Page} title=${t("dates.plan_title")} back="/activities/${id}" class="proposal">
    <${Loaded} resource=${both} retry=${retry}>
      ${(/** @type {{activity: Schemas["Activity"], me: Viewer}} */ data) => html`<${Form} ...${data} />`}
    <//>
  <//>`;
}

/** Return the wall times in the address, such as "?at=2026-11-28T19:00". A list of ideas with slots may lead here with them. */
const timesInAddress = () => query.value.get("at")?.split(",") ?? [];

/** Return what the form shows first: an unsent proposal to change, or the only time in the address. @param {Schemas["Activity"]} activity */
function firstValues(activity) {
  const unsent = outbox.value.find((each) => each.id === query.value.get("outbox"))?.body;
  const asked = timesInAddress();
  const times = unsent ? unsent.slots.map((/** @type {any} */ slot) => slot.local_time) : asked.length === 1 ? asked : [];
  return {
    party: unsent?.for ?? (query.value.get("for") === "one" || activity.for === "one" ? "one" : "two"),
    message: unsent?.message ?? "",
    plan: { times: times.map(timeOf), minutes: String(unsent?.slots[0]?.minutes ?? activity.duration_max) },
  };
}

/** @param {{activity: Schemas["Activity"], me: Viewer}} props */
function Form({ activity, me }) {
  const name = me.couple?.partner;
  const [first] = useState(() => firstValues(activity));
  const [party, setParty] = useState(name ? first.party : "one");
  const [plan, setPlan] = useState(first.plan);
  const [message, setMessage] = useState(first.message);
  const [faults, setFaults] = useState(/** @type {string[]} */ ([]));
  const agreed = useResource(AGREED).data?.items ?? [];
  const isForTwo = party === "two";
  const now = nowIn(me.zone);
  const free = useResource(`/activities/${activity.id}/slots?for=${party}`);
  const suggested = suggest();

  function suggest() {
    const earliest = addMinutes(now, isForTwo ? HOURS_TO_ANSWER * 60 : 0);
    const longest = activity.duration_max;
    const guesses = free.error ? suggestTimes(activity, earliest, agreed) : [];
    const slots = free.data?.slots ?? guesses.map((wall) => ({ local_time: wall, minutes: longest }));
    const asked = timesInAddress().map((wall) => ({ local_time: wall, minutes: longest }));
    // Slots that this device has kept may be some days old.
    const fitting = [...asked, ...slots.filter((slot) => slot.local_time > earliest)].filter(
      (slot) => overlapping(slot.local_time, slot.minutes, agreed).length === 0,
    );
    return [...new Set(fitting.map((slot) => slot.local_time.slice(0, 16)))].sort();
  }

  const propose = useAction(async () => {
    const body = { id: newId(), activity_id: activity.id, for: party, slots: toSlots(plan, me.zone), message: message.trim() || null };
    const sent = await send("date", "POST", "/dates", body);
    const changed = query.value.get("outbox");
    if (changed) await drop(changed);
    say(!sent ? t("dates.waits") : isForTwo ? t("dates.proposed_to", { name: name ?? "" }) : t("dates.planned"));
    navigate(`/dates/${body.id}`, { replace: true });
  });

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const chosen = plan.times.length > 0 ? plan : { ...plan, times: [{ day: "", time: "" }] };
    const wrong = faultsOf(chosen, now);
    setPlan(chosen);
    setFaults(wrong);
    if (!wrong.some(Boolean)) propose.run();
  }

  if (!name && activity.for === "two") return html`<${Brief} activity=${activity} /><${OnlyForTwo} />`;
  const closed = isForTwo ? usedUp(me.allowance) : null;
  return html`<${Brief} activity=${activity} />
    <form onSubmit=${submit} novalidate>
      ${name && activity.for === "either" && html`<${Choice} label=${t("dates.for")} value=${party} onChange=${change}
        options=${[
          { value: "two", label: t("dates.for_two"), icon: "users" },
          { value: "one", label: t("dates.for_one"), icon: "user" },
        ]} />`}
      <${Section} title=${isForTwo ? t("dates.when_two") : t("dates.when_one")}>
        <${SlotPicker} plan=${plan} onChange=${setPlan} suggested=${suggested} agreed=${agreed} zone=${me.zone} usual=${activity}
          most=${isForTwo ? MOST_SLOTS : 1} faults=${faults} error=${propose.error} />
      <//>
      <${Message} isForTwo=${isForTwo} me=${me} value=${message} onInput=${setMessage} error=${fieldError(propose.error, "message")} />
      ${isForTwo && me.allowance && html`<${ProposalsLeft} allowance=${me.allowance} name=${name ?? ""} />`}
      <${ActionError} error=${propose.error} besides=${[...slotFields(plan), "message"]} />
      ${!closed && html`<div class="send">
        <${Button} kind="primary" type="submit" class="wide" icon=${isForTwo ? "send" : "calendar-plus"} busy=${propose.busy}>
          ${isForTwo ? t("dates.propose") : t("dates.plan_alone")}<//>
        <p class="seen"><${Icon} name=${isForTwo ? "eye" : "lock"} />
          ${isForTwo ? t("dates.partner_sees", { name: name ?? "" }) : t("dates.only_you")}</p>
      </div>`}
    </form>`;

  /** @param {"one" | "two"} value */
  function change(value) {
    setParty(value);
    if (value === "one") setPlan({ ...plan, times: plan.times.slice(0, 1) });
  }
}

/** @param {{activity: Schemas["Activity"]}} props */
function Brief({ activity }) {
  return html`<div class="brief"><${CategoryPicture} category=${activity.category} />
    <div><h2><${Link} to="/activities/${activity.id}">${activity.title}<//></h2><${ActivityFacts} activity=${activity} /></div></div>`;
}

function OnlyForTwo() {
  return html`<${Notice} icon="users">${t("dates.needs_two")} <${Link} to="/us/invitation">${t("today.invite")}<//><//>`;
}

/** Words that go with the proposal, where the pace allows them.
 * @param {{isForTwo: boolean, me: Viewer, value: string, onInput: (value: string) => void, error: string}} props */
function Message({ isForTwo, me, value, onInput, error }) {
  // An answer that this device has kept does not contain the pace: then it is 0, and the server decides.
  const pace = me.couple?.pace || MESSAGE_PACE;
  if (isForTwo && pace < MESSAGE_PACE && !value) return html`<p class="hint">${t("dates.no_words")}</p>`;
  const shared = me.allowance?.shared;
  const hint = !isForTwo || !shared ? t("dates.own_words_hint") : t("dates.words_hint", { count: shared.left });
  return html`<${Field} label=${isForTwo ? t("dates.words") : t("dates.own_words")} lines=${2} maxlength=${LONGEST_MESSAGE}
    hint=${hint} error=${error} value=${value} onInput=${onInput} />`;
}
