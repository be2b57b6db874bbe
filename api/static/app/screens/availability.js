// Availability: when a person is usually free, and when never; and whether it finds times for two.
import { Refusal, request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, Chips, fieldError, Switch, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { Fold } from "../parts/fold.js";
import { areSame, DayFields, nameOf, PRESETS, WeekFields, whenOf } from "../parts/hours.js";
import { Loaded, Notice, Page, Section } from "../parts/page.js";
import { nowIn } from "../parts/times.js";
import { change, refresh, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const PATH = "/availability";

/** @typedef {Schemas["Availability"]} Availability */
/** @typedef {Pick<Availability, "windows" | "days" | "version">} Draft with the version that the person began from */

export default function AvailabilityScreen() {
  const saved = useResource(PATH);
  const today = useResource("/today").data;
  const partner = today?.couple?.partner;
  const lead = partner ? t("availability.lead_two", { name: partner }) : t("availability.lead_one");
  return html`<${Page} title=${t("availability.title")} lead=${lead} back="/us" class="availability">
    <${Loaded} resource=${saved} retry=${() => refresh(PATH)} lines=${5}>
      ${(/** @type {Availability} */ data) => html`
        ${partner && html`<${Sharing} saved=${data} name=${partner} />`}
        <${Hours} saved=${data} />`}
    <//>
  <//>`;
}

/** The consent to find times for both. It counts at once. @param {{saved: Availability, name: string}} props */
function Sharing({ saved, name }) {
  const [asked, setAsked] = useState(/** @type {boolean | null} */ (null));
  const { run, error } = useAction(async (/** @type {boolean} */ shared) => {
    setAsked(shared);
    try {
      const { data } = await request("PUT", `${PATH}/sharing`, { body: { shared } });
      change(PATH, () => data);
    } finally {
      setAsked(null);
    }
  });
  const state = saved.common ? "availability.works" : saved.shared ? "availability.waits" : "availability.off";
  return html`<${Section} title=${t("availability.sharing_title")}>
    <div class="card">
      <${Switch} label=${t("availability.sharing")} checked=${asked ?? saved.shared} onChange=${run} />
      <p role="status">${t(state, { name })}</p>
    </div>
    <${ActionError} error=${error} />
    <div class="folds"><${Fold} title=${t("availability.learn_title", { name })}>
      <ul class="plain-list">
        <li>${t("availability.learn_times", { name })}</li>
        <li>${t("availability.learn_never", { name })}</li>
        <li>${t("availability.learn_guess", { name })}</li>
        <li>${t("availability.learn_changes", { name })}</li>
        <li>${t("availability.learn_off", { name })}</li>
      </ul>
    <//></div>
  <//>`;
}

/** @param {{saved: Availability}} props */
function Hours({ saved }) {
  const [draft, setDraft] = useState(/** @type {Draft | null} */ (null));
  const [opened, setOpened] = useState(-1);
  const { windows, days, version } = draft ?? saved;
  const { run, busy, error } = useAction(async () => {
    try {
      // The version of `saved` follows other devices: with it, this would replace hours that the person has not seen.
      const { data } = await request("PUT", PATH, { body: { windows, days }, version });
      change(PATH, () => data);
      setDraft(null);
      setOpened(-1);
      say(t("common.saved"));
      refresh(PATH);
    } catch (caught) {
      if (isOld(/** @type {Error} */ (caught))) {
        const { data } = await request("GET", PATH);
        change(PATH, () => data);
        setDraft({ windows, days, version: data.version }); // the person was told: the next try may replace
      }
      throw caught;
    }
  });
  /** @param {Draft["windows"]} changed */
  const setWindows = (changed) => setDraft({ windows: changed, days, version });
  /** @param {Draft["days"]} changed */
  const setDays = (changed) => setDraft({ windows, days: changed, version });
  /** @param {"free" | "never"} kind */
  const add = (kind) => {
    setWindows([...windows, { kind, weekdays: ["saturday"], from: "10:00", until: "12:00", label: null }]);
    setOpened(windows.length);
  };
  const shown = [...windows.flatMap((_, index) => fieldsOf(`windows.${index}`, "weekdays")), ...days.flatMap((_, index) => fieldsOf(`days.${index}`, "day"))];
  return html`<form class="availability-form" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  }}>
    <div class="columns">
      <${Section} title=${t("availability.week")}>
        <${Presets} windows=${windows} onChange=${setWindows} />
        ${windows.length === 0 && html`<${Notice}>${t("availability.none")}<//>`}
        ${windows.length > 0 && html`<div class="folds">${windows.map(
          (each, index) => html`<${Fold} key=${index} title=${nameOf(each)} summary=${whenOf(each)} open=${opened === index}>
            <${WeekFields} value=${each} onChange=${(/** @type {any} */ value) => setWindows(windows.with(index, value))}
              faultOf=${(/** @type {string} */ name) => fieldError(error, `windows.${index}.${name}`)} />
            <${Button} kind="quiet" icon="trash-2" onClick=${() => setWindows(windows.toSpliced(index, 1))}>${t("availability.remove")}<//>
          <//>`,
        )}</div>`}
        <div class="buttons">
          <${Button} kind="quiet" icon="plus" onClick=${() => add("free")}>${t("availability.add_free")}<//>
          <${Button} kind="quiet" icon="plus" onClick=${() => add("never")}>${t("availability.add_never")}<//>
        </div>
      <//>
      <${Section} title=${t("availability.days")}>
        <p class="hint">${t("availability.days_hint")}</p>
        ${days.map(
          (each, index) => html`<${DayFields} key=${index} value=${each} number=${index + 1}
            onChange=${(/** @type {any} */ value) => setDays(days.with(index, value))} onRemove=${() => setDays(days.toSpliced(index, 1))}
            faultOf=${(/** @type {string} */ name) => fieldError(error, `days.${index}.${name}`)} />`,
        )}
        <${Button} kind="quiet" icon="plus" onClick=${() => setDays([...days, { kind: "never", day: nowIn().slice(0, 10), from: "00:00", until: "00:00" }])}>
          ${t("availability.add_day")}<//>
      <//>
    </div>
    ${isOld(error) ? html`<div role="alert"><${Notice} kind="fault" icon="circle-alert">${t("availability.changed")}<//></div>` : html`<${ActionError} error=${error} besides=${shown} />`}
    <div class="save-bar"><${Button} kind="primary" type="submit" class="wide" busy=${busy} disabled=${!draft || busy}>${t("common.save")}<//></div>
  </form>`;
}

/** Whether the hours were changed elsewhere since they were read. @param {Error | null} error */
const isOld = (error) => error instanceof Refusal && error.status === 412;

/** @param {string} path @param {string} which */
const fieldsOf = (path, which) => [which, "from", "until"].map((name) => `${path}.${name}`);

/** @param {{windows: Draft["windows"], onChange: (windows: Draft["windows"]) => void}} props */
function Presets({ windows, onChange }) {
  const chosen = PRESETS.filter((preset) => windows.some((each) => areSame(each, preset.hours)));
  /** @param {string[]} texts */
  const choose = (texts) => {
    const added = PRESETS.filter((preset) => texts.includes(preset.text) && !chosen.includes(preset)).map((preset) => preset.hours);
    const removed = chosen.filter((preset) => !texts.includes(preset.text));
    onChange([...windows.filter((each) => !removed.some((preset) => areSame(each, preset.hours))), ...added]);
  };
  return html`<${Chips} label=${t("availability.presets")} hint=${t("availability.presets_hint")} values=${chosen.map((preset) => preset.text)}
    options=${PRESETS.map(({ text }) => ({ value: text, label: t(text) }))} onChange=${choose} />`;
}
