// A list that grows page by page. Each page is asked again while it is shown.
import { t } from "../i18n.js";
import { refresh, useResource } from "../resources.js";
import { html, useEffect, useRef, useState } from "../vendor/preact/preact-11.2.0.js";
import { Button } from "./controls.js";
import { Loaded } from "./page.js";

/**
 * @param {{path: any, empty?: any, isMore?: boolean, children: (items: any[]) => any}} props
 *   `path` is that of the first page, below /v1; `empty` appears in place of a first page without items
 */
export function Pages({ path, empty = null, isMore = false, children }) {
  const page = useResource(path);
  const [isOpen, setOpen] = useState(false);
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  // The button "Show more" has gone: its focus goes to what it has shown.
  useEffect(() => {
    if (isMore) element.current?.focus({ preventScroll: true });
  }, []);
  return html`<div class="pages" ref=${element} tabindex=${isMore ? -1 : undefined}>
    <${Loaded} resource=${page} retry=${() => refresh(path)}>
      ${(/** @type {{items: any[], next: string | null}} */ { items, next }) => html`
        ${items.length > 0 || isMore ? children(items) : empty}
        ${next && !isOpen && html`<${Button} class="wide" onClick=${() => setOpen(true)}>${t("common.more")}<//>`}
        ${next && isOpen && html`<${Pages} path=${after(path, next)} isMore=${true}>${children}<//>`}`}
    <//>
  </div>`;
}

/** @param {string} path @param {string} cursor */
function after(path, cursor) {
  const [base = "", query] = path.split("?");
  const params = new URLSearchParams(query);
  params.set("after", cursor);
  return `${base}?${params}`;
}
