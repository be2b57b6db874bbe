// Notes: the viewer's own and those that the partner shared, with what waits for a connection and what is unfinished.
import { t } from "../i18n.js";
import { outbox } from "../outbox.js";
import { Choice, Icon } from "../parts/controls.js";
import { useSeen } from "../parts/inbox_item.js";
import { NoteCard, useKinds, usePartner } from "../parts/note.js";
import { Empty, Page, Section } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { RowLink } from "../parts/rows.js";
import { useResource } from "../resources.js";
import { Link, navigate, query } from "../router.js";
import { readAll } from "../storage.js";
import { html, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";

export default function Notes() {
  const partner = usePartner();
  const from = query.value.get("from") === "partner" && partner ? "partner" : "me";
  useSeen("note", undefined, from === "partner" ? "note_shared" : "note_reacted");
  return html`<${Page} title=${t("notes.title")} class="notes-page"
      actions=${html`<${Link} to="/notes/new" class="button primary"><${Icon} name="feather" />${t("notes.write")}<//>`}>
    ${partner && html`<${Sides} from=${from} partner=${partner} />`}
    ${from === "me" && html`<${Unsent} />`}
    <div class="with-aside">
      <div><${List} from=${from} partner=${partner} /></div>
      <${More} partner=${partner} />
    </div>
  <//>`;
}

/** What else there is to write and to keep: after the notes on a phone, beside them on a wide screen. @param {{partner: string | null}} props */
function More({ partner }) {
  return html`<${Section} title=${t("notes.more")}><ul class="rows">
    <${RowLink} to="/memories" icon="camera" label=${t("memories.title")} text=${t("memories.row")} />
    ${partner && html`<${RowLink} to="/notes/for-two" icon="users" label=${t("for_two.title")} text=${t("for_two.row")} />
      <${RowLink} to="/notes/requests" icon="hand-helping" label=${t("requests.title")} text=${t("requests.row", { name: partner })} />`}
    <${RowLink} to="/notes/promises" icon="sprout" label=${t("promises.title")} text=${t("promises.row")} />
    <${RowLink} to="/notes/reflections" icon="lock" label=${t("reflections.title")} text=${t("reflections.row")} />
    <${RowLink} to="/notes/questions" icon="message-circle" label=${t("questions.title")} text=${t(partner ? "questions.row_paired" : "questions.row")} />
    <${RowLink} to="/notes/received" icon="book-open" label=${t("notes.record_link")} text=${t("us.received_text")} />
  </ul><//>`;
}

/** Show the list with other filters. @param {Record<string, string>} changed */
function show(changed) {
  const params = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changed)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  navigate(params.size > 0 ? `/notes?${params}` : "/notes", { replace: true });
}

/** @param {{from: string, partner: string}} props */
function Sides({ from, partner }) {
  const sides = [
    { value: "", label: t("notes.mine") },
    { value: "partner", label: t("notes.from", { name: partner }) },
  ];
  return html`<nav class="sides" aria-label=${t("notes.whose")}>
    ${sides.map(({ value, label }) => {
      const isCurrent = (value || "me") === from;
      const to = value ? `/notes?from=${value}` : "/notes";
      return html`<${Link} key=${value} to=${to} aria-current=${isCurrent ? "page" : undefined}>${label}<//>`;
    })}
  </nav>`;
}

/** @param {{from: string, partner: string | null}} props */
function List({ from, partner }) {
  const kinds = useKinds();
  const kind = query.value.get("kind") ?? "";
  const path = /** @type {const} */ (`/notes?from=${from}${kind ? `&kind=${kind}` : ""}`);
  const isEmpty = useResource(path).data?.items.length === 0;
  const options = [{ value: "", label: t("notes.all_kinds") }, ...kinds];
  return html`
    ${(!isEmpty || kind) && html`<div class="kinds">
      <${Choice} label=${t("notes.kind")} hideLabel=${true} options=${options} value=${kind} onChange=${(/** @type {string} */ value) => show({ kind: value })} />
    </div>`}
    <section>
      <h2 class="hidden">${from === "me" ? t("notes.mine") : t("notes.from", { name: partner ?? "" })}</h2>
      <${Pages} key=${path} path=${path} empty=${html`<${Nothing} from=${from} kind=${kind} partner=${partner} />`}>
        ${(/** @type {Schemas["Note"][]} */ notes) => html`<ul class="papers">
          ${notes.map((note) => html`<${NoteCard} key=${note.id} note=${note} kinds=${kinds} partner=${partner} />`)}
        </ul>`}
      <//>
    </section>`;
}

/** @param {{from: string, kind: string, partner: string | null}} props */
function Nothing({ from, kind, partner }) {
  if (kind) return html`<${Empty} art="notes" title=${t("notes.none_of_kind")} />`;
  if (from === "partner") {
    return html`<${Empty} art="notes" title=${t("notes.none_received", { name: partner ?? "" })}><p>${t("notes.none_received_text")}</p><//>`;
  }
  return html`<${Empty} art="notes" title=${t("notes.none")}><p>${t("notes.none_text")}</p><//>`;
}

/** What the viewer wrote and the server does not have yet. */
function Unsent() {
  const [drafts, setDrafts] = useState(/** @type {import("./note_form.js").NoteDraft[]} */ ([]));
  useEffect(() => {
    readAll("draft:note").then(setDrafts);
  }, []);
  const waiting = outbox.value.filter((write) => write.kind === "note");
  if (waiting.length === 0 && drafts.length === 0) return null;
  return html`<${Section} title=${t("notes.unsent")}>
    <ul class="papers">
      ${waiting.map(
        (write) => html`<li key=${write.id} class="paper note-card waiting">
          <h3 class="eyebrow with-icon"><${Icon} name=${write.state === "refused" ? "circle-alert" : "wifi-off"} />
            <${Link} to="/outbox">${write.state === "refused" ? t("notes.refused") : t("notes.waits")}<//></h3>
          <p class="handwriting">${write.body?.body}</p>
        </li>`,
      )}
      ${drafts.map(
        (draft) => html`<li key=${draft.to} class="paper note-card waiting">
          <h3 class="eyebrow with-icon"><${Icon} name="pencil" /><${Link} to=${draft.to}>${t("notes.unfinished")}<//></h3>
          <p class="handwriting">${draft.body}</p>
        </li>`,
      )}
    </ul>
  <//>`;
}
