// Memories: what took place, by month or by place, with filters and a search, and what there was on this day.
import { t } from "../i18n.js";
import { Field, Icon } from "../parts/controls.js";
import { formatMonth, MemoryCard } from "../parts/memory.js";
import OnThisDay from "../parts/on_this_day.js";
import { Empty, Loaded, Page, Section } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { RowLink } from "../parts/rows.js";
import { refresh, useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { html, useEffect, useId, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["Memory"]} Memory */

const PAUSE = 300; // milliseconds without a key before a search begins
const FILTERS = ["q", "month", "category", "place", "hidden"];

export default function Memories() {
  const isByPlace = query.value.get("by") === "place";
  const isHidden = query.value.get("hidden") === "true";
  const isFiltered = FILTERS.some((name) => query.value.has(name));
  return html`<${Page} title=${t(isHidden ? "memories.hidden_title" : "memories.title")} back=${isHidden ? "/memories" : "/notes"} class="memories">
    ${!isHidden && html`<${Ways} isByPlace=${isByPlace} />`}
    ${isByPlace ? html`<${Places} />` : html`
      ${!isHidden && html`<${Filters} />`}
      ${!isFiltered && html`<${OnThisDay} />`}
      <${Timeline} isFiltered=${isFiltered} isHidden=${isHidden} />
      ${!isFiltered && html`<p class="note-foot"><${Link} to="/memories?hidden=true" class="text-link with-icon">
        <${Icon} name="eye-off" />${t("memories.hidden_link")}<//></p>`}`}
  <//>`;
}

/** Show other memories. @param {Record<string, string>} changed */
function show(changed) {
  const params = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changed)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  navigate(params.size > 0 ? `/memories?${params}` : "/memories", { replace: true });
}

/** By month, or by place. @param {{isByPlace: boolean}} props */
function Ways({ isByPlace }) {
  return html`<nav class="sides" aria-label=${t("memories.ways")}>
    <${Link} to="/memories" aria-current=${isByPlace ? undefined : "page"}>${t("memories.by_month")}<//>
    <${Link} to="/memories?by=place" aria-current=${isByPlace ? "page" : undefined}>${t("memories.by_place")}<//>
  </nav>`;
}

function Filters() {
  const asked = query.value.get("q") ?? "";
  const [typed, setTyped] = useState(asked);
  useEffect(() => {
    if (typed.trim() === asked) return undefined;
    const timer = setTimeout(() => show({ q: typed.trim() }), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => setTyped((current) => (current.trim() === asked ? current : asked)), [asked]);
  const first = useResource("/us").data?.first_day;
  const categories = useResource("/catalogue").data?.categories ?? [];
  const place = query.value.get("place");
  return html`<form role="search" class="memory-filters" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <${Field} label=${t("memories.search")} type="search" enterkeyhint="search" maxlength=${100} value=${typed} onInput=${setTyped} />
    <${Select} name="month" label=${t("memories.month")} options=${monthsSince(first).map((month) => ({ value: month, label: formatMonth(month) }))} />
    <${Select} name="category" label=${t("memories.kind")} options=${categories} />
    ${place && html`<button type="button" class="chip on" onClick=${() => show({ place: "" })}>
      <${Icon} name="map-pin" />${place}<${Icon} name="x" /><span class="hidden">${t("memories.any_place")}</span></button>`}
  </form>`;
}

/** @param {{name: string, label: string, options: {value: string, label: string}[]}} props */
function Select({ name, label, options }) {
  const id = useId();
  const value = query.value.get(name) ?? "";
  return html`<div class="field"><label for=${id}>${label}</label>
    <select id=${id} value=${value} onChange=${(/** @type {any} */ event) => show({ [name]: event.currentTarget.value })}>
      <option value="">${t("memories.all")}</option>
      ${options.map((option) => html`<option key=${option.value} value=${option.value}>${option.label}</option>`)}
    </select></div>`;
}

/** Return the months from a day until now, the newest first. @param {string | null | undefined} day @returns {string[]} */
function monthsSince(day) {
  const asked = query.value.get("month");
  const months = asked ? [asked] : [];
  if (!day) return months;
  const now = new Date();
  const [year = 0, month = 1] = day.split("-").map(Number);
  const count = (now.getFullYear() - year) * 12 + now.getMonth() + 2 - month;
  const all = Array.from({ length: Math.max(count, 1) }, (_, index) => new Date(Date.UTC(year, month - 1 + index, 15)).toISOString().slice(0, 7));
  return [...new Set([...all.reverse(), ...months])];
}

/** @param {{isFiltered: boolean, isHidden: boolean}} props */
function Timeline({ isFiltered, isHidden }) {
  const asked = new URLSearchParams([...query.value].filter(([name]) => FILTERS.includes(name)));
  const path = /** @type {`/memories?${string}`} */ (`/memories?${asked}${asked.size > 0 ? "&" : ""}limit=20`);
  return html`<${Pages} key=${path} path=${path} empty=${html`<${Nothing} isFiltered=${isFiltered && !isHidden} isHidden=${isHidden} />`}>
    ${(/** @type {Memory[]} */ items) => html`${byMonth(items).map(
      ([month, memories]) => html`<${Section} key=${month} title=${formatMonth(month)}>
        <ul class="memory-list">${memories.map((memory) => html`<${MemoryCard} key=${memory.id} memory=${memory} />`)}</ul>
      <//>`,
    )}`}
  <//>`;
}

/** @param {Memory[]} items @returns {[string, Memory[]][]} */
function byMonth(items) {
  /** @type {Map<string, Memory[]>} */
  const months = new Map();
  for (const memory of items) {
    const month = memory.day.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), memory]);
  }
  return [...months];
}

/** @param {{isFiltered: boolean, isHidden: boolean}} props */
function Nothing({ isFiltered, isHidden }) {
  if (isHidden) return html`<${Empty} art="quiet" title=${t("memories.none_hidden")}><p>${t("memories.none_hidden_text")}</p><//>`;
  if (isFiltered) return html`<${Empty} art="search" title=${t("memories.none_found")}><${Link} to="/memories" class="button">${t("memories.show_all")}<//><//>`;
  return html`<${Empty} art="calendar" title=${t("memories.none")}><p>${t("memories.none_text")}</p><//>`;
}

function Places() {
  const places = useResource("/memories/places");
  return html`<${Loaded} resource=${places} retry=${() => refresh("/memories/places")}>
    ${(/** @type {Schemas["MemoryPlaces"]} */ { items }) => items.length === 0
      ? html`<${Empty} art="search" title=${t("memories.no_places")}><p>${t("memories.no_places_text")}</p><//>`
      : html`<ul class="rows">${items.map(
          ({ place, memories }) => html`<${RowLink} key=${place} to="/memories?place=${encodeURIComponent(place)}" icon="map-pin"
            label=${place} text=${t("memories.count", { count: memories })} />`,
        )}</ul>`}
  <//>`;
}
