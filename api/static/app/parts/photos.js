// Photos of a note, a date or an idea: small ones in a row, a large one in a dialog, and how to add and delete them.
import { newId, Refusal, request, requestFile, Unreachable } from "../api.js";
import { t } from "../i18n.js";
import { refreshShown, useResource } from "../resources.js";
import { html, useEffect, useId, useRef, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, Field, fieldError, Icon, useAction } from "./controls.js";
import { Dialog, say } from "./dialog.js";

/** @typedef {Schemas["Photo"]} Photo */
/** @typedef {{note_id: string} | {date_id: string} | {activity_id: string}} About what a new photo belongs to */

const MOST = 12;
const MOST_BYTES = 10_000_000;
const LONGEST_SIDE = 2048;
/** How long to wait until the server has read a photo, in milliseconds. */
export const PATIENCE = 60_000;

/**
 * The photos of one thing. Without `about`, none can be added.
 * @param {{photos: readonly Photo[], about?: About | null, lead?: string, isShared?: boolean}} props
 *   `lead` says who sees them; with `isShared`, a new one costs one of the shared things
 */
export function Photos({ photos, about = null, lead = "", isShared = false }) {
  const [open, setOpen] = useState("");
  const shown = photos.find((photo) => photo.id === open);
  const mine = photos.filter((photo) => photo.mine).length;
  if (photos.length === 0 && !about) return null;
  return html`<section class="section photos-section" aria-label=${t("photos.title")}>
    <h2>${t("photos.title")}</h2>
    ${photos.length > 0 && html`<ul class="photos">${photos.map((photo, index) => html`<li key=${photo.id}>
      <button type="button" class="photo-button" onClick=${() => setOpen(photo.id)}
        aria-label=${t("photos.open", { what: photo.caption || t("photos.number", { count: index + 1 }) })}>
        <${Picture} photo=${photo} size="small" isDecorative=${true} /></button>
    </li>`)}</ul>`}
    ${about && mine < MOST && html`<${AddPhoto} about=${about} isShared=${isShared} />`}
    ${about && lead && html`<p class="hint">${lead}</p>`}
    ${shown && html`<${LargePhoto} photo=${shown} onClose=${() => setOpen("")} />`}
  </section>`;
}

/** The photos in a card of a list, which is a link itself. @param {{photos: readonly Photo[]}} props */
export function Thumbnails({ photos }) {
  if (photos.length === 0) return null;
  return html`<ul class="photos thumbnails">${photos.slice(0, 4).map(
    (photo) => html`<li key=${photo.id}><${Picture} photo=${photo} size="small" /></li>`,
  )}</ul>`;
}

/** A picture, once it has arrived. @param {{photo: Photo, size: "small" | "large", isDecorative?: boolean}} props */
export function Picture({ photo, size, isDecorative = false }) {
  const [url, setUrl] = useState("");
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    let made = "";
    let isGone = false;
    requestFile("GET", `/photos/${photo.id}/file?size=${size}`)
      .then(({ file }) => {
        if (isGone) return;
        made = URL.createObjectURL(file);
        setUrl(made);
      })
      .catch((error) => {
        // Withdrawn a moment ago, or no network: the list, which is asked again, tells which.
        if (!(error instanceof Refusal || error instanceof Unreachable)) throw error;
        if (!isGone) setMissing(true);
      });
    return () => {
      isGone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [photo.id, size]);
  if (!url) return html`<span class="photo-place">${isMissing && html`<${Icon} name="camera" /><span class="hidden">${t("photos.missing")}</span>`}</span>`;
  return html`<img class="photo" src=${url} alt=${isDecorative ? "" : photo.caption || t("photos.one")} width=${photo.width} height=${photo.height} />`;
}

/** A large photo in a dialog, where its owner can delete it. @param {{photo: Photo, onClose: () => void}} props */
export function LargePhoto({ photo, onClose }) {
  const partner = useResource("/today").data?.couple?.partner ?? "";
  const [isAsked, setAsked] = useState(false);
  const remove = useAction(async () => {
    await request("DELETE", `/photos/${photo.id}`);
    await refreshShown();
    onClose();
    say(t("photos.deleted"));
  });
  // The question is in the same dialog: a second one in its place would close with the first.
  return html`<${Dialog} title=${isAsked ? t("photos.delete_title") : photo.mine ? t("photos.one") : t("photos.from", { name: partner })} onClose=${onClose}>
    <figure class="large-photo"><${Picture} photo=${photo} size="large" />${photo.caption && html`<figcaption>${photo.caption}</figcaption>`}</figure>
    ${photo.mine && !isAsked && html`<div class="buttons"><${Button} icon="trash-2" onClick=${() => setAsked(true)}>${t("common.delete")}<//></div>`}
    ${isAsked && html`<p>${partner ? t("photos.delete_text", { name: partner }) : t("photos.delete_text_alone")}</p>
      <${ActionError} error=${remove.error} />
      <div class="buttons">
        <${Button} onClick=${() => setAsked(false)}>${t("common.cancel")}<//>
        <${Button} kind="danger" busy=${remove.busy} onClick=${() => remove.run()}>${t("photos.delete_yes")}<//>
      </div>`}
  <//>`;
}

/** A button that opens the choice of a file, and then a dialog for it. @param {{about: About, isShared: boolean}} props */
export function AddPhoto({ about, isShared }) {
  const id = useId();
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const close = () => {
    setFile(null);
    if (input.current) input.current.value = ""; // the same file can be chosen again
    input.current?.focus();
  };
  return html`<div class="add-photo">
    <input id=${id} ref=${input} type="file" accept="image/*,.heic,.heif" class="hidden" onChange=${(/** @type {any} */ event) => setFile(event.currentTarget.files[0] ?? null)} />
    <label for=${id} class="button"><${Icon} name="camera" /><span>${t("photos.add")}</span></label>
    ${file && html`<${NewPhoto} file=${file} about=${about} isShared=${isShared} onClose=${close} />`}
  </div>`;
}

/** @param {{file: File, about: About, isShared: boolean, onClose: () => void}} props */
function NewPhoto({ file, about, isShared, onClose }) {
  const today = useResource("/today").data;
  const partner = today?.couple?.partner ?? "";
  const left = today?.allowance?.shared.left;
  const [id] = useState(newId); // the same for each try, so that a photo is added once
  const [caption, setCaption] = useState("");
  const [reduced, setReduced] = useState(/** @type {Blob | null} */ (null));
  const [preview, setPreview] = useState("");
  useEffect(() => {
    let made = "";
    let isGone = false;
    reduce(file).then((blob) => {
      if (isGone) return;
      setReduced(blob ?? file);
      if (blob) setPreview((made = URL.createObjectURL(blob)));
    });
    return () => {
      isGone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [file]);
  const isTooLarge = Boolean(reduced && reduced.size > MOST_BYTES);
  const add = useAction(async () => {
    if (!reduced) return;
    const body = { ...about, id, caption, data: await inBase64(reduced) };
    await request("POST", "/photos", { body, patience: PATIENCE });
    await refreshShown();
    onClose();
    say(t("photos.added"));
  });
  return html`<${Dialog} title=${t("photos.new")} onClose=${onClose}>
    <form class="new-photo" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (!isTooLarge) add.run();
    }}>
      ${preview && html`<img class="photo preview" src=${preview} alt=${t("photos.preview")} />`}
      ${reduced && !preview && html`<p class="hint">${t("photos.no_preview")}</p>`}
      <${Field} label=${t("photos.caption")} hint=${t("photos.caption_hint")} value=${caption} onInput=${setCaption} most=${300}
        error=${fieldError(add.error, "caption")} autocomplete="off" />
      <ul class="meaning">
        <li><${Icon} name="map-pin" /><span>${t("photos.without_place")}</span></li>
        ${isShared && partner && html`<li><${Icon} name="eye" /><span>${t("photos.seen", { name: partner })}</span></li>`}
      </ul>
      ${isShared && left !== undefined && html`<p class="hint">${t("notes.share_left", { count: left })}</p>`}
      ${isTooLarge && html`<p class="fault">${t("photos.too_large")}</p>`}
      <${ActionError} error=${add.error} besides=${["caption"]} />
      <div class="buttons">
        <${Button} onClick=${onClose}>${t("common.cancel")}<//>
        <${Button} kind="primary" type="submit" disabled=${!reduced || isTooLarge || add.busy} busy=${add.busy}>${t("photos.add_yes")}<//>
      </div>
    </form>
  <//>`;
}

/**
 * Return a photo in the size that the server keeps, which leaves its place and camera on this device.
 * Null if the browser cannot read it: the server can read more kinds.
 * @param {File} file
 */
async function reduce(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    if (!context) return null;
    context.fillStyle = "white"; // where it is transparent
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return await new Promise((/** @type {(blob: Blob | null) => void} */ resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  } catch {
    return null;
  }
}

/** Return a file as requests have it. @param {Blob} blob @returns {Promise<string>} */
export function inBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
