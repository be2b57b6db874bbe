// Welcome: what a person sees who has not signed in on this device. It is the first thing that loads, so it is small.
import { t } from "../i18n.js";
import { Notice, Page } from "../parts/page.js";
import { Lazy, Link } from "../router.js";
import { endReason } from "../session.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const loadServerNote = () => import("../parts/operator.js");

export default function Welcome() {
  const [server, setServer] = useState(/** @type {Schemas["ServerInfo"] | null} */ (null));
  const isClosed = server?.sign_up === "closed";
  const reason = /** @type {import("../i18n.js").Key | ""} */ (endReason.value);
  return html`<${Page} title="Rekindle" class="welcome">
    ${reason && html`<${Notice}>${t(reason)}<//>`}
    <${Hearth} />
    <p class="promise">${t("welcome.promise")}</p>
    <div class="first-buttons">
      ${isClosed
        ? html`<${Notice} icon="lock">${t("welcome.closed")}<//>`
        : html`<${Link} to="/sign-up" class="button primary">${t("welcome.start")}<//>`}
      <${Link} to="/sign-in" class="button">${t("welcome.sign_in")}<//>
      <${Link} to="/join" class="button quiet">${t("welcome.have_code")}<//>
    </div>
    <ul class="ways">
      <li><b>${t("welcome.alone")}</b> ${t("welcome.alone_text")}</li>
      <li><b>${t("welcome.private")}</b> ${t("welcome.private_text")}</li>
      <li><b>${t("welcome.no")}</b> ${t("welcome.no_text")}</li>
    </ul>
    <footer class="foot">
      <${Lazy} load=${loadServerNote} onServer=${setServer} meanwhile=${html`<div class="operator" aria-hidden="true"></div>`} />
      <p><a class="text-link" href="/about">${t("welcome.about")}</a> <a class="text-link" href="/safety">${t("welcome.safety")}</a></p>
    </footer>
  <//>`;
}

/** Two cups at a window. Their steam meets. */
function Hearth() {
  return html`<svg class="hearth" viewBox="0 0 320 190" aria-hidden="true">
    <circle class="sun" cx="160" cy="92" r="78" />
    <path class="table" d="M18 164h284" />
    <path class="cup first" d="M86 112h54v26a26 26 0 0 1-26 26h-2a26 26 0 0 1-26-26z" />
    <path class="handle first" d="M86 122H76a11 11 0 0 0 0 22h11" />
    <path class="cup second" d="M180 112h54v26a26 26 0 0 1-26 26h-2a26 26 0 0 1-26-26z" />
    <path class="handle second" d="M234 122h10a11 11 0 0 1 0 22h-11" />
    <path class="heart" d="M160 98c-29-17-43-31-43-48 0-13 9-22 21-22 10 0 18 6 22 16 4-10 12-16 22-16 12 0 21 9 21 22 0 17-14 31-43 48z" />
    <path class="steam" d="M104 104c-6-9 5-14 0-24M216 104c6-9-5-14 0-24M126 104c-3-5 2-8 0-14M194 104c3-5-2-8 0-14" />
  </svg>`;
}
