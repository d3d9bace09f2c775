// One message or one view: what was entered into it, and which of its clicks are under way or failed.

import { confirmDialog } from "./dialog.js";
import { h } from "./dom.js";

const NO_ANSWER = "Oh no, something went wrong. Please try that again.";

/** Carries clicks to the sandbox and shows their state on the controls that were clicked. */
export class Surface {
  #status = new Map();
  #roots = new Set();

  /** `send(fields)` posts a click and answers {ok, error?}; `values` and `directory` serve the renderer. */
  constructor({ directory, values, send }) {
    Object.assign(this, { directory, values, send });
  }

  /** Ties a drawn element to this surface, so that it shows busy and failed clicks. */
  attach(root) {
    for (const old of this.#roots) if (!old.isConnected) this.#roots.delete(old);
    this.#roots.add(root);
    this.#show();
  }

  /** Asks for confirmation when the element wants it, then clicks. `revert` undoes a choice that was not confirmed. */
  async act({ block, element, fields = {}, revert }) {
    const key = `${block.block_id} ${element.action_id}`;
    if (this.#status.get(key)?.pending) return;
    if (element.confirm && !(await confirmDialog(element.confirm, this.directory))) {
      revert?.();
      return;
    }
    for (const [other, { error }] of this.#status) if (error) this.#status.delete(other);
    this.#set(key, { block: block.block_id, action: element.action_id, pending: true });
    const answer = await this.send({ block_id: block.block_id, action_id: element.action_id, type: element.type, ...fields });
    this.#set(key, answer.ok ? null : { block: block.block_id, action: element.action_id, error: answer.error || NO_ANSWER });
  }

  #set(key, status) {
    if (status) this.#status.set(key, status);
    else this.#status.delete(key);
    this.#show();
  }

  #show() {
    for (const root of this.#roots) for (const block of root.querySelectorAll("[data-block]")) this.#showBlock(block);
  }

  #showBlock(root) {
    const here = [...this.#status.values()].filter(({ block }) => block === root.dataset.block);
    for (const control of root.querySelectorAll("[data-action-id]")) {
      const pending = here.some(({ action, pending }) => pending && action === control.dataset.actionId);
      const focused = control === document.activeElement;
      control.disabled = pending;
      control.classList.toggle("busy", pending);
      if (focused && pending) root.dataset.refocus = control.dataset.actionId;
      else if (!pending && root.dataset.refocus === control.dataset.actionId) {
        delete root.dataset.refocus;
        if (document.activeElement === document.body) control.focus({ preventScroll: true });
      }
    }
    const error = here.find(({ error }) => error)?.error;
    let shown = root.querySelector(":scope > .click-error");
    if (!error) return void shown?.remove();
    if (!shown) root.append((shown = h("p", { class: "click-error", role: "alert", data: { testid: "click-error" } })));
    shown.textContent = `⚠ ${error}`;
  }
}
