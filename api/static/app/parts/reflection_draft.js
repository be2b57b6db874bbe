// The reflection that is being written. It is in the memory of this page only, never on the device.
import { onEnd } from "../session.js";
import { signal } from "../vendor/preact/preact-11.2.0.js";

/**
 * @typedef {object} ReflectionDraft
 * @property {string} id
 * @property {string} body
 * @property {string | null} prompt
 * @property {string | null} task
 * @property {string} question the text of the prompt or the task
 * @property {number} begun when the clock began, in milliseconds
 */

/** What was begun and neither kept nor discarded. It survives a look at another screen, and no reload. */
export const draft = signal(/** @type {ReflectionDraft | null} */ (null));

onEnd(() => {
  draft.value = null;
});
