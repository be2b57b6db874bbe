// An agreed date for the calendar of the person: as a file, or by a link to a company that keeps calendars.
import { requestFile } from "../api.js";
import { t } from "../i18n.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Icon, useAction } from "./controls.js";
import { Dialog } from "./dialog.js";
import { Notice } from "./page.js";

/** A button that offers the ways into a calendar. @param {{date: Schemas["PlannedDate"]}} props */
export function DateCalendar({ date }) {
  const [isOpen, setOpen] = useState(false);
  return html`<${Button} icon="calendar-plus" onClick=${() => setOpen(true)}>${t("dates.to_calendar")}<//>
    ${isOpen && html`<${CalendarDialog} date=${date} onClose=${() => setOpen(false)} />`}`;
}

/** @param {{date: Schemas["PlannedDate"], onClose: () => void}} props */
function CalendarDialog({ date, onClose }) {
  const download = useAction(async () => {
    const { file, name } = await requestFile("GET", `/dates/${date.id}/calendar`);
    const address = URL.createObjectURL(file);
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    onClose();
  });
  const [slot] = date.slots;
  return html`<${Dialog} title=${t("dates.to_calendar")} onClose=${onClose}>
    <p>${t("dates.calendar_file_hint")}</p>
    <div class="buttons"><${Button} kind="primary" icon="download" busy=${download.busy} onClick=${download.run}>${t("dates.calendar_file")}<//></div>
    <${ActionError} error=${download.error} />
    ${slot && html`<div class="buttons">
      <${Outside} href=${googleLink(date.activity.title, slot)}>${t("dates.calendar_google")}<//>
      <${Outside} href=${outlookLink(date.activity.title, slot)}>${t("dates.calendar_outlook")}<//>
    </div>`}
    <${Notice} icon="eye">${t("dates.calendar_companies")}<//>
    <p><${Link} to="/me/calendar-feed" class="text-link">${t("calendar_feed.title")}<//></p>
  <//>`;
}

/** A link out of the client. The company is not told where it came from. @param {{href: string, children?: any}} props */
function Outside({ href, children }) {
  return html`<a class="button" href=${href} target="_blank" rel="noopener noreferrer"><${Icon} name="calendar" />${children}</a>`;
}

/** @param {string} title @param {Schemas["TimeSlot"]} slot */
function googleLink(title, { start, end, zone, first_day: first, end_day: endDay }) {
  const stamp = (/** @type {string} */ instant) => new Date(instant).toISOString().replace(/[-:]|\.\d+/g, "");
  // Whole days have no zone, and end before their end day, as here.
  /** @type {Record<string, string>} */
  const when = first && endDay
    ? { dates: `${first}/${endDay}`.replaceAll("-", "") }
    : { dates: `${stamp(start)}/${stamp(end)}`, ctz: zone };
  const values = { action: "TEMPLATE", text: title, ...when };
  return `https://calendar.google.com/calendar/render?${new URLSearchParams(values)}`;
}

/** @param {string} title @param {Schemas["TimeSlot"]} slot */
function outlookLink(title, { start, end, first_day: first, end_day: endDay }) {
  /** @type {Record<string, string>} */
  const when = first && endDay ? { startdt: first, enddt: endDay, allday: "true" } : { startdt: start, enddt: end };
  const values = { path: "/calendar/action/compose", rru: "addevent", subject: title, ...when };
  return `https://outlook.live.com/calendar/0/deeplink/compose?${new URLSearchParams(values)}`;
}
