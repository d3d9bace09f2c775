// The tour for a first visit: a few steps, whose commands and channels can be clicked.

import * as api from "./api.js";
import { h } from "./dom.js";
import { recall, remember } from "./store.js";

const STORE = "countersign.story";

/** `use(command)` puts a command into the composer, `open(channelName)` opens a channel. Shows nothing without steps. */
export async function createStory({ use, open }) {
  const root = document.getElementById("story");
  const again = document.getElementById("story-open");
  const steps = await api.story();
  if (steps.length === 0) return;
  const show = (shown) => {
    root.hidden = !shown;
    again.hidden = shown;
    remember(STORE, shown ? "open" : "done");
  };
  again.addEventListener("click", () => show(true));
  root.append(
    h("ol", null, steps.map((step, index) => h("li", null, h("span", { class: "step", "aria-hidden": "true" }, String(index + 1)),
      h("p", null, ...words(typeof step === "string" ? step : step.text ?? step.title ?? "", { use, open }))))),
    h("button", { type: "button", class: "icon-button", "aria-label": "Hide the tour", data: { testid: "story-close" }, on: { click: () => show(false) } }, "✕"));
  show(recall(STORE) !== "done");
}

/** Commands in backticks become buttons that fill the composer, #channels open, *words* are bold; the rest is text. */
function words(text, { use, open }) {
  return text.split(/(`[^`]+`|#[a-z0-9_-]+|\*[^*]+\*)/).map((part) => {
    if (/^`\//.test(part)) return h("button", { type: "button", class: "try", title: "Put it into the message box", on: { click: () => use(part.slice(1, -1)) } }, part.slice(1, -1));
    if (/^`/.test(part)) return h("code", null, part.slice(1, -1));
    if (/^#[a-z]/.test(part)) return h("button", { type: "button", class: "go", on: { click: () => open(part.slice(1)) } }, part);
    return /^\*[^*]+\*$/.test(part) ? h("strong", null, part.slice(1, -1)) : part;
  });
}
