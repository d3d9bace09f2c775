// Draws Block Kit blocks. Interactive parts are in elements.js, text in mrkdwn.js, markdown.js and richtext.js.

import { h, safeUrl } from "./dom.js";
import { renderElement } from "./elements.js";
import { markdown } from "./markdown.js";
import { plain, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** Gives every block an id, so that answers and errors have an address. */
export const withIds = (blocks) => (blocks ?? []).map((block, index) => (block.block_id ? block : { ...block, block_id: `block-${index}` }));

/** Draws one block (with an id) of a surface; `idPrefix` keeps element ids apart between surfaces. */
export function renderBlock(block, surface, idPrefix = "b") {
  const draw = BLOCKS[block.type] ?? unsupported;
  return h("div", { class: `block block-${block.type}`, data: { block: block.block_id } }, draw(block, surface, idPrefix));
}

const BLOCKS = {
  header: (block) => h("h3", { class: "block-title" }, plain(block.text)),
  divider: () => h("hr"),
  section, context, actions, image, input, table,
  markdown: (block) => markdown(block.text),
  rich_text: (block, surface) => richText(block, surface.directory),
};

const unsupported = (block) => h("p", { class: "unsupported" }, `This page cannot show a “${block.type}” block.`);

function section(block, surface) {
  const body = h("div", { class: "section-body" },
    block.text && h("div", { class: "text" }, textObject(block.text, surface.directory)),
    block.fields && h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text" }, textObject(field, surface.directory)))));
  if (!block.accessory) return body;
  const accessory = block.accessory.type === "image" ? thumbnail(block.accessory) : renderElement(block, block.accessory, surface);
  return h("div", { class: "section" }, body, h("div", { class: "accessory" }, accessory));
}

function context(block, surface) {
  return h("div", { class: "context" }, (block.elements ?? []).map((element) =>
    element.type === "image" ? thumbnail(element) : h("span", { class: "text" }, textObject(element, surface.directory))));
}

function actions(block, surface) {
  return h("div", { class: "actions" }, (block.elements ?? []).map((element) => renderElement(block, element, surface)));
}

function imageUrl({ image_url: url, slack_file: file }) {
  const own = file?.id ? `/sandbox/files/${encodeURIComponent(file.id)}` : undefined;
  const chosen = url ?? own ?? file?.url;
  return chosen ? safeUrl(chosen, ["http:", "https:"]) : null;
}

function thumbnail(element) {
  const src = imageUrl(element);
  return src ? h("img", { class: "thumbnail", src, alt: element.alt_text ?? "", loading: "lazy" }) : h("span", null, element.alt_text ?? "");
}

function image(block) {
  const src = imageUrl(block);
  const missing = () => h("p", { class: "image-missing" }, block.alt_text || "The image cannot be shown.");
  const picture = src ? h("img", { src, alt: block.alt_text ?? "", loading: "lazy" }) : missing();
  if (src) picture.addEventListener("error", () => picture.replaceWith(missing()));
  return h("figure", { class: "figure" }, block.title && h("figcaption", null, plain(block.title)), picture);
}

function input(block, surface, idPrefix) {
  const labelId = `${idPrefix}-${block.block_id}-label`;
  const hintId = `${idPrefix}-${block.block_id}-hint`;
  const describe = { "aria-labelledby": labelId, "aria-describedby": block.hint ? hintId : undefined, "aria-required": block.optional ? undefined : "true" };
  return h("div", { class: "input" },
    h("div", { class: "label", id: labelId }, plain(block.label), block.optional && h("span", { class: "optional" }, " (optional)")),
    renderElement(block, block.element ?? {}, surface, { dispatch: Boolean(block.dispatch_action), describe }),
    h("p", { class: "input-error", role: "alert", hidden: true, data: { testid: "modal-error", errorFor: block.block_id } }),
    block.hint && h("p", { class: "hint", id: hintId }, plain(block.hint)));
}

function table(block, surface) {
  const [head = [], ...rows] = block.rows ?? [];
  const cell = (tag) => (content, column) => h(tag, { class: `align-${ALIGN[block.column_settings?.[column]?.align] ?? "left"}` }, cellText(content, surface));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", null,
    h("thead", null, h("tr", null, head.map(cell("th")))),
    h("tbody", null, rows.map((row) => h("tr", null, row.map(cell("td")))))));
}

const ALIGN = { left: "left", center: "center", right: "right" };

function cellText(content, surface) {
  if (content?.type === "rich_text") return richText(content, surface.directory);
  return plain(String(content?.text ?? content?.value ?? ""));
}
