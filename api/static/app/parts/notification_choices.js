// The form of all that a person chooses about notifications.
import { request } from "../api.js";
import { formatMinutes, t } from "../i18n.js";
import { change, refresh, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Chips, Choice, Field, fieldError, Switch, useAction } from "./controls.js";
import { say } from "./dialog.js";
import { shortDay, WEEKDAYS } from "./hours.js";
import { Loaded, Section } from "./page.js";

const PATH = "/me/preferences";
const GROUPS = /** @type {const} */ (["reminder", "proposal", "note", "prompt"]);
const MINUTES = [15, 30, 60, 120];
const MOST_DAYS = 2;

/** @typedef {Schemas["Preferences"]} Preferences */

/** @param {{hasMail: boolean}} props whether the server sends mail */
export function NotificationChoices({ hasMail }) {
  const saved = useResource(PATH);
  const address = useResource(hasMail ? "/me/email-address" : null).data;
  return html`<${Loaded} resource=${saved} retry=${() => refresh(PATH)}>
    ${(/** @type {Preferences} */ data) => html`<${Form} saved=${data} isMailed=${Boolean(address?.notifies)} />`}
  <//>`;
}

/** @param {{saved: Preferences, isMailed: boolean}} props */
function Form({ saved, isMailed }) {
  const [draft, setDraft] = useState(/** @type {Preferences | null} */ (null));
  const chosen = draft ?? saved;
  const set = (/** @type {Partial<Preferences>} */ values) => setDraft({ ...chosen, ...values });
  const { run, busy, error } = useAction(async () => {
    const { data } = await request("PUT", PATH, { body: { ...chosen, cue: chosen.cue?.trim() || null } });
    change(PATH, () => data);
    setDraft(null);
    say(t("common.saved"));
  });
  return html`<form class="profile-form" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  }}>
    <${Section} title=${t("push.what")}>
      <${Groups} channel="push" chosen=${chosen} set=${set} />
      <p class="hint">${t("push.most")}</p>
    <//>
    ${isMailed && html`<${Section} title=${t("push.mail")}><${Groups} channel="mail" chosen=${chosen} set=${set} /><//>`}
    <${Dates} chosen=${chosen} set=${set} />
    <${Quiet} chosen=${chosen} set=${set} error=${error} />
    <${Prompt} chosen=${chosen} set=${set} error=${error} />
    <${ActionError} error=${error} besides=${["quiet_from", "quiet_until", "prompt_at", "cue"]} />
    <div class="save-bar"><${Button} kind="primary" type="submit" class="wide" busy=${busy} disabled=${!draft || busy}>${t("common.save")}<//></div>
  </form>`;
}

/** @typedef {{chosen: Preferences, set: (values: Partial<Preferences>) => void, error?: Error | null}} Part */

/** A switch for each group of kinds. @param {Part & {channel: "push" | "mail"}} props */
function Groups({ channel, chosen, set }) {
  const toggle = (/** @type {typeof GROUPS[number]} */ group, /** @type {boolean} */ isWanted) => {
    const others = chosen.channels[group].filter((each) => each !== channel);
    set({ channels: { ...chosen.channels, [group]: isWanted ? [...others, channel] : others } });
  };
  return GROUPS.map(
    (group) => html`<${Switch} key=${group} label=${t(`push.${group}`)} hint=${channel === "push" && t(`push.${group}_hint`)}
      checked=${chosen.channels[group].includes(channel)} onChange=${(/** @type {boolean} */ isWanted) => toggle(group, isWanted)} />`,
  );
}

/** @param {Part} props */
function Dates({ chosen, set }) {
  const options = MINUTES.map((value) => ({ value, label: formatMinutes(value) }));
  return html`<${Section} title=${t("push.dates")}>
    <${Switch} label=${t("push.day_before")} checked=${chosen.day_before} onChange=${(/** @type {boolean} */ value) => set({ day_before: value })} />
    <${Choice} label=${t("push.minutes_before")} options=${options} value=${chosen.minutes_before}
      onChange=${(/** @type {number} */ value) => set({ minutes_before: value })} />
  <//>`;
}

/** @param {Part} props */
function Quiet({ chosen, set, error = null }) {
  const isOn = chosen.quiet_from !== null;
  const toggle = (/** @type {boolean} */ on) => set({ quiet_from: on ? "22:00" : null, quiet_until: on ? "08:00" : null });
  return html`<${Section} title=${t("push.quiet")}>
    <${Switch} label=${t("push.quiet_on")} hint=${t("push.quiet_hint")} checked=${isOn} onChange=${toggle} />
    ${isOn && html`<div class="hours-times">
      <${Field} label=${t("push.from")} type="time" required value=${chosen.quiet_from} error=${fieldError(error, "quiet_from")}
        onInput=${(/** @type {string} */ value) => set({ quiet_from: value })} />
      <${Field} label=${t("push.until")} type="time" required value=${chosen.quiet_until} error=${fieldError(error, "quiet_until")}
        onInput=${(/** @type {string} */ value) => set({ quiet_until: value })} />
    </div>`}
  <//>`;
}

/** @param {Part} props */
function Prompt({ chosen, set, error = null }) {
  const options = WEEKDAYS.map((value, index) => ({ value, label: shortDay(index) }));
  // The third day replaces the first of the two.
  const choose = (/** @type {string[]} */ values) => set({ prompt_weekdays: /** @type {any} */ (values.slice(-MOST_DAYS)) });
  return html`<${Section} title=${t("push.prompt_part")}>
    <${Chips} label=${t("push.prompt_days")} hint=${t("push.prompt_days_hint")} options=${options} values=${chosen.prompt_weekdays} onChange=${choose} />
    ${chosen.prompt_weekdays.length > 0 && html`
      <${Field} label=${t("push.prompt_at")} type="time" required value=${chosen.prompt_at} error=${fieldError(error, "prompt_at")}
        onInput=${(/** @type {string} */ value) => set({ prompt_at: value })} />`}
    <${Field} label=${t("push.cue")} hint=${t("push.cue_hint")} most=${200} lines=${2} value=${chosen.cue ?? ""} error=${fieldError(error, "cue")}
      onInput=${(/** @type {string} */ value) => set({ cue: value || null })} />
  <//>`;
}
