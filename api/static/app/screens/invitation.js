// Invitation: make one and hand it over, see who came and confirm them, or wait as the one who accepted.
import { newId, Refusal, request } from "../api.js";
import { formatInstant, t } from "../i18n.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { situation } from "../parts/first_run.js";
import { HandOver } from "../parts/hand_over.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { CheckWords, landOnToday, RhythmChoice, SayNo, useQuickLook } from "../parts/pairing.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { html, useEffect, useRef, useState } from "../vendor/preact/preact-11.2.0.js";
import { Connected } from "./join.js";

const CURRENT = "/invitations/current";

export default function InvitationScreen() {
  const today = useResource("/today");
  const couple = today.data?.couple;
  const wasWaiting = useRef(false);
  wasWaiting.current ||= Boolean(today.data?.invitation);
  useEffect(() => {
    if (couple && wasWaiting.current) landOnToday(couple.partner);
  }, [couple?.id]);
  useQuickLook();
  if (!today.data) {
    return html`<${Page} title=${t("join.invite")} back="/us"><${Loaded} resource=${today} retry=${() => refresh("/today")}>${() => null}<//><//>`;
  }
  if (couple) return html`<${Connected} name=${couple.partner} />`;
  return today.data.invitation ? html`<${Open} seen=${today.data.invitation} />` : html`<${Create} name=${today.data.display_name} />`;
}

/** No invitation yet: what will happen, and the button. @param {{name: string}} props */
function Create({ name }) {
  // The same id for each try: a repeated request makes no second invitation.
  const id = useRef(newId());
  const { run, busy, error } = useAction(async () => {
    await request("POST", "/invitations", { body: { id: id.current } });
    id.current = newId();
    await refresh("/today");
  });
  return html`<${Page} title=${t("join.invite")} lead=${t("join.invite_lead")} back="/us">
    <ol class="path">
      <li>${t("join.path_hand_over")}</li>
      <li>${t("join.path_answer")}</li>
      <li>${t("join.path_confirm")}</li>
    </ol>
    <${ActionError} error=${error} />
    <div class="first-buttons">
      <${Button} kind="primary" icon="user-plus" busy=${busy} onClick=${() => run()}>${t("join.create")}<//>
      <p class="hint">${t("join.create_text", { name })}</p>
    </div>
    <${Section} title=${t("join.were_invited")}>
      <${Link} to="/join" class="button"><${Icon} name="key-round" />${t("join.enter")}<//>
    <//>
  <//>`;
}

/** @param {{seen: Schemas["OpenInvitation"]}} props */
function Open({ seen }) {
  const current = useResource(CURRENT);
  // Today tells of a change first: then the words or the code are other ones.
  useEffect(() => {
    refresh(CURRENT);
  }, [seen.id, seen.state, seen.role]);
  const isSame = current.data?.id === seen.id && current.data.state === seen.state;
  return html`<${Loaded} resource=${isSame ? current : { ...current, data: undefined }} retry=${() => refresh(CURRENT)}>
    ${(/** @type {Schemas["Invitation"]} */ invitation) => {
      if (invitation.role === "invitee") return html`<${Waiting} invitation=${invitation} />`;
      return invitation.state === "accepted" ? html`<${WhoCame} invitation=${invitation} />` : html`<${Pending} invitation=${invitation} />`;
    }}
  <//>`;
}

/** The invitation is open: hand it over. @param {{invitation: Schemas["Invitation"]}} props */
function Pending({ invitation }) {
  return html`<${Page} title=${t("join.hand_over")} lead=${t("join.open_until", { when: formatInstant(invitation.expires_at) })} back="/us">
    <${HandOver} invitation=${invitation} />
    <${Notice} icon="clock">${t("join.pending_text")}<//>
    <${Withdraw} button=${t("join.withdraw")} text=${t("join.withdraw_text")} done=${t("join.withdrawn")} />
  <//>`;
}

/** End the invitation, or take back a yes. @param {{button: string, text: string, done: string}} props */
function Withdraw({ button, text, done }) {
  const [isAsking, setAsking] = useState(false);
  const { run, busy, error } = useAction(async () => {
    try {
      await request("DELETE", CURRENT);
      say(done);
    } finally {
      setAsking(false);
      await refresh("/today");
    }
  });
  return html`<div class="first-buttons">
    <${ActionError} error=${error} />
    <${Button} kind="quiet" onClick=${() => setAsking(true)}>${button}<//>
    ${isAsking && html`<${Confirm} title=${button} text=${text} yes=${button} danger busy=${busy} onYes=${() => run()} onClose=${() => setAsking(false)} />`}
  </div>`;
}

/** A person has accepted: is it the right one? @param {{invitation: Schemas["Invitation"]}} props */
function WhoCame({ invitation }) {
  const name = invitation.partner_name ?? "";
  const before = situation.value;
  const [rhythm, setRhythm] = useState(/** @type {Schemas["Rhythm"] | null} */ (before === "alone" ? null : before));
  const [isMissing, setMissing] = useState(false);
  const [isRefusing, setRefusing] = useState(false);
  const { run, busy, error } = useAction(async () => {
    setMissing(!rhythm);
    if (!rhythm) return;
    try {
      await request("POST", "/invitations/confirm", { body: { invitation_id: invitation.id, rhythm } });
    } catch (failure) {
      if (!(failure instanceof Refusal) || failure.status !== 409) throw failure;
      // The yes was taken back at this moment: then this page shows the open invitation again.
      say(failure.message);
      await refresh("/today");
      return;
    }
    await landOnToday(name);
  });
  const leave = () => {
    say(t("join.refused"));
    refresh("/today");
  };
  return html`<${Page} title=${t("join.who_came", { name })} lead=${t("join.who_came_lead", { name })} back="/us">
    <${CheckWords} words=${invitation.check_words} name=${name} />
    <div class="columns">
      <${RhythmChoice} value=${rhythm} onChange=${setRhythm} name=${name} />
      <${Section} title=${t("join.terms")}>
        <ul class="terms">${invitation.terms.map((term) => html`<li key=${term.key}>${term.text}</li>`)}</ul>
      <//>
    </div>
    ${isMissing && !rhythm && html`<div role="alert"><${Notice} kind="fault" icon="circle-alert">${t("join.rhythm_missing")}<//></div>`}
    <${ActionError} error=${error} />
    <div class="first-buttons">
      <${Button} kind="primary" busy=${busy} onClick=${() => run()}>${t("join.yes", { name })}<//>
      <p class="hint">${t("join.confirm_text", { name })}</p>
      <${Button} onClick=${() => setRefusing(true)}>${t("join.not_them")}<//>
    </div>
    ${isRefusing &&
    html`<${SayNo} title=${t("join.refuse_title")} text=${t("join.refuse_text")} no=${t("join.refuse_button")} name=${name}
      onNo=${() => request("POST", "/invitations/refuse", { body: { invitation_id: invitation.id } })}
      block=${{ invitation_id: invitation.id }} onDone=${leave} onClose=${() => setRefusing(false)} />`}
  <//>`;
}

/** The viewer has accepted, and waits for the inviter. @param {{invitation: Schemas["Invitation"]}} props */
function Waiting({ invitation }) {
  const name = invitation.partner_name ?? "";
  const label = useResource("/catalogue").data?.rhythms.find(({ value }) => value === invitation.rhythm)?.label ?? "";
  return html`<${Page} title=${t("join.waiting", { name })} lead=${t("join.waiting_lead", { name })} back="/us">
    <${CheckWords} words=${invitation.check_words} name=${name} />
    <p>${t("join.own_rhythm", { rhythm: label })} ${t("join.open_until", { when: formatInstant(invitation.expires_at) })}</p>
    <div class="first-buttons"><${Button} icon="sprout" onClick=${() => navigate("/start?step=likes")}>${t("join.meanwhile")}<//></div>
    <${Withdraw} button=${t("join.take_back")} text=${t("join.take_back_text", { name })} done=${t("join.taken_back")} />
  <//>`;
}
