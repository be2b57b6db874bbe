// Join: answer an invitation, by its link or its code. What is shared comes before the yes.
import { request } from "../api.js";
import { formatInstant, t } from "../i18n.js";
import { ActionError, Button, Field, fieldError, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { situation } from "../parts/first_run.js";
import { forgetCode, heldCode, holdCode, takeCodeFromAddress } from "../parts/held_code.js";
import { OperatorNote, operatorText, useServer } from "../parts/operator.js";
import { Empty, Loaded, Notice, Page, Section, Skeleton } from "../parts/page.js";
import { RhythmChoice, SayNo } from "../parts/pairing.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { session } from "../session.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";

export default function Join() {
  useEffect(() => {
    takeCodeFromAddress();
    // A link that is opened while the client is on this screen changes only the part after #.
    addEventListener("hashchange", takeCodeFromAddress);
    return () => removeEventListener("hashchange", takeCodeFromAddress);
  }, []);
  return session.value ? html`<${Answer} />` : html`<${BeforeSignIn} />`;
}

/** For a person without a sign-in: hold the code, and lead to sign-up or sign-in. */
function BeforeSignIn() {
  const server = useServer();
  if (!heldCode.value) {
    return html`<${Page} title=${t("join.enter")} lead=${t("join.enter_lead")} back="/" class="narrow">
      <${CodeForm} />
    <//>`;
  }
  return html`<${Page} title=${t("join.invited")} lead=${t("join.invited_lead")} back="/" class="narrow">
    <div class="first-buttons">
      ${server?.sign_up === "closed"
        ? html`<${Notice} icon="lock">${t("welcome.closed")}<//>`
        : html`<${Link} to="/sign-up" class="button primary">${t("welcome.no_account")}<//>`}
      <${Link} to="/sign-in" class="button">${t("welcome.have_account")}<//>
      <${Button} kind="quiet" onClick=${forgetCode}>${t("join.other_code")}<//>
    </div>
    <${OperatorNote} operator=${server?.operator} />
  <//>`;
}

/** The field for a code. @param {{first?: string, refusal?: Error | null}} props `first` is what is in it, and `refusal` why it failed */
function CodeForm({ first = "", refusal = null }) {
  const [code, setCode] = useState(first);
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    holdCode(code.trim());
  };
  return html`<form onSubmit=${submit}>
    <${Field} class="code" label=${t("join.code")} hint=${t("join.code_hint")} value=${code} onInput=${setCode}
      error=${fieldError(refusal, "code")} autocomplete="off" autocapitalize="characters" spellcheck=${false} maxlength="40" required />
    <${ActionError} error=${refusal} besides=${["code"]} />
    <${Button} kind="primary" type="submit" class="wide">${t("common.next")}<//>
  </form>`;
}

/** For a person who is signed in: look the code up, and answer. */
function Answer() {
  const today = useResource("/today");
  return html`<${Loaded} resource=${today} retry=${() => refresh("/today")}>
    ${(/** @type {Schemas["Today"]} */ { couple, invitation }) =>
      couple
        ? html`<${Connected} name=${couple.partner} />`
        : html`<${LookUp} accepted=${invitation?.role === "invitee" ? invitation.partner_name : null} />`}
  <//>`;
}

/** @param {{accepted: string | null}} props `accepted` is the name of a person whose invitation the viewer has accepted */
function LookUp({ accepted }) {
  const [seen, setSeen] = useState(/** @type {{code: string, preview: Schemas["InvitationPreview"]} | null} */ (null));
  const [typed, setTyped] = useState("");
  const code = heldCode.value;
  const { run, busy, error } = useAction(async () => {
    try {
      const { data } = await request("POST", "/invitations/look-up", { body: { code } });
      setSeen({ code, preview: data });
    } catch (failure) {
      setTyped(code);
      forgetCode();
      throw failure;
    }
  });
  useEffect(() => {
    if (code) run();
  }, [code]);
  if (seen && seen.code === code) return html`<${Invited} preview=${seen.preview} code=${code} />`;
  if (code || busy) return html`<${Page} title=${t("join.invited")} back="/us/invitation"><${Skeleton} /><//>`;
  return html`<${Page} title=${t("join.enter")} lead=${t("join.enter_lead")} back="/us/invitation" class="narrow">
    ${accepted && html`<${Notice} icon="clock">${t("join.accepted", { name: accepted })} <${Link} to="/us/invitation">${t("join.accepted_look")}<//><//>`}
    <${CodeForm} key=${typed} first=${typed} refusal=${error} />
  <//>`;
}

/** @param {{name: string}} props */
export function Connected({ name }) {
  useEffect(forgetCode, []);
  return html`<${Page} title=${t("join.already", { name })} back="/us">
    <${Empty} art="pair" title=${t("join.already_title")}>
      <p>${t("join.already_text")}</p>
      <${Link} to="/" class="button primary">${t("common.to_today")}<//>
    <//>
  <//>`;
}

/** Who invites, what both agree to, and the answer. @param {{preview: Schemas["InvitationPreview"], code: string}} props */
function Invited({ preview, code }) {
  const name = preview.inviter_name;
  const before = situation.value;
  const [rhythm, setRhythm] = useState(/** @type {Schemas["Rhythm"] | null} */ (before === "alone" ? null : before));
  const [isMissing, setMissing] = useState(false);
  const [isDeclining, setDeclining] = useState(false);
  const { run, busy, error } = useAction(async () => {
    setMissing(!rhythm);
    if (!rhythm) return;
    await request("POST", "/invitations/accept", { body: { code, rhythm } });
    await refresh("/today");
    forgetCode();
    navigate("/us/invitation", { replace: true });
  });
  const leave = () => {
    forgetCode();
    navigate("/", { replace: true });
    say(t("join.declined"));
    refresh("/today");
  };
  return html`<${Page} title=${t("join.invites_you", { name })} lead=${t("join.open_until", { when: formatInstant(preview.expires_at) })}
    back="/us/invitation">
    <div class="columns">
      <${RhythmChoice} value=${rhythm} onChange=${setRhythm} name=${name} />
      <${Section} title=${t("join.terms")}>
        <ul class="terms">${preview.terms.map((term) => html`<li key=${term.key}>${term.text}</li>`)}</ul>
        <p class="hint">${operatorText(preview.operator)}</p>
      <//>
    </div>
    ${isMissing && !rhythm && html`<div role="alert"><${Notice} kind="fault" icon="circle-alert">${t("join.rhythm_missing")}<//></div>`}
    <${ActionError} error=${error} />
    <div class="first-buttons">
      <${Button} kind="primary" busy=${busy} onClick=${() => run()}>${t("join.yes", { name })}<//>
      <p class="hint">${t("join.yes_text", { name, own: preview.your_name })}</p>
      <${Button} onClick=${() => setDeclining(true)}>${t("join.no")}<//>
    </div>
    ${isDeclining &&
    html`<${SayNo} title=${t("join.no_title")} text=${t("join.no_text", { name })} no=${t("join.no_button")} name=${name}
      onNo=${() => request("POST", "/invitations/decline", { body: { code } })} block=${{ code }} onDone=${leave}
      onClose=${() => setDeclining(false)} />`}
  <//>`;
}
