// All photos of the viewer, to look at them, to see what each belongs to, and to delete them.
import { formatInstantDay, t } from "../i18n.js";
import { Empty, Page } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { LargePhoto, Picture } from "../parts/photos.js";
import { Link } from "../router.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

export default function OwnPhotos() {
  return html`<${Page} title=${t("photos.yours")} lead=${t("photos.yours_lead")} back="/us">
    <${Pages} path="/photos?limit=24" empty=${html`<${Empty} art="notes" title=${t("photos.none")}><p>${t("photos.none_text")}</p><//>`}>
      ${(/** @type {Schemas["Photo"][]} */ photos) => html`<ul class="rows">
        ${photos.map((photo) => html`<${Row} key=${photo.id} photo=${photo} />`)}
      </ul>`}
    <//>
  <//>`;
}

/** @param {{photo: Schemas["Photo"]}} props */
function Row({ photo }) {
  const [isOpen, setOpen] = useState(false);
  const day = formatInstantDay(photo.created_at ?? "");
  const [to, where] = subjectOf(photo);
  return html`<li class="row photo-row">
    <button type="button" class="photo-button" aria-label=${t("photos.open", { what: photo.caption || day })} onClick=${() => setOpen(true)}>
      <${Picture} photo=${photo} size="small" isDecorative=${true} /></button>
    <span><b>${photo.caption || day}</b>${photo.caption && html`<small>${day}</small>`}<${Link} to=${to} class="text-link">${where}<//></span>
    ${isOpen && html`<${LargePhoto} photo=${photo} onClose=${() => setOpen(false)} />`}
  </li>`;
}

/** Return the screen of what a photo belongs to, and its name. @param {Schemas["Photo"]} photo @returns {[string, string]} */
function subjectOf({ note_id, date_id, activity_id }) {
  if (note_id) return [`/notes/${note_id}`, t("photos.of_note")];
  return date_id ? [`/dates/${date_id}`, t("photos.of_date")] : [`/activities/${activity_id}`, t("photos.of_idea")];
}
