// Building and updating elements. Text always becomes text nodes, so nothing that a message says can turn into markup.

/** Makes an element. `props`: `class`, `data` (dataset), `on` (listeners), own properties listed below, else attributes. */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "readOnly", "htmlFor", "textContent"]);

/** The URL when it is safe to follow from a message (http, https, mailto), else null. */
export function safeUrl(url, protocols = ["http:", "https:", "mailto:"]) {
  try {
    const parsed = new URL(url, location.href);
    return protocols.includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page, or plain text when the address is not one to follow. */
export function link(url, ...label) {
  const href = safeUrl(url);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...label) : h("span", null, ...label);
}

const drawn = new WeakMap();

/**
 * Makes the children of `parent` equal `entries` ({key, sig, make}). A child is rebuilt only when its `sig` changed, so
 * scroll position, focus and text that is being typed elsewhere survive. Focus inside a rebuilt child is found again.
 */
export function reconcile(parent, entries) {
  const before = drawn.get(parent) ?? new Map();
  const after = new Map();
  const focus = rememberFocus(parent);
  for (const { key, sig, make } of entries) {
    const old = before.get(key);
    after.set(key, old && old.sig === sig ? old : { sig, node: make() });
  }
  for (const [key, { node }] of before) if (after.get(key)?.node !== node) node.remove();
  let next = parent.firstChild;
  for (const { node } of after.values()) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
  drawn.set(parent, after);
  focus();
}

/** Forgets what was drawn in `parent` and empties it. */
export function clear(parent) {
  drawn.delete(parent);
  parent.replaceChildren();
}

function rememberFocus(parent) {
  const active = document.activeElement;
  const { actionId, blockId } = active?.dataset ?? {};
  if (!actionId || !parent.contains(active)) return () => {};
  const ts = active.closest("[data-ts]")?.dataset.ts;
  const range = typeof active.selectionStart === "number" ? [active.selectionStart, active.selectionEnd] : null;
  return () => {
    if (parent.contains(active)) return;
    const same = [...parent.querySelectorAll("[data-action-id]")].find((node) =>
      node.dataset.actionId === actionId && node.dataset.blockId === blockId && node.closest("[data-ts]")?.dataset.ts === ts);
    same?.focus({ preventScroll: true });
    if (range && same?.setSelectionRange) same.setSelectionRange(...range);
  };
}

const HUES = 12;

/** A rounded square with initials; the same person always has the same colour. */
export function avatar(initials, seed, extra = "") {
  let hash = 0;
  for (const char of String(seed)) hash = (hash * 31 + char.codePointAt(0)) % 9973;
  return h("span", { class: `avatar hue-${hash % HUES} ${extra}`.trim(), "aria-hidden": "true" }, initials || "?");
}

/** Orders two Slack timestamps ("seconds.micros"): negative when `a` is older. */
export function compareTs(a, b) {
  const [as, am = "0"] = String(a ?? "0").split(".");
  const [bs, bm = "0"] = String(b ?? "0").split(".");
  return Number(as) - Number(bs) || Number(am) - Number(bm);
}
