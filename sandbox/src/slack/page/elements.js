// Block Kit's interactive elements. An element either dispatches (a click goes to the app) or only remembers its answer.

import { h, safeUrl } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { answerField } from "./values.js";

/**
 * Draws one element of `block` on `surface`. `dispatch`: whether a change is sent at once (true everywhere except in input
 * blocks without `dispatch_action`). `describe`: ids for aria-labelledby and the like.
 */
export function renderElement(block, element, surface, { dispatch = true, describe = {} } = {}) {
  const draw = DRAW[element.type];
  if (!draw) return h("span", { class: "unsupported" }, `This page cannot show “${element.type}”.`);
  const data = { actionId: element.action_id ?? "", blockId: block.block_id };
  return draw({ block, element, surface, data, describe, change: changer(block, element, surface, dispatch) });
}

/** Stores an answer, and sends it when the element dispatches. */
function changer(block, element, surface, dispatch) {
  return (answer, show, { typing = false } = {}) => {
    const before = surface.values.get(block.block_id, element);
    surface.values.set(block.block_id, element, answer);
    if (!dispatch || typing) return;
    const revert = () => {
      surface.values.set(block.block_id, element, before);
      show?.(before);
    };
    surface.act({ block, element, fields: { [answerField(element.type)]: answer }, revert });
  };
}

const DRAW = {
  button, overflow, static_select: staticSelect, users_select: usersSelect, channels_select: channelsSelect,
  conversations_select: channelsSelect, checkboxes, radio_buttons: radios, plain_text_input: textInput,
  number_input: textInput, email_text_input: textInput, url_text_input: textInput,
  datepicker: (it) => picker(it, "date"), timepicker: (it) => picker(it, "time"),
};

function button({ block, element, surface, data }) {
  const href = element.url ? safeUrl(element.url) : null;
  const press = () => {
    if (href) window.open(href, "_blank", "noopener,noreferrer");
    surface.act({ block, element, fields: element.value === undefined ? {} : { value: element.value } });
  };
  return h("button", { type: "button", class: `button ${STYLES[element.style] ?? ""}`.trim(), data, title: href ?? undefined,
    "aria-label": element.accessibility_label, on: { click: press } }, plain(element.text), href && h("span", { class: "outward", "aria-hidden": "true" }, "↗"));
}

const STYLES = { primary: "primary", danger: "danger" };

function overflow({ block, element, surface, data }) {
  const menu = h("div", { class: "menu", role: "menu", hidden: true },
    (element.options ?? []).map((option) => h("button", { type: "button", class: "menu-item", role: "menuitem", data: { value: option.value },
      on: { click: () => choose(option) } }, plain(option.text))));
  const toggle = h("button", { type: "button", class: "button overflow", data, "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": "More actions", on: { click: () => open(menu.hidden) } }, "⋯");
  const root = h("span", { class: "menu-root", on: {
    keydown: (event) => { if (event.key === "Escape" && !menu.hidden) { event.stopPropagation(); event.preventDefault(); open(false); toggle.focus(); } },
    focusout: (event) => { if (!root.contains(event.relatedTarget)) open(false); },
  } }, toggle, menu);
  const open = (shown) => {
    menu.hidden = !shown;
    toggle.setAttribute("aria-expanded", String(shown));
    if (shown) menu.querySelector("button")?.focus();
  };
  const choose = (option) => {
    open(false);
    const href = option.url ? safeUrl(option.url) : null;
    if (href) window.open(href, "_blank", "noopener,noreferrer");
    surface.act({ block, element, fields: { selected_option: option } });
  };
  return root;
}

/** A native select over `choices` ([{id, label, answer, group?}]); its empty first entry is the placeholder. */
function select({ element, data, describe, change }, choices, chosenId) {
  const node = h("select", { class: "field", data, ...describe, "aria-label": describe["aria-labelledby"] ? undefined : plain(element.placeholder ?? "Choose") },
    h("option", { value: "" }, plain(element.placeholder ?? "Choose an option")));
  const groups = new Map();
  for (const { id, label, group } of choices) {
    const option = h("option", { value: id }, label);
    if (group === undefined) node.append(option);
    else {
      if (!groups.has(group)) groups.set(group, node.appendChild(h("optgroup", { label: group })));
      groups.get(group).append(option);
    }
  }
  const show = (id) => {
    node.value = id ?? "";
    node.classList.toggle("empty", !node.value);
  };
  show(chosenId);
  node.addEventListener("change", () => {
    node.classList.toggle("empty", !node.value);
    const chosen = choices.find(({ id }) => id === node.value);
    change(chosen?.answer ?? null, (before) => show(choices.find(({ answer }) => same(answer, before))?.id));
  });
  return node;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function staticSelect(it) {
  const { block, element, surface } = it;
  const grouped = element.option_groups?.flatMap((group) => (group.options ?? []).map((option) => [option, plain(group.label)]));
  const choices = (grouped ?? (element.options ?? []).map((option) => [option])).map(([option, group]) => ({ id: option.value, label: plain(option.text), answer: option, group }));
  return select(it, choices, surface.values.get(block.block_id, element)?.value);
}

function usersSelect(it) {
  const choices = it.surface.directory.people.map(({ id, name }) => ({ id, label: name, answer: id }));
  return select(it, choices, it.surface.values.get(it.block.block_id, it.element));
}

function channelsSelect(it) {
  const choices = it.surface.directory.channels.map(({ id, name, kind }) => ({ id, label: kind === "dm" ? name : `# ${name}`, answer: id }));
  return select(it, choices, it.surface.values.get(it.block.block_id, it.element));
}

let groups = 0;

/** Checkboxes and radio buttons: one fieldset of labelled boxes. */
function boxes({ block, element, surface, data, describe }, type, isChosen, pick) {
  const name = `choice-${(groups += 1)}`;
  const rows = (element.options ?? []).map((option) => {
    const box = h("input", { type, name, value: option.value, data, checked: isChosen(option), on: { change: () => pick(option, box.checked, redraw) } });
    return { option, box, row: h("label", { class: "choice" }, box, h("span", { class: "text" }, textObject(option.text, surface.directory),
      option.description && h("span", { class: "choice-note" }, textObject(option.description, surface.directory)))) };
  });
  const redraw = () => rows.forEach(({ option, box }) => { box.checked = isChosen(option); });
  return h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group", ...describe, data: { group: block.block_id } }, rows.map(({ row }) => row));
}

function checkboxes(it) {
  const chosen = () => it.surface.values.get(it.block.block_id, it.element) ?? [];
  return boxes(it, "checkbox", (option) => chosen().some(({ value }) => value === option.value), (option, on, redraw) => {
    const rest = chosen().filter(({ value }) => value !== option.value);
    it.change(on ? [...rest, option] : rest, redraw);
  });
}

function radios(it) {
  const chosen = () => it.surface.values.get(it.block.block_id, it.element);
  return boxes(it, "radio", (option) => chosen()?.value === option.value, (option, _on, redraw) => it.change(option, redraw));
}

function textInput({ block, element, surface, data, describe, change }) {
  const answer = surface.values.get(block.block_id, element) ?? "";
  const common = { class: "field", data, ...describe, value: answer, placeholder: element.placeholder ? plain(element.placeholder) : undefined,
    maxlength: element.max_length, autocomplete: "off" };
  const node = element.multiline ? h("textarea", { ...common, rows: "4" })
    : h("input", { type: INPUT_TYPES[element.type], ...common, ...(element.type === "number_input" ? numberLimits(element) : {}) });
  node.addEventListener("input", () => change(node.value === "" ? null : node.value, null, { typing: true }));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || element.multiline || !block.dispatch_action) return;
    event.preventDefault();
    change(node.value === "" ? null : node.value);
  });
  if (element.focus_on_load) node.dataset.autofocus = "true";
  return node;
}

const INPUT_TYPES = { plain_text_input: "text", number_input: "number", email_text_input: "email", url_text_input: "url" };
const numberLimits = (element) => ({ min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : "1" });

function picker({ block, element, surface, data, describe, change }, type) {
  const node = h("input", { type, class: "field", data, ...describe, value: surface.values.get(block.block_id, element) ?? "",
    "aria-label": describe["aria-labelledby"] ? undefined : plain(element.placeholder ?? type) });
  node.addEventListener("change", () => change(node.value || null, (before) => { node.value = before ?? ""; }));
  return node;
}
