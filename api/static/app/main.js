// The client starts here: it restores the sign-in and shows the frame, or the screens that need no sign-in.
import { loadTexts, startLanguage, t } from "./i18n.js";
import { Guard, Skeleton, Top } from "./parts/page.js";
import { Lazy, Screen, startQuickExit } from "./router.js";
import { restoreSession, session } from "./session.js";
import { html, render } from "./vendor/preact/preact-11.2.0.js";

/** Load a screen with its texts. @param {() => Promise<any>} load */
const withTexts = (load) => async () => (await Promise.all([load(), loadTexts()]))[0];

// A visitor loads few files: everything for a person who is signed in comes with the frame.
const loadFrame = withTexts(() => import("./frame.js"));

/** Screens that need no sign-in. @type {Record<string, () => Promise<any>>} */
const OPEN_SCREENS = {
  "/": () => import("./screens/welcome.js"),
  "/sign-up": withTexts(() => import("./screens/sign_up.js")),
  "/sign-in": withTexts(() => import("./screens/sign_in.js")),
  "/recovery": withTexts(() => import("./screens/recovery.js")),
  "/recovery/email": withTexts(() => import("./screens/recovery_email.js")),
  "/join": withTexts(() => import("./screens/join.js")),
  "/undo-deletion": withTexts(() => import("./screens/undo_deletion.js")),
  "/safety": withTexts(() => import("./screens/safety.js")),
  // It says how to undo the deletion, after the sign-in has ended.
  "/me/deletion": withTexts(() => import("./screens/deletion.js")),
};

/** Move the focus to the content. Following the link would add a step to go back to. @param {MouseEvent} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function App() {
  if (session.value === undefined) return null;
  return html`<a class="skip" href="#content" onClick=${skip}>${t("frame.skip")}</a>
    ${session.value ? html`<${Lazy} load=${loadFrame} meanwhile=${html`<${Skeleton} />`} />` : html`<${Visitor} />`}`;
}

function Visitor() {
  return html`<div class="visitor">
    <${Top} />
    <main id="content" tabindex="-1"><${Guard}><${Screen} screens=${OPEN_SCREENS} /><//></main>
  </div>`;
}

async function start() {
  if (startQuickExit()) return;
  await Promise.all([startLanguage(), restoreSession()]);
  render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
  const { registerWorker } = await import("./registration.js");
  await registerWorker();
}

await start();
