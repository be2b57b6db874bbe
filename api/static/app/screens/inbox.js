// The inbox: what is new, and what was seen before.
import { t } from "../i18n.js";
import { Button } from "../parts/controls.js";
import { InboxRow, markAllSeen } from "../parts/inbox_item.js";
import { Empty, Page, Section } from "../parts/page.js";
import { Pages } from "../parts/pages.js";
import { useResource } from "../resources.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

export default function Inbox() {
  const unseen = useResource("/inbox?unseen=true").data?.items ?? [];
  const all = useResource("/inbox").data;
  const newest = unseen[0]?.visible_at;
  const hasEarlier = !all || all.next || all.items.some((/** @type {Schemas["InboxItem"]} */ item) => item.seen_at);
  if (all && all.items.length === 0) {
    return html`<${Page} title=${t("inbox.title")} back="/"><${Empty} art="quiet" title=${t("inbox.empty")}>
      <p>${t("inbox.empty_text")}</p><//><//>`;
  }
  return html`<${Page} title=${t("inbox.title")} back="/" lead=${t("inbox.lead")}>
    ${newest && html`<${Section} title=${t("inbox.unseen")}
        action=${html`<${Button} kind="quiet" icon="check" onClick=${() => markAllSeen(newest)}>${t("inbox.mark_all")}<//>`}>
      <${Pages} path="/inbox?unseen=true">${rows}<//>
    <//>`}
    ${hasEarlier && html`<${Section} title=${newest ? t("inbox.earlier") : t("inbox.all")}>
      <${Pages} path="/inbox">${(/** @type {Schemas["InboxItem"][]} */ items) => rows(items.filter((item) => item.seen_at))}<//>
    <//>`}
  <//>`;
}

/** @param {Schemas["InboxItem"][]} items */
function rows(items) {
  return items.length > 0 && html`<ul class="rows">${items.map((item) => html`<${InboxRow} key=${item.id} item=${item} hasTime=${true} />`)}</ul>`;
}
