// A list of messages: the channel's, or a thread's.

import * as api from "./api.js";
import { renderBlock, withIds } from "./blockkit.js";
import { avatar, clear, compareTs, h, reconcile } from "./dom.js";
import { clock, dayName, fullDate, mrkdwn } from "./mrkdwn.js";
import { Surface } from "./surface.js";
import { Values } from "./values.js";

/** Messages of one author within this many seconds share an avatar and a name. */
const GROUP_SECONDS = 300;
/** So close to the end (in pixels) counts as reading the end. */
const NEAR_END = 60;

/**
 * `context`: {directory(), as(), refresh(), openThread?(ts)}. Answers {show(messages, place), toEnd()}, where `place`
 * is {key, channel, intro?, parentFirst?}: another key starts from scratch at the end; `parentFirst` makes it a thread.
 */
export function createMessageList(root, announcer, context) {
  const list = h("div", { class: "message-list" });
  const jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => toEnd() } }, "New messages ↓");
  root.append(list, jump);
  let place = { key: null };
  let surfaces = new Map();
  let newest = null;

  let stick = true;
  const atEnd = () => root.scrollHeight - root.scrollTop - root.clientHeight < NEAR_END;
  const toEnd = () => {
    stick = true;
    root.scrollTop = root.scrollHeight;
    jump.hidden = true;
  };
  root.addEventListener("scroll", () => {
    stick = atEnd();
    if (stick) jump.hidden = true;
  });
  // Pictures that load late and panes that open make the list taller or narrower without a redraw.
  const observer = new ResizeObserver(() => { if (stick) toEnd(); });
  observer.observe(list);
  observer.observe(root);

  function show(messages, next) {
    const fresh = next.key !== place.key;
    place = next;
    if (fresh) {
      clear(list);
      surfaces = new Map();
      newest = null;
      stick = true;
    }
    reconcile(list, entries(messages));
    tellNew(messages, fresh);
    if (stick) toEnd();
  }

  /** Reads new messages of others to screen readers, and offers to jump to them. */
  function tellNew(messages, fresh) {
    const last = messages.at(-1)?.ts ?? null;
    const added = fresh || newest === null ? [] : messages.filter(({ ts }) => compareTs(ts, newest) > 0);
    if (last !== null && (newest === null || compareTs(last, newest) > 0)) newest = last;
    if (added.length === 0) return;
    if (!stick) jump.hidden = false;
    announcer.textContent = added.map((message) => `${message.author ?? "App"}: ${message.text ?? ""}`).join(". ").slice(0, 500);
  }

  function entries(messages) {
    const out = [];
    if (place.intro) out.push({ key: "intro", sig: place.intro, make: () => h("p", { class: "intro" }, place.intro) });
    let before = null;
    for (const [index, message] of messages.entries()) {
      if (place.parentFirst && index === 1) {
        const count = counted(messages.length - 1);
        out.push({ key: "divided", sig: count, make: () => h("p", { class: "divided" }, count) });
        before = null;
      }
      const when = new Date(Number(message.ts) * 1000);
      const day = when.toDateString();
      const newDay = before?.day !== day;
      if (newDay && !place.parentFirst) out.push({ key: `day ${day}`, sig: dayName(when), make: () => h("div", { class: "day", role: "separator" }, h("span", null, dayName(when))) });
      const grouped = !newDay && before.author === `${message.user} ${message.bot}` && !message.ephemeral && !before.ephemeral && Number(message.ts) - before.at < GROUP_SECONDS;
      before = { day, author: `${message.user} ${message.bot}`, at: Number(message.ts), ephemeral: message.ephemeral };
      out.push({ key: `${message.ts} ${message.ephemeral}`, sig: JSON.stringify([grouped, message]), make: () => draw(message, when, grouped) });
    }
    return out;
  }

  function draw(message, when, grouped) {
    const directory = context.directory();
    const surface = surfaceOf(message);
    surface.blocks = withIds(message.blocks);
    const body = h("div", { class: "message-body" });
    if (message.ephemeral) body.append(h("p", { class: "only-you" }, h("span", { class: "eye", "aria-hidden": "true" }), "Only visible to you"));
    if (!grouped) body.append(h("div", { class: "byline" },
      h("span", { class: "author" }, message.author ?? directory.user(message.user) ?? "Unknown"),
      message.bot && h("span", { class: "badge" }, "APP"), time(when)));
    const { blocks } = surface;
    const edited = message.edited && h("span", { class: "edited" }, " (edited)");
    if (blocks.length === 0) body.append(h("div", { class: "text" }, mrkdwn(message.text, directory), edited));
    else body.append(...blocks.map((block) => renderBlock(block, surface, `m${message.ts}`)), edited || "");
    if (message.reply_count > 0 && context.openThread) body.append(h("button", { type: "button", class: "thread-link",
      data: { testid: "thread-open" }, on: { click: () => context.openThread(message.ts) } },
    counted(message.reply_count), h("span", { class: "thread-view", "aria-hidden": "true" }, "View thread ›")));
    surface.attach(body);
    return h("article", { class: `message${grouped ? " grouped" : ""}${message.ephemeral ? " ephemeral" : ""}`,
      data: { testid: "message", ts: message.ts, ephemeral: String(Boolean(message.ephemeral)) } },
    h("div", { class: "gutter" }, grouped ? time(when) : face(message, directory)), body, toolbar(message));
  }

  function toolbar(message) {
    if (!context.openThread || message.ephemeral) return null;
    return h("div", { class: "toolbar" }, h("button", { type: "button", class: "icon-button", "aria-label": "Reply in thread", title: "Reply in thread",
      data: { testid: "thread-reply" }, on: { click: () => context.openThread(message.thread_ts ?? message.ts) } }, "↩"));
  }

  function surfaceOf(message) {
    if (!surfaces.has(message.ts)) {
      const { channel } = place;
      const values = new Values();
      const send = async (fields) => {
        const answer = await api.click({ as: context.as(), channel, ts: message.ts, values: values.collect(surface.blocks), ...fields });
        await context.refresh();
        return answer;
      };
      const surface = new Surface({ directory: context.directory(), values, send });
      surfaces.set(message.ts, surface);
    }
    return surfaces.get(message.ts);
  }

  return { show, toEnd };
}

const counted = (replies) => `${replies} ${replies === 1 ? "reply" : "replies"}`;

const time = (when) => h("time", { class: "time", datetime: Number.isNaN(when.getTime()) ? undefined : when.toISOString(), title: fullDate(when) }, clock(when));

function face(message, directory) {
  const initials = message.bot ? directory.app.initials : directory.initials(message.user);
  return avatar(initials ?? (message.author ?? "?").slice(0, 1).toUpperCase(), message.user ?? message.author, message.bot ? "app" : "");
}
