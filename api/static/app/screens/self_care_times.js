// Choose which small things of a self-care plan one wants, and when; or change it later. Free times are suggested.
import { newId, request } from "../api.js";
import { formatMinutes, t } from "../i18n.js";
import { ActionError, Button, Chips, Field, fieldError, Icon, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { formatDays } from "../parts/days.js";
import { shortDay, WEEKDAYS } from "../parts/hours.js";
import { Loaded, Page, Section } from "../parts/page.js";
import { CHOSEN } from "../parts/self_care.js";
import { refresh, useResource } from "../resources.js";
import { navigate, query } from "../router.js";
import { html, useRef, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["ActionTime"]} ActionTime a suggested time */
/** @typedef {{wanted: boolean, day: string, time: string}} Row one action, as the person has it now */
/** @typedef {{from: string, weekdays: string[], at: string}} Wish */

/** @param {{slug: string}} props */
export default function SelfCareTimes({ slug }) {
  const planId = query.value.get("plan");
  const chosen = useResource(planId ? /** @type {const} */ (`${CHOSEN}/${planId}`) : null);
  const [wish, setWish] = useState(/** @type {Wish} */ ({ from: "", weekdays: [], at: "" }));
  const path = pathOf(slug, planId, wish);
  const times = useResource(path);
  const first = useRef(""); // the field must not be empty while other times load
  if (times.data) first.current = times.data.starts_on;
  const title = useResource("/self-care-plans").data?.items.find((plan) => plan.slug === slug)?.title;
  const both = { ...times, data: times.data && (!planId || chosen.data) ? times.data : undefined, error: times.error ?? chosen.error };
  return html`<${Page} title=${title ?? t("guides.care")} tab="Rekindle" lead=${planId ? t("care.adapt_lead") : t("care.choose_lead")}
      back=${planId ? `/me/plans/${planId}` : `/me/self-care/${slug}`} class="care-times">
    <${WishFields} wish=${wish} onChange=${setWish} from=${planId ? null : first.current} error=${times.error} />
    <${Loaded} resource=${both} retry=${() => refresh(path)} lines=${6}>
      ${(/** @type {Schemas["ActionTimes"]} */ data) => html`<${Form} key=${path} slug=${slug} found=${data} plan=${chosen.data}
        isWished=${wish.weekdays.length > 0 || wish.at !== ""} />`}
    <//>
  <//>`;
}

/** @param {string} slug @param {string | null} plan @param {Wish} wish @returns {`/me/self-care-plans/times?${string}`} */
function pathOf(slug, plan, { from, weekdays, at }) {
  const parts = [["slug", slug], ["plan", plan], ["from", from], ["weekdays", weekdays.join(",")], ["at", at]].filter(([, value]) => value);
  return `/me/self-care-plans/times?${parts.map(([name, value]) => `${name}=${value}`).join("&")}`;
}

/** On which days, and at what hour. `from` is null for a plan that has begun. @param {{wish: Wish, onChange: (wish: Wish) => void,
 *   from: string | null, error: Error | null}} props */
function WishFields({ wish, onChange, from, error }) {
  return html`<div class="wish-fields">
    ${from !== null && html`<${Field} label=${t("care.first_day")} type="date" class="short" value=${wish.from || from} error=${fieldError(error, "from")}
      onInput=${(/** @type {string} */ day) => /^\d{4}-\d\d-\d\d$/.test(day) && onChange({ ...wish, from: day })} />`}
    <${Chips} label=${t("care.weekdays")} hint=${t("care.weekdays_hint")} values=${wish.weekdays}
      options=${WEEKDAYS.map((day, index) => ({ value: day, label: shortDay(index) }))}
      onChange=${(/** @type {string[]} */ weekdays) => onChange({ ...wish, weekdays })} />
    <${Field} label=${t("care.at")} type="time" class="short" value=${wish.at} onInput=${(/** @type {string} */ at) => onChange({ ...wish, at })} />
  </div>`;
}

/**
 * Return what the form shows first: the plan's own times, or those that are suggested.
 * @param {ActionTime[]} found @param {Schemas["ChosenPlan"] | undefined} plan @param {boolean} isWished whether days or an hour were asked for
 * @returns {Row[]}
 */
function firstRows(found, plan, isWished) {
  return found.map(({ action, local_time: suggested }) => {
    const step = plan?.steps.find((each) => each.action === action);
    const own = step?.state === "off" ? null : step?.local_time;
    const isFixed = step?.state === "over" || !isWished;
    const wall = (isFixed ? own : suggested) ?? suggested ?? own ?? "";
    return { wanted: plan ? Boolean(own) : suggested !== null, day: wall.slice(0, 10), time: wall.slice(11, 16) };
  });
}

/** @param {{slug: string, found: Schemas["ActionTimes"], plan: Schemas["ChosenPlan"] | undefined, isWished: boolean}} props */
function Form({ slug, found, plan, isWished }) {
  const [rows, setRows] = useState(() => firstRows(found.items, plan, isWished));
  const [id] = useState(newId);
  const weeks = [...new Set(found.items.map((each) => each.week))];
  const times = found.items.flatMap(({ action }, index) => {
    const row = rows[index];
    return row?.wanted ? [{ action, local_time: `${row.day}T${row.time}` }] : [];
  });
  const { run, busy, error } = useAction(async () => {
    const body = plan ? { times } : { id, slug, starts_on: found.starts_on, times };
    const { data } = await request(plan ? "PATCH" : "POST", plan ? `${CHOSEN}/${plan.id}` : CHOSEN, { body, version: plan?.version });
    await Promise.all([refresh(CHOSEN), refresh(`${CHOSEN}/${data.id}`)]);
    say(plan ? t("care.changed") : t("care.chosen"));
    navigate(`/me/plans/${data.id}`, { replace: true });
  });
  /** @param {SubmitEvent} event */
  function submit(event) {
    event.preventDefault();
    run();
  }
  const places = times.map(({ action }) => action);
  return html`<form onSubmit=${submit} novalidate>
    ${weeks.map((week) => html`<${Section} key=${week} title=${t("guides.week", { number: week })}>
      ${found.items.map((each, index) => each.week === week && html`<${ActionRow} key=${each.action} action=${each} row=${rows[index]}
        error=${faultOf(error, places.indexOf(each.action))} onChange=${(/** @type {Row} */ row) => setRows(rows.with(index, row))} />`)}
    <//>`)}
    <${ActionError} error=${error} besides=${places.flatMap((_, place) => fieldsOf(place))} />
    <div class="send">
      <${Button} kind="primary" type="submit" class="wide" icon="calendar-plus" busy=${busy}>${plan ? t("common.save") : t("care.put_in")}<//>
      <p class="seen"><${Icon} name="lock" />${t("care.only_you")}</p>
    </div>
  </form>`;
}

/** @param {number} place */
const fieldsOf = (place) => [`times.${place}.local_time`, `times.${place}.action`];
/** @param {Error | null} error @param {number} place */
const faultOf = (error, place) => fieldsOf(place).map((name) => fieldError(error, name)).find(Boolean) ?? "";

/** One action: whether the person wants it, and when in its week.
 * @param {{action: ActionTime, row: Row | undefined, error: string, onChange: (row: Row) => void}} props */
function ActionRow({ action, row, error, onChange }) {
  if (!row) return null;
  return html`<fieldset class="card action-row">
    <legend class="hidden">${action.text}</legend>
    <label class="tick"><input type="checkbox" checked=${row.wanted}
        onChange=${(/** @type {any} */ event) => onChange({ ...row, wanted: event.currentTarget.checked })} />
      <span>${action.text} <small>${formatMinutes(action.minutes)}</small></span></label>
    ${row.wanted && html`<div class="day-and-time">
      <${Field} label=${t("dates.day")} type="date" min=${action.first_day} max=${action.last_day} value=${row.day}
        hint=${formatDays(action.first_day, action.last_day)} error=${error}
        onInput=${(/** @type {string} */ day) => onChange({ ...row, day })} />
      <${Field} label=${t("dates.time")} type="time" value=${row.time} aria-invalid=${error ? "true" : undefined}
        onInput=${(/** @type {string} */ time) => onChange({ ...row, time })} />
    </div>`}
  </fieldset>`;
}
