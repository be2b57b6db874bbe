// One memory: what the two did, where, and what they wrote about it.
import { t } from "../i18n.js";
import { CategoryPicture } from "../parts/activity.js";
import { Icon } from "../parts/controls.js";
import { PhotosOfDate } from "../parts/date_photos.js";
import { HideButton, MemoryFacts } from "../parts/memory.js";
import { NoteCard, useKinds, usePartner } from "../parts/note.js";
import { Loaded, Page, Section } from "../parts/page.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

/** @param {{id: string}} props */
export default function MemoryScreen({ id }) {
  const path = /** @type {`/memories/${string}`} */ (`/memories/${id}`);
  const memory = useResource(path);
  return html`<${Page} title=${memory.data?.activity?.title ?? t("memories.one")} back="/memories" class="memory">
    <${Loaded} resource=${memory} retry=${() => refresh(path)}>
      ${(/** @type {Schemas["Memory"]} */ data) => html`<${Content} memory=${data} />`}
    <//>
  <//>`;
}

/** @param {{memory: Schemas["Memory"]}} props */
function Content({ memory }) {
  const kinds = useKinds();
  const partner = usePartner();
  return html`
    <div class="memory-head">${memory.activity && html`<${CategoryPicture} category=${memory.activity.category} />`}<${MemoryFacts} memory=${memory} /></div>
    <${PhotosOfDate} date=${memory} photos=${memory.photos} />
    <${Section} title=${t("memories.notes")}>
      ${memory.notes.length > 0
        ? html`<ul class="papers">${memory.notes.map((note) => html`<${NoteCard} key=${note.id} note=${note} kinds=${kinds} partner=${partner} withAuthor />`)}</ul>`
        : html`<p class="hint">${t("memories.no_notes")}</p>`}
      <div class="buttons">
        <${Link} class="button" to="/notes/new?date=${memory.id}"><${Icon} name="feather" />${t("dates.note")}<//>
        <${Link} class="button" to="/dates/${memory.id}"><${Icon} name="calendar-days" />${t("memories.to_date")}<//>
      </div>
    <//>
    <div class="memory-foot">
      <${HideButton} memory=${memory} />
      <p class="hint">${t(memory.hidden ? "memories.hidden_hint" : "memories.hide_hint")}</p>
    </div>`;
}
