// The photos of a date: those of both, and how to add one.
import { t } from "../i18n.js";
import { useResource } from "../resources.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { AddPhoto, Photos } from "./photos.js";

/** @typedef {Pick<Schemas["PlannedDate"], "id" | "for">} SomeDate */

/** The lowest pace at which dates carry words and photos. */
const WORDS_PACE = 3;

/** Return whether a photo can be added, and what to say about it. @param {SomeDate} date */
export function useMayAddPhoto(date) {
  const couple = useResource("/me").data?.couple;
  const isAlone = date.for === "one";
  return { mayAdd: isAlone || (couple?.pace ?? 0) >= WORDS_PACE, lead: isAlone ? "" : t("photos.lead_date", { name: couple?.partner ?? "" }) };
}

/** @param {{date: SomeDate, photos: readonly Schemas["Photo"][]}} props */
export function PhotosOfDate({ date, photos }) {
  const { mayAdd, lead } = useMayAddPhoto(date);
  return html`<${Photos} photos=${photos} about=${mayAdd ? { date_id: date.id } : null} isShared=${date.for === "two"} lead=${lead} />`;
}

/** A button that adds a photo to a date. @param {{date: SomeDate}} props */
export function AddPhotoOfDate({ date }) {
  const { lead } = useMayAddPhoto(date);
  return html`<${AddPhoto} about=${{ date_id: date.id }} isShared=${date.for === "two"} />
    ${lead && html`<p class="hint">${lead}</p>`}`;
}
