// Plan an idea: propose it to the partner with up to three times, or put it into the own calendar.
import { newId } from "../api.js";
import { formatMinutes, t } from "../i18n.js";
import { drop, outbox, send } from "../outbox.js";
import { ActivityFacts, CategoryPicture } from "../parts/activity.js";
import { ProposalsLeft, usedUp } from "../parts/allowance.js";
import { ActionError, Button, Choice, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { draftOf, REPEAT_FIELDS, RepeatPicker, toRepeat } from "../parts/repeat.js";
import { faultsOf, MOST_SLOTS, NO_TIME, slotFields, SlotPicker, timeOf, timeOfDays, toSlots, wallOf } from "../parts/slots.js";
import { addDays, addMinutes, nowIn, overlapping, overlappingDays, suggestTimes, usualDays } from "../parts/times.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const AGREED = "/dates?show=upcoming&state=accepted&limit=100";
// The API says it at the field `message`: at a lower pace a proposal goes without words.
const MESSAGE_PACE = 3;
const HOURS_TO_ANSWER = 3;
const LONGEST_MESSAGE = 140;
const MOST_COMMON = 8;
const LONG_TRIP = 8 * 60; // minutes: a getaway that takes as long or longer fills whole days

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
  const walls = unsent ? unsent.slots.map((/** @type {any} */ slot) => slot.local_time ?? "") : asked.length === 1 ? asked : [];
  const isWhole = unsent ? Boolean(unsent.slots[0]?.first_day) : activity.category === "getaway" && activity.duration_max >= LONG_TRIP;
  return {
    party: unsent?.for ?? (query.value.get("for") === "one" || activity.for === "one" ? "one" : "two"),
    isAgreed: unsent?.agreed ?? false,
    message: unsent?.message ?? "",
    place: unsent?.place ?? "",
    repeat: draftOf(unsent?.repeat, walls[0] ?? ""),
    guide: /** @type {string | null} */ (unsent?.guide ?? query.value.get("guide")),
    plan: { times: isWhole ? firstDays() : walls.map(timeOf), minutes: String(unsent?.slots[0]?.minutes ?? activity.duration_max), isWhole },
  };

  function firstDays() {
    const slots = unsent?.slots ?? walls.map((/** @type {string} */ wall) => ({ first_day: wall.slice(0, 10), days: usualDays(activity) }));
    return slots.map((/** @type {any} */ slot) => timeOfDays(slot.first_day, slot.days));
  }
}

/** The guide that the date will have. @param {{slug: string}} props */
function GuideNotice({ slug }) {
  const guide = useResource("/guides").data?.items.find((each) => each.slug === slug);
  return guide && html`<${Notice} icon="message-circle">${t("talks.proposal", { title: guide.title, time: formatMinutes(guide.minutes) })}<//>`;
}

/** @param {{activity: Schemas["Activity"], me: Viewer}} props */
function Form({ activity, me }) {
  const name = me.couple?.partner;
  const [first] = useState(() => firstValues(activity));
  const [party, setParty] = useState(name ? first.party : "one");
  const [plan, setPlan] = useState(first.plan);
  const [wasAgreed, setAgreed] = useState(first.isAgreed);
  const [repeat, setRepeat] = useState(first.repeat);
  const [message, setMessage] = useState(first.message);
  const [place, setPlace] = useState(first.place);
  const [faults, setFaults] = useState(/** @type {string[]} */ ([]));
  const agreed = useResource(AGREED).data?.items ?? [];
  const start = !plan.isWhole && plan.times[0]?.day && plan.times[0].time ? wallOf(plan.times[0]) : "";
  const isForTwo = party === "two";
  const mayBeAgreed = isForTwo && me.couple?.rhythm === "together";
  const isAgreed = mayBeAgreed && wasAgreed;
  const isProposal = isForTwo && !isAgreed;
  // Whole days do not repeat, and a draft of a repeat waits until there is a time again.
  const most = isProposal && (plan.isWhole || !repeat.every) ? MOST_SLOTS : 1;
  const now = nowIn(me.zone);
  const free = useResource(`/activities/${activity.id}/slots?for=${party}`);
  const common = useResource(isForTwo ? `/free-times?for=two&activity=${activity.id}` : null).data;
  const suitsBoth = common?.for === "two";
  const suggested = suggest();

  function suggest() {
    const earliest = addMinutes(now, isProposal ? HOURS_TO_ANSWER * 60 : 0);
    const longest = activity.duration_max;
    const guesses = free.error ? suggestTimes(activity, earliest, agreed, me.zone) : [];
    const slots = (suitsBoth ? common.items.slice(0, MOST_COMMON) : free.data?.slots) ?? guesses.map((wall) => ({ local_time: wall, minutes: longest }));
    const asked = timesInAddress().map((wall) => ({ local_time: wall, minutes: longest }));
    // A screen that was open for long may have old slots. The server knows how much time an answer needs.
    const fitting = [...asked, ...slots.filter((slot) => slot.local_time > now)].filter(({ local_time: wall, minutes }) => {
      const first = wall.slice(0, 10);
      const taken = plan.isWhole
        ? overlappingDays(first, addDays(first, usualDays(activity) - 1), agreed, me.zone)
        : overlapping(wall, minutes, agreed, me.zone);
      return taken.length === 0;
    });
    return [...new Set(fitting.map((slot) => slot.local_time.slice(0, 16)))].sort();
  }

  const propose = useAction(async () => {
    const words = { message: message.trim() || null, place: place.trim() || null };
    // A date that repeats needs the partner's yes.
    const repeated = start && !isAgreed ? toRepeat(repeat, start) : null;
    const rest = { ...words, agreed: isAgreed, repeat: repeated, guide: isForTwo ? first.guide : null };
    const body = { id: newId(), activity_id: activity.id, for: party, slots: toSlots(plan, me.zone), ...rest };
    const sent = await send("date", "POST", "/dates", body);
    const changed = query.value.get("outbox");
    if (changed) await drop(changed);
    say(!sent ? t("dates.waits") : isProposal ? t("dates.proposed_to", { name: name ?? "" }) : t("dates.planned"));
    navigate(`/dates/${body.id}`, { replace: true });
  });

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const chosen = plan.times.length > 0 ? plan : { ...plan, times: [NO_TIME] };
    const wrong = faultsOf(chosen, now);
    setPlan(chosen);
    setFaults(wrong);
    if (!wrong.some(Boolean)) propose.run();
  }

  if (!name && activity.for === "two") return html`<${Brief} activity=${activity} /><${OnlyForTwo} />`;
  const closed = isForTwo ? usedUp(me.allowance) : null;
  return html`<${Brief} activity=${activity} />
    ${isForTwo && first.guide && html`<${GuideNotice} slug=${first.guide} />`}
    <form onSubmit=${submit} novalidate>
      ${name && activity.for === "either" && html`<${Choice} label=${t("dates.for")} value=${party} onChange=${change}
        options=${[
          { value: "two", label: t("dates.for_two"), icon: "users" },
          { value: "one", label: t("dates.for_one"), icon: "user" },
        ]} />`}
      ${mayBeAgreed && html`<${Choice} label=${t("dates.how")} hideLabel value=${isAgreed ? "agreed" : "ask"} onChange=${changeWay}
        options=${[
          { value: "ask", label: t("dates.ask", { name: name ?? "" }), icon: "send" },
          { value: "agreed", label: t("dates.agreed_already"), icon: "check" },
        ]} />`}
      <${Section} title=${isForTwo ? t("dates.when_two") : t("dates.when_one")}>
        ${suitsBoth && common.items.length === 0 && html`<${NoCommonTime} relax=${common.relax} />`}
        <${SlotPicker} plan=${plan} label=${suitsBoth && !plan.isWhole ? t("availability.suits_both") : undefined} onChange=${changePlan} suggested=${suggested} zone=${me.zone} usual=${activity}
          most=${most} faults=${faults} error=${propose.error} />
        ${!isAgreed && !plan.isWhole && html`<${RepeatPicker} draft=${repeat} onChange=${changeRepeat} start=${start} zone=${me.zone} error=${propose.error} />`}
      <//>
      <${Words} isForTwo=${isForTwo} me=${me} message=${message} onMessage=${setMessage} place=${place} onPlace=${setPlace} error=${propose.error} />
      ${isForTwo && me.allowance && html`<${ProposalsLeft} allowance=${me.allowance} name=${name ?? ""} />`}
      <${ActionError} error=${propose.error} besides=${[...slotFields(plan), "message", "place", ...REPEAT_FIELDS]} />
      ${!closed && html`<div class="send">
        <${Button} kind="primary" type="submit" class="wide" icon=${isProposal ? "send" : "calendar-plus"} busy=${propose.busy}>
          ${isAgreed ? t("dates.record") : isForTwo ? t("dates.propose") : t("dates.plan_alone")}<//>
        <p class="seen"><${Icon} name=${isForTwo ? "eye" : "lock"} />
          ${isAgreed ? t("dates.record_seen", { name: name ?? "" }) : isForTwo ? t("dates.partner_sees", { name: name ?? "" }) : t("dates.only_you")}</p>
      </div>`}
    </form>`;

  /** @param {import("../parts/slots.js").Plan} changed */
  function changePlan(changed) {
    const isOne = !isProposal || (!changed.isWhole && repeat.every);
    setPlan(isOne ? { ...changed, times: changed.times.slice(0, 1) } : changed);
    if (changed.isWhole !== plan.isWhole) setFaults([]);
  }

  /** @param {import("../parts/repeat.js").Draft} draft what repeats has one time */
  function changeRepeat(draft) {
    setRepeat(draft);
    if (draft.every) keepOne();
  }

  /** @param {"one" | "two"} value */
  function change(value) {
    setParty(value);
    if (value === "one") keepOne();
  }

  /** @param {"ask" | "agreed"} value */
  function changeWay(value) {
    setAgreed(value === "agreed");
    if (value === "agreed") keepOne();
  }

  function keepOne() {
    setPlan({ ...plan, times: plan.times.slice(0, 1) });
    setFaults(faults.slice(0, 1));
  }
}

/** What the viewer could change of their own. @param {{relax: Schemas["FreeTimeConstraint"][]}} props */
function NoCommonTime({ relax }) {
  return html`<${Notice} icon="clock">${t("availability.suits_none")} ${relax.map((each) => each.text).join(" ")}
    ${" "}<${Link} to="/me/availability">${t("availability.suits_none_change")}<//><//>`;
}

/** @param {{activity: Schemas["Activity"]}} props */
function Brief({ activity }) {
  return html`<div class="brief"><${CategoryPicture} category=${activity.category} />
    <div><h2><${Link} to="/activities/${activity.id}">${activity.title}<//></h2><${ActivityFacts} activity=${activity} /></div></div>`;
}

function OnlyForTwo() {
  return html`<${Notice} icon="users">${t("dates.needs_two")} <${Link} to="/us/invitation">${t("today.invite")}<//><//>`;
}

/** Words and a place that go with the proposal, where the pace allows them.
 * @param {{isForTwo: boolean, me: Viewer, message: string, onMessage: (value: string) => void, place: string,
 *   onPlace: (value: string) => void, error: Error | null}} props */
function Words({ isForTwo, me, message, onMessage, place, onPlace, error }) {
  // An answer that this device has kept does not contain the pace: then it is 0, and the server decides.
  const pace = me.couple?.pace || MESSAGE_PACE;
  if (isForTwo && pace < MESSAGE_PACE && !message && !place) return html`<p class="hint">${t("dates.no_words")}</p>`;
  const shared = me.allowance?.shared;
  const hint = !isForTwo || !shared ? t("dates.own_words_hint") : t("dates.words_hint", { count: shared.left });
  return html`<div class="words-fields">
    <${Field} label=${isForTwo ? t("dates.words") : t("dates.own_words")} lines=${2} most=${LONGEST_MESSAGE}
      error=${fieldError(error, "message")} value=${message} onInput=${onMessage} />
    <${Field} label=${t("dates.place")} most=${LONGEST_MESSAGE} error=${fieldError(error, "place")} value=${place} onInput=${onPlace} />
    <p class="hint">${hint}</p>
  </div>`;
}
