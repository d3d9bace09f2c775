// Modals: the top view of the current person's stack, in a native dialog (which keeps focus inside).

import * as api from "./api.js";
import { renderBlock, withIds } from "./blockkit.js";
import { clear, h, reconcile } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { Surface } from "./surface.js";
import { Values } from "./values.js";

const FIELDS = "input, select, textarea";

/** `context`: {directory(), as(), refresh()}. */
export function createModal(context) {
  const title = h("h2", { id: "modal-title" });
  const body = h("div", { class: "dialog-body" });
  const banner = h("p", { class: "notice", role: "alert", hidden: true, data: { testid: "modal-error" } });
  const close = h("button", { type: "button", class: "button", data: { testid: "modal-close" }, on: { click: () => dismiss(false) } });
  const submit = h("button", { type: "submit", class: "button primary", data: { testid: "modal-submit" } });
  const form = h("form", { novalidate: true, on: { submit: (event) => { event.preventDefault(); send(); } } },
    h("header", { class: "dialog-head" }, title,
      h("button", { type: "button", class: "icon-button", "aria-label": "Close", data: { testid: "modal-x" }, on: { click: () => dismiss(true) } }, "✕")),
    body, h("footer", { class: "dialog-foot" }, banner, close, submit));
  const dialog = document.body.appendChild(h("dialog", { class: "dialog modal", "aria-labelledby": "modal-title", data: { testid: "modal" },
    on: { cancel: (event) => { if (event.target === dialog) { event.preventDefault(); dismiss(false); } }, close: () => { if (shown) dismiss(false); } } }, form));

  const open = new Map(); // view id -> {surface, errors, problem, busy}
  const dismissed = new Set();
  let stack = [];
  let shown = null;

  /** Shows the top of `views`; answers entered so far stay. */
  function update(views) {
    stack = views.filter((view) => view.type !== "home");
    for (const id of dismissed) if (!stack.some((view) => view.id === id)) dismissed.delete(id);
    for (const id of open.keys()) if (!stack.some((view) => view.id === id)) open.delete(id);
    draw();
  }

  function draw() {
    const view = stack.filter(({ id }) => !dismissed.has(id)).at(-1) ?? null;
    const fresh = view?.id !== shown;
    shown = view?.id ?? null;
    if (!view) {
      if (dialog.open) dialog.close();
      clear(body);
      return;
    }
    const state = stateOf(view);
    if (fresh) clear(body);
    title.textContent = plain(view.title);
    close.textContent = plain(view.close ?? (view.submit ? "Cancel" : "Close"));
    submit.hidden = !view.submit;
    submit.textContent = plain(view.submit ?? "Submit");
    const blocks = withIds(view.blocks);
    const hadFields = body.querySelector(FIELDS) !== null;
    reconcile(body, blocks.map((block) => ({ key: block.block_id, sig: JSON.stringify(block), make: () => renderBlock(block, state.surface, view.id) })));
    state.surface.attach(body);
    showState(state, blocks);
    if (!dialog.open) dialog.showModal();
    const first = body.querySelector("[data-autofocus]") ?? body.querySelector(FIELDS);
    // A view often opens as "loading" and gets its inputs a moment later.
    if (fresh || (!hadFields && first)) (first ?? (view.submit ? submit : close)).focus();
  }

  function stateOf(view) {
    if (!open.has(view.id)) {
      const values = new Values(view.state?.values);
      const send = async (fields) => {
        const answer = await api.click({ as: context.as(), view_id: view.id, values: values.collect(current(view.id)), ...fields });
        await context.refresh();
        return answer;
      };
      open.set(view.id, { surface: new Surface({ directory: context.directory(), values, send }), errors: {}, problem: null, busy: false });
    }
    return open.get(view.id);
  }

  const current = (id) => withIds(stack.find((view) => view.id === id)?.blocks);

  function showState({ errors, problem, busy }, blocks) {
    submit.disabled = busy;
    submit.classList.toggle("busy", busy);
    const stray = Object.entries(errors).filter(([id]) => !blocks.some((block) => block.block_id === id && block.type === "input"));
    const text = [problem, ...stray.map(([, error]) => error)].filter(Boolean).join(" ");
    banner.hidden = !text;
    banner.textContent = text;
    for (const slot of body.querySelectorAll("[data-error-for]")) {
      const error = errors[slot.dataset.errorFor];
      slot.hidden = !error;
      slot.textContent = error ?? "";
      for (const field of slot.parentElement.querySelectorAll(".field, .choices")) field.toggleAttribute("aria-invalid", Boolean(error));
    }
  }

  async function send() {
    const id = shown;
    const state = open.get(id);
    if (!state || state.busy || submit.hidden) return;
    const blocks = current(id);
    state.errors = state.surface.values.problems(blocks);
    state.problem = null;
    if (Object.keys(state.errors).length === 0) {
      state.busy = true;
      showState(state, blocks);
      const answer = await api.submit({ as: context.as(), view_id: id, values: state.surface.values.collect(blocks) });
      if (!answer.ok) {
        state.errors = answer.errors ?? {};
        state.problem = answer.error ?? (answer.errors ? null : "We had some trouble connecting. Try again?");
      }
      await context.refresh();
      state.busy = false;
    }
    if (shown !== id) return;
    showState(state, current(id));
    body.querySelector("[aria-invalid]")?.querySelector("input")?.focus();
    body.querySelector(".field[aria-invalid]")?.focus();
  }

  /** Closes the top view, or with `all` the whole stack. It disappears at once; the sandbox is told beside it. */
  async function dismiss(all) {
    const id = shown;
    if (!id) return;
    for (const view of all ? stack : [{ id }]) dismissed.add(view.id);
    draw();
    await api.close({ as: context.as(), view_id: id, clear: all });
    await context.refresh();
  }

  return { update };
}
