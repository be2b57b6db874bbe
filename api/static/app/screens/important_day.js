// One important day: its countdown, its change, and whether both see it.
import { request } from "../api.js";
import { formatLongDay, t } from "../i18n.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { DayForm, toBody, toDraft } from "../parts/day_form.js";
import { Confirm, say } from "../parts/dialog.js";
import { countdownOf, stateOf, titleOf } from "../parts/important_day.js";
import { useSeen } from "../parts/inbox_item.js";
import { usePartner } from "../parts/note.js";
import { Loaded, Page } from "../parts/page.js";
import { refresh, refreshShown, useResource } from "../resources.js";
import { navigate } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const LIST = "/calendar/days";

/** @param {{id: string}} props */
export default function ImportantDay({ id }) {
  const path = /** @type {const} */ (`/important-days/${id}`);
  const day = useResource(path);
  const partner = usePartner();
  useSeen("important_day", id);
  return html`<${Page} title=${day.data ? titleOf(day.data, partner) : t("days.one")} back=${LIST}>
    <${Loaded} resource=${day} retry=${() => refresh(path)}>
      ${(/** @type {Schemas["ImportantDay"]} */ data) => html`<${Content} day=${data} partner=${partner} />`}
    <//>
  <//>`;
}

/** @typedef {{day: Schemas["ImportantDay"], partner: string | null}} Props */

/** @param {Props} props */
function Content({ day, partner }) {
  const [draft, setDraft] = useState(/** @type {import("../parts/day_form.js").DayDraft | null} */ (null));
  const save = useAction(async () => {
    if (draft) await request("PATCH", `/important-days/${day.id}`, { body: toBody(draft), version: day.version });
    setDraft(null);
    say(t("common.saved"));
    await refreshShown();
  });
  if (draft) {
    return html`<${DayForm} draft=${draft} onChange=${(/** @type {object} */ changed) => setDraft({ ...draft, ...changed })} error=${save.error} onSubmit=${() => save.run()}>
      <${Button} onClick=${() => setDraft(null)}>${t("common.cancel")}<//>
      <${Button} kind="primary" type="submit" busy=${save.busy}>${t("common.save")}<//>
    <//>`;
  }
  return html`<div class="card pine day-card">
      <p class="big-question">${countdownOf(day)}</p>
      <p>${formatLongDay(day.next_day)}</p>
      <p class="with-icon"><${Icon} name=${day.state === "private" ? "lock" : "users"} />${stateOf(day, partner)}</p>
    </div>
    <${Actions} day=${day} partner=${partner} onEdit=${() => setDraft(toDraft(day))} />`;
}

/** @param {Props & {onEdit: () => void}} props */
function Actions({ day, partner, onEdit }) {
  const [asked, setAsked] = useState("");
  const may = new Set(day.actions);
  const name = partner ?? t("notes.your_partner");
  const share = useAction(async (/** @type {boolean} */ shared) => {
    try {
      await request("PUT", `/important-days/${day.id}/sharing`, { body: { shared } });
    } finally {
      setAsked(""); // a refusal shows on the screen behind the question
    }
    if (!shared && !day.mine) navigate(LIST, { replace: true });
    await refreshShown();
    say(shared ? t(day.mine ? "days.offered_now" : "days.agreed_now", { name }) : t("days.stopped_now"));
  });
  const remove = useAction(async () => {
    try {
      await request("DELETE", `/important-days/${day.id}`);
    } finally {
      setAsked("");
    }
    navigate(LIST, { replace: true });
    say(t("days.deleted_now"));
  });
  return html`<${ActionError} error=${share.error ?? remove.error} />
    ${may.has("offer") && partner && html`<div class="share-offer">
      <${Button} kind="primary" icon="share-2" class="wide" onClick=${() => setAsked("offer")}>${t("days.offer", { name })}<//>
      <p class="hint">${t("days.offer_hint", { name })}</p></div>`}
    ${may.has("agree") && html`<div class="buttons even">
        <${Button} icon="check" busy=${share.busy} onClick=${() => share.run(true)}>${t("days.agree")}<//>
        <${Button} icon="x" busy=${share.busy} onClick=${() => share.run(false)}>${t("days.decline")}<//>
      </div>
      <p class="hint">${t("days.decline_hint", { name })}</p>`}
    <div class="buttons">
      ${may.has("edit") && html`<${Button} icon="pencil" onClick=${onEdit}>${t("common.edit")}<//>`}
      ${may.has("stop") && html`<${Button} icon="eye-off" onClick=${() => setAsked("stop")}>${t(day.state === "agreed" ? "days.stop" : "days.take_back")}<//>`}
      ${may.has("delete") && html`<${Button} icon="trash-2" onClick=${() => setAsked("delete")}>${t("common.delete")}<//>`}
    </div>
    ${asked === "offer" && html`<${Confirm} title=${t("days.offer_title", { name })} text=${t("days.offer_text", { name })} yes=${t("days.offer_yes")}
      busy=${share.busy} onYes=${() => share.run(true)} onClose=${() => setAsked("")} />`}
    ${asked === "stop" && html`<${Confirm} title=${t("days.stop_title")} text=${t(day.mine ? "days.stop_text" : "days.stop_theirs", { name })}
      yes=${t("days.stop_yes")} busy=${share.busy} onYes=${() => share.run(false)} onClose=${() => setAsked("")} />`}
    ${asked === "delete" && html`<${Confirm} danger title=${t("days.delete_title")} text=${t(day.state === "private" ? "days.delete_text" : "days.delete_shared", { name })}
      yes=${t("common.delete")} busy=${remove.busy} onYes=${() => remove.run()} onClose=${() => setAsked("")} />`}`;
}
