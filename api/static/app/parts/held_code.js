// The code of an invitation link, held through sign-up or sign-in, and forgotten after its use.
import { onEnd } from "../session.js";
import { signal } from "../vendor/preact/preact-11.2.0.js";

const NAME = "invitation-code";
// A code has 12 letters. Shorter hashes are jumps inside the page, such as "#content".
const CODE = /^#([\w-]{12,40})$/;

/** The code, or "". */
export const heldCode = signal(sessionStorage.getItem(NAME) ?? "");

/** Hold a code until it is used. A reload does not lose it. @param {string} code */
export function holdCode(code) {
  sessionStorage.setItem(NAME, code);
  heldCode.value = code;
}

export function forgetCode() {
  sessionStorage.removeItem(NAME);
  heldCode.value = "";
}

/** Take the code out of the address, so that it is neither in the history nor on the screen. */
export function takeCodeFromAddress() {
  const code = CODE.exec(location.hash)?.[1];
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.search);
  holdCode(code);
}

onEnd(forgetCode);
