// Own ideas: the list of them, and the values of their form.
import { request } from "../api.js";
import { outbox } from "../outbox.js";

/** The values of a form about an idea: texts, numbers and lists, in the names of the API. @typedef {Record<string, any>} Values */

const LISTS = ["steps", "variations", "safety"];

/** The values that the server gives to a new idea where its author says nothing. */
const DEFAULTS = {
  title: "", summary: "", category: "everyday", for: "either", setting: "out", shelter: "either", duration_min: 60, duration_max: 120,
  cost_band: 1, energy: 2, novelty: 3, pace: 2, lead_days: 0, seasons: ["spring", "summer", "autumn", "winter"], weather: "any",
  time_of_day: ["morning", "afternoon", "evening", "night"], light: "any", with_children: "no", fun_for: [], accessibility: {}, tags: [], steps: "", starter: "",
  variations: "", safety: "",
};

/** Return the values of the form: those of an idea, or of the body that creates one. What it leaves out has its default.
 * @param {Values} [idea] @returns {Values} */
export function valuesOf(idea) {
  /** @type {Values} */
  const values = { ...DEFAULTS };
  if (!idea) return values;
  for (const name of Object.keys(values)) {
    const value = idea[name];
    if (value !== undefined) values[name] = LISTS.includes(name) ? value.join("\n") : value;
  }
  return values;
}

/** Return what the API takes: the values that differ. @param {Values} values @param {Values} before */
export function changesOf(values, before) {
  /** @type {Values} */
  const changes = {};
  // An idea for one has the lowest pace. Its field is not shown then.
  const all = values.for === "one" ? { ...values, pace: 1 } : values;
  for (const [name, value] of Object.entries(all)) {
    if (JSON.stringify(value) === JSON.stringify(before[name])) continue;
    changes[name] = LISTS.includes(name) ? value.split("\n").map((/** @type {string} */ line) => line.trim()).filter(Boolean) : value;
  }
  return changes;
}

/** Return the own ideas, and those that the partner has proposed. The API has no filter for them, so this reads all pages. */
export async function listIdeas() {
  /** @type {Schemas["Activity"][]} */
  const ideas = [];
  for (let after = ""; ; ) {
    const { data } = await request("GET", `/activities?limit=100${after && `&after=${encodeURIComponent(after)}`}`);
    ideas.push(...data.items.filter((/** @type {Schemas["Activity"]} */ each) => each.source !== "catalogue"));
    if (!data.next) return ideas;
    after = data.next;
  }
}

/** Return the ideas that wait to be sent. */
export const waitingIdeas = () => outbox.value.filter((each) => each.kind === "idea");
