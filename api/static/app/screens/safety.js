// The safety screen, with and without a sign-in: what to do, who helps, and what a visit leaves behind.
//
// The frame leads here, not to the server's page /safety: a tap must not fail without a network, the quick exit must be
// at hand, and an installed client must not leave its window. The server's answer is shown but never kept on the device.
// So without a network only the texts of this file are there: they repeat the most important lines of the server's page.
// The title in the browser's history is that of the client, so that the history does not tell of this screen.
import { offline, Refusal, request, Unreachable } from "../api.js";
import { t } from "../i18n.js";
import { Button, Choice, Icon } from "../parts/controls.js";
import { operatorText } from "../parts/operator.js";
import { Notice, Page, Section } from "../parts/page.js";
import { SupportContact } from "../parts/support_contact.js";
import { leaveAtOnce, Link } from "../router.js";
import { session } from "../session.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["SafetyPage"]} Texts */

const RETRY_ON = ["online", "focus"];
// The server's other sections are about its own page, or have the texts of this screen.
const FROM_SERVER = ["more_help", "questions", "operator"];

export default function Safety() {
  const texts = useTexts();
  return html`<${Page} title=${t("safety.title")} tab="Rekindle" back="/" lead=${t("safety.lead")} class="safety">
    <div class="safety-exit">
      <${Button} kind="primary" class="wide" icon="door-open" onClick=${leaveAtOnce}>${t("safety.leave")}<//>
      <p class="hint with-keys">${t("safety.escape")}</p>
    </div>
    <${Section} title=${t("safety.danger")}><${Lines} lines=${[t("safety.danger_call"), t("safety.danger_go")]} /><//>
    ${texts ? html`<${FromServer} texts=${texts} />` : html`<${Essentials} />`}
    <${InRekindle} />
    <${Section} title=${t("safety.visit")}>
      <${Lines} lines=${[t("safety.visit_history"), t("safety.visit_exit"), t("safety.visit_device")]} />
      <p><a class="text-link" href="/safety">${t("safety.plain_page")}</a></p>
    <//>
  <//>`;
}

/** Return the server's texts, or null until they arrive. The request does not name the person. @returns {Texts | null} */
function useTexts() {
  const [texts, setTexts] = useState(/** @type {Texts | null} */ (null));
  const isOffline = offline.value;
  useEffect(() => {
    const load = async () => {
      try {
        setTexts((await request("GET", "/safety", { withoutToken: true })).data);
      } catch (error) {
        if (!(error instanceof Refusal || error instanceof Unreachable)) throw error;
      }
    };
    if (!texts) load();
    for (const name of RETRY_ON) addEventListener(name, load);
    return () => RETRY_ON.forEach((name) => removeEventListener(name, load));
  }, [isOffline, !texts]);
  return texts;
}

/** @param {{lines: string[]}} props */
function Lines({ lines }) {
  return html`<ul class="plain-list">${lines.map((line) => html`<li key=${line}>${line}</li>`)}</ul>`;
}

/** What to show while the server has not answered. */
function Essentials() {
  return html`<${Section} title=${t("safety.more_help")}>
    <${Lines} lines=${[t("safety.more_help_doctor"), t("safety.more_help_search"), t("safety.more_help_trust")]} />
    ${offline.value && html`<${Notice} icon="wifi-off">${t("safety.offline")}<//>`}
  <//>`;
}

/** @param {{texts: Texts}} props */
function FromServer({ texts }) {
  const sections = texts.sections.filter(({ key }) => FROM_SERVER.includes(key));
  return html`
    ${texts.contacts.length > 0 && html`<${Contacts} texts=${texts} />`}
    ${sections.map(
      ({ key, heading, lines }) => html`<${Section} key=${key} title=${heading}>
        ${key === "operator" && html`<p>${operatorText(texts.operator)}</p>`}
        <${Lines} lines=${lines} />
      <//>`,
    )}`;
}

/** @param {{texts: Texts}} props */
function Contacts({ texts }) {
  const [country, setCountry] = useState("");
  const options = [{ value: "", label: t("safety.all_countries") }, ...texts.countries.map((value) => ({ value, label: value }))];
  const contacts = texts.contacts.filter((contact) => !country || contact.country === country);
  return html`<${Section} title=${t("safety.contacts")}>
    ${texts.countries.length > 1 && html`<${Choice} label=${t("safety.country")} options=${options} value=${country} onChange=${setCountry} />`}
    <ul class="contacts">
      ${contacts.map((contact) => html`<${SupportContact} key=${contact.country + contact.name} contact=${contact} />`)}
    </ul>
  <//>`;
}

/** What a person can do in Rekindle. */
function InRekindle() {
  return html`<${Section} title=${t("safety.in_rekindle")}>
    <p>${t("safety.in_rekindle_text")}</p>
    ${session.value
      ? html`<ul class="rows">
          <li><${Row} to="/me/safety-check" icon="shield" title=${t("me.safety_check")} text=${t("safety.check_text")} /></li>
          <li><${Row} to="/us/space" icon="leaf" title=${t("safety.space")} text=${t("safety.space_text")} /></li>
          <li><${Row} to="/us/leaving" icon="log-out" title=${t("safety.leaving")} text=${t("safety.leaving_text")} /></li>
        </ul>`
      : html`<p>${t("safety.signed_out")}</p>`}
  <//>`;
}

/** @param {{to: string, icon: string, title: string, text: string}} props */
function Row({ to, icon, title, text }) {
  return html`<${Link} class="row" to=${to}><${Icon} name=${icon} />
    <span><b>${title}</b><small>${text}</small></span><${Icon} name="chevron-right" class="ahead" /><//>`;
}
