// The safety check: where a person is signed in, what others can see of them, and the end of each. Looking changes nothing.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { operatorText } from "../parts/operator.js";
import { focusHeading, Loaded, Notice, Page, Section } from "../parts/page.js";
import { UnsentNotice } from "../parts/unsent.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { signOut } from "../session.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["SafetyLine"]} Line */
/** @typedef {Schemas["SafetyFindingKind"]} Kind */

const PATH = "/me/safety";

/** The lines about signing in; all others are about what other people see. @type {Kind[]} */
const SIGNING_IN = ["this_sign_in", "sign_in", "password", "passkey", "email_address"];

/** Ends that need a choice, a password or another step: the screens that have them. @type {Partial<Record<Kind, string>>} */
const SCREENS = {
  password: "/me/account",
  display_name: "/us/leaving",
  pace: "/us/pace",
  rhythm: "/us/rhythm",
  notes: "/notes",
  requests: "/notes/requests",
  answers: "/notes/for-two",
  days: "/calendar/days",
  photos: "/me/photos",
  matches: "/ideas/matches",
  someday_list: "/ideas/someday",
};

export default function SafetyCheck() {
  const check = useResource(PATH);
  return html`<${Page} title=${t("me.safety_check")} tab="Rekindle" back="/us">
    <${Loaded} resource=${check} retry=${() => refresh(PATH)} lines=${5}>
      ${(/** @type {Schemas["SafetyCheck"]} */ data) => html`<${Content} check=${data} />`}
    <//>
  <//>`;
}

/** @param {{check: Schemas["SafetyCheck"]}} props */
function Content({ check }) {
  const signingIn = check.items.filter((line) => SIGNING_IN.includes(line.kind));
  const seen = check.items.filter((line) => !SIGNING_IN.includes(line.kind));
  return html`
    <p class="lead">${check.text}</p>
    <p><${Link} to="/safety" class="button"><${Icon} name="life-buoy" />${t("me.safety_page")}<//></p>
    <${Section} title=${t("me.check_sign_ins")}><${Lines} lines=${signingIn} /><//>
    <${Section} title=${t("me.check_seen")}>
      ${seen.length > 0 ? html`<${Lines} lines=${seen} />` : html`<p class="lead">${t("me.check_nothing")}</p>`}
    <//>
    <${Section} title=${t("me.check_operator")}>
      <p>${check.operator.can_see}</p>
      <p class="hint">${operatorText(check.operator)}</p>
    <//>
    <${EmptyDevice} />`;
}

/** @param {{lines: Line[]}} props */
function Lines({ lines }) {
  return html`<ul class="check-lines">
    ${lines.map((line) => html`<${LineItem} key=${line.key + line.subject} line=${line} />`)}
  </ul>`;
}

/** @param {{line: Line}} props */
function LineItem({ line }) {
  const { end, kind } = line;
  return html`<li class="card">
    <p>${line.text}</p>
    ${end && html`<details class="end">
      <summary>${t("me.end_how")}</summary>
      <p>${end.text}</p>
      ${end.may_be_noticed && html`<p class="with-icon hint"><${Icon} name="eye" />${t("me.may_be_noticed")}</p>`}
      ${SCREENS[kind] ? html`<${Link} to=${SCREENS[kind]} class="button">${t("me.end_there")}<//>` : html`<${EndButton} line=${line} end=${end} />`}
    </details>`}
  </li>`;
}

/** @param {{line: Line, end: Schemas["ActionRequest"]}} props */
function EndButton({ line, end }) {
  const [asking, setAsking] = useState(false);
  const isHere = line.kind === "this_sign_in";
  const { run, busy, error } = useAction(async () => {
    if (isHere) return signOut();
    try {
      await request(end.method, end.path.replace("/v1", ""), { body: end.body ?? undefined, version: versionOf(end) });
    } finally {
      await refresh(PATH); // after a conflict, the line has the new version
    }
    setAsking(false);
    focusHeading();
    say(t("common.done"));
    return undefined;
  });
  return html`<${Button} onClick=${() => setAsking(true)}>${t("me.end_it")}<//>
    ${asking && html`<${Confirm} title=${t("me.end_title")} text=${end.text} yes=${t("me.end_it")} danger busy=${busy}
      onYes=${run} onClose=${() => setAsking(false)}>
      ${end.may_be_noticed && html`<${Notice} icon="eye">${t("me.may_be_noticed")}<//>`}
      ${isHere && html`<${UnsentNotice} />`}
      <${ActionError} error=${error} />
    <//>`}`;
}

/** @param {Schemas["ActionRequest"]} end */
const versionOf = (end) => (end.if_match === null ? null : Number(end.if_match.replaceAll('"', "")));

/** Take everything off this device. */
function EmptyDevice() {
  const [asking, setAsking] = useState(false);
  const { run, busy } = useAction(signOut);
  return html`<${Section} title=${t("me.empty_device")}>
    <p>${t("me.empty_device_text")}</p>
    <p><${Button} kind="danger" icon="trash-2" onClick=${() => setAsking(true)}>${t("me.empty_device")}<//></p>
    ${asking && html`<${Confirm} title=${t("me.empty_device_title")} text=${t("me.empty_device_confirm")} yes=${t("me.empty_device")}
      danger busy=${busy} onYes=${run} onClose=${() => setAsking(false)}><${UnsentNotice} /><//>`}
  <//>`;
}
