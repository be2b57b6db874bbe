// Sign-ins: the devices on which a person is signed in, and the ways to end them; and the passkeys.
import { request } from "../api.js";
import { formatDay, formatInstantDay, t } from "../i18n.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { focusHeading, Loaded, Page, Section } from "../parts/page.js";
import { Passkeys } from "../parts/passkey_list.js";
import { SecurityEvents } from "../parts/security_events.js";
import { UnsentNotice } from "../parts/unsent.js";
import { change, refresh, useResource } from "../resources.js";
import { signOut } from "../session.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["Session"]} SignIn */

export default function SignIns() {
  const signIns = useResource("/sign-ins");
  return html`<${Page} title=${t("me.sign_ins")} lead=${t("me.sign_ins_lead")} back="/us">
    <${Loaded} resource=${signIns} retry=${() => refresh("/sign-ins")}>
      ${(/** @type {Schemas["Sessions"]} */ data) => html`<${List} signIns=${data.items} />`}
    <//>
    <${Passkeys} />
    <${SecurityEvents} />
  <//>`;
}

/** @param {{signIns: SignIn[]}} props */
function List({ signIns }) {
  const [ending, setEnding] = useState(/** @type {SignIn[]} */ ([]));
  const here = signIns.filter((each) => each.current);
  const elsewhere = signIns.filter((each) => !each.current);
  return html`
    <${Section} title=${t("me.here")}>
      <ul class="rows">${here.map((each) => html`<${Row} key=${each.id} signIn=${each} onEnd=${() => setEnding([each])} />`)}</ul>
    <//>
    <${Section} title=${t("me.elsewhere")}>
      ${elsewhere.length === 0 && html`<p class="lead">${t("me.nowhere_else")}</p>`}
      ${elsewhere.length > 0 && html`<ul class="rows">
        ${elsewhere.map((each) => html`<${Row} key=${each.id} signIn=${each} onEnd=${() => setEnding([each])} />`)}
      </ul>`}
      ${elsewhere.length > 1 && html`<${Button} icon="log-out" onClick=${() => setEnding(elsewhere)}>${t("me.end_others")}<//>`}
      <p class="hint">${t("me.sign_ins_unknown")}</p>
    <//>
    ${ending.length > 0 && html`<${EndDialog} signIns=${ending} onClose=${() => setEnding([])} />`}`;
}

/** @param {{signIn: SignIn, onEnd: () => void}} props */
function Row({ signIn, onEnd }) {
  return html`<li class="row">
    <${Icon} name="smartphone" />
    <span><b>${signIn.device}</b>
      <small>${t("me.sign_in_since", { day: formatInstantDay(signIn.created_at) })}</small>
      <small>${t("me.sign_in_used", { day: formatDay(signIn.used_on) })}</small></span>
    <${Button} kind="quiet" onClick=${onEnd} aria-label=${t("me.sign_out_of", { device: signIn.device })}>${t("me.sign_out")}<//>
  </li>`;
}

/** @param {{signIns: SignIn[], onClose: () => void}} props */
function EndDialog({ signIns, onClose }) {
  const isHere = Boolean(signIns[0]?.current);
  const { run, busy, error } = useAction(async () => {
    if (isHere) return signOut();
    for (const { id } of signIns) {
      await request("DELETE", `/sign-ins/${id}`);
      change("/sign-ins", (data) => ({ items: data.items.filter((/** @type {SignIn} */ each) => each.id !== id) }));
    }
    refresh("/sign-ins");
    onClose();
    focusHeading();
    say(t("me.signed_out_there"));
    return undefined;
  });
  const title = isHere ? t("me.sign_out_here_title") : t("me.sign_out_title", { count: signIns.length });
  return html`<${Confirm} title=${title} text=${isHere ? t("me.sign_out_here_text") : t("me.sign_out_text")}
    yes=${t("me.sign_out")} danger busy=${busy} onYes=${run} onClose=${onClose}>
    ${isHere && html`<${UnsentNotice} />`}
    <${ActionError} error=${error} />
  <//>`;
}
