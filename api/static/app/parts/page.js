// The frame of a screen: its heading, sections, cards, and what it shows while it loads, is empty or has failed.
import { Unreachable } from "../api.js";
import { t } from "../i18n.js";
import { goBack, leaveAtOnce, Link, path } from "../router.js";
import { html, useEffect, useErrorBoundary, useRef } from "../vendor/preact/preact-11.2.0.js";
import { Button, Icon, IconButton, sentenceOf } from "./controls.js";

/**
 * A screen. It takes the focus when it opens, so that a screen reader reads its heading.
 * @param {{title: string, tab?: string, lead?: any, back?: string, actions?: any, children?: any, class?: string}} props
 *   `back` is the path of the screen above, for a person who came by a link; `tab` is the title in the browser's history
 */
export function Page({ title, tab = title, lead, back, actions, children, class: more = "" }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    document.title = tab === "Rekindle" ? tab : `${tab} – Rekindle`;
    heading.current?.focus({ preventScroll: true });
  }, [title, tab]);
  return html`<div class="page ${more}">
    <header class="page-head">
      ${back && html`<${IconButton} icon="arrow-left" class="back" label=${t("common.back")} onClick=${() => goBack(back)} />`}
      <h1 tabindex="-1" ref=${heading}>${title}</h1>
      ${actions && html`<div class="page-actions">${actions}</div>`}
      ${lead && html`<p class="lead">${lead}</p>`}
    </header>
    ${children}
  </div>`;
}

/** Move the focus to the heading of the screen, after the part that had the focus went away. */
export function focusHeading() {
  requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector("main h1"))?.focus());
}

/** A part of a screen with a heading. @param {{title: string, action?: any, children?: any, class?: string}} props */
export function Section({ title, action, children, class: more = "" }) {
  return html`<section class="section ${more}">
    <header><h2>${title}</h2>${action}</header>
    ${children}
  </section>`;
}

/** What a screen shows when there is nothing. @param {{art: string, title: string, children?: any}} props */
export function Empty({ art, title, children }) {
  return html`<div class="empty">
    <svg class="art" viewBox="0 0 160 120" aria-hidden="true"><use href="${ART}#${art}" /></svg>
    <h2>${title}</h2>
    ${children}
  </div>`;
}
const ART = new URL("../art.svg", import.meta.url).pathname;

/** Grey shapes in place of what loads. @param {{lines?: number}} props */
export function Skeleton({ lines = 3 }) {
  return html`<div class="skeleton" role="status" aria-label=${t("common.loading")}>
    ${Array.from({ length: lines }, (_, index) => html`<span key=${index}></span>`)}
  </div>`;
}

/** Why a screen cannot show its data, with a button to try again. @param {{error: Error, retry: () => void}} props */
export function Fault({ error, retry }) {
  const isOffline = error instanceof Unreachable;
  return html`<div class="empty" role="alert">
    <svg class="art" viewBox="0 0 160 120" aria-hidden="true"><use href="${ART}#${isOffline ? "offline" : "fault"}" /></svg>
    <h2>${isOffline ? t("common.offline_title") : t("common.fault_title")}</h2>
    <p>${sentenceOf(error)}</p>
    <${Button} icon="rotate-cw" onClick=${retry}>${t("common.try_again")}<//>
  </div>`;
}

/** Show a fault with a button to load the page again when a screen fails. Another screen can be opened meanwhile.
 * @param {{children?: any}} props */
export function Guard({ children }) {
  const [error, reset] = useErrorBoundary((/** @type {any} */ error) => console.error(error));
  const shown = path.value;
  const failed = useRef(shown);
  if (!error) failed.current = shown;
  useEffect(() => {
    if (error && failed.current !== shown) reset();
  }, [shown, error]);
  if (!error) return children;
  return html`<${Page} title=${t("common.fault_title")} lead=${t("common.fault_lead")}>
    <p><${Button} kind="primary" icon="rotate-cw" onClick=${() => location.reload()}>${t("common.reload")}<//></p>
  <//>`;
}

/**
 * Show an answer when it is there, and until then a skeleton or the fault.
 * @template T
 * @param {{resource: import("../resources.js").Resource<T>, retry: () => void, lines?: number,
 *   children: (data: T) => any}} props
 */
export function Loaded({ resource, retry, lines = 3, children }) {
  if (resource.data !== undefined) return children(resource.data);
  if (resource.error) return html`<${Fault} error=${resource.error} retry=${retry} />`;
  return html`<${Skeleton} lines=${lines} />`;
}

/** A short sentence that is set off. @param {{icon?: string, kind?: string, children?: any}} props
 * `kind` is "info" (default), "good" or "fault" */
export function Notice({ icon = "info", kind = "info", children }) {
  return html`<p class="notice ${kind}"><${Icon} name=${icon} /><span>${children}</span></p>`;
}

/** Links that must be in reach everywhere. */
export function Top() {
  return html`<div class="top">
    <${Link} to="/safety"><${Icon} name="life-buoy" />${t("frame.safety")}<//>
    <button type="button" onClick=${leaveAtOnce}><${Icon} name="door-open" />${t("frame.leave_page")}</button>
  </div>`;
}
