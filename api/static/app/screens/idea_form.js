// Write an own idea, or change one. A title is enough; the rest is folded.
import { newId, Refusal, request } from "../api.js";
import { t } from "../i18n.js";
import { outbox, send } from "../outbox.js";
import { ActionError, Button, Chips, Choice, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { changesOf, valuesOf } from "../parts/own_idea.js";
import { Loaded, Notice, Page } from "../parts/page.js";
import { refresh, useResource } from "../resources.js";
import { navigate, query } from "../router.js";
import { html, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {import("../parts/own_idea.js").Values} Values */
/** Names of fields that show their own errors. */
const FIELDS = ["title", "summary", "category", "duration_min", "duration_max", "lead_days", "starter", "pace", "seasons", "time_of_day", "tags"];

/** Fields that are not folded. */
const SHOWN = ["title", "summary", "setting", "cost_band", "duration_min", "duration_max"];

/** @param {{id?: string}} props */
export default function IdeaForm({ id }) {
  const path = id ? /** @type {const} */ (`/activities/${id}`) : null;
  const idea = /** @type {import("../resources.js").Resource<Schemas["Activity"]>} */ (useResource(path));
  return html`<${Page} title=${id ? t("ideas.write_edit") : t("ideas.new")} back=${id ? `/activities/${id}` : "/ideas/own"}>
    ${path === null
      ? html`<${Form} />`
      : html`<${Loaded} resource=${idea} retry=${() => refresh(path)}>
          ${(/** @type {Schemas["Activity"]} */ data) =>
            data.source === "me" ? html`<${Form} idea=${data} />` : html`<${Notice}>${t("ideas.write_not_yours")}<//>`}
        <//>`}
  <//>`;
}

/** @param {{idea?: Schemas["Activity"]}} props */
function Form({ idea }) {
  const partner = useResource("/today").data?.couple?.partner ?? "";
  const catalogue = useResource("/catalogue").data;
  // An idea that the server refused is written anew under the same id.
  const unsent = outbox.value.find((each) => each.id === query.value.get("outbox") && each.kind === "idea");
  const id = useRef(idea?.id ?? unsent?.id ?? newId()).current;
  // The idea may change on another device while it is edited here: what was typed is compared with what it was.
  const before = useRef(valuesOf(idea)).current;
  const [values, setValues] = useState(() => (unsent ? valuesOf(unsent.body) : before));
  const [isMissing, setIsMissing] = useState(false);
  /** @param {string} name */
  const set = (name) => (/** @type {any} */ value) => setValues((current) => ({ ...current, [name]: value }));
  const saving = useAction(() => (idea ? change(idea, values, before) : create(id, values, before)));
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    setIsMissing(!values.title.trim());
    if (values.title.trim()) saving.run();
    else /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.currentTarget).querySelector("input"))?.focus();
  };
  const { error } = saving;
  const hasChanged = error instanceof Refusal && error.status === 412;
  const hasFoldedFault = error instanceof Refusal && error.problem.errors?.some((each) => !SHOWN.includes(each.field));
  const seen = !partner ? t("ideas.write_seen_alone") : t(idea ? "ideas.write_edit_seen" : "ideas.write_seen", { name: partner });
  return html`<form onSubmit=${submit} novalidate>
    <${Field} label=${t("ideas.write_title")} value=${values.title} onInput=${set("title")} most=${60} required
      error=${isMissing ? t("ideas.write_title_missing") : fieldError(error, "title")} />
    <${Field} label=${t("ideas.write_summary")} value=${values.summary} onInput=${set("summary")} lines=${2} most=${240} error=${fieldError(error, "summary")} />
    ${catalogue && html`<${MainFields} values=${values} set=${set} error=${error} catalogue=${catalogue} />`}
    <details class="more-fields" open=${hasFoldedFault || undefined}>
      <summary><${Icon} name="sliders-horizontal" /><span>${t("ideas.write_details")} <small>${t("ideas.write_details_hint")}</small></span></summary>
      ${catalogue && html`<div><${Details} values=${values} set=${set} error=${error} catalogue=${catalogue} /></div>`}
    </details>
    ${hasChanged && html`<${Notice}>${t("ideas.write_changed")}<//>`}
    <${ActionError} error=${error} besides=${FIELDS} />
    <${Notice} icon="eye-off">${seen}<//>
    <${Button} kind="primary" type="submit" busy=${saving.busy}>${t("ideas.write_save")}<//>
  </form>`;
}

/** @param {string} id @param {Values} values @param {Values} before */
async function create(id, values, before) {
  const { category, ...changes } = { category: values.category, ...changesOf(values, before) };
  const saved = await send("idea", "POST", "/activities", { ...changes, id, category });
  say(t(saved ? "ideas.written" : "ideas.written_waits"));
  navigate(saved ? `/activities/${id}` : "/ideas/own", { replace: true });
}

/** @param {Schemas["Activity"]} idea @param {Values} values @param {Values} before */
async function change(idea, values, before) {
  const changes = changesOf(values, before);
  try {
    if (Object.keys(changes).length > 0) await request("PATCH", `/activities/${idea.id}`, { body: changes, version: idea.version });
  } catch (error) {
    if (error instanceof Refusal && error.status === 412) await refresh(`/activities/${idea.id}`);
    throw error;
  }
  await refresh(`/activities/${idea.id}`);
  say(t("common.saved"));
  navigate(`/activities/${idea.id}`, { replace: true });
}

/** @typedef {{values: Values, set: (name: string) => (value: any) => void, error: Error | null, catalogue: Schemas["Catalogue"]}} Fields */

/** Return functions that draw a choice and a number. @param {Pick<Fields, "values" | "set" | "error">} props */
function fields({ values, set, error }) {
  /** @param {string} name @param {string} label @param {readonly {value: string | number, label: string}[]} options */
  const one = (name, label, options) => html`<${Choice} label=${label} options=${options} value=${values[name]} onChange=${set(name)} />
    ${fieldError(error, name) && html`<p class="fault">${fieldError(error, name)}</p>`}`;
  /** @param {string} name @param {string} label @param {number} least @param {number} most */
  const number = (name, label, least, most) => html`<${Field} label=${label} type="number" inputmode="numeric" min=${least} max=${most} value=${String(values[name] ?? "")}
    onInput=${(/** @type {string} */ text) => set(name)(text === "" ? null : Number(text))} error=${fieldError(error, name)} />`;
  return { one, number };
}

/** What decides where and when the idea fits. @param {Fields} props */
function MainFields({ values, set, error, catalogue }) {
  const { one, number } = fields({ values, set, error });
  return html`
    ${one("setting", t("ideas.write_setting"), catalogue.settings)}
    ${one("cost_band", t("activity.cost"), catalogue.cost_bands)}
    <div class="two-fields">${number("duration_min", t("ideas.write_duration_min"), 5, 20160)}${number("duration_max", t("ideas.write_duration_max"), 5, 20160)}</div>`;
}

const WITH_CHILDREN = ["yes", "awake"];

/** The folded fields. @param {Fields} props */
function Details({ values, set, error, catalogue }) {
  const { one, number } = fields({ values, set, error });
  /** @param {string} name @param {string} label @param {readonly {value: string, label: string}[]} options */
  const several = (name, label, options) => html`<${Chips} label=${label} options=${options} values=${values[name]} onChange=${set(name)} />
    ${fieldError(error, name) && html`<p class="fault">${fieldError(error, name)}</p>`}`;
  /** @param {string} name @param {string} label */
  const lines = (name, label) => html`<${Field} label=${label} hint=${t("ideas.write_lines")} lines=${3} value=${values[name]} onInput=${set(name)} error=${fieldError(error, name)} />`;
  /** @param {"energy" | "novelty"} name */
  const levels = (name) =>
    [1, 2, 3, 4, 5].map((value) => ({ value, label: t(/** @type {any} */ (name === "energy" ? `activity.energy_${value}` : `ideas.write_novelty_${value}`)) }));
  return html`
    ${one("category", t("ideas.write_category"), catalogue.categories)}
    <h2>${t("ideas.write_how")}</h2>
    ${lines("steps", t("ideas.write_steps"))}
    <${Field} label=${t("ideas.write_starter")} value=${values.starter} onInput=${set("starter")} most=${160} error=${fieldError(error, "starter")} />
    ${lines("variations", t("ideas.write_variations"))}
    ${lines("safety", t("ideas.write_safety"))}
    <h2>${t("ideas.write_what")}</h2>
    ${one("shelter", t("ideas.write_shelter"), catalogue.shelters)}
    <h2>${t("ideas.write_when")}</h2>
    ${number("lead_days", t("ideas.write_lead_days"), 0, 365)}
    ${several("time_of_day", t("ideas.write_time_of_day"), catalogue.times_of_day)}
    ${several("seasons", t("ideas.write_seasons"), catalogue.seasons)}
    ${one("weather", t("ideas.write_weather"), catalogue.weathers)}
    ${one("light", t("ideas.write_light"), catalogue.lights)}
    <h2>${t("ideas.write_who")}</h2>
    ${one("for", t("activity.for_whom"), catalogue.audiences)}
    ${values.for !== "one" && one("pace", t("ideas.write_pace"), catalogue.paces)}
    ${one("energy", t("ideas.write_energy"), levels("energy"))}
    ${one("novelty", t("ideas.write_novelty"), levels("novelty"))}
    <${Choice} label=${t("ideas.write_children")} options=${catalogue.with_children} value=${values.with_children}
      onChange=${(/** @type {string} */ value) => {
        set("with_children")(value);
        if (!WITH_CHILDREN.includes(value)) set("fun_for")([]);
      }} />
    ${WITH_CHILDREN.includes(values.with_children) && several("fun_for", t("ideas.write_fun_for"), catalogue.child_ages)}
    <${Access} values=${values.accessibility} set=${set("accessibility")} catalogue=${catalogue} />
    ${several("tags", t("ideas.write_tags"), [...catalogue.interests, ...catalogue.causes])}`;
}

/** @param {{values: Record<string, string>, set: (values: Record<string, string>) => void, catalogue: Schemas["Catalogue"]}} props */
function Access({ values, set, catalogue }) {
  return html`<fieldset class="access"><legend>${t("ideas.write_access")}</legend>
    ${catalogue.access_features.map(
      ({ value: feature, label }) => html`<label key=${feature}><span>${label}</span>
        <select value=${values[feature] ?? "unknown"} onChange=${(/** @type {any} */ event) => set({ ...values, [feature]: event.currentTarget.value })}>
          ${catalogue.access_levels.map((level) => html`<option key=${level.value} value=${level.value}>${level.label}</option>`)}
        </select></label>`,
    )}
  </fieldset>`;
}
