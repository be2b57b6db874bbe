// Types of the API, generated from the OpenAPI document by `make lint`. The client is checked against them.
import type { components } from "../../../build/clients/openapi-typescript/schema.ts";

declare global {
  type Schemas = components["schemas"];

  /** What a GET of each path below /v1 answers. */
  interface Answers {
    "/server": Schemas["ServerInfo"];
    "/today": Schemas["Today"];
    "/me": Schemas["Me"];
    "/me/profile": Schemas["Profile"];
    "/me/preferences": Schemas["Preferences"];
    "/me/pace": Schemas["PaceChoice"];
    "/me/rhythm": Schemas["RhythmChoice"];
    "/me/space": Schemas["Space"];
    "/me/safety": Schemas["SafetyCheck"];
    "/me/help": Schemas["Help"];
    "/me/blocks": Schemas["BlockList"];
    "/me/held": Schemas["HeldItemPage"];
    [path: `/me/held?${string}`]: Schemas["HeldItemPage"];
    "/busy-calendars": Schemas["BusyCalendarList"];
    "/sign-ins": Schemas["Sessions"];
    "/devices": Schemas["Devices"];
    "/me/passkeys": Schemas["PasskeyList"];
    "/couple": Schemas["Couple"];
    "/invitations/current": Schemas["Invitation"];
    "/catalogue": Schemas["Catalogue"];
    [path: `/activities?${string}`]: Schemas["ActivityPage"];
    [path: `/activities/${string}`]: Schemas["Activity"];
    "/availability": Schemas["Availability"];
    [path: `/free-times?${string}`]: Schemas["FreeTimes"];
    [path: `/activities/${string}/slots?${string}`]: Schemas["Activity"] & Schemas["FreeSlots"]; // both patterns match
    "/deck": Schemas["Deck"];
    "/matches": Schemas["ActivityMatches"];
    "/calendar-feed": Schemas["CalendarFeed"];
    "/me/email-address": Schemas["EmailAddress"];
    "/someday-list": Schemas["SomedayList"];
    "/suggestions": Schemas["Suggestions"];
    [path: `/suggestions?${string}`]: Schemas["Suggestions"];
    [path: `/dates?${string}`]: Schemas["PlannedDatePage"];
    [path: `/dates/${string}`]: Schemas["PlannedDate"];
    [path: `/dates/${string}/photos`]: Schemas["PlannedDate"] & Schemas["PhotoList"]; // both patterns match
    [path: `/activities/${string}/photos`]: Schemas["Activity"] & Schemas["PhotoList"]; // so do these
    [path: `/photos?${string}`]: Schemas["PhotoPage"];
    "/rituals": Schemas["Rituals"];
    [path: `/rituals/${string}`]: Schemas["Ritual"];
    [path: `/inbox?${string}`]: Schemas["InboxItemPage"];
    "/inbox": Schemas["InboxItemPage"];
    "/prompts/today": Schemas["PromptToday"];
    [path: `/prompts?${string}`]: Schemas["PromptPage"];
    [path: `/prompts/${string}`]: Schemas["Prompt"];
    [path: `/prompts/cards?${string}`]: Schemas["Prompt"] & Schemas["PromptPage"]; // both patterns match
    "/me/reflections": Schemas["ReflectionLock"];
    [path: `/reflections?${string}`]: Schemas["ReflectionPage"];
    "/reflections/suggestion": Schemas["ReflectionSuggestion"] & Schemas["Reflection"]; // both patterns match
    [path: `/reflections/${string}`]: Schemas["Reflection"];
    "/guides": Schemas["Guides"];
    [path: `/talks/${string}`]: Schemas["Talk"];
    "/self-care-plans": Schemas["SelfCarePlans"];
    "/me/self-care-plans": Schemas["ChosenPlans"];
    [path: `/me/self-care-plans/times?${string}`]: Schemas["ChosenPlan"] & Schemas["ActionTimes"]; // both patterns match
    [path: `/me/self-care-plans/${string}`]: Schemas["ChosenPlan"];
    "/me/support-checklists": Schemas["Checklists"];
    "/support-kinds": Schemas["SupportKinds"];
    "/important-days": Schemas["ImportantDayPage"];
    [path: `/important-days?${string}`]: Schemas["ImportantDayPage"];
    [path: `/important-days/${string}`]: Schemas["ImportantDay"];
    "/questions": Schemas["CoupleQuestionPage"];
    [path: `/questions/${string}`]: Schemas["CoupleQuestion"];
    "/questions/current": Schemas["CurrentQuestions"];
    "/notes": Schemas["NotePage"];
    [path: `/notes?${string}`]: Schemas["NotePage"];
    [path: `/notes/${string}`]: Schemas["Note"];
    [path: `/memories?${string}`]: Schemas["MemoryPage"];
    [path: `/memories/${string}`]: Schemas["Memory"];
    "/memories/on-this-day": Schemas["Memory"] & Schemas["OnThisDay"]; // both patterns match
    "/memories/places": Schemas["Memory"] & Schemas["MemoryPlaces"];
    "/us": Schemas["Us"];
    [path: `/requests?${string}`]: Schemas["PartnerRequestPage"];
    [path: `/requests/${string}`]: Schemas["PartnerRequest"];
    [path: `/commitments?${string}`]: Schemas["CommitmentPage"];
    "/safety": Schemas["SafetyPage"];
    [path: `/safety?${string}`]: Schemas["SafetyPage"];
  }
}
