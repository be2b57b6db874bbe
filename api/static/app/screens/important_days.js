// Important days: birthdays, anniversaries and others, the next one first, and a form for one more.
import { newId, request } from "../api.js";
import { t } from "../i18n.js";
import { ActionError, Button, useAction } from "../parts/controls.js";
import { say } from "../parts/dialog.js";
import { DayForm, toBody } from "../parts/day_form.js";
import { ImportantDayRow } from "../parts/important_day.js";
import { useSeen } from "../parts/inbox_item.js";
import { usePartner } from "../parts/note.js";
import { Empty, Page } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { refreshShown } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @typedef {import("../parts/day_form.js").DayDraft} DayDraft */

const EMPTY = { kind: "birthday", title: "", month: 1, day: "", year: "" };

export default function ImportantDays() {
  const partner = usePartner();
  const [typed, setTyped] = useState(/** @type {Partial<DayDraft> | null} */ (null));
  // Not a part of what was typed: the partner's name can arrive later.
  const preset = { ...EMPTY, birthdayOf: partner ? "partner" : "me" };
  const draft = typed && /** @type {DayDraft} */ ({ ...preset, ...typed });
  const [id, setId] = useState(newId); // the same for each try, so that a day is added once
  useSeen("important_day");
  const add = useAction(async () => {
    if (!draft) return;
    await request("POST", "/important-days", { body: { id, ...toBody(draft) } });
    setId(newId());
    setTyped(null);
    say(t("days.added"));
    await refreshShown();
  });
  return html`<${Page} title=${t("days.title")} lead=${t("days.lead")} back="/calendar">
    <${Pages} path="/important-days" empty=${!draft && html`<${Empty} art="calendar" title=${t("days.none")}><p>${t("days.none_text")}</p><//>`}>
      ${(/** @type {Schemas["ImportantDay"][]} */ days) => html`<ul class="rows">
        ${days.map((day) => html`<${ImportantDayRow} key=${day.id} day=${day} partner=${partner} />`)}
      </ul>`}
    <//>
    ${draft ? html`<${DayForm} draft=${draft} onChange=${(/** @type {object} */ changed) => setTyped({ ...typed, ...changed })} error=${add.error} onSubmit=${() => add.run()}>
        <${Button} onClick=${() => setTyped(null)}>${t("common.cancel")}<//>
        <${Button} kind="primary" type="submit" busy=${add.busy}>${t("common.save")}<//>
      <//>` : html`<p><${Button} kind="primary" icon="plus" onClick=${() => setTyped({})}>${t("days.add")}<//></p>`}
    ${!draft && html`<${ActionError} error=${add.error} />`}
  <//>`;
}
