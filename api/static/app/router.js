// Navigation: the path below /app as a signal, links that change it without loading the page, and the quick exit.
import { html, signal, useEffect, useState } from "./vendor/preact/preact-11.2.0.js";

const BASE = "/app";

/** @returns {string} */
const currentPath = () => location.pathname.slice(BASE.length) || "/";

/** The path of the screen, such as "/dates/3f0e...". */
export const path = signal(currentPath());
/** The query of the screen. */
export const query = signal(new URLSearchParams(location.search));

/** How many steps back stay inside the client. */
let steps = 0;

addEventListener("popstate", () => {
  steps = Math.max(0, steps - 1);
  update();
});

function update() {
  path.value = currentPath();
  query.value = new URLSearchParams(location.search);
}

/**
 * Show another screen.
 * @param {string} to such as "/notes?kind=memory"
 * @param {{replace?: boolean}} [options] `replace` leaves no step to go back to
 */
export function navigate(to, { replace = false } = {}) {
  const url = BASE + to;
  if (replace) history.replaceState(null, "", url);
  else if (url !== location.pathname + location.search) {
    history.pushState(null, "", url);
    steps += 1;
  }
  update();
  scrollTo(0, 0);
}

/** Go back to the screen before, or to `otherwise` if there is none. @param {string} otherwise */
export function goBack(otherwise) {
  if (steps > 0) history.back();
  else navigate(otherwise, { replace: true });
}

/** @param {MouseEvent} event @param {string} to */
function follow(event, to) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(to);
}

/**
 * A link to another screen.
 * @param {{to: string, children?: any, class?: string, [attribute: string]: any}} props
 */
export function Link({ to, children, ...rest }) {
  return html`<a href=${BASE + to} onClick=${(/** @type {MouseEvent} */ event) => follow(event, to)} ...${rest}>${children}</a>`;
}

/**
 * Return the values of a pattern that fits a path, or null.
 * @param {string} pattern such as "/dates/:id"
 * @param {string} wanted
 * @returns {Record<string, string> | null}
 */
export function match(pattern, wanted) {
  const names = pattern.split("/");
  const values = wanted.replace(/\/$/, "").split("/");
  if (wanted === "/") values.splice(0, values.length, "", "");
  if (names.length !== values.length) return null;
  /** @type {Record<string, string>} */
  const params = {};
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? "";
    if (name.startsWith(":") && value) params[name.slice(1)] = decodeURIComponent(value);
    else if (name !== value) return null;
  }
  return params;
}

/**
 * The screen at the current path, from a table of loaders by pattern. Each is loaded when it is first shown.
 * @param {{screens: Record<string, () => Promise<any>>, otherwise?: any}} props `otherwise` is the component for an
 *   unknown path; without it, the screen at "/" appears
 */
export function Screen({ screens, otherwise }) {
  for (const [pattern, load] of Object.entries(screens)) {
    const params = match(pattern, path.value);
    if (params) return html`<${Lazy} key=${path.value} load=${load} ...${params} />`;
  }
  return otherwise ? html`<${otherwise} />` : html`<${Lazy} load=${screens["/"]} />`;
}

/**
 * The default component of a module, loaded when it is first drawn.
 * @param {{load: () => Promise<any>, meanwhile?: any, [prop: string]: any}} props
 */
export function Lazy({ load, meanwhile = null, ...props }) {
  const [component, setComponent] = useState(/** @type {any} */ (null));
  const [failure, setFailure] = useState(/** @type {Error | null} */ (null));
  useEffect(() => {
    let isShown = true;
    load()
      .then((module) => isShown && setComponent(() => module.default))
      .catch((error) => {
        // A module that failed once stays failed until the page is loaded again: now if the server has a newer version
        // and the files of this one are gone, or as soon as there is a network.
        if (!navigator.onLine) addEventListener("online", () => isShown && location.reload(), { once: true });
        else if (!reloadOnce() && isShown) setFailure(error);
      });
    return () => {
      isShown = false;
    };
  }, [load]);
  if (failure) throw failure;
  return component ? html`<${component} ...${props} />` : meanwhile;
}

const RELOADED = "rekindle-reloaded";

/** Load the page again, unless that happened less than a minute ago. Returns whether it does. */
function reloadOnce() {
  const before = Number(sessionStorage.getItem(RELOADED));
  if (Date.now() - before < 60_000) return false;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
  return true;
}

// The quick exit empties the screen at once, and this tab stays empty when the browser goes back or forward. It is in this
// file because each further file makes the first screen slower.

/** Tells, in this tab, that the person left by the quick exit. */
const LEFT = "rekindle-left";
const ESCAPES = 3;
const ESCAPES_WITHIN = 1500; // milliseconds

/** Leave at once: empty the screen and replace the page. What was typed and not saved is lost. */
export function leaveAtOnce() {
  sessionStorage.setItem(LEFT, "yes");
  showNothing();
}

function showNothing() {
  document.title = "";
  document.body.replaceChildren();
  // The other pages of this tab are still in its history; `isLeft` keeps them empty.
  location.replace("about:blank");
}

/**
 * Watch for Escape pressed three times, and for pages that the browser shows again after a quick exit.
 * Returns whether this page must stay empty. A new visit or a reload is the person's wish, and shows the client again.
 */
export function startQuickExit() {
  watchEscapes();
  // Browsers may show a page as it was, without running its scripts from the start.
  addEventListener("pageshow", (event) => event.persisted && sessionStorage.getItem(LEFT) && showNothing());
  const navigation = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);
  const isLeft = Boolean(sessionStorage.getItem(LEFT)) && navigation?.type === "back_forward";
  if (isLeft) showNothing();
  else sessionStorage.removeItem(LEFT);
  return isLeft;
}

function watchEscapes() {
  /** @type {number[]} */
  let times = [];
  const count = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") times = [];
    else if (!event.repeat) times = [...times, event.timeStamp].slice(-ESCAPES);
    const [first = 0] = times;
    if (times.length === ESCAPES && event.timeStamp - first < ESCAPES_WITHIN) leaveAtOnce();
  };
  addEventListener("keydown", count, true);
}
