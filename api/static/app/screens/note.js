// One note: read it, share it, take it out of view, delete it.
import { Refusal, request } from "../api.js";
import { formatInstantDay, t } from "../i18n.js";
import { drop, outbox } from "../outbox.js";
import { ActionError, Button, Icon, useAction } from "../parts/controls.js";
import { Confirm, say } from "../parts/dialog.js";
import { useSeen } from "../parts/inbox_item.js";
import { labelOf, NoteDate, NotePrompt, ShareDialog, stateText, useKinds, usePartner } from "../parts/note.js";
import { Loaded, Notice, Page } from "../parts/page.js";
import { Photos } from "../parts/photos.js";
import { ReactionButtons, ReactionLine } from "../parts/reactions.js";
import { findInLists, refresh, refreshShown, useResource } from "../resources.js";
import { Link, navigate } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

/** @param {{id: string}} props */
export default function Note({ id }) {
  const path = /** @type {const} */ (`/notes/${id}`);
  const answer = useResource(path);
  const partner = usePartner();
  const note = answer.error instanceof Refusal ? answer : { ...answer, data: answer.data ?? findInLists("/notes?", id) };
  const received = note.data && !note.data.mine;
  const title = received ? t("notes.from", { name: partner ?? t("notes.your_partner") }) : t("notes.own_note");
  return html`<${Page} title=${title} back=${received ? "/notes?from=partner" : "/notes"}>
    <${Loaded} resource=${note} retry=${() => refresh(path)}>
      ${(/** @type {Schemas["Note"]} */ data) => html`<${Content} note=${data} partner=${partner} />`}
    <//>
  <//>`;
}

/** @param {{note: Schemas["Note"], partner: string | null}} props */
function Content({ note, partner }) {
  const kinds = useKinds();
  const change = outbox.value.find((write) => write.path === `/notes/${note.id}`);
  useSeen("note", note.id);
  return html`
    ${note.prompt_id && html`<${NotePrompt} id=${note.prompt_id} />`}
    ${note.date_id && html`<${NoteDate} id=${note.date_id} />`}
    <article class="paper">
      <p class="eyebrow">${labelOf(change?.body.kind ?? note.kind, kinds)}</p>
      <p class="handwriting">${change?.body.body ?? note.body}</p>
      <p class="note-foot"><${Times} note=${note} partner=${partner} /></p>
      <${ReactionLine} note=${note} name=${partner ?? t("notes.your_partner")} />
    </article>
    <${Photos} photos=${note.photos} about=${note.kind === "memory" && note.actions.includes("edit") ? { note_id: note.id } : null}
      lead=${partner ? t("photos.lead_note", { name: partner }) : ""} />
    ${change && html`<${Notice} icon=${change.state === "refused" ? "circle-alert" : "wifi-off"} kind=${change.state === "refused" ? "fault" : "info"}>
      <${Link} to="/outbox">${change.state === "refused" ? change.why : t("notes.change_waits")}<//><//>`}
    ${note.mine ? html`<${Actions} note=${note} partner=${partner} isChanging=${Boolean(change)} />` : html`
      <${ReactionButtons} note=${note} name=${partner ?? t("notes.your_partner")} />
      <p class="hint">${t("notes.received_hint")} <${Link} to="/notes/received">${t("notes.record_link")}<//></p>`}`;
}

/** @param {{note: Schemas["Note"], partner: string | null}} props */
function Times({ note, partner }) {
  const day = note.recalled_at ?? note.shared_at ?? note.created_at ?? "";
  return html`<time datetime=${day}>${formatInstantDay(day)}</time>
    ${note.mine && html`<span>${stateText(note, partner)}</span>`}`;
}

/** @param {{note: Schemas["Note"], partner: string | null, isChanging: boolean}} props */
function Actions({ note, partner, isChanging }) {
  const [asked, setAsked] = useState("");
  const may = new Set(note.actions);
  const close = () => setAsked("");
  const act = useAction(async (/** @type {string} */ action) => {
    try {
      await request(action === "delete" ? "DELETE" : "POST", `/notes/${note.id}${action === "delete" ? "" : `/${action}`}`, {
        version: action === "share" ? note.version : null,
      });
    } finally {
      setAsked("");
      if (action !== "delete") refreshShown();
    }
    if (action === "delete") await leave(note.id);
    else say(action === "share" ? t("notes.shared_now", { name: partner ?? "" }) : t("notes.recalled_now"));
  });
  const name = partner ?? t("notes.your_partner");
  return html`<${ActionError} error=${act.error} />
    ${may.has("share") && partner && html`<div class="share-offer">
      <${Button} kind="primary" icon="share-2" class="wide" disabled=${isChanging} onClick=${() => setAsked("share")}>${t("notes.share", { name })}<//>
      <p class="hint">${t("notes.private_until", { name })}</p></div>`}
    <div class="buttons">
      ${may.has("edit") && html`<${Link} to="/notes/${note.id}/edit" class="button"><${Icon} name="pencil" />${t("common.edit")}<//>`}
      ${may.has("recall") && html`<${Button} icon="eye-off" onClick=${() => setAsked("recall")}>${t("notes.recall")}<//>`}
      ${may.has("delete") && html`<${Button} icon="trash-2" onClick=${() => setAsked("delete")}>${t("common.delete")}<//>`}
    </div>
    ${asked === "share" && partner && html`<${ShareDialog} partner=${partner} body=${note.body} busy=${act.busy} onYes=${() => act.run("share")} onClose=${close} />`}
    ${asked === "recall" && html`<${Confirm} title=${t("notes.recall_title")} text=${t("notes.recall_text", { name })} yes=${t("notes.recall")}
      busy=${act.busy} onYes=${() => act.run("recall")} onClose=${close} />`}
    ${asked === "delete" && html`<${Confirm} title=${t("notes.delete_title")} danger=${true} yes=${t("common.delete")} busy=${act.busy}
      text=${note.shared_at ? t("notes.delete_shared", { name }) : t("notes.delete_private")}
      onYes=${() => act.run("delete")} onClose=${close} />`}`;
}

/** Leave the screen of a deleted note, with the changes of it that wait. @param {string} id */
async function leave(id) {
  for (const write of outbox.value.filter((each) => each.path === `/notes/${id}`)) await drop(write.id);
  navigate("/notes", { replace: true });
  say(t("notes.deleted_now"));
}
