// A list of the API that comes in pages: the first stays fresh, the others come on demand.
import { request } from "../api.js";
import { t } from "../i18n.js";
import { useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";
import { ActionError, Button, useAction } from "./controls.js";

/**
 * Return the items of a list of dates, and a button for more when there are more.
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
