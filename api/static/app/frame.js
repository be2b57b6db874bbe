// The frame around the screens of a person who is signed in: the tabs, one line about the state, and short messages.
import { offline } from "./api.js";
import { t } from "./i18n.js";
import { outbox, startOutbox } from "./outbox.js";
import { ConfirmIdentity } from "./parts/confirm_identity.js";
import { Icon } from "./parts/controls.js";
import { Messages } from "./parts/dialog.js";
import { Guard, Page, Top } from "./parts/page.js";
import { newVersion } from "./registration.js";
import { startLive, useResource } from "./resources.js";
import { Link, navigate, path, Screen } from "./router.js";
import { beforeSignOut, onEnd } from "./session.js";
import { html, useEffect } from "./vendor/preact/preact-11.2.0.js";

/** The screens by path. Each is loaded when it is first shown. @type {Record<string, () => Promise<any>>} */
const SCREENS = {
  "/": () => import("./screens/today.js"),
  "/inbox": () => import("./screens/inbox.js"),
  "/outbox": () => import("./screens/outbox.js"),
  "/ideas": () => import("./screens/ideas.js"),
  "/ideas/search": () => import("./screens/idea_search.js"),
  "/ideas/matches": () => import("./screens/matches.js"),
  "/ideas/someday": () => import("./screens/someday_list.js"),
  "/ideas/own": () => import("./screens/own_ideas.js"),
  "/ideas/new": () => import("./screens/idea_form.js"),
  "/activities/:id": () => import("./screens/activity.js"),
  "/activities/:id/edit": () => import("./screens/idea_form.js"),
  "/propose/:activity_id": () => import("./screens/proposal.js"),
  "/dates/:id": () => import("./screens/date.js"),
  "/calendar": () => import("./screens/calendar.js"),
  "/calendar/days": () => import("./screens/important_days.js"),
  "/calendar/days/:id": () => import("./screens/important_day.js"),
  "/rituals": () => import("./screens/rituals.js"),
  "/rituals/:id": () => import("./screens/ritual.js"),
  "/notes": () => import("./screens/notes.js"),
  "/notes/new": () => import("./screens/note_form.js"),
  "/notes/questions": () => import("./screens/questions.js"),
  "/notes/cards": () => import("./screens/cards.js"),
  "/notes/requests": () => import("./screens/requests.js"),
  "/notes/requests/new": () => import("./screens/request_form.js"),
  "/notes/requests/:id": () => import("./screens/request.js"),
  "/notes/promises": () => import("./screens/promises.js"),
  "/notes/for-two": () => import("./screens/couple_questions.js"),
  "/notes/for-two/:id": () => import("./screens/couple_question.js"),
  "/notes/received": () => import("./screens/received.js"),
  "/notes/reflections": () => import("./screens/reflections.js"),
  "/notes/reflections/new": () => import("./screens/reflection_form.js"),
  "/notes/reflections/:id": () => import("./screens/reflection.js"),
  "/notes/reflections/:id/edit": () => import("./screens/reflection_form.js"),
  "/notes/:id": () => import("./screens/note.js"),
  "/notes/:id/edit": () => import("./screens/note_form.js"),
  "/memories": () => import("./screens/memories.js"),
  "/memories/:id": () => import("./screens/memory.js"),
  "/talks/:id": () => import("./screens/talk.js"),
  "/us": () => import("./screens/us.js"),
  "/us/looking-back": () => import("./screens/looking_back.js"),
  "/us/invitation": () => import("./screens/invitation.js"),
  "/us/pace": () => import("./screens/pace.js"),
  "/us/rhythm": () => import("./screens/rhythm.js"),
  "/us/space": () => import("./screens/space.js"),
  "/us/held": () => import("./screens/held.js"),
  "/us/leaving": () => import("./screens/leaving.js"),
  "/us/blocks": () => import("./screens/blocks.js"),
  "/me/photos": () => import("./screens/photos.js"),
  "/me/availability": () => import("./screens/availability.js"),
  "/me/profile": () => import("./screens/profile.js"),
  "/me/account": () => import("./screens/account.js"),
  "/me/email": () => import("./screens/email_address.js"),
  "/me/sign-ins": () => import("./screens/sign_ins.js"),
  "/me/safety-check": () => import("./screens/safety_check.js"),
  "/me/busy-calendars": () => import("./screens/busy_calendars.js"),
  "/me/help": () => import("./screens/help_cards.js"),
  "/me/guides": () => import("./screens/guides.js"),
  "/me/guides/:slug": () => import("./screens/guide.js"),
  "/me/guides/:slug/alone": () => import("./screens/guide_alone.js"),
  "/me/self-care/:slug": () => import("./screens/self_care_plan.js"),
  "/me/self-care/:slug/times": () => import("./screens/self_care_times.js"),
  "/me/plans/:id": () => import("./screens/chosen_plan.js"),
  "/me/appointment": () => import("./screens/appointment.js"),
  "/me/calendar-feed": () => import("./screens/calendar_feed.js"),
  "/me/notifications": () => import("./screens/notifications.js"),
  "/me/export": () => import("./screens/export.js"),
  "/me/import": () => import("./screens/import.js"),
  "/me/deletion": () => import("./screens/deletion.js"),
  "/safety": () => import("./screens/safety.js"),
  "/start": () => import("./screens/onboarding.js"),
  "/join": () => import("./screens/join.js"),
};

const TABS = /** @type {const} */ ([
  { to: "/", icon: "sun", text: "frame.today" },
  { to: "/ideas", icon: "lightbulb", text: "frame.ideas" },
  { to: "/calendar", icon: "calendar-days", text: "frame.calendar" },
  { to: "/notes", icon: "notebook-pen", text: "frame.notes" },
  { to: "/us", icon: "users", text: "frame.us" },
]);

/** The tab above screens whose path begins with another word. The safety screen has none. @type {Record<string, string>} */
const TAB_ABOVE = { activities: "/ideas", propose: "/ideas", dates: "/calendar", rituals: "/calendar", memories: "/notes", me: "/us", talks: "/", safety: "", join: "/us", start: "/" };

const loadPush = () => import("./parts/push.js");

startLive();
startOutbox();
followPush();

export default function Frame() {
  return html`<div class="frame">
    <${Tabs} />
    <div class="content">
      <${StateLine} />
      <${Top} />
      <main id="content" tabindex="-1">
        <${Guard}><${Screen} screens=${SCREENS} otherwise=${NotFound} /><//>
      </main>
    </div>
    <${Messages} />
    <${ConfirmIdentity} />
  </div>`;
}

/** Keep the notifications of this device as the person chose them: at the start, and when the sign-in ends. */
function followPush() {
  loadPush().then((push) => push.confirm()).catch(() => null); // offline: at the next start
  const end = async () => {
    await loadPush().then((push) => push.end()).catch(() => null);
  };
  beforeSignOut(end);
  onEnd(end);
}

/** Screens for people without a sign-in. */
const FOR_VISITORS = ["/sign-in", "/sign-up", "/recovery", "/recovery/email"];

function NotFound() {
  const isForVisitors = FOR_VISITORS.includes(path.value);
  useEffect(() => {
    if (isForVisitors) navigate("/", { replace: true });
  }, [isForVisitors]);
  if (isForVisitors) return null;
  return html`<${Page} title=${t("common.not_found_title")} lead=${t("common.not_found_lead")}>
    <p><${Link} to="/" class="button primary">${t("common.to_today")}<//></p>
  <//>`;
}

/** The tabs that lead to the main screens. */
function Tabs() {
  const today = useResource("/today").data;
  const group = path.value.split("/")[1] ?? "";
  const current = TAB_ABOVE[group] ?? TABS.find((tab) => tab.to === `/${group}`)?.to ?? "/";
  return html`<nav class="tabs" aria-label=${t("frame.main")}>
    <span class="brand"><${Icon} name="heart-handshake" />Rekindle</span>
    ${TABS.map(
      ({ to, icon, text }) => html`<${Link} key=${to} to=${to} aria-current=${current === to ? "page" : undefined}>
        <${Icon} name=${icon} /><span>${to === "/us" && today && !today.couple ? t("frame.me") : t(text)}</span>
        ${to === "/" && Boolean(today?.unseen) && html`<span class="badge" aria-hidden="true">${today?.unseen}</span>`}
      <//>`,
    )}
  </nav>`;
}

/** One line about the connection, what waits, or a new version. */
function StateLine() {
  const waiting = outbox.value.filter((each) => each.state === "waiting").length;
  if (newVersion.value) {
    return html`<div class="state-line" role="status"><span>${t("common.update")}</span>
      <button class="button quiet" onClick=${() => newVersion.value?.postMessage("take-over")}>${t("common.update_now")}</button></div>`;
  }
  const refused = outbox.value.length - waiting;
  if (refused > 0) {
    return html`<div class="state-line" role="status"><${Icon} name="circle-alert" /><span>
      ${t("outbox.refused_count", { count: refused })}</span><${Link} to="/outbox" class="text-link">${t("outbox.look")}<//></div>`;
  }
  if (!offline.value) return html`<div role="status"></div>`;
  return html`<div class="state-line" role="status"><${Icon} name="wifi-off" /><span>
    ${t("common.offline")} ${
    waiting > 0 && html`<${Link} to="/outbox">${t("common.waiting_to_send", { count: waiting })}<//>`
  }</span></div>`;
}
