// The fields of a profile: what a person likes, and the limits of what is possible.
import { formatList, t } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Chips, Choice, Switch } from "./controls.js";
import { Fold } from "./fold.js";

/** @typedef {Schemas["Profile"]} Profile */
/** @typedef {{value: string, label: string}[]} Options */
/**
 * @typedef {object} Fields
 * @property {Profile} profile
 * @property {Schemas["Catalogue"]} catalogue
 * @property {(profile: Profile) => void} onChange
 */

// Band 4 has no upper end: as a limit, it leaves out nothing.
const HIGHEST_COST = 3;

/** What a person likes, cares about and likes less. @param {Fields} props */
export function TasteFields({ profile, catalogue, onChange }) {
  /** A tag is liked or disliked, never both. @param {"interests" | "dislikes"} name @param {"interests" | "dislikes"} opposite */
  const choose = (name, opposite) => (/** @type {any[]} */ values) =>
    onChange({ ...profile, [name]: values, [opposite]: profile[opposite].filter((each) => !values.includes(each)) });
  return html`
    <${ChipsFold} title=${t("me.interests")} options=${catalogue.interests} values=${profile.interests}
      onChange=${choose("interests", "dislikes")} />
    <${ChipsFold} title=${t("me.dislikes")} hint=${t("me.dislikes_hint")} options=${catalogue.interests}
      values=${profile.dislikes} onChange=${choose("dislikes", "interests")} />
    <${ChipsFold} title=${t("me.causes")} hint=${t("me.causes_hint")} options=${catalogue.causes} values=${profile.causes}
      onChange=${(/** @type {any} */ causes) => onChange({ ...profile, causes })} />`;
}

/** What is possible at all: place, money, children, access and alcohol. @param {Fields} props */
export function LimitFields({ profile, catalogue, onChange }) {
  return html`
    <${ChipsFold} title=${t("me.settings")} hint=${t("me.settings_hint")} none=${t("me.settings_all")} options=${catalogue.settings}
      values=${profile.settings} onChange=${(/** @type {any} */ settings) => onChange({ ...profile, settings })} />
    <${ChoiceFold} title=${t("me.cost")} options=${costs(catalogue)} value=${costOf(profile)}
      onChange=${(/** @type {number} */ cost) => onChange({ ...profile, cost_band: cost > HIGHEST_COST ? null : cost })} />
    <${ChoiceFold} title=${t("me.children")} options=${children()} value=${profile.children ?? "none"}
      onChange=${(/** @type {any} */ value) => onChange({ ...profile, children: value === "none" ? null : value })} />
    <${ChipsFold} title=${t("me.child_ages")} none=${t("me.child_ages_none")} options=${catalogue.child_ages} values=${profile.child_ages ?? []}
      onChange=${(/** @type {any} */ ages) => onChange({ ...profile, child_ages: ages })} />
    <${ChoiceFold} title=${t("me.home")} options=${homes()} value=${profile.lives_together ?? null}
      onChange=${(/** @type {boolean | null} */ value) => onChange({ ...profile, lives_together: value })} />
    <${ChoiceFold} title=${t("me.cadence")} hint=${t("me.cadence_hint")} options=${cadences()} value=${profile.cadence ?? null}
      onChange=${(/** @type {Profile["cadence"]} */ value) => onChange({ ...profile, cadence: value })} />
    <${ChipsFold} title=${t("me.access")} hint=${t("me.access_hint")} none=${t("me.access_none")} options=${catalogue.access_features}
      values=${profile.access} onChange=${(/** @type {any} */ access) => onChange({ ...profile, access })} />
    <div class="fold plain"><${Switch} label=${t("me.alcohol_free")} hint=${t("me.alcohol_free_hint")} checked=${profile.alcohol_free}
      onChange=${(/** @type {boolean} */ isOn) => onChange({ ...profile, alcohol_free: isOn })} /></div>`;
}

/** The kinds of the question of the day. @param {Fields} props */
export function QuestionFields({ profile, catalogue, onChange }) {
  // A profile that waited on this device since an earlier version has no such field.
  const kinds = profile.prompt_kinds ?? [];
  return html`<${ChipsFold} title=${t("me.prompt_kinds")} hint=${t("me.prompt_kinds_hint")} none=${t("me.prompt_kinds_all")}
    options=${catalogue.prompt_kinds} values=${kinds}
    onChange=${(/** @type {any} */ values) => onChange({ ...profile, prompt_kinds: values })} />`;
}

/** @param {{title: string, hint?: string, none?: string, options: Options, values: string[], onChange: (values: string[]) => void}} props */
function ChipsFold({ title, hint, none = t("me.none_chosen"), options, values, onChange }) {
  const labels = options.filter(({ value }) => values.includes(value)).map(({ label }) => label);
  return html`<${Fold} title=${title} summary=${labels.length ? formatList(labels) : none}>
    <${Chips} label=${title} hideLabel hint=${hint} options=${options} values=${values} onChange=${onChange} />
  <//>`;
}

/** @param {{title: string, hint?: string, options: {value: any, label: string}[], value: any, onChange: (value: any) => void}} props */
function ChoiceFold({ title, hint, options, value, onChange }) {
  const summary = options.find((option) => option.value === value)?.label ?? "";
  return html`<${Fold} title=${title} summary=${summary}>
    ${hint && html`<p class="hint">${hint}</p>`}
    <${Choice} label=${title} hideLabel options=${options} value=${value} onChange=${onChange} />
  <//>`;
}

/** @param {Schemas["Catalogue"]} catalogue */
function costs(catalogue) {
  const bands = catalogue.cost_bands.filter(({ value }) => value <= HIGHEST_COST);
  return [{ value: HIGHEST_COST + 1, label: t("me.cost_any") }, ...bands];
}

/** @param {Profile} profile */
const costOf = (profile) => profile.cost_band ?? HIGHEST_COST + 1;

const homes = () => [
  { value: null, label: t("me.home_unsaid") },
  { value: true, label: t("me.home_yes") },
  { value: false, label: t("me.home_no") },
];

const cadences = () => [
  { value: null, label: t("me.cadence_any") },
  .../** @type {const} */ (["twice_weekly", "weekly", "fortnightly", "monthly", "quarterly"]).map((value) => ({ value, label: t(`me.cadence_${value}`) })),
];

const children = () => [
  { value: "none", label: t("me.children_none") },
  { value: "asleep", label: t("me.children_asleep") },
  { value: "present", label: t("me.children_present") },
];
