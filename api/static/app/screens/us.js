// Us: what the partner sees and what only the person sees, each row leading to its screen. Alone, it is Me.
import { offline } from "../api.js";
import { formatInstant, formatInstantDay, t } from "../i18n.js";
import { outbox } from "../outbox.js";
import { Icon } from "../parts/controls.js";
import { AfterLeaving } from "../parts/couple.js";
import { CopyButton } from "../parts/copy.js";
import { Confirm } from "../parts/dialog.js";
import { operatorText } from "../parts/operator.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { RowButton, RowLink } from "../parts/rows.js";
import { useLevelNames } from "../parts/steps.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { signOut } from "../session.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

export default function Us() {
  const today = useResource("/today");
  const couple = today.data?.couple;
  // What this device stored may be about a couple that has ended.
  const isSure = !today.isOld;
  return html`<${Page} title=${couple ? t("us.title", { name: couple.partner }) : t("frame.me")} class="us">
    <${Loaded} resource=${today} retry=${() => refresh("/today")} lines=${5}>
      ${(/** @type {Schemas["Today"]} */ data) => (data.couple ? html`<${Paired} today=${data} couple=${data.couple} isSure=${isSure} />` : html`<${Alone} today=${data} />`)}
    <//>
    <${Server} />
  <//>`;
}

/** @param {{today: Schemas["Today"], couple: Schemas["Couple"], isSure: boolean}} props */
function Paired({ today, couple, isSure }) {
  const name = couple.partner;
  return html`<div class="columns">
    <${Section} title=${t("us.partner_sees", { name })} class="side shared">
      <${PartnerSees} today=${today} couple=${couple} />
      ${today.allowance && html`<${Allowance} allowance=${today.allowance} />`}
    <//>
    <${Section} title=${t("us.only_you")} class="side own">
      <${BetweenYou} today=${today} isSure=${isSure} />
      <${Yours} />
      <${Calendars} />
      <${Account} isPaired />
    <//>
  </div>`;
}

/** @param {{today: Schemas["Today"], couple: Schemas["Couple"]}} props */
function PartnerSees({ today, couple }) {
  const nameOf = useLevelNames();
  const own = couple.sentences.find((each) => each.by === "me");
  const theirs = couple.sentences.find((each) => each.by === "partner");
  return html`
    ${theirs && html`<${Notice} icon="leaf">${t("today.sentence", { name: couple.partner, text: theirs.text })}<//>`}
    <ul class="rows">
      <${RowLink} to="/us/pace" icon="footprints" label=${t("us.shared_pace")} text=${nameOf(couple.pace)} />
      <${RowLink} to="/us/rhythm" icon="repeat" label=${t("us.shared_rhythm")} text=${nameOf(couple.rhythm)} />
      <${RowLink} to="/me/account" icon="user" label=${t("us.your_name")} text=${today.display_name} />
      ${own && html`<${RowLink} to="/us/space" icon="leaf" label=${t("us.your_sentence")} text=${own.text} />`}
      <${RowLink} to="/calendar" icon="calendar-days" label=${t("us.dates")} text=${t("us.dates_text")} />
      <${RowLink} to="/notes" icon="share-2" label=${t("us.shared_notes")} text=${t("us.shared_notes_text")} />
    </ul>
    <p class="hint">${t("us.never_sees", { name: couple.partner })}</p>`;
}

/** What the person may still send, and when more opens. @param {{allowance: Schemas["Allowances"]}} props */
function Allowance({ allowance }) {
  const lines = /** @type {const} */ ([
    ["us.allowance_proposals", allowance.proposals],
    ["us.allowance_open", allowance.open_proposals],
    ["us.allowance_shared", allowance.shared],
  ]);
  return html`<div class="card allowance">
    <h3>${t("us.allowance")}</h3>
    <dl>
      ${lines.map(
        ([key, each]) => html`<div key=${key}><dt>${t(key)}</dt>
          <dd>${t("us.allowance_left", { left: each.left, limit: each.limit })}
            ${each.opens_at && html`<small>${t("us.allowance_opens", { when: formatInstant(each.opens_at) })}</small>`}</dd></div>`,
      )}
    </dl>
  </div>`;
}

/** @param {{today: Schemas["Today"], isSure: boolean}} props */
function BetweenYou({ today, isSure }) {
  const pace = useResource(isSure ? "/me/pace" : null).data;
  const rhythm = useResource(isSure ? "/me/rhythm" : null).data;
  const nameOf = useLevelNames();
  const { space } = today;
  const spaceText = !isSure ? "" : space.since
    ? t(space.kind === "said" ? "us.space_said_since" : "us.space_quiet_since", { day: formatInstantDay(space.since) })
    : t("us.space_none");
  return html`<h3>${t("us.between")}</h3>
    <ul class="rows">
      <${RowLink} to="/us/space" icon="leaf" label=${t("us.space")} text=${spaceText} />
      <${RowLink} to="/us/held" icon="inbox" label=${t("us.held")} text=${isSure && t(space.held ? "us.held_some" : "us.held_none")} />
      <${RowLink} to="/us/pace" icon="eye-off" label=${t("us.own_pace")} text=${pace && ownPace(pace, nameOf)} />
      <${RowLink} to="/us/rhythm" icon="eye-off" label=${t("us.own_rhythm")} text=${rhythm && ownRhythm(rhythm, nameOf)} />
    </ul>`;
}

/** @param {Schemas["PaceChoice"]} pace @param {(value: any) => string} nameOf */
function ownPace(pace, nameOf) {
  if (pace.quiet_pace !== null) return t("us.quiet_choice", { level: nameOf(pace.quiet_pace) });
  if (pace.requested_pace !== null) return t("us.wish", { level: nameOf(pace.requested_pace) });
  return t("us.ceiling", { level: nameOf(pace.max_pace) });
}

/** @param {Schemas["RhythmChoice"]} rhythm @param {(value: any) => string} nameOf */
function ownRhythm(rhythm, nameOf) {
  if (rhythm.quiet_rhythm !== null) return t("us.quiet_choice", { level: nameOf(rhythm.quiet_rhythm) });
  return t("us.rhythm_choice", { level: nameOf(rhythm.choice) });
}

function Yours() {
  return html`<h3>${t("us.yours")}</h3>
    <ul class="rows">
      <${RowLink} to="/me/profile" icon="sliders-horizontal" label=${t("us.profile")} text=${t("us.profile_text")} />
      <${RowLink} to="/ideas" icon="thumbs-up" label=${t("us.votes")} text=${t("us.votes_text")} />
      <${RowLink} to="/notes" icon="notebook-pen" label=${t("us.notes")} text=${t("us.notes_text")} />
      <${RowLink} to="/memories" icon="camera" label=${t("memories.title")} text=${t("memories.row")} />
      <${RowLink} to="/us/looking-back" icon="gauge" label=${t("looking_back.title")} text=${t("looking_back.row")} />
      <${RowLink} to="/me/photos" icon="camera" label=${t("photos.yours")} text=${t("photos.row")} />
      <${RowLink} to="/notes/received" icon="mail" label=${t("us.received")} text=${t("us.received_text")} />
      <${RowLink} to="/me/guides" icon="book-open" label=${t("guides.title")} text=${t("guides.row")} />
    </ul>`;
}

/** What repeats, when the person is free, and calendars elsewhere. */
function Calendars() {
  return html`<h3>${t("us.calendar")}</h3>
    <ul class="rows">
      <${RowLink} to="/rituals" icon="repeat" label=${t("rituals.title")} text=${t("rituals.row")} />
      <${RowLink} to="/me/availability" icon="clock" label=${t("availability.title")} text=${t("us.availability_text")} />
      <${RowLink} to="/me/calendar-feed" icon="calendar-plus" label=${t("calendar_feed.title")} text=${t("calendar_feed.row")} />
      <${RowLink} to="/me/busy-calendars" icon="calendar" label=${t("busy.title")} text=${t("busy.row")} />
    </ul>`;
}

/** @param {{isPaired?: boolean}} props */
function Account({ isPaired = false }) {
  const [isLeaving, setLeaving] = useState(false);
  const server = useResource("/server").data;
  return html`<h3>${t("us.safe")}</h3>
    <ul class="rows">
      <${RowLink} to="/me/safety-check" icon="shield" label=${t("us.safety_check")} text=${t("us.safety_check_text")} />
      <${RowLink} to="/me/help" icon="life-buoy" label=${t("us.help")} text=${t("us.help_text")} />
      <${RowLink} to="/us/blocks" icon="ban" label=${t("us.blocks")} text=${t("us.blocks_text")} />
    </ul>
    <h3>${t("us.account_part")}</h3>
    <ul class="rows">
      <${RowLink} to="/me/account" icon="settings" label=${t("us.account")} text=${t("us.account_text")} />
      ${server?.mail && html`<${RowLink} to="/me/email" icon="mail" label=${t("email.title")} text=${t("email.row")} />`}
      <${RowLink} to="/me/notifications" icon="bell" label=${t("push.title")} text=${t("push.row")} />
      <${RowLink} to="/me/sign-ins" icon="smartphone" label=${t("us.sign_ins")} />
      <${RowLink} to="/me/export" icon="download" label=${t("us.export")} text=${t("us.export_text")} />
      ${isPaired && html`<${RowLink} to="/us/leaving" icon="door-open" label=${t("us.leaving")} text=${t("us.leaving_text")} />`}
      <${RowLink} to="/me/deletion" icon="trash-2" label=${t("us.deletion")} text=${t("us.deletion_text")} />
      <${RowButton} icon="log-out" label=${t("us.sign_out")} onClick=${() => setLeaving(true)} />
    </ul>
    ${isLeaving && html`<${SignOut} onClose=${() => setLeaving(false)} />`}`;
}

/** @param {{onClose: () => void}} props */
function SignOut({ onClose }) {
  const [busy, setBusy] = useState(false);
  const unsent = outbox.value.length;
  const name = useResource("/me").data?.sign_in_name;
  const leave = async () => {
    setBusy(true);
    await signOut();
    navigate("/", { replace: true });
  };
  return html`<${Confirm} title=${t("us.sign_out_title")} text=${t("us.sign_out_sure")} yes=${t("us.sign_out")}
      busy=${busy} onYes=${leave} onClose=${onClose}>
    ${name && html`<p>${t("us.sign_out_name")} <b>${name}</b></p><div class="buttons"><${CopyButton} text=${name} label=${t("common.copy")} /></div>`}
    ${unsent > 0 && html`<${Notice} kind="fault" icon="circle-alert">${t("us.sign_out_unsent", { count: unsent })}<//>`}
    ${offline.value && html`<${Notice} kind="fault" icon="wifi-off">${t("us.sign_out_offline")}<//>`}
  <//>`;
}

/** @param {{today: Schemas["Today"]}} props */
function Alone({ today }) {
  return html`
    ${today.pairing === "left" && html`<${Section} title=${t("us.left_title")}><${AfterLeaving} /><//>`}
    <div class="columns">
      <section class="section side own"><h2 class="hidden">${t("us.only_you")}</h2><${Yours} /><${Calendars} /><${Invite} today=${today} /></section>
      <section class="section side own"><${Account} /></section>
    </div>`;
}

/** The way to a partner, not in the way. @param {{today: Schemas["Today"]}} props */
function Invite({ today }) {
  const { invitation, pairing } = today;
  const name = invitation?.partner_name ?? "";
  const isInviter = invitation?.role === "inviter";
  const text =
    pairing === "awaiting_confirm"
      ? t(isInviter ? "us.invite_confirm" : "us.invite_waits", { name })
      : invitation
        ? t("us.invite_open", { day: formatInstantDay(invitation.expires_at) })
        : t("us.invite_text");
  return html`<h3>${t("us.together")}</h3>
    <div class="card pine">
      <p>${text}</p>
      <${Link} to="/us/invitation" class="button"><${Icon} name="user-plus" />${t(invitation ? "us.invite_look" : "us.invite")}<//>
      ${!invitation && html`<${Link} to="/join" class="text-link">${t("us.have_code")}<//>`}
    </div>`;
}

/** The server, its operator, and pages about it. */
function Server() {
  const server = useResource("/server").data;
  return html`<footer class="about">
    ${!isSecureContext && html`<${Notice} icon="wifi-off">${t("us.plain_http")}<//>`}
    <ul>
      <li><a class="text-link" href="/about">${t("us.about")}</a></li>
      <li><a class="text-link" href="/docs">${t("us.docs")}</a></li>
    </ul>
    ${server && html`<p>${t("us.server", { version: server.version })} ${operatorText(server.operator)}</p>
      <p>${server.operator.can_see}</p>`}
  </footer>`;
}
