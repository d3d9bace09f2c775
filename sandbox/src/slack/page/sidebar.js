// The list of channels, and what in it is unread. What was read is remembered per person in this browser.

import { avatar, compareTs, h, reconcile } from "./dom.js";
import { recall, remember } from "./store.js";

const STORE = "countersign.read";

/** `open(channelId)` is called when a channel is chosen. */
export function createSidebar(open) {
  const team = document.getElementById("team-name");
  const lists = { channel: document.getElementById("channel-list"), dm: document.getElementById("dm-list") };
  const read = load();

  /** Draws the channels of `workspace` for the person `as`; `current` is open, and read while the page is visible. */
  function show(workspace, as, current) {
    team.textContent = workspace.team?.name ?? "Workspace";
    read.since ??= workspace.channels.map(({ last_ts }) => last_ts ?? "0").sort(compareTs).at(-1) ?? "0";
    const mine = (read.by[as] ??= {});
    for (const channel of workspace.channels) {
      if (channel.id === current && !document.hidden && channel.last_ts) mine[channel.id] = channel.last_ts;
    }
    remember(STORE, JSON.stringify(read));
    const unread = (channel) => channel.id !== current && compareTs(channel.last_ts, mine[channel.id] ?? read.since) > 0;
    for (const kind of ["channel", "dm"]) {
      reconcile(lists[kind], workspace.channels.filter((channel) => (channel.kind === "dm" ? "dm" : "channel") === kind).map((channel) => ({
        key: channel.id,
        sig: JSON.stringify([channel.name, channel.id === current, unread(channel)]),
        make: () => item(channel, channel.id === current, unread(channel), workspace.app),
      })));
    }
    return workspace.channels.some(unread);
  }

  function item(channel, isCurrent, isUnread, app) {
    const icon = channel.kind === "dm" ? avatar(app?.initials, app?.bot_user, "tiny app") : h("span", { class: "hash", "aria-hidden": "true" }, "#");
    return h("li", null, h("button", { type: "button", class: `channel${isCurrent ? " current" : ""}${isUnread ? " unread" : ""}`,
      "aria-current": isCurrent ? "page" : undefined, data: { testid: `channel-${channel.name}`, actionId: `open-${channel.id}`, unread: String(isUnread) },
      on: { click: () => open(channel.id) } }, icon, h("span", { class: "channel-name" }, channel.kind === "dm" ? app?.name ?? channel.name : channel.name),
    isUnread && h("span", { class: "dot" }, h("span", { class: "sr-only" }, "unread"))));
  }

  return { show };
}

function load() {
  try {
    const stored = JSON.parse(recall(STORE));
    if (stored && typeof stored.by === "object" && stored.by) return stored;
  } catch {
    // A damaged store only means that nothing was read yet.
  }
  return { by: {} };
}
