// The calendar feed: a secret address at which calendar programs read the person's dates.
import { request } from "../api.js";
import { formatInstantDay, t } from "../i18n.js";
import { ActionError, Button, Icon, Switch, useAction } from "../parts/controls.js";
import { CopyButton } from "../parts/copy.js";
import { Confirm, say } from "../parts/dialog.js";
import { focusHeading, Loaded, Notice, Page, Section } from "../parts/page.js";
import { refresh, useResource } from "../resources.js";
import { html, useState } from "../vendor/preact/preact-11.2.0.js";

const PATH = "/calendar-feed";

export default function CalendarFeedScreen() {
  const feed = useResource(PATH);
  return html`<${Page} title=${t("calendar_feed.title")} lead=${t("calendar_feed.lead")} back="/us">
    <${Loaded} resource=${feed} retry=${() => refresh(PATH)}>
      ${(/** @type {Schemas["CalendarFeed"]} */ data) => html`<${Content} feed=${data} />`}
    <//>
  <//>`;
}

/** @param {{feed: Schemas["CalendarFeed"]}} props */
function Content({ feed }) {
  const [made, setMade] = useState(/** @type {Schemas["CalendarFeedAddress"] | null} */ (null));
  const [isTitled, setTitled] = useState(feed.shows_titles);
  const [asked, setAsked] = useState(/** @type {"" | "renew" | "end"} */ (""));
  const isLive = made !== null && made.created_at === feed.created_at; // else another device has renewed it
  const renew = useAction(async () => {
    const { data } = await request("POST", PATH, { body: { shows_titles: isTitled } });
    setMade(data);
    await done();
  });
  const titles = useAction(async (/** @type {boolean} */ shows) => {
    if (feed.active) await request("PUT", PATH, { body: { shows_titles: shows } });
    setTitled(shows);
    await refresh(PATH);
  });
  const end = useAction(async () => {
    await request("DELETE", PATH);
    setMade(null);
    say(t("calendar_feed.ended"));
    await done();
  });
  const done = async () => {
    setAsked("");
    await refresh(PATH);
    focusHeading();
  };
  return html`
    ${feed.active && isLive && html`<${Address} made=${made} />`}
    ${feed.active && !isLive && feed.created_at && html`<${Notice} kind="good" icon="circle-check">
      ${t("calendar_feed.active", { day: formatInstantDay(feed.created_at) })}<//>`}
    <${Switch} label=${t("calendar_feed.titles")} hint=${t("calendar_feed.titles_hint")} checked=${isTitled} onChange=${titles.run} />
    <${ActionError} error=${titles.error} />
    ${!feed.active && html`<${Button} kind="primary" icon="link" busy=${renew.busy} onClick=${renew.run}>${t("calendar_feed.make")}<//>`}
    ${!asked && html`<${ActionError} error=${renew.error} />`}
    <${Section} title=${t("calendar_feed.who")}>
      <p class="seen"><${Icon} name="eye" />${t("calendar_feed.who_text")}</p>
      <p>${t("calendar_feed.ends_text")}</p>
      <p class="hint">${t("calendar_feed.reach_text")}</p>
    <//>
    ${feed.active && html`<div class="buttons">
      <${Button} icon="rotate-cw" onClick=${() => setAsked("renew")}>${t("calendar_feed.renew")}<//>
      <${Button} kind="quiet" icon="trash-2" onClick=${() => setAsked("end")}>${t("calendar_feed.end")}<//>
    </div>`}
    ${asked === "renew" && html`<${Confirm} title=${t("calendar_feed.renew")} text=${t("calendar_feed.renew_text")}
      yes=${t("calendar_feed.renew_yes")} busy=${renew.busy} onYes=${renew.run} onClose=${() => setAsked("")}>
      <${ActionError} error=${renew.error} /><//>`}
    ${asked === "end" && html`<${Confirm} title=${t("calendar_feed.end")} text=${t("calendar_feed.end_text")} danger
      yes=${t("calendar_feed.end_yes")} busy=${end.busy} onYes=${end.run} onClose=${() => setAsked("")}>
      <${ActionError} error=${end.error} /><//>`}`;
}

/** The address, which the server shows only once. @param {{made: Schemas["CalendarFeedAddress"]}} props */
function Address({ made }) {
  return html`<div class="card pine">
    <h2>${t("calendar_feed.address")}</h2>
    <input readonly aria-label=${t("calendar_feed.address")} value=${made.address}
      onFocus=${(/** @type {any} */ event) => event.currentTarget.select()} />
    <div class="buttons">
      <a class="button primary" href=${made.webcal_address}><${Icon} name="calendar-plus" />${t("calendar_feed.open")}</a>
      <${CopyButton} text=${made.address} />
    </div>
    <p class="hint">${t("calendar_feed.how")}</p>
    <${Notice}>${t("calendar_feed.once")}<//>
  </div>`;
}
