// Today: the next date, what waits for an answer, what arrived, one question and one idea. Calm when there is little.
import { formatInstant, formatInstantDay, t } from "../i18n.js";
import { ActivityCard } from "../parts/activity.js";
import { Icon } from "../parts/controls.js";
import { DateRow, NextDate } from "../parts/date.js";
import { Doors } from "../parts/doors.js";
import { areSecretsLost, secrets } from "../parts/first_run.js";
import { ImportantDayRow } from "../parts/important_day.js";
import { InboxRow } from "../parts/inbox_item.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { refresh, useResource } from "../resources.js";
import { Lazy, Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

const loadPushOffer = () => import("../parts/push_offer.js");
const loadOnThisDay = () => import("../parts/on_this_day.js");
const loadQuestionOfWeek = () => import("../parts/question_of_week.js");

/** The lowest pace at which memories come up by themselves. */
const MEMORIES_PACE = 4;

export default function Today() {
  const today = useResource("/today");
  const name = today.data?.display_name ?? "";
  return html`<${Page} title=${name ? greeting(name) : t("frame.today")} class="today">
    <${Loaded} resource=${today} retry=${() => refresh("/today")}>
      ${(/** @type {Schemas["Today"]} */ data) => html`<${Content} today=${data} />`}
    <//>
  <//>`;
}

/** @param {string} name */
function greeting(name) {
  const hour = new Date().getHours();
  if (hour >= 5 && hour < 12) return t("today.good_morning", { name });
  return hour >= 12 && hour < 18 ? t("today.good_afternoon", { name }) : t("today.good_evening", { name });
}

/** @param {{today: Schemas["Today"]}} props */
function Content({ today }) {
  const agreed = today.dates.filter((date) => date.state === "accepted");
  const [next, ...later] = agreed;
  // A proposal that waits is shown as a card.
  const waiting = today.waiting.map((date) => date.id);
  const shown = [...waiting, ...(today.talk ? [today.talk.id] : [])];
  const arrived = today.inbox.filter((item) => !shown.includes(item.subject?.id ?? ""));
  const isQuiet = !next && !today.talk && waiting.length === 0 && arrived.length === 0;
  return html`
    <${Standing} today=${today} />
    ${today.talk && html`<${OpenTalk} talk=${today.talk} />`}
    ${today.waiting.length > 0 && html`<${Proposals} dates=${today.waiting} partner=${today.couple?.partner} />`}
    ${next && html`<${Section} title=${t("today.next_date")}><${NextDate} date=${next} partner=${today.couple?.partner} />
      ${later.length > 0 && html`<ul class="rows">${later.map((date) => html`<${DateRow} key=${date.id} date=${date} partner=${today.couple?.partner} />`)}</ul>`}<//>`}
    ${today.days.length > 0 && html`<${Section} title=${t("today.coming_up")}><ul class="rows">
      ${today.days.map((day) => html`<${ImportantDayRow} key=${day.id} day=${day} partner=${today.couple?.partner} />`)}</ul><//>`}
    ${next && html`<${Lazy} load=${loadPushOffer} />`}
    ${arrived.length > 0 && html`<${Arrived} items=${arrived} />`}
    ${isOpenToBoth(today) && html`<${Lazy} load=${loadQuestionOfWeek} />`}
    ${mayRemember(today) && html`<${Lazy} load=${loadOnThisDay} />`}
    ${isQuiet && html`<p class="lead">${t("today.all_quiet")}. ${today.idea && t("today.all_quiet_text")}</p>`}
    <${Doors} isPaired=${Boolean(today.couple)} />
    <div class="columns">
      ${today.idea && html`<${Section} title=${today.couple ? t("today.idea") : t("today.idea_alone")}
          action=${html`<${Link} to="/ideas" class="text-link">${t("today.more_ideas")}<//>`}>
        <${ActivityCard} activity=${today.idea.activity} reasons=${today.idea.reasons} firstDay=${today.idea.first_day}>
          <${Link} to="/propose/${today.idea.activity.id}" class="button primary">${t("activity.plan")}<//>
        <//>
      <//>`}
      ${today.prompt && html`<${Section} title=${t("today.prompt")}
          action=${html`<${Link} to="/notes/questions" class="text-link">${t("today.more_questions")}<//>`}>
        <article class="card pine prompt">
          <p class="question">${today.prompt.text}</p>
          ${today.prompt.follow_up && html`<p>${today.prompt.follow_up}</p>`}
          ${today.prompt.note_kind && html`<${Link} to="/notes/new?prompt=${today.prompt.id}" class="button"><${Icon} name="feather" />${t("today.write")}<//>`}
          ${today.prompt.kind === "reflection" && html`<${Link} to="/notes/reflections/new?prompt=${today.prompt.id}" class="button"><${Icon} name="lock" />${t("today.reflect")}<//>
            <p><${Link} to="/notes/reflections" class="text-link">${t("today.reflect_instead")}<//></p>`}
        </article>
      <//>`}
    </div>`;
}

/** Return whether things of two may come up by themselves: not in space. @param {Schemas["Today"]} today */
const isOpenToBoth = ({ couple, space }) => couple !== null && !space.kind && couple.sentences.length === 0;

/** @param {Schemas["Today"]} today */
const mayRemember = (today) => isOpenToBoth(today) && Number(today.couple?.pace) >= MEMORIES_PACE;

/** Where the two are: an open invitation, a sentence about space, something held. @param {{today: Schemas["Today"]}} props */
function Standing({ today }) {
  const { couple, invitation, space } = today;
  const name = invitation?.partner_name ?? "";
  return html`
    ${secrets.value && html`<${Notice} icon="key-round"><${Link} to="/start">${t("today.keep_secrets")}<//><//>`}
    ${!secrets.value && areSecretsLost.value && html`<${Notice} icon="key-round"><${Link} to="/me/account">${t("today.secrets_lost")}<//><//>`}
    ${space.kind && html`<${Notice} icon="leaf">${t("today.in_space")} <${Link} to="/us/space">${t("today.in_space_look")}<//><//>`}
    ${space.held && html`<${Notice} icon="mail">${t("today.held")} <${Link} to="/us/held">${t("today.held_look")}<//><//>`}
    ${couple?.sentences.map(
      (each) => each.by === "partner" && html`<${Notice} key=${each.sentence} icon="leaf">
        ${t("today.sentence", { name: couple.partner, text: each.text })}<//>`,
    )}
    ${today.pairing === "awaiting_confirm" && invitation?.role === "inviter" && html`<${Notice} icon="user-plus">
      <${Link} to="/us/invitation">${t("today.join_confirm", { name })}<//><//>`}
    ${today.pairing === "awaiting_confirm" && invitation?.role === "invitee" && html`<${Notice} icon="user-plus">
      <${Link} to="/us/invitation">${t("today.join_waits", { name })}<//><//>`}
    ${today.pairing === "inviting" && invitation && html`<${Notice} icon="send">
      <${Link} to="/us/invitation">${t("today.inviting", { day: formatInstantDay(invitation.expires_at) })}<//><//>`}
    ${today.pairing === "alone" && html`<div class="card pine"><p>${t("today.invite_text")}</p>
      <${Link} to="/us/invitation" class="button"><${Icon} name="user-plus" />${t("today.invite")}<//></div>`}`;
}

const TALK_STATES = /** @type {const} */ ({ preparing: "talks.is_open", running: "talks.is_running", paused: "talks.is_paused" });

/** The talk that is open, which either may go on with or stop. @param {{talk: Schemas["OpenTalk"]}} props */
function OpenTalk({ talk }) {
  const isPaused = talk.state === "paused";
  return html`<div class="card pine open-talk">
    <p class="eyebrow">${t(TALK_STATES[/** @type {keyof typeof TALK_STATES} */ (talk.state)] ?? "talks.is_open")}</p><h2>${talk.title}</h2>
    ${talk.state === "preparing" && html`<p>${t("talks.is_open_text")}</p>`}
    ${isPaused && html`<${TalkPause} id=${talk.id} />`}
    <${Link} to="/talks/${talk.id}" class="button primary"><${Icon} name="arrow-right" />${t("talks.to_talk")}<//></div>`;
}

/** When a paused talk can go on, and when it is over by itself. @param {{id: string}} props */
function TalkPause({ id }) {
  const pause = useResource(`/talks/${id}`).data;
  if (!pause) return null;
  const { resume_at, resume_from, ends_at } = pause;
  const when = resume_at ?? resume_from;
  return html`
    ${when && html`<p class="with-icon"><${Icon} name="clock" />${t(resume_at ? "talks.resume_at" : "talks.resume_from", { when: formatInstant(when) })}</p>`}
    <p>${t("talks.is_paused_text")} ${ends_at && t("talks.quiet_end", { when: formatInstant(ends_at) })}</p>`;
}

/** @param {{dates: Schemas["PlannedDate"][], partner: string | undefined}} props */
function Proposals({ dates, partner }) {
  return html`<${Section} title=${t("today.proposals", { count: dates.length })}>
    <ul class="rows ember">
      ${dates.map((date) => html`<${DateRow} key=${date.id} date=${date} partner=${partner} note=${date.message_from === "partner" && date.message} />`)}
    </ul>
  <//>`;
}

/** @param {{items: Schemas["InboxItem"][]}} props */
function Arrived({ items }) {
  return html`<${Section} title=${t("today.arrived")} action=${html`<${Link} to="/inbox" class="text-link">${t("today.see_all")}<//>`}>
    <ul class="rows">
      ${items.map((item) => html`<${InboxRow} key=${item.id} item=${item} />`)}
    </ul>
  <//>`;
}
