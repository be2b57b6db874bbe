// One ritual: how it repeats, its next times, and changing or stopping it.
import { newId, request } from "../api.js";
import { formatDayTime, t } from "../i18n.js";
import { CategoryPicture } from "../parts/activity.js";
import { ProposalsLeft, usedUp } from "../parts/allowance.js";
import { ActionError, Button, Choice, Icon, Switch, useAction } from "../parts/controls.js";
import { Confirm, Dialog, say } from "../parts/dialog.js";
import { Loaded, Page, Section } from "../parts/page.js";
import { draftOf, REPEAT_FIELDS, RepeatPicker, toRepeat } from "../parts/repeat.js";
import { ritualText, RitualTimeRow } from "../parts/ritual.js";
import { faultsOf, NO_TIME, slotFields, SlotPicker, timeOf, toSlots, wallOf } from "../parts/slots.js";
import { shortText } from "../parts/slot_text.js";
import { cityOf, nowIn, wallAt } from "../parts/times.js";
import { change, refresh, refreshShown, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const MOST_DATES = 5;

/** @typedef {Schemas["Ritual"]} Ritual */

/** @param {{id: string}} props */
export default function RitualScreen({ id }) {
  const path = /** @type {const} */ (`/rituals/${id}`);
  const ritual = useResource(path);
  return html`<${Page} title=${ritual.data?.activity.title ?? t("rituals.title")} back="/rituals" class="ritual">
    <${Loaded} resource=${ritual} retry=${() => refresh(path)}>
      ${(/** @type {Ritual} */ data) => html`<${Content} ritual=${data} />`}
    <//>
  <//>`;
}

/** @param {{ritual: Ritual}} props */
function Content({ ritual }) {
  const me = useResource("/me").data;
  const [asked, setAsked] = useState("");
  const isRunning = ritual.state === "running";
  return html`
    <div class="date-head"><${CategoryPicture} category=${ritual.activity.category} />
      <div><p><b>${ritualText(ritual)}</b></p>
        ${ritual.for === "one" && html`<p class="hint">${t("dates.only_you")}</p>`}
        ${ritual.state === "ended" && html`<p class="hint">${t("rituals.ended")}</p>`}</div></div>
    ${ritual.state === "offered" && html`<p><${Link} class="button primary" to="/dates/${ritual.date_id}">${t("rituals.to_offer")}<//></p>`}
    ${ritual.upcoming.length > 0 && html`<${Section} title=${t("rituals.upcoming")}>
      <p class="hint">${t("rituals.upcoming_hint")}</p>
      <ul class="rows">${ritual.upcoming.map((time) => html`<${RitualTimeRow} key=${time.start} time=${time} />`)}</ul><//>`}
    ${isRunning && html`<div class="buttons">
      <${Button} icon="pencil" onClick=${() => setAsked("change")}>${t("rituals.change")}<//>
      <${Button} kind="quiet" icon="x" onClick=${() => setAsked("stop")}>${t("rituals.stop")}<//></div>`}
    ${asked === "change" && html`<${Change} ritual=${ritual} me=${me} onClose=${() => setAsked("")} />`}
    ${asked === "stop" && html`<${Stop} ritual=${ritual} me=${me} onClose=${() => setAsked("")} />`}`;
}

/** @typedef {{ritual: Ritual, me: Schemas["Me"] | undefined, onClose: () => void}} Asked */

/** @param {Asked} props */
function Stop({ ritual, me, onClose }) {
  const name = me?.couple?.partner ?? t("dates.they");
  const stop = useAction(async () => {
    const { data } = await request("POST", `/rituals/${ritual.id}/stop`, {});
    change(`/rituals/${ritual.id}`, () => data);
    onClose();
    say(t("rituals.stopped"));
    refreshShown();
  });
  return html`<${Confirm} title=${t("rituals.stop_ask")} text=${ritual.for === "one" ? t("rituals.stop_alone") : t("rituals.stop_text", { name })}
    danger yes=${t("rituals.stop")} no=${t("rituals.keep")} busy=${stop.busy} onYes=${stop.run} onClose=${onClose}>
    <${ActionError} error=${stop.error} />
  <//>`;
}

/** Return the draft of a ritual's rule from one of its times on. @param {Ritual} ritual @param {Schemas["RitualTime"] | undefined} time */
const draftFrom = ({ repeat, local_time }, time) => draftOf({ ...repeat, count: time?.left ?? repeat.count }, time?.rule_time ?? local_time);

/**
 * Other times from some date on: for two this is a proposal. All times are in the ritual's own zone: with that of the
 * viewer, a change of the length alone would move all later times.
 * @param {Asked} props
 */
function Change({ ritual, me, onClose }) {
  const { zone } = ritual;
  const isElsewhere = nowIn(zone) !== nowIn(me?.zone) || nowIn(zone) !== nowIn();
  /** Whole days have no hour: then it is the time by the rule. @param {Schemas["RitualTime"]} time */
  const ownWall = (time) => (time.first_day ? time.rule_time : wallAt(Date.parse(time.start), zone));
  /** @param {Schemas["RitualTime"]} time */
  const labelOf = (time) => {
    const text = time.first_day ? shortText(time) : formatDayTime(ownWall(time));
    return isElsewhere ? t("dates.in_city", { time: text, city: cityOf(zone) }) : text;
  };
  const name = me?.couple?.partner ?? "";
  const isForTwo = ritual.for === "two";
  const dates = ritual.upcoming.filter((time) => time.date_id).slice(0, MOST_DATES);
  const [since, setSince] = useState(dates[0]?.date_id ?? null);
  const [plan, setPlan] = useState({ times: [timeOf(dates[0] ? ownWall(dates[0]) : "")], minutes: String(ritual.minutes), isWhole: false });
  const [draft, setDraft] = useState(() => draftFrom(ritual, dates[0] ?? ritual.upcoming[0]));
  const [isOften, setOften] = useState(false);
  const [faults, setFaults] = useState(/** @type {string[]} */ ([]));
  const [first] = plan.times;
  const start = first?.day && first.time ? wallOf(first) : "";
  const send = useAction(async () => {
    const body = { id: newId(), slots: toSlots(plan, zone), since, repeat: isOften ? toRepeat(draft, start) : null };
    const { data } = await request("POST", `/rituals/${ritual.id}/change`, { body });
    say(isForTwo ? t("dates.proposed_to", { name }) : t("rituals.changed"));
    navigate(`/dates/${data.id}`);
  });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    const chosen = plan.times.length > 0 ? plan : { ...plan, times: [NO_TIME] };
    const wrong = faultsOf(chosen, nowIn(zone));
    setPlan(chosen);
    setFaults(wrong);
    if (!wrong.some(Boolean)) send.run();
  };
  /** @param {string} date */
  const chooseSince = (date) => {
    const time = dates.find((each) => each.date_id === date);
    setSince(date);
    if (!time) return;
    const { weekdays, count } = draftFrom(ritual, time);
    setPlan({ ...plan, times: [timeOf(ownWall(time))] });
    setDraft({ ...draft, weekdays, ...(ritual.repeat.count && { count }) });
  };
  const closed = isForTwo && usedUp(me?.allowance);
  return html`<${Dialog} title=${t("rituals.change")} onClose=${onClose}>
    <form onSubmit=${submit} novalidate>
      ${dates.length > 0 && html`<${Choice} label=${t("rituals.since")} value=${since} onChange=${chooseSince}
        options=${dates.map((time) => ({ value: time.date_id ?? "", label: labelOf(time) }))} />`}
      <h3>${t("rituals.new_time")}</h3>
      <${SlotPicker} plan=${plan} onChange=${setPlan} suggested=${[]} zone=${zone} home=${me?.zone} usual=${ritual.activity} most=${1} mayBeWhole=${false}
        faults=${faults} error=${send.error} />
      <${Switch} label=${t("rituals.how_often")} checked=${isOften} onChange=${setOften} />
      ${isOften && html`<${RepeatPicker} isRitual draft=${draft} onChange=${setDraft} start=${start} zone=${zone} error=${send.error} />`}
      ${isForTwo && me?.allowance && html`<${ProposalsLeft} allowance=${me.allowance} name=${name} />`}
      <${ActionError} error=${send.error} besides=${[...slotFields(plan), ...(isOften ? REPEAT_FIELDS : [])]} />
      ${!closed && html`<${Button} kind="primary" type="submit" icon=${isForTwo ? "send" : "check"} busy=${send.busy}>
        ${isForTwo ? t("rituals.propose_change") : t("rituals.change_now")}<//>`}
      <p class="seen"><${Icon} name=${isForTwo ? "eye" : "lock"} />${isForTwo ? t("rituals.until_yes", { name }) : t("dates.only_you")}</p>
    </form>
  <//>`;
}
