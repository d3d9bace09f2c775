// The small "are you sure" dialog that buttons may ask for.

import { h } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";

/** Shows a confirmation object on top of everything; answers whether it was confirmed. */
export function confirmDialog(confirm, directory) {
  return new Promise((resolve) => {
    const danger = confirm.style === "danger";
    const finish = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const yes = h("button", { type: "button", class: danger ? "button danger solid" : "button primary", data: { testid: "confirm-yes" },
      on: { click: () => finish(true) } }, plain(confirm.confirm ?? "Yes"));
    const no = h("button", { type: "button", class: "button", data: { testid: "confirm-no" },
      on: { click: () => finish(false) } }, plain(confirm.deny ?? "Cancel"));
    const dialog = h("dialog", { class: "dialog confirm", "aria-labelledby": "confirm-title", data: { testid: "confirm" },
      on: { cancel: (event) => { event.preventDefault(); finish(false); } } },
    h("header", { class: "dialog-head" }, h("h2", { id: "confirm-title" }, plain(confirm.title ?? "Are you sure?"))),
    h("div", { class: "dialog-body text" }, textObject(confirm.text, directory)),
    h("footer", { class: "dialog-foot" }, no, yes));
    document.body.append(dialog);
    dialog.showModal();
    (danger ? no : yes).focus();
  });
}
