// The step of the first run that asks for interests, budget, children and mobility.
import { t } from "../i18n.js";
import { send } from "../outbox.js";
import { change, refresh, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Chips, Choice, useAction } from "./controls.js";
import { Progress, situation } from "./first_run.js";
import { Loaded, Page } from "./page.js";

/** @typedef {Schemas["Profile"]} Profile */
const NEXT = "/start?step=idea";
// A first choice of different kinds. All interests are on the screen of the profile, and behind "Show more".
/** @type {Schemas["Interest"][]} */
const FIRST = ["walk", "nature", "food", "coffee", "games", "music", "film", "books", "craft", "dance", "garden", "history", "sport", "talking"];
// The band above these has no upper end: as a limit, it leaves out nothing.
const HIGHEST_COST = 3;

export function LikesStep() {
  const catalogue = useResource("/catalogue");
  const profile = useResource("/me/profile");
  const retry = () => Promise.all([refresh("/catalogue"), refresh("/me/profile")]);
  return html`<${Page} title=${t("welcome.likes")} lead=${t("welcome.likes_lead")} class="first-run"
    actions=${html`<${Link} to=${NEXT} class="button quiet">${t("common.skip")}<//>`}>
    <${Progress} step=${4} />
    <${Loaded} resource=${catalogue} retry=${retry}>
      ${(/** @type {Schemas["Catalogue"]} */ labels) => html`<${Loaded} resource=${profile} retry=${retry}>
        ${(/** @type {Profile} */ saved) => html`<${LikesForm} saved=${saved} catalogue=${labels} />`}
      <//>`}
    <//>
  <//>`;
}

/** @param {{saved: Profile, catalogue: Schemas["Catalogue"]}} props */
function LikesForm({ saved, catalogue }) {
  const [changes, setChanges] = useState(/** @type {Partial<Profile>} */ ({}));
  const [all, setAll] = useState(false);
  const profile = { ...saved, ...changes };
  /** @param {Partial<Profile>} more */
  const set = (more) => setChanges({ ...changes, ...more });
  const { run, busy, error } = useAction(async () => {
    if (Object.keys(changes).length > 0) {
      const dislikes = profile.dislikes.filter((each) => !profile.interests.includes(each));
      const body = { ...profile, dislikes };
      await send("profile", "PUT", "/me/profile", body);
      change("/me/profile", () => body);
    }
    navigate(NEXT);
  });
  const interests = catalogue.interests.filter(({ value }) => all || isFirst(value) || profile.interests.some((each) => each === value));
  const costs = catalogue.cost_bands.filter(({ value }) => value <= HIGHEST_COST);
  return html`
    <${Chips} label=${t("welcome.interests")} options=${interests} values=${profile.interests}
      onChange=${(/** @type {any} */ values) => set({ interests: values })} />
    ${!all && html`<${Button} kind="quiet" class="more-chips" icon="plus" onClick=${() => setAll(true)}>${t("common.more")}<//>`}
    <${Choice} label=${t("welcome.budget")} options=${[...costs, { value: HIGHEST_COST + 1, label: t("welcome.budget_any") }]}
      value=${profile.cost_band ?? HIGHEST_COST + 1}
      onChange=${(/** @type {number} */ value) => set({ cost_band: value > HIGHEST_COST ? null : value })} />
    <${Choice} label=${t("welcome.children")} options=${childrenOptions()} value=${profile.children ?? "none"}
      onChange=${(/** @type {any} */ value) => set(value === "none" ? { children: null, child_ages: [] } : { children: value })} />
    ${profile.children && html`<${Chips} label=${t("welcome.child_ages")} options=${catalogue.child_ages} values=${profile.child_ages}
      onChange=${(/** @type {any} */ ages) => set({ child_ages: ages })} />`}
    ${situation.value === "together" && html`<${Choice} label=${t("welcome.home")} value=${profile.lives_together}
      options=${[{ value: true, label: t("welcome.home_yes") }, { value: false, label: t("welcome.home_no") }]}
      onChange=${(/** @type {boolean} */ value) => set({ lives_together: value })} />`}
    <${Chips} label=${t("welcome.access")} hint=${t("welcome.access_hint")} options=${catalogue.access_features} values=${profile.access}
      onChange=${(/** @type {any} */ values) => set({ access: values })} />
    <${ActionError} error=${error} />
    <${Button} kind="primary" class="wide" busy=${busy} onClick=${() => run()}>${t("common.next")}<//>`;
}

/** @param {string} value */
const isFirst = (value) => FIRST.some((each) => each === value);

const childrenOptions = () => [
  { value: "none", label: t("welcome.children_none") },
  { value: "asleep", label: t("welcome.children_asleep") },
  { value: "present", label: t("welcome.children_present") },
];
