// A date for other programs: an entry for a phone calendar, and a text to hand on.
import { formatLongDay, formatMinutes, formatTime, t } from "../i18n.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { Button } from "./controls.js";
import { Dialog, say } from "./dialog.js";

const LONGEST_LINE = 74; // bytes; RFC 5545 allows 75

/** Return an agreed date as an iCalendar file. @param {Schemas["PlannedDate"]} date @param {Date} [now] */
export function toCalendarFile(date, now = new Date()) {
  const slot = date.slots[0];
  if (!slot) return "";
  const { title, summary, steps } = date.activity;
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Rekindle//EN",
    "BEGIN:VEVENT",
    `UID:${date.id}@rekindle`,
    `DTSTAMP:${toStamp(now.toISOString())}`,
    `DTSTART:${toStamp(slot.start)}`,
    `DTEND:${toStamp(slot.end)}`,
    `SUMMARY:${escape(title)}`,
    `DESCRIPTION:${escape([summary, ...steps].join("\n"))}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return `${lines.map(fold).join("\r\n")}\r\n`;
}

/** @param {string} instant */
const toStamp = (instant) => new Date(instant).toISOString().replace(/[-:]|\.\d+/g, "");

/** @param {string} text */
const escape = (text) => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");

/** Break a long line. A line that goes on begins with a space. No letter is cut. @param {string} line */
function fold(line) {
  const lines = [""];
  let bytes = 0;
  for (const letter of line) {
    const size = new TextEncoder().encode(letter).length;
    if (bytes + size > LONGEST_LINE) {
      lines.push(" ");
      bytes = 1;
    }
    lines[lines.length - 1] += letter;
    bytes += size;
  }
  return lines.join("\r\n");
}

/** @param {Schemas["PlannedDate"]} date */
function download(date) {
  const address = URL.createObjectURL(new Blob([toCalendarFile(date)], { type: "text/calendar;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: "rekindle.ics" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Return a date as a text to hand on. @param {Schemas["PlannedDate"]} date */
function toText({ activity, slots }) {
  const times = slots.map(
    ({ viewer_local_time: wall, minutes }) => `${formatLongDay(wall)}, ${formatTime(wall)} (${formatMinutes(minutes)})`,
  );
  return [activity.title, ...times, activity.summary, ...activity.steps.map((step, index) => `${index + 1}. ${step}`)].join("\n");
}

/** Buttons that take a date out of the client. @param {{date: Schemas["PlannedDate"]}} props */
export function HandOn({ date }) {
  const [isOpen, setOpen] = useState(false);
  return html`<div class="buttons">
    ${date.state === "accepted" && html`<${Button} icon="calendar-plus" onClick=${() => download(date)}>${t("dates.to_phone")}<//>`}
    <${Button} icon="share-2" onClick=${() => setOpen(true)}>${t("dates.hand_on")}<//>
    ${isOpen && html`<${HandOnDialog} text=${toText(date)} onClose=${() => setOpen(false)} />`}
  </div>`;
}

/** @param {{text: string, onClose: () => void}} props */
function HandOnDialog({ text, onClose }) {
  const copy = async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false, // the browser forbids it; the text can still be copied by hand
    );
    if (!isCopied) return;
    say(t("common.copied"));
    onClose();
  };
  return html`<${Dialog} title=${t("dates.hand_on")} onClose=${onClose}>
    <p class="hint">${t("dates.hand_on_hint")}</p>
    <textarea readonly rows="8" aria-label=${t("dates.hand_on")} onFocus=${(/** @type {any} */ event) => event.currentTarget.select()}>${text}</textarea>
    <div class="buttons">
      ${"clipboard" in navigator && html`<${Button} icon="copy" onClick=${copy}>${t("common.copy")}<//>`}
      ${"share" in navigator && html`<${Button} icon="share-2" onClick=${() => navigator.share({ text }).catch(() => null)}>
        ${t("dates.share")}<//>`}
    </div>
  <//>`;
}
