// The box that people type into. Drafts are kept per conversation; a draft is dropped only when it was accepted.

import { h } from "./dom.js";

const MAX_HEIGHT = 180;

/**
 * `send(text)` answers {ok, error?}; `commands()` the slash commands ([{name, hint}]). `ids` are the test
 * hooks, `idleHint` stands below the box until a command is typed.
 */
export function createComposer(root, { send, commands, ids, idleHint }) {
  const listId = `${ids.input}-commands`;
  const menu = h("ul", { class: "suggest", id: listId, role: "listbox", "aria-label": "Slash commands", hidden: true });
  const input = h("textarea", { rows: "1", class: "composer-input", data: { testid: ids.input }, role: "combobox", "aria-expanded": "false",
    "aria-controls": listId, "aria-autocomplete": "list", "aria-describedby": `${ids.input}-hint`, autocomplete: "off", spellcheck: "true" });
  const button = h("button", { type: "submit", class: "send", data: { testid: ids.send }, "aria-label": "Send", title: "Send" }, "➤");
  const hint = h("p", { class: "composer-hint", id: `${ids.input}-hint` });
  const error = h("p", { class: "composer-error", role: "alert", hidden: true, data: { testid: `${ids.input}-error` } });
  const form = h("form", { class: "composer-box", on: { submit: (event) => { event.preventDefault(); submit(); } } }, menu, h("div", { class: "composer-row" }, input, button));
  root.append(error, form, hint);

  const drafts = new Map();
  const errors = new Map();
  const sending = new Set();
  let place = null;
  let matches = [];
  let chosen = 0;

  function to(next, placeholder) {
    input.placeholder = placeholder;
    input.setAttribute("aria-label", placeholder);
    if (next !== place) {
      place = next;
      input.value = drafts.get(place) ?? "";
    }
    draw();
  }

  function draw() {
    drafts.set(place, input.value);
    const busy = sending.has(place);
    input.readOnly = busy;
    button.disabled = busy || !input.value.trim();
    form.classList.toggle("busy", busy);
    error.hidden = !errors.get(place);
    error.textContent = errors.get(place) ? `⚠ ${errors.get(place)}` : "";
    const [word] = input.value.split(/\s/, 1);
    const exact = commands().find(({ name }) => name === word);
    hint.replaceChildren(...(exact ? [h("code", null, exact.name), ` ${exact.hint ?? ""}`] : [idleHint]));
    matches = /^\/\S*$/.test(input.value) && !exact ? commands().filter(({ name }) => name.startsWith(word)) : [];
    drawMenu();
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, MAX_HEIGHT)}px`;
  }

  function drawMenu() {
    chosen = Math.min(chosen, Math.max(0, matches.length - 1));
    menu.hidden = matches.length === 0;
    input.setAttribute("aria-expanded", String(!menu.hidden));
    if (menu.hidden) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${listId}-${chosen}`);
    menu.replaceChildren(...matches.map((command, index) => h("li", { role: "option", id: `${listId}-${index}`, "aria-selected": String(index === chosen),
      data: { testid: "suggestion" }, on: { mousedown: (event) => { event.preventDefault(); complete(command); } } },
    h("strong", null, command.name), h("span", null, command.hint ?? ""))));
  }

  function complete(command) {
    input.value = `${command.name} `;
    input.focus();
    draw();
  }

  input.addEventListener("input", () => {
    errors.delete(place);
    chosen = 0;
    draw();
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (matches.length > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : matches.length - 1)) % matches.length;
      drawMenu();
    } else if (matches.length > 0 && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey) {
      event.preventDefault();
      complete(matches[chosen]);
    } else if (event.key === "Escape" && matches.length > 0) {
      matches = [];
      drawMenu();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  });

  async function submit() {
    const from = place;
    const text = input.value.trim();
    if (!text || sending.has(from)) return;
    sending.add(from);
    errors.delete(from);
    draw();
    const answer = await send(text);
    sending.delete(from);
    if (answer.ok) drafts.delete(from);
    else errors.set(from, answer.error || "That could not be sent.");
    if (place === from) {
      if (answer.ok) input.value = "";
      draw();
    }
  }

  /** Puts text into the box, as if it had been typed. */
  function fill(text) {
    input.value = text;
    input.focus();
    errors.delete(place);
    draw();
  }

  return { to, fill, focus: () => input.focus({ preventScroll: true }) };
}
