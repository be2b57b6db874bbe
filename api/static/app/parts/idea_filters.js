// The limits on ideas, as chips that open in place. They live in the query of the address, so that "back" undoes them.
import { formatDay, formatList, formatMinutes, t } from "../i18n.js";
import { useResource } from "../resources.js";
import { navigate, path, query } from "../router.js";
import { html, useRef, useState } from "../vendor/preact/preact-11.2.0.js";
import { costOf } from "./activity.js";
import { Button, Chips, Choice, Field, Icon, Switch } from "./controls.js";

const CHILDREN = /** @type {const} */ (["none", "asleep", "present", "fun"]);
/** @typedef {"when" | "category" | "children" | "cost_band" | "energy" | "for" | "minutes" | "setting" | "step_free" | "tag" | "vote" | "weather"} Name */

/** @type {Name[]} */
const NAMES = ["when", "category", "children", "cost_band", "energy", "for", "minutes", "setting", "step_free", "tag", "vote", "weather"];
const MINUTES = [30, 60, 120, 240];
const EVENING = "17:00";
const LATE = 21;

/** Return the value of a filter in the address, or "". @param {Name} name */
export const filterOf = (name) => query.value.get(name) ?? "";
/** Whether any filter is set. */
export const isFiltered = () => NAMES.some((name) => filterOf(name));

/** Set filters in the address; "" removes one. @param {Partial<Record<Name | "q", string>>} changes @param {{replace?: boolean}} [options] */
export function setFilters(changes, options) {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  next.sort();
  const place = scrollY;
  navigate(next.size ? `${path.value}?${next}` : path.value, options);
  scrollTo(0, place); // the person is still at the filters
}

export const clearFilters = () => setFilters(Object.fromEntries(NAMES.map((name) => [name, ""])));

/** Return the filters of the address as a query of the API, such as "minutes=60&when=...". @param {Date} now */
export function apiFilters(now = new Date()) {
  const asked = new URLSearchParams();
  for (const name of NAMES) {
    const value = filterOf(name);
    if (value) asked.set(name, name === "when" ? intervalOf(value, now) : value);
  }
  // The API reads the separators as they are; encoded commas would be another list.
  return asked.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
}

/** Return a day of this device: "2026-11-28". @param {Date} day @returns {string} */
export const dayOf = (day) => `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
/** @param {Date} day @param {number} count */
const plusDays = (day, count) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + count);

/** Return the interval of "tonight", "weekend" or a day, in wall times. @param {string} when @param {Date} now */
function intervalOf(when, now) {
  // The interval has fixed ends, so that the same ideas stay for the whole evening. The server proposes no past times.
  if (when === "tonight") {
    const end = now.getHours() >= LATE ? `${dayOf(plusDays(now, 1))}T02:00` : `${dayOf(now)}T23:30`;
    return `${dayOf(now)}T${EVENING}/${end}`;
  }
  if (when === "weekend") {
    const isOver = now.getDay() === 0 && now.getHours() >= LATE;
    const today = isOver ? plusDays(now, 1) : now;
    const saturday = plusDays(today, today.getDay() === 0 ? 0 : 6 - today.getDay());
    const sunday = plusDays(today, today.getDay() === 0 ? 0 : 7 - today.getDay());
    return `${dayOf(saturday)}T09:00/${dayOf(sunday)}T22:30`;
  }
  return `${when}T08:00/${when}T23:30`;
}

/** @param {readonly {value: string | number, label: string}[] | undefined} list @param {string | number} value */
const labelIn = (list, value) => list?.find((each) => String(each.value) === String(value))?.label ?? String(value);

/** Return what a chip says: the current value, or the name of the filter.
 * @param {Name} name @param {Schemas["Catalogue"] | undefined} catalogue */
function textOf(name, catalogue) {
  const value = filterOf(name);
  switch (name) {
    case "when":
      return value && value !== "tonight" && value !== "weekend" ? formatDay(value) : t("ideas.day");
    case "category":
      return value ? formatList(value.split(",").map((each) => labelIn(catalogue?.categories, each))) : t("ideas.category");
    case "children":
      return value ? t(/** @type {any} */ (`ideas.children_${value}_short`)) : t("ideas.children");
    case "cost_band":
      return value ? costOf(Number(value)) : t("ideas.cost");
    case "setting":
      return value ? formatList(value.split(",").map((each) => labelIn(catalogue?.settings, each))) : t("ideas.setting");
    case "vote":
      return value ? labelIn(catalogue?.votes, value) : t("ideas.vote");
    default:
      return t("ideas.more");
  }
}

/** @param {{name: Name, catalogue: Schemas["Catalogue"] | undefined}} props */
function Editor({ name, catalogue }) {
  const value = filterOf(name);
  /** @param {string} next */
  const set = (next) => setFilters({ [name]: next });
  const any = { value: "", label: t("ideas.any") };
  /** @param {string} label @param {readonly {value: string | number, label: string}[]} options */
  const one = (label, options) => html`<${Choice} label=${label} value=${value} onChange=${set}
    options=${[any, ...options.map((each) => ({ value: String(each.value), label: each.label }))]} />`;
  /** @param {string} label @param {{value: string, label: string}[]} options */
  const several = (label, options) => html`<${Chips} label=${label} options=${options} values=${value ? value.split(",") : []}
    onChange=${(/** @type {string[]} */ values) => set(values.join(","))} />`;
  switch (name) {
    case "when":
      return html`<${Field} label=${t("ideas.day")} type="date" min=${dayOf(new Date())} value=${/^\d/.test(value) ? value : ""} onInput=${set} />`;
    case "category":
      return several(t("ideas.category"), catalogue?.categories ?? []);
    case "setting":
      return several(t("ideas.setting"), catalogue?.settings ?? []);
    case "children":
      return one(t("ideas.children"), CHILDREN.map((each) => ({ value: each, label: t(`ideas.children_${each}`) })));
    case "cost_band":
      return one(t("ideas.cost_most"), (catalogue?.cost_bands ?? []).slice(0, -1));
    case "energy":
      return one(t("ideas.energy"), [1, 2, 3].map((level) => ({ value: level, label: t(/** @type {any} */ (`activity.energy_${level}`)) })));
    case "for":
      return one(t("ideas.for_whom"), (catalogue?.audiences ?? []).filter((each) => each.value !== "either"));
    case "minutes":
      return one(t("ideas.minutes"), MINUTES.map((minutes) => ({ value: minutes, label: formatMinutes(minutes) })));
    case "step_free":
      return html`<${Switch} label=${t("ideas.step_free")} checked=${value === "true"} onChange=${(/** @type {boolean} */ on) => set(on ? "true" : "")} />`;
    case "vote":
      return one(t("ideas.vote"), catalogue?.votes ?? []);
    case "tag":
      return html`<${TagSelect} value=${value} set=${set} catalogue=${catalogue} />`;
    default:
      return one(t("ideas.weather"), [
        { value: "wet", label: t("ideas.weather_wet") },
        { value: "dry", label: t("ideas.weather_dry") },
        { value: "mild", label: t("ideas.weather_mild") },
      ]);
  }
}

/** @param {{value: string, set: (value: string) => void, catalogue: Schemas["Catalogue"] | undefined}} props */
function TagSelect({ value, set, catalogue }) {
  const tags = [...(catalogue?.interests ?? []), ...(catalogue?.causes ?? [])];
  return html`<div class="field"><label>${t("ideas.tag")}
    <select value=${value} onChange=${(/** @type {any} */ event) => set(event.currentTarget.value)}>
      <option value="">${t("ideas.any")}</option>
      ${tags.map((tag) => html`<option key=${tag.value} value=${tag.value}>${tag.label}</option>`)}
    </select></label></div>`;
}

/**
 * The chips. "Tonight" and "Weekend" switch at once; the others open below.
 * @param {{names: Name[], more: Name[], withTimes?: boolean}} props `more` are those behind the last chip
 */
export function IdeaFilters({ names, more, withTimes = false }) {
  const catalogue = useResource("/catalogue").data;
  const [open, setOpen] = useState(/** @type {string} */ (""));
  const row = useRef(/** @type {HTMLElement | null} */ (null));
  const close = () => {
    /** @type {HTMLElement | null | undefined} */ (row.current?.querySelector("[aria-expanded=true]"))?.focus();
    setOpen("");
  };
  const isSet = (/** @type {Name} */ name) => Boolean(filterOf(name)) && !(name === "when" && /^[tw]/.test(filterOf(name)));
  /** @param {string} id @param {string} text @param {boolean} on */
  const opener = (id, text, on) => html`<button key=${id} type="button" class="chip ${on ? "on" : ""}" aria-expanded=${open === id}
    aria-controls="filter-panel" onClick=${() => setOpen(open === id ? "" : id)}>${text}<${Icon} name="chevron-right" /></button>`;
  return html`<div class="filters">
    <div class="filter-row" ref=${row} role="group" aria-label=${t("ideas.filters")}>
      ${withTimes && /** @type {const} */ (["tonight", "weekend"]).map(
        (when) => html`<button key=${when} type="button" class="chip ${filterOf("when") === when ? "on" : ""}" aria-pressed=${filterOf("when") === when}
          onClick=${() => setFilters({ when: filterOf("when") === when ? "" : when })}>${t(`ideas.${when}`)}</button>`,
      )}
      ${names.map((name) => opener(name, textOf(name, catalogue), isSet(name)))}
      ${opener("more", t("ideas.more"), more.some(isSet))}
      ${isFiltered() && html`<button type="button" class="chip clear" onClick=${clearFilters}><${Icon} name="x" />${t("ideas.clear")}</button>`}
    </div>
    ${open && html`<div class="filter-panel card" id="filter-panel" onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close()}>
      ${(open === "more" ? more : [/** @type {Name} */ (open)]).map((name) => html`<${Editor} key=${name} name=${name} catalogue=${catalogue} />`)}
      <${Button} onClick=${close}>${t("common.done")}<//>
    </div>`}
  </div>`;
}
