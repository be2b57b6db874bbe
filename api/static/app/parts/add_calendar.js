// The form for a calendar that a person keeps elsewhere: by its secret address, or as a file.
import { newId, request } from "../api.js";
import { t } from "../i18n.js";
import { html, useId, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Choice, Field, fieldError, Switch, useAction } from "./controls.js";
import { Fold } from "./fold.js";

const MOST_BYTES = 2_000_000;
const PLACES = /** @type {const} */ (["google", "apple", "outlook", "nextcloud"]);
const EMPTY = { name: "", address: "", all_day: false };

/** @param {{onAdded: (calendar: Schemas["BusyCalendar"]) => void}} props */
export function AddCalendar({ onAdded }) {
  const [way, setWay] = useState(/** @type {"address" | "file"} */ ("address"));
  const [typed, setTyped] = useState(EMPTY);
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const [id, setId] = useState(newId); // the same for each try, so that a calendar is added once
  const [round, setRound] = useState(0); // a new one empties the field of the file; a new id must not
  const isTooLarge = Boolean(file && file.size > MOST_BYTES);
  const { run, busy, error, clear } = useAction(async () => {
    const { name, address, all_day } = typed;
    const body = way === "file" ? { id, name, all_day, text: await file?.text() } : { id, name, all_day, address };
    const { data } = await request("POST", way === "file" ? "/busy-calendars/files" : "/busy-calendars", { body });
    setTyped(EMPTY);
    setFile(null);
    setId(newId());
    setRound((last) => last + 1);
    onAdded(data);
  });
  /** @param {Partial<typeof EMPTY>} changes */
  const type = (changes) => {
    setTyped({ ...typed, ...changes });
    if (error) setId(newId()); // a changed form is another calendar
  };
  /** @param {"address" | "file"} value */
  const choose = (value) => {
    clear();
    setFile(null);
    setId(newId());
    setWay(value);
  };
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    if (way === "address" || (file && !isTooLarge)) run();
  };
  return html`<form class="card add-calendar" onSubmit=${submit}>
    <${Choice} label=${t("busy.way")} value=${way} onChange=${choose}
      options=${[{ value: "address", label: t("busy.by_address") }, { value: "file", label: t("busy.by_file") }]} />
    <${Field} label=${t("busy.name")} value=${typed.name} onInput=${(/** @type {string} */ name) => type({ name })} most=${60} required
      hint=${t("busy.name_hint")} error=${fieldError(error, "name")} autocomplete="off" />
    ${way === "address"
      ? html`<${Field} label=${t("busy.address")} value=${typed.address} onInput=${(/** @type {string} */ address) => type({ address })}
          maxlength="2000" required inputmode="url" autocapitalize="none" autocomplete="off" spellcheck=${false}
          hint=${t("busy.address_hint")} error=${fieldError(error, "address")} />
        <${Fold} title=${t("busy.where")}>
          <dl class="places">${PLACES.map((place) => html`<div key=${place}><dt>${t(`busy.${place}`)}</dt><dd>${t(`busy.${place}_text`)}</dd></div>`)}</dl>
        <//>`
      : html`<${FileField} key=${round} onChange=${(/** @type {File | null} */ chosen) => {
          setFile(chosen);
          if (error) setId(newId());
          clear();
        }} error=${isTooLarge ? t("busy.file_too_large") : fieldError(error, "text")} />`}
    <${Switch} label=${t("busy.all_day")} hint=${t("busy.all_day_hint")} checked=${typed.all_day} onChange=${(/** @type {boolean} */ all_day) => type({ all_day })} />
    <${ActionError} error=${error} besides=${["name", "address", "text"]} />
    <${Button} kind="primary" type="submit" icon="calendar-plus" busy=${busy}>${t(way === "file" ? "busy.import" : "busy.subscribe")}<//>
  </form>`;
}

/** @param {{onChange: (file: File | null) => void, error: string}} props */
function FileField({ onChange, error }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${t("busy.file")}</label>
    <input id=${id} type="file" accept=".ics,.ical,text/calendar" required aria-describedby="${id}-hint${error ? ` ${id}-error` : ""}"
      aria-invalid=${error ? "true" : undefined} onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.files[0] ?? null)} />
    <p class="hint" id="${id}-hint">${t("busy.file_hint")}</p>
    ${error && html`<p class="fault" id="${id}-error">${error}</p>`}
  </div>`;
}
