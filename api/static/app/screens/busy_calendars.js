// Busy calendars: those that the person keeps elsewhere. When one is busy, no time is offered.
import { request } from "../api.js";
import { formatInstantDay, formatRelative, t } from "../i18n.js";
import { AddCalendar } from "../parts/add_calendar.js";
import { ActionError, Button, Field, fieldError, Icon, IconButton, Switch, useAction } from "../parts/controls.js";
import { Confirm, Dialog, say } from "../parts/dialog.js";
import { Loaded, Page, Section } from "../parts/page.js";
import { change, refresh, useResource } from "../resources.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {Schemas["BusyCalendar"]} BusyCalendar */

const PATH = "/busy-calendars";
const MILLISECONDS = 2000; // while the server reads a calendar

export default function BusyCalendars() {
  const calendars = useResource(PATH);
  const partner = useResource("/today").data?.couple?.partner;
  const isWaiting = Boolean(calendars.data?.items.some((each) => each.state === "waiting"));
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && refresh(PATH), MILLISECONDS);
    return () => clearInterval(timer);
  }, [isWaiting]);
  return html`<${Page} title=${t("busy.title")} lead=${t("busy.lead")} back="/us">
    <p class="seen"><${Icon} name="eye-off" />${partner ? t("busy.partner", { name: partner }) : t("busy.alone")}</p>
    <${Loaded} resource=${calendars} retry=${() => refresh(PATH)}>
      ${(/** @type {Schemas["BusyCalendarList"]} */ { items }) => html`
        ${items.length > 0 && html`<${Section} title=${t("busy.yours")}>
          <ul class="calendars">${items.map((each) => html`<${Calendar} key=${each.id} calendar=${each} />`)}</ul>
        <//>`}
        <${Section} title=${items.length > 0 ? t("busy.add_another") : t("busy.add")}><${AddCalendar} onAdded=${show} /><//>`}
    <//>
  <//>`;
}

/** Show a new or changed calendar at once. @param {BusyCalendar} calendar */
function show(calendar) {
  put(calendar);
  refresh(PATH);
}

/** @param {BusyCalendar} calendar */
function put(calendar) {
  change(PATH, ({ items }) => {
    const isNew = !items.some((/** @type {BusyCalendar} */ each) => each.id === calendar.id);
    return { items: isNew ? [...items, calendar] : items.map((/** @type {BusyCalendar} */ each) => (each.id === calendar.id ? calendar : each)) };
  });
}

/** @param {{calendar: BusyCalendar}} props */
function Calendar({ calendar }) {
  const [asked, setAsked] = useState(/** @type {"" | "rename" | "remove"} */ (""));
  const path = `${PATH}/${calendar.id}`;
  const days = useAction(async (/** @type {boolean} */ all_day) => {
    put({ ...calendar, all_day }); // a switch must not jump back while it waits
    try {
      const { data } = await request("PATCH", path, { body: { all_day }, version: calendar.version });
      show(data);
    } catch (caught) {
      // A calendar that was removed elsewhere must not come back.
      change(PATH, ({ items }) => ({ items: items.map((/** @type {BusyCalendar} */ each) => (each.id === calendar.id ? { ...each, all_day: calendar.all_day } : each)) }));
      refresh(PATH); // after a conflict, the next try has the new version
      throw caught;
    }
  });
  const again = useAction(async () => show((await request("POST", `${path}/refresh`)).data));
  return html`<li class="card calendar-card">
    <header>
      <span><h3>${calendar.name}</h3><small>${calendar.host ?? t("busy.from_file")}</small></span>
      <${IconButton} icon="pencil" label=${t("busy.rename", { name: calendar.name })} onClick=${() => setAsked("rename")} />
    </header>
    <${State} calendar=${calendar} />
    <${Switch} label=${t("busy.all_day")} hint=${t("busy.all_day_hint")} checked=${calendar.all_day} onChange=${days.run} />
    <${ActionError} error=${days.error ?? again.error} />
    <div class="buttons">
      ${calendar.kind === "address" && html`<${Button} icon="refresh-cw" busy=${again.busy || calendar.state === "waiting"} onClick=${again.run}
        aria-label=${t("busy.read_again_name", { name: calendar.name })}>${t("busy.read_again")}<//>`}
      <${Button} kind="quiet" icon="trash-2" onClick=${() => setAsked("remove")}
        aria-label=${t("busy.remove_name", { name: calendar.name })}>${t("busy.remove")}<//>
    </div>
    ${asked === "rename" && html`<${Rename} calendar=${calendar} onClose=${() => setAsked("")} />`}
    ${asked === "remove" && html`<${Remove} calendar=${calendar} onClose=${() => setAsked("")} />`}
  </li>`;
}

/** What came of the last try, and when the next one is. @param {{calendar: BusyCalendar}} props */
function State({ calendar }) {
  const { state, fault, tried_at: tried, worked_at: worked, next_at: next, skipped_events: skipped, read_until: until } = calendar;
  return html`<div class="calendar-state" role="status">
    ${state === "waiting" && html`<p><${Icon} name="clock" /><span>${t("busy.waiting")}</span></p>`}
    ${state === "read" && html`<p><${Icon} name="circle-check" /><span>${t("busy.count", { count: calendar.busy_times })}
      ${tried && ` ${t(calendar.kind === "file" ? "busy.read_once" : "busy.read", { when: formatRelative(tried) })}`}</span></p>`}
    ${fault && html`<p class="fault notice"><${Icon} name="circle-alert" /><span>${fault.text}
      ${worked ? ` ${t("busy.last_worked", { when: formatRelative(worked), count: calendar.busy_times })}` : ` ${t("busy.never_worked")}`}
      ${next && ` ${t("busy.next_try", { when: formatRelative(next) })}`}</span></p>`}
    ${state !== "waiting" && skipped > 0 && html`<p><${Icon} name="circle-help" /><span>${t("busy.skipped", { count: skipped })}</span></p>`}
    ${state !== "waiting" && until && html`<p class="hint">${t("busy.until", { day: formatInstantDay(until) })}</p>`}
  </div>`;
}

/** @param {{calendar: BusyCalendar, onClose: () => void}} props */
function Rename({ calendar, onClose }) {
  const [name, setName] = useState(calendar.name);
  const { run, busy, error } = useAction(async () => {
    try {
      const { data } = await request("PATCH", `${PATH}/${calendar.id}`, { body: { name }, version: calendar.version });
      show(data);
      onClose();
    } finally {
      refresh(PATH);
    }
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    run();
  };
  return html`<${Dialog} title=${t("busy.rename_title")} onClose=${onClose}>
    <form onSubmit=${submit}>
      <${Field} label=${t("busy.name")} value=${name} onInput=${setName} most=${60} required error=${fieldError(error, "name")} />
      <${ActionError} error=${error} besides=${["name"]} />
      <${Button} kind="primary" type="submit" busy=${busy}>${t("common.save")}<//>
    </form>
  <//>`;
}

/** @param {{calendar: BusyCalendar, onClose: () => void}} props */
function Remove({ calendar, onClose }) {
  const { run, busy, error } = useAction(async () => {
    await request("DELETE", `${PATH}/${calendar.id}`);
    say(t("busy.removed", { name: calendar.name }));
    onClose();
    await refresh(PATH);
  });
  return html`<${Confirm} title=${t("busy.remove_title", { name: calendar.name })} text=${t("busy.remove_text")} yes=${t("busy.remove")}
    danger busy=${busy} onYes=${() => run()} onClose=${onClose}><${ActionError} error=${error} /><//>`;
}
