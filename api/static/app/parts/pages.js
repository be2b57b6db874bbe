// Lists that grow page by page, on demand.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { refresh, useResource } from "../resources.js";
import { html, useEffect, useRef, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, useAction } from "./controls.js";
import { Loaded } from "./page.js";

/**
 * A list that grows page by page. Each page is asked again while it is shown.
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

/**
 * Return the items of a list of dates, and a button for more when there are more. Only the first page is asked again.
 * @param {`/dates?${string}`} path
 */
export function useDatePages(path) {
  const first = useResource(path);
  const [later, setLater] = useState(/** @type {Schemas["PlannedDatePage"][]} */ ([]));
  const next = later.length > 0 ? later.at(-1)?.next : first.data?.next;
  const load = useAction(async () => {
    const { data } = await request("GET", `${path}&after=${encodeURIComponent(next ?? "")}`);
    setLater([...later, data]);
  });
  const all = [first.data, ...later].flatMap((page) => page?.items ?? []);
  const items = [...new Map(all.map((item) => [item.id, item])).values()];
  const more = html`<${ActionError} error=${load.error} />
    ${next && html`<${Button} busy=${load.busy} onClick=${load.run}>${t("common.more")}<//>`}`;
  return { first, items, more };
}
