// What the steps of the first run share: the new secrets and the person's situation, both in memory only, and their progress.
import { t } from "../i18n.js";
import { navigate } from "../router.js";
import { onEnd, session, startSession } from "../session.js";
import { readMark } from "../storage.js";
import { html, signal } from "../vendor/preact/preact-11.2.0.js";
import { heldCode } from "./held_code.js";

/** @typedef {{sign_in_name: string, recovery_code: string, isNew: boolean, opensReflections: boolean}} Secrets
 * `isNew`: after sign-up; otherwise after a recovery. `opensReflections`: else only an earlier code does */

/** The sign-in name and recovery code that the server shows only once, until the person has put them somewhere safe.
 * @type {import("../vendor/preact/preact-11.2.0.js").Signal<Secrets | null>} */
export const secrets = signal(/** @type {Secrets | null} */ (null));

const SHOWN = "secrets-shown";
/** Whether the secrets were shown in this tab, and went away by a reload before the person had put them somewhere safe. */
export const areSecretsLost = signal(sessionStorage.getItem(SHOWN) !== null);
secrets.subscribe((shown) => {
  if (shown) sessionStorage.setItem(SHOWN, "yes");
});
onEnd(forgetSecrets);

/** Forget the secrets: the person has them, or has new ones. */
export function forgetSecrets() {
  sessionStorage.removeItem(SHOWN);
  secrets.value = null;
  areSecretsLost.value = false;
}

/** How the person lives now: it preselects the rhythm when they connect.
 * @type {import("../vendor/preact/preact-11.2.0.js").Signal<"alone" | "together" | "apart" | null>} */
export const situation = signal(/** @type {any} */ (null));

/**
 * Use a new sign-in and show a screen.
 * @param {Schemas["NewSession"]} fresh
 * @param {string} to
 */
export async function beginSession(fresh, to) {
  // The path changes in the same moment as the frame. Otherwise the frame would look for a screen of visitors.
  const stop = session.subscribe((current) => current?.id === fresh.id && navigate(to, { replace: true }));
  try {
    await startSession(fresh);
  } finally {
    stop();
  }
}

/** Return what a new sign-in tells of this device: its name in the list, and the mark of an earlier sign-in. */
export const thisDevice = async () => ({ device: deviceName(), device_mark: await readMark() });

/** Return a name for this device in the list of sign-ins. */
export function deviceName() {
  const { userAgent, maxTouchPoints } = navigator;
  if (/iPad|Tablet/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return t("welcome.device_tablet");
  return t(/Mobi|Android|iPhone/.test(userAgent) ? "welcome.device_phone" : "welcome.device_computer");
}

/** How many steps there are: the last one of an invited person is the invitation. */
const countSteps = () => (heldCode.value ? 3 : 5);

/** Where the person is among the steps. @param {{step: number}} props */
export function Progress({ step }) {
  const of = countSteps();
  return html`<div class="progress">
    <span>${t("welcome.step", { step, of })}</span>
    <ol aria-hidden="true">${Array.from({ length: of }, (_, index) => html`<li key=${index} class=${index < step ? "done" : ""}></li>`)}</ol>
  </div>`;
}
