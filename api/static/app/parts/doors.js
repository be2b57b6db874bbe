// The doors from Today to what two people do and keep, and to what a person does alone. Each is one tap away.
import { t } from "../i18n.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Icon } from "./controls.js";

const FOR_TWO = /** @type {const} */ ([
  ["/me/guides", "message-circle", "doors.talks"],
  ["/notes/for-two", "users", "for_two.title"],
  ["/notes/cards", "coffee", "questions.cards"],
  ["/notes/requests", "hand-helping", "requests.title"],
]);
const FOR_ONE = /** @type {const} */ ([
  ["/me/guides", "book-open", "guides.title"],
  ["/notes/questions", "message-circle", "questions.title"],
]);
const FOR_ALL = /** @type {const} */ ([
  ["/memories", "camera", "memories.title"],
  ["/notes/promises", "sprout", "promises.title"],
  ["/notes/reflections", "lock", "reflections.title"],
  ["/me/guides?show=care", "hand-heart", "guides.care"],
]);

/** @param {{isPaired: boolean}} props */
export function Doors({ isPaired }) {
  const doors = [...(isPaired ? FOR_TWO : FOR_ONE), ...FOR_ALL];
  return html`<nav aria-label=${t("doors.title")}><ul class="doors">
    ${doors.map(([to, icon, text]) => html`<li key=${to}><${Link} to=${to}><${Icon} name=${icon} /><span>${t(text)}</span><//></li>`)}
  </ul></nav>`;
}
