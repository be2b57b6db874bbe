// Search all ideas by words and limits. What is looked for stays in the address.
import { t } from "../i18n.js";
import { ActivityRow } from "../parts/activity.js";
import { Button, Field } from "../parts/controls.js";
import { apiFilters, clearFilters, IdeaFilters, isFiltered, setFilters } from "../parts/idea_filters.js";
import { Empty, Loaded, Page } from "../parts/page.js";
import { voteOf } from "../parts/vote.js";
import { refresh, useResource } from "../resources.js";
import { Link, query } from "../router.js";
import { onEnd } from "../session.js";
import { html, signal, useEffect, useState } from "../vendor/preact/preact-11.2.0.js";

const PAUSE = 300; // milliseconds without a key before a search begins

/** How many further pages of a search are open. It lasts while the person looks at one idea and comes back. */
const opened = signal({ path: "", pages: 0 });
onEnd(() => {
  opened.value = { path: "", pages: 0 };
});

export default function IdeaSearch() {
  const asked = query.value.get("q") ?? "";
  const [typed, setTyped] = useState(asked);
  useEffect(() => {
    if (typed.trim() === asked) return undefined;
    // No new step for each pause: "back" leads to the screen before the search.
    const timer = setTimeout(() => setFilters({ q: typed.trim() }, { replace: true }), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  // "Back" may change the words.
  useEffect(() => setTyped((current) => (current.trim() === asked ? current : asked)), [asked]);
  const path = pathOf(asked);
  return html`<${Page} title=${query.value.get("vote") === "like" ? t("ideas.likes") : t("ideas.search")} back="/ideas" class="ideas">
    <form role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Field} label=${t("ideas.search_hint")} type="search" enterkeyhint="search" maxlength=${80} value=${typed} onInput=${setTyped} />
    </form>
    <${IdeaFilters} names=${["category", "cost_band", "setting", "vote"]} more=${["children", "minutes", "energy", "weather", "tag", "for", "step_free"]} />
    <div class="results" key=${path}><${ResultPage} path=${path} number=${0} first=${path} before=${0} /></div>
  <//>`;
}

/** @param {string} words @returns {`/activities?${string}`} */
function pathOf(words) {
  const asked = [words && `q=${encodeURIComponent(words)}`, apiFilters()].filter(Boolean).join("&");
  return `/activities?${asked ? `${asked}&` : ""}limit=20`;
}

/**
 * One page of the results, and those after it that are open.
 * @param {{path: `/activities?${string}`, first: string, number: number, before: number}} props `before` counts earlier results
 */
function ResultPage({ path, first, number, before }) {
  const results = useResource(path);
  return html`<${Loaded} resource=${results} retry=${() => refresh(path)}>
    ${(/** @type {Schemas["ActivityPage"]} */ { items, next }) => {
      const count = before + items.length;
      const isOpen = opened.value.path === first && opened.value.pages > number;
      if (count === 0) return html`<${NothingFound} />`;
      return html`${number === 0 && html`<p class="hint" role="status">${next ? t("ideas.results_more", { count }) : t("ideas.results", { count })}</p>`}
        <ul class="rows">${items.map((activity) => html`<${ActivityRow} key=${activity.id} activity=${activity} withSummary note=${noteOf(activity)} />`)}</ul>
        ${next && isOpen && html`<${ResultPage} path=${`${first}&after=${encodeURIComponent(next)}`} first=${first} number=${number + 1} before=${count} />`}
        ${next && !isOpen && html`<${Button} onClick=${() => (opened.value = { path: first, pages: number + 1 })}>${t("common.more")}<//>`}`;
    }}
  <//>`;
}

/** @param {Schemas["Activity"]} activity */
function noteOf(activity) {
  const vote = voteOf(activity);
  return vote ? t(`ideas.${vote}_now`) : "";
}

function NothingFound() {
  return html`<${Empty} art="search" title=${t("ideas.search_empty")}>
    <p>${t("ideas.search_empty_text")}</p>
    ${isFiltered() && html`<${Button} onClick=${clearFilters}>${t("ideas.clear")}<//>`}
    <${Link} to="/ideas/new" class="button">${t("ideas.new")}<//>
  <//>`;
}
