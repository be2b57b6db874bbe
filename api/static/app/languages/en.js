// All texts of the client in English, by screen. `{name}` is filled in; an object holds plural forms, chosen by `count`.
// Texts that the server sends (reasons, refusals, prompts, sentences about space) are not repeated here.
export default {
  common: {
    add: "Add",
    back: "Back",
    cancel: "Cancel",
    change: "Change",
    close: "Close",
    copied: "Copied",
    copy: "Copy",
    delete: "Delete",
    done: "Done",
    edit: "Edit",
    fault_title: "This did not work",
    hide_password: "Hide the password",
    loading: "Loading",
    more: "Show more",
    next: "Next",
    not_found_lead: "It does not exist, or it is not yours to see.",
    not_found_title: "There is nothing here",
    offline: "No connection to the server. You see what this device last received.",
    offline_title: "No connection",
    password: "Password",
    print: "Print",
    save: "Save",
    saved: "Saved",
    show_password: "Show the password",
    skip: "Skip",
    throw_away: "Throw away",
    to_today: "Go to Today",
    try_again: "Try again",
    undo: "Undo",
    unreachable: "The server cannot be reached. Check your connection, and try again.",
    update: "A new version is ready.",
    update_now: "Update",
    waiting_to_send: { one: "{count} change waits for a connection.", other: "{count} changes wait for a connection." },
    you: "You",
  },

  frame: {
    calendar: "Calendar",
    ideas: "Ideas",
    leave_page: "Quick exit",
    main: "Main",
    me: "Me",
    notes: "Notes",
    safety: "Safety",
    skip: "Skip to the content",
    today: "Today",
    us: "Us",
  },

  session: {
    ended: "This device was signed out.",
  },

  outbox: {
    kind_date: "A proposal",
    kind_feedback: "How a date was",
    kind_idea: "An idea of yours",
    kind_note: "A note",
    kind_profile: "Your interests",
    kind_seen: "A message that you have read",
    kind_vote: "What you think of an idea",
    refused: "{kind} was not accepted: {why}",
    title: "Not sent",
    waiting: "{kind} waits for a connection.",
  },

  today: {
    all_quiet: "Nothing waits for you",
    all_quiet_text: "That is fine. There is an idea below, whenever you like.",
    arrived: "New for you",
    countdown: "{when}",
    good_afternoon: "Good afternoon, {name}",
    good_evening: "Good evening, {name}",
    good_morning: "Good morning, {name}",
    held: "Something arrived while you are in space. It can wait.",
    held_look: "Look",
    idea: "An idea for you two",
    idea_alone: "An idea for you",
    in_space: "You are in space.",
    invite: "Connect with your partner",
    invite_text: "Rekindle works alone, too. When you like, invite one person with a link, a code or a QR code.",
    inviting: "Your invitation is open until {day}.",
    join_confirm: "{name} has accepted. Check that it is them.",
    more_ideas: "More ideas",
    next: "Next",
    next_date: "Your next date",
    prompt: "A question for today",
    proposals: { one: "A proposal waits for your answer", other: "{count} proposals wait for your answer" },
    see_all: "See all",
    sentence: "{name}: {text}",
    write: "Write a note",
  },

  activity: {
    cost_0: "Free",
    cost_1: "Low cost",
    cost_2: "Some cost",
    cost_3: "Costs more",
    minutes: "{from}–{to}",
    plan: "Plan it",
    setting_away: "Away",
    setting_home: "At home",
    setting_out: "Out",
  },

  welcome: {
  },

  join: {
  },

  ideas: {
  },

  dates: {
  },

  notes: {
  },

  us: {
  },

  me: {
  },

  safety: {
  },
};
