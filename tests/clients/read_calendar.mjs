// Read a calendar with ical.js from standard input, and write its occurrences as JSON: texts and epoch seconds.
// They start before the instant of the argument.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const DAYS_AFTER = 100 * 24 * 60 * 60; // a time may be replaced by an earlier one
const until = Number(process.argv[2]);
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const components = calendar.getAllSubcomponents("vevent");
const isException = (component) => component.hasProperty("recurrence-id");
const uid = (component) => component.getFirstPropertyValue("uid");

const occurrencesOf = (component) => {
  // Without this list, ical.js takes the exceptions of all events for those of each.
  const exceptions = components.filter((other) => isException(other) && uid(other) === uid(component));
  const event = new ICAL.Event(component, { exceptions });
  const found = [];
  const add = ({ startDate, endDate, item }) => {
    const status = item.component.getFirstPropertyValue("status");
    const texts = [item.uid, item.summary, status, item.sequence, startDate.isDate];
    found.push([...texts, startDate.toUnixTime(), endDate.toUnixTime()]);
  };
  if (!event.isRecurring()) add({ startDate: event.startDate, endDate: event.endDate, item: event });
  const starts = event.isRecurring() ? event.iterator() : { next: () => null };
  for (let start = starts.next(); start; start = starts.next()) {
    if (start.toUnixTime() >= until + DAYS_AFTER) break;
    add(event.getOccurrenceDetails(start));
  }
  return found;
};

const occurrences = components.filter((component) => !isException(component)).flatMap(occurrencesOf);
const start = 5;
console.log(JSON.stringify(occurrences.filter((occurrence) => occurrence[start] < until)));
