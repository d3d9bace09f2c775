// Backstage: the panels about the systems behind the workspace, and the switches that make trouble.

import * as api from "./api.js";
import { h, reconcile } from "./dom.js";
import { recall, remember as store } from "./store.js";

const STORE = "countersign.backstage";
const TONES = new Set(["good", "bad", "muted"]);

/** `onChange(open)` hears when the drawer opens or closes; `fits()` says whether there is room for it from the start. */
export function createBackstage({ onChange, fits }) {
  const find = (id) => document.getElementById(id);
  const [root, toggle, panelsRoot, switchesRoot, notice] = ["backstage", "backstage-toggle", "panels", "switches", "backstage-error"].map(find);
  const seen = new Map(); // "panel label" -> value, to point out what changed
  const busy = new Set();
  let panels = [];
  let switches = [];

  const isOpen = () => !root.hidden;
  function setOpen(open, remember = true) {
    root.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    if (remember) store(STORE, open ? "open" : "closed");
    onChange(open);
    if (open) refresh();
  }
  toggle.addEventListener("click", () => setOpen(root.hidden || getComputedStyle(root).display === "none"));
  find("backstage-close").addEventListener("click", () => {
    setOpen(false);
    toggle.focus();
  });

  /** Reads panels and switches again, when the drawer is open; one reading at a time, and one more if asked meanwhile. */
  let reading = null;
  let again = false;
  function refresh() {
    if (!isOpen()) return null;
    again = reading !== null;
    reading ??= readAll().finally(() => {
      reading = null;
      if (again) refresh();
    });
    return reading;
  }

  async function readAll() {
    const [nextPanels, nextSwitches] = await Promise.all([api.panels().catch(() => null), api.switches().catch(() => null)]);
    if (nextPanels) panels = nextPanels;
    // A switch that is being flipped must not jump back because an older answer came in between.
    if (nextSwitches && ![...busy].some((key) => key.startsWith("switch "))) switches = nextSwitches;
    draw();
  }

  function draw() {
    reconcile(panelsRoot, panels.map((panel) => ({ key: panel.id, sig: JSON.stringify([panel, isBusy(panel)]), make: () => drawPanel(panel) })));
    find("switches-panel").hidden = switches.length === 0;
    reconcile(switchesRoot, switches.map((item) => ({ key: item.id, sig: JSON.stringify([item, busy.has(`switch ${item.id}`)]), make: () => drawSwitch(item) })));
  }

  const isBusy = (panel) => (panel.actions ?? []).map(({ id }) => busy.has(`${panel.id} ${id}`));

  function drawPanel(panel) {
    return h("section", { class: "panel", data: { testid: `panel-${panel.id}` } }, h("h3", null, panel.title),
      h("dl", null, (panel.rows ?? []).map((row) => drawRow(panel, row))),
      panel.actions?.length ? h("div", { class: "panel-actions" }, panel.actions.map((action) => drawAction(panel, action))) : null);
  }

  function drawRow(panel, { label, value, tone }) {
    const key = `${panel.id} ${label}`;
    const changed = seen.has(key) && seen.get(key) !== String(value);
    seen.set(key, String(value));
    return h("div", { class: `row${TONES.has(tone) ? ` ${tone}` : ""}${changed ? " changed" : ""}` }, h("dt", null, label), h("dd", null, String(value)));
  }

  function drawAction(panel, action) {
    const waiting = busy.has(`${panel.id} ${action.id}`);
    return h("button", { type: "button", disabled: waiting, class: `button small ${["bad", "danger"].includes(action.tone) ? "danger" : ["good", "primary"].includes(action.tone) ? "primary" : ""}${waiting ? " busy" : ""}`,
      data: { testid: `panel-action-${panel.id}-${action.id}`, actionId: `panel-${panel.id}-${action.id}` },
      on: { click: () => run(`${panel.id} ${action.id}`, () => api.panelAction(panel.id, action.id)) } }, action.label);
  }

  function drawSwitch(item) {
    const key = `switch ${item.id}`;
    const box = h("input", { type: "checkbox", role: "switch", checked: item.on, disabled: busy.has(key),
      data: { testid: `switch-${item.id}`, actionId: key }, on: { change: () => { item.on = box.checked; run(key, () => api.flip(item.id, box.checked)); } } });
    return h("label", { class: "switch" }, h("span", null, item.label), box);
  }

  async function run(key, act) {
    busy.add(key);
    draw();
    const answer = await act();
    busy.delete(key);
    notice.hidden = Boolean(answer.ok);
    notice.textContent = answer.ok ? "" : `⚠ ${answer.error ?? "That did not work."}`;
    await refresh();
    draw();
  }

  const stored = recall(STORE);
  setOpen(fits() && stored !== "closed", false);
  return { refresh, setOpen, isOpen };
}
