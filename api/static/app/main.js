// The client starts here: it restores the sign-in, draws the frame around the screens, and registers the service worker.
import { offline } from "./api.js";
import { startLanguage, t } from "./i18n.js";
import { flush, outbox, startOutbox } from "./outbox.js";
import { Icon } from "./parts/controls.js";
import { Messages } from "./parts/dialog.js";
import { Page, Skeleton } from "./parts/page.js";
import { startLive, useResource } from "./resources.js";
import { leaveAtOnce, startQuickExit } from "./quick_exit.js";
import { Link, match, path } from "./router.js";
import { restoreSession, session } from "./session.js";
import { html, render, signal, useEffect, useState } from "./vendor/preact/preact-11.2.0.js";

/** The screens by path. Each is loaded when it is first shown. @type {Record<string, () => Promise<any>>} */
const SCREENS = {
  "/": () => import("./screens/today.js"),
  "/inbox": () => import("./screens/inbox.js"),
  "/outbox": () => import("./screens/outbox.js"),
  "/ideas": () => import("./screens/ideas.js"),
  "/ideas/search": () => import("./screens/idea_search.js"),
  "/ideas/matches": () => import("./screens/matches.js"),
  "/ideas/own": () => import("./screens/own_ideas.js"),
  "/ideas/new": () => import("./screens/idea_form.js"),
  "/activities/:id": () => import("./screens/activity.js"),
  "/activities/:id/edit": () => import("./screens/idea_form.js"),
  "/propose/:activity_id": () => import("./screens/proposal.js"),
  "/dates/:id": () => import("./screens/date.js"),
  "/calendar": () => import("./screens/calendar.js"),
  "/notes": () => import("./screens/notes.js"),
  "/notes/new": () => import("./screens/note_form.js"),
  "/notes/received": () => import("./screens/received.js"),
  "/notes/:id": () => import("./screens/note.js"),
  "/notes/:id/edit": () => import("./screens/note_form.js"),
  "/us": () => import("./screens/us.js"),
  "/us/invitation": () => import("./screens/invitation.js"),
  "/us/pace": () => import("./screens/pace.js"),
  "/us/rhythm": () => import("./screens/rhythm.js"),
  "/us/space": () => import("./screens/space.js"),
  "/us/held": () => import("./screens/held.js"),
  "/us/leaving": () => import("./screens/leaving.js"),
  "/us/blocks": () => import("./screens/blocks.js"),
  "/me/profile": () => import("./screens/profile.js"),
  "/me/account": () => import("./screens/account.js"),
  "/me/sign-ins": () => import("./screens/sign_ins.js"),
  "/me/safety-check": () => import("./screens/safety_check.js"),
  "/me/help": () => import("./screens/help_cards.js"),
  "/me/export": () => import("./screens/export.js"),
  "/me/deletion": () => import("./screens/deletion.js"),
  "/safety": () => import("./screens/safety.js"),
  "/start": () => import("./screens/onboarding.js"),
  "/join": () => import("./screens/join.js"),
};

/** Screens that need no sign-in. @type {Record<string, () => Promise<any>>} */
const OPEN_SCREENS = {
  "/": () => import("./screens/welcome.js"),
  "/sign-up": () => import("./screens/sign_up.js"),
  "/sign-in": () => import("./screens/sign_in.js"),
  "/recovery": () => import("./screens/recovery.js"),
  "/join": () => import("./screens/join.js"),
  "/undo-deletion": () => import("./screens/undo_deletion.js"),
  "/safety": () => import("./screens/safety.js"),
  // It says how to undo the deletion, after the sign-in has ended.
  "/me/deletion": () => import("./screens/deletion.js"),
};

const TABS = /** @type {const} */ ([
  { to: "/", icon: "sun", text: "frame.today" },
  { to: "/ideas", icon: "lightbulb", text: "frame.ideas" },
  { to: "/calendar", icon: "calendar-days", text: "frame.calendar" },
  { to: "/notes", icon: "notebook-pen", text: "frame.notes" },
  { to: "/us", icon: "users", text: "frame.us" },
]);

/** The tab that leads to screens whose path begins with another word. The safety screen belongs to none. @type {Record<string, string>} */
const TAB_OF = { activities: "/ideas", propose: "/ideas", dates: "/calendar", me: "/us", safety: "" };

/** Whether a new version of the client is installed and waits. @type {import("./vendor/preact/preact-11.2.0.js").Signal<ServiceWorker | null>} */
const newVersion = signal(/** @type {ServiceWorker | null} */ (null));

/** Return the loader of the screen at a path, with the values in the path. @param {string} wanted @param {boolean} isSignedIn */
function findScreen(wanted, isSignedIn) {
  for (const [pattern, load] of Object.entries(isSignedIn ? SCREENS : OPEN_SCREENS)) {
    const params = match(pattern, wanted);
    if (params) return { load, params };
  }
  return isSignedIn ? null : { load: OPEN_SCREENS["/"], params: {} };
}

/** The screen of the current path. */
function Screen() {
  const isSignedIn = Boolean(session.value);
  const screen = findScreen(path.value, isSignedIn);
  const [loaded, setLoaded] = useState(/** @type {{load: any, module: any} | null} */ (null));
  const load = screen?.load;
  useEffect(() => {
    let isCurrent = true;
    load?.()
      .then((module) => isCurrent && setLoaded({ load, module }))
      // The files of this version are gone: the server has a newer one.
      .catch(() => navigator.onLine && location.reload());
    return () => {
      isCurrent = false;
    };
  }, [load]);
  if (!screen) return html`<${NotFound} />`;
  if (loaded?.load !== load || !loaded) return html`<${Skeleton} />`;
  return html`<${loaded.module.default} key=${path.value} ...${screen.params} />`;
}

function NotFound() {
  return html`<${Page} title=${t("common.not_found_title")} lead=${t("common.not_found_lead")}>
    <p><${Link} to="/" class="button primary">${t("common.to_today")}<//></p>
  <//>`;
}

/** The tabs that lead to the main screens. */
function Tabs() {
  const today = useResource("/today").data;
  const group = path.value.split("/")[1] ?? "";
  const current = TAB_OF[group] ?? TABS.find((tab) => tab.to === `/${group}`)?.to ?? "/";
  return html`<nav class="tabs" aria-label=${t("frame.main")}>
    <span class="brand"><${Icon} name="heart-handshake" />Rekindle</span>
    ${TABS.map(
      ({ to, icon, text }) => html`<${Link} key=${to} to=${to} aria-current=${current === to ? "page" : undefined}>
        <${Icon} name=${icon} /><span>${to === "/us" && today && !today.couple ? t("frame.me") : t(text)}</span>
        ${to === "/" && Boolean(today?.unseen) && html`<span class="badge" aria-hidden="true">${today?.unseen}</span>`}
      <//>`,
    )}
  </nav>`;
}

/** One line about the connection, what waits, or a new version. */
function StateLine() {
  const waiting = outbox.value.filter((each) => each.state === "waiting").length;
  if (newVersion.value) {
    return html`<div class="state-line" role="status"><span>${t("common.update")}</span>
      <button class="button quiet" onClick=${() => newVersion.value?.postMessage("take-over")}>${t("common.update_now")}</button></div>`;
  }
  if (!offline.value) return html`<div role="status"></div>`;
  return html`<div class="state-line" role="status"><${Icon} name="wifi-off" /><span>
    ${t("common.offline")} ${waiting > 0 && t("common.waiting_to_send", { count: waiting })}</span></div>`;
}

function Top() {
  return html`<div class="top">
    <${Link} to="/safety"><${Icon} name="life-buoy" />${t("frame.safety")}<//>
    <button type="button" onClick=${leaveAtOnce}><${Icon} name="door-open" />${t("frame.leave_page")}</button>
  </div>`;
}

/** Move the focus to the content. Following the link would add a step to go back to. @param {MouseEvent} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function App() {
  if (session.value === undefined) return null;
  return html`<a class="skip" href="#content" onClick=${skip}>${t("frame.skip")}</a>
    <div class=${session.value ? "frame" : "frame signed-out"}>
      ${session.value && html`<${Tabs} />`}
      <div class="content">
        <${StateLine} />
        <${Top} />
        <main id="content" tabindex="-1"><${Screen} /></main>
      </div>
      <${Messages} />
    </div>`;
}

/** Register the service worker. Pages on plain http, away from localhost, have none. */
async function registerWorker() {
  if (!("serviceWorker" in navigator)) return;
  // Trusted Types: the worker's path is the only text that may become the URL of a script.
  const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("rekindle-sw", {
    createScriptURL: (/** @type {string} */ url) => {
      if (url !== "/app/sw.js") throw new TypeError(url);
      return url;
    },
  });
  const registration = await navigator.serviceWorker.register(policy?.createScriptURL("/app/sw.js") ?? "/app/sw.js", { scope: "/app/" });
  const isFirst = !navigator.serviceWorker.controller;
  const watch = () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && !isFirst) newVersion.value = worker;
    });
  };
  registration.addEventListener("updatefound", watch);
  watch();
  if (registration.waiting && !isFirst) newVersion.value = registration.waiting;
  navigator.serviceWorker.addEventListener("controllerchange", () => newVersion.value && location.reload());
  // iOS does not look for a new version when an app comes back.
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && registration.update().catch(() => null));
}

async function start() {
  if (startQuickExit()) return;
  await Promise.all([startLanguage(), restoreSession()]);
  render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
  startLive();
  await startOutbox();
  session.subscribe((current) => current && flush());
  await registerWorker();
}

await start();
