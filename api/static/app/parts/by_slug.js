// One text of a list that loads whole, found by its slug.
import { t } from "../i18n.js";
import { refresh, useResource } from "../resources.js";
import { Link } from "../router.js";
import { html } from "../vendor/preact/preact-11.2.0.js";
import { Empty, Loaded } from "./page.js";

/**
 * Show the item with a slug, or that there is none.
 * @param {{path: "/guides" | "/self-care-plans", slug: string, children: (item: any) => any}} props
 */
export function BySlug({ path, slug, children }) {
  const list = useResource(path);
  return html`<${Loaded} resource=${list} retry=${() => refresh(path)} lines=${6}>
    ${(/** @type {{items: {slug: string}[]}} */ { items }) => {
      const item = items.find((each) => each.slug === slug);
      if (item) return children(item);
      return html`<${Empty} art="fault" title=${t("common.not_found_title")}><${Link} to="/me/guides" class="button">${t("guides.title")}<//><//>`;
    }}
  <//>`;
}
