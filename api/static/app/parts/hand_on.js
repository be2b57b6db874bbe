// A date for other programs: the ways into a calendar, and a text to hand on.
import { formatLongDay, formatMinutes, formatTime, t } from "../i18n.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { Button } from "./controls.js";
import { DateCalendar } from "./date_calendar.js";
import { Dialog, say } from "./dialog.js";
import { lengthText, longDays, wholeDays } from "./slot_text.js";

/** Return a date as a text to hand on. @param {Schemas["PlannedDate"]} date */
function toText({ activity, slots, place }) {
  const times = slots.map((slot) => {
    const { viewer_local_time: wall, minutes } = slot;
    if (wholeDays(slot)) return `${longDays(slot)} (${lengthText(slot)})`;
    return `${formatLongDay(wall)}, ${formatTime(wall)} (${formatMinutes(minutes)})`;
  });
  return [activity.title, ...times, ...(place ? [place] : []), activity.summary, ...activity.steps.map((step, index) => `${index + 1}. ${step}`)].join("\n");
}

/** Buttons that take a date out of the client. @param {{date: Schemas["PlannedDate"]}} props */
export function HandOn({ date }) {
  const [isOpen, setOpen] = useState(false);
  return html`<div class="buttons">
    ${date.state === "accepted" && html`<${DateCalendar} date=${date} />`}
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
