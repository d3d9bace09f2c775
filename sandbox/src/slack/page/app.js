// The page: who is looking, at which channel and thread, and the loop that keeps it current.

import * as api from "./api.js";
import { createBackstage } from "./backstage.js";
import { createComposer } from "./composer.js";
import { avatar, h } from "./dom.js";
import { createMessageList } from "./messages.js";
import { createModal } from "./modal.js";
import { createSidebar } from "./sidebar.js";
import { recall, remember as store } from "./store.js";
import { createStory } from "./story.js";

const PERSONA_STORE = "countersign.as";
/** Pauses between attempts while the sandbox does not answer, in milliseconds; the last one repeats. */
const RETRY_MS = [500, 1_000, 2_000, 4_000];
/** A poll that ends sooner than this without news is not repeated before this many milliseconds are over. */
const QUIET_POLL_MS = 1_000;
/** From this width on Backstage has room beside the conversation. */
const ROOMY = window.matchMedia("(min-width: 1100px)");
/** From this width on a thread and Backstage have room side by side. */
const WIDE = window.matchMedia("(min-width: 1500px)");

const $ = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search);
const state = { as: wanted.get("as") ?? recall(PERSONA_STORE) ?? "", channel: wanted.get("channel") ?? "", thread: null, workspace: null };

/** Names by id, as the renderer needs them. */
const directory = {
  get me() { return state.as; },
  get people() { return state.workspace?.personas ?? []; },
  get channels() { return state.workspace?.channels ?? []; },
  get app() { return state.workspace?.app ?? { name: "App", initials: "?" }; },
  user: (id) => (id === directory.app.bot_user ? directory.app.name : directory.people.find((person) => person.id === id)?.name) ?? null,
  channel: (id) => directory.channels.find((channel) => channel.id === id)?.name ?? null,
  initials: (id) => directory.people.find((person) => person.id === id)?.initials ?? null,
};

const context = { directory: () => directory, as: () => state.as, refresh };
const main = createMessageList($("messages"), $("announcer"), { ...context, openThread });
const side = createMessageList($("thread-messages"), $("announcer"), context);
const modal = createModal(context);
const sidebar = createSidebar(openChannel);
const commands = () => state.workspace?.commands ?? [];
const composer = createComposer($("composer"), { commands, ids: { input: "composer", send: "send" }, idleHint: "Enter sends, Shift + Enter makes a new line, / starts a command", send: (text) => say(text) });
const threadComposer = createComposer($("thread-composer"), { commands: () => [], ids: { input: "thread-composer", send: "thread-send" }, idleHint: "Enter sends", send: (text) => say(text, state.thread) });
const backstage = createBackstage({ fits: () => ROOMY.matches, onChange: (open) => { if (open && !WIDE.matches) closeThread(); } });

async function say(text, thread_ts) {
  const { as, channel } = state;
  const answer = await api.say({ as, channel, text, ...(thread_ts ? { thread_ts } : {}) });
  (thread_ts ? side : main).toEnd();
  refresh();
  return answer;
}

function openChannel(id) {
  if (state.channel !== id) state.thread = null;
  state.channel = id;
  draw();
  refresh();
  composer.focus();
}

function openThread(ts) {
  state.thread = ts;
  draw();
  refresh();
  threadComposer.focus();
}

function closeThread() {
  if (!state.thread) return;
  state.thread = null;
  draw();
}

$("thread-close").addEventListener("click", () => {
  closeThread();
  composer.focus();
});

$("persona-switch").addEventListener("change", (event) => {
  state.as = event.target.value;
  modal.update([]);
  draw();
  refresh();
});

document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(); });

let running = null;
let again = false;

/** Reads what is on screen again. Calls while one is under way share one more round after it. */
function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      await load();
    } while (again);
  })().finally(() => { running = null; });
  return running;
}

async function load() {
  try {
    // The systems behind the workspace may be slow or down: the conversation never waits for them.
    backstage.refresh();
    await loadWorkspace();
    const { as, channel, thread } = state;
    const [messages, replies, views] = await Promise.all([
      channel ? api.messages(as, channel) : [], thread ? api.thread(as, channel, thread).catch(() => null) : null, api.views(as)]);
    if (as === state.as) modal.update(views);
    if (as === state.as && channel === state.channel) showMessages(messages);
    if (as === state.as && channel === state.channel && replies && thread === state.thread) showThread(replies);
  } catch {
    setConnected(false);
  }
}

async function loadWorkspace() {
  const as = state.as;
  const workspace = await api.workspace(as).catch(() => api.workspace(""));
  if (as !== state.as) return;
  state.workspace = workspace;
  if (!directory.people.some(({ id }) => id === state.as)) state.as = directory.people[0]?.id ?? "";
  const channels = directory.channels;
  if (!channels.some(({ id }) => id === state.channel)) {
    state.channel = (channels.find(({ name }) => name === "ops") ?? channels.find(({ kind }) => kind !== "dm") ?? channels[0])?.id ?? "";
    state.thread = null;
  }
  draw();
}

const key = () => `${state.as} ${state.channel}`;

function showMessages(messages) {
  const channel = current();
  const intro = channel?.kind === "dm" ? `This is the start of your conversation with ${directory.app.name}.` : `This is the very beginning of #${channel?.name ?? ""}.`;
  main.show(messages.filter(({ ts, thread_ts }) => !thread_ts || thread_ts === ts), { key: key(), channel: state.channel, intro });
}

function showThread(replies) {
  side.show(replies, { key: `${key()} ${state.thread}`, channel: state.channel, parentFirst: true });
}

const current = () => directory.channels.find(({ id }) => id === state.channel);

/** Draws the frame around the messages: sidebar, titles, persona, composers. */
function draw() {
  if (!state.workspace) return;
  const channel = current();
  const title = channel?.kind === "dm" ? directory.app.name : `# ${channel?.name ?? ""}`;
  const unread = sidebar.show(state.workspace, state.as, state.channel);
  document.title = `${unread ? "● " : ""}${title.replace("# ", "#")} · ${state.workspace.team?.name ?? "Sandbox"}`;
  $("channel-title").textContent = title;
  $("thread-channel").textContent = title;
  if (!state.thread) side.show([], { key: "" });
  $("thread-pane").hidden = !state.thread;
  $("workspace").classList.toggle("has-thread", Boolean(state.thread));
  const name = directory.user(state.as) ?? "";
  composer.to(key(), `Message ${title.replace("# ", "#")} as ${name}`);
  threadComposer.to(`${key()} ${state.thread}`, `Reply as ${name}`);
  drawPersona();
  remember();
}

function drawPersona() {
  const select = $("persona-switch");
  const people = directory.people;
  const label = ({ name, flags, title }) => (flags?.length ? `${name} (${flags.join(", ")})` : title ? `${name} (${title})` : name);
  const sig = JSON.stringify(people.map((person) => [person.id, label(person)]));
  if (select.dataset.sig !== sig) {
    select.replaceChildren(...people.map((person) => h("option", { value: person.id }, label(person))));
    select.dataset.sig = sig;
  }
  if (select.value !== state.as) select.value = state.as;
  const person = people.find(({ id }) => id === state.as);
  select.title = [person?.real_name, person?.title].filter(Boolean).join(", ");
  const face = avatar(person?.initials, person?.id, "small");
  face.id = "persona-avatar";
  if (face.outerHTML !== $("persona-avatar").outerHTML) $("persona-avatar").replaceWith(face);
}

/** Keeps the choice in the address (two windows can be two people) and for the next visit. */
function remember() {
  const url = new URL(location.href);
  url.searchParams.set("as", state.as);
  url.searchParams.set("channel", state.channel);
  if (url.href !== location.href) history.replaceState(null, "", url);
  store(PERSONA_STORE, state.as);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const setConnected = (yes) => { $("connection").hidden = yes; };

/** Waits for news and reads again, for as long as the page is open. */
async function follow() {
  let version = 0;
  let failures = 0;
  for (;;) {
    const started = performance.now();
    try {
      const next = await api.changes(version);
      failures = 0;
      setConnected(true);
      const quiet = next === version;
      version = next;
      await refresh();
      if (quiet) await pause(Math.max(0, QUIET_POLL_MS - (performance.now() - started)));
    } catch {
      setConnected(false);
      await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
      failures += 1;
      version = 0;
    }
  }
}

createStory({
  use: (command) => composer.fill(command),
  open: (name) => {
    const channel = directory.channels.find((candidate) => candidate.name === name);
    if (channel) openChannel(channel.id);
  },
});
await refresh();
composer.focus();
follow();
