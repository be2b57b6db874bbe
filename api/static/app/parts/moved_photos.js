// The photos of an export: sent one by one to what they belong to on this server.
import { Refusal, request } from "../api.js";
import { inBase64, PATIENCE } from "./photos.js";

/** @typedef {import("./export_file.js").Archive} Archive */
/** @typedef {{done: number, all: number, added: number, skipped: number}} Progress */

/** With these reasons, no other photo would come through either. */
const FULL = new Set(["too_many_photos"]);

/**
 * Send the photos that an import asked for. Throws Refusal or Unreachable when it has to be repeated later.
 * @param {Schemas["PhotoToSend"][]} photos
 * @param {Archive[]} archives where their files are
 * @param {(progress: Progress) => void} show
 * @param {() => boolean} isOver whether the person has left the screen
 */
export async function sendPhotos(photos, archives, show, isOver) {
  const progress = { done: 0, all: photos.length, added: 0, skipped: 0 };
  let isFull = false;
  for (const photo of photos) {
    if (isOver()) return;
    show({ ...progress });
    const isAdded = !isFull && (await send(photo, archives, () => (isFull = true)));
    progress[isAdded ? "added" : "skipped"] += 1;
    progress.done += 1;
  }
  show(progress);
}

/**
 * Send one photo, and return whether it is here now.
 * @param {Schemas["PhotoToSend"]} photo @param {Archive[]} archives @param {() => void} onFull
 */
async function send({ file, ...about }, archives, onFull) {
  const blob = await find(file, archives);
  if (!blob) return false;
  try {
    await request("POST", "/photos", { body: { ...about, data: await inBase64(blob) }, patience: PATIENCE });
    return true;
  } catch (refused) {
    // Its place has changed, or the file is damaged. All else is worth another try.
    if (!(refused instanceof Refusal) || ![404, 409, 413, 422].includes(refused.status)) throw refused;
    if (FULL.has(refused.reason ?? "")) onFull();
    return false;
  }
}

/** @param {string} name @param {Archive[]} archives */
async function find(name, archives) {
  for (const archive of archives) {
    const file = await archive.read(name);
    if (file) return file;
  }
  return null;
}
