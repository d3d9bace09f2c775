// The `rich_text` block, drawn as DOM nodes.

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { formatDate, mention } from "./mrkdwn.js";

/** Draws a rich_text block: sections, lists, quotes and preformatted text. */
export function richText(block, directory) {
  const out = h("div", { class: "rich" });
  for (const part of block.elements ?? []) out.append(draw(part, directory));
  return out;
}

function draw(part, directory) {
  const children = () => (part.elements ?? []).map((element) => inline(element, directory));
  switch (part.type) {
    case "rich_text_section": return h("p", { class: "rich-section" }, ...children());
    case "rich_text_preformatted": return h("pre", { class: "mr-pre" }, ...children());
    case "rich_text_quote": return h("blockquote", { class: "mr-quote" }, ...children());
    case "rich_text_list": return h(part.style === "ordered" ? "ol" : "ul",
      { class: `indent-${Math.min(part.indent ?? 0, 4)}`, start: part.offset ? part.offset + 1 : undefined },
      (part.elements ?? []).map((item) => h("li", null, ...(item.elements ?? []).map((element) => inline(element, directory)))));
    default: return h("span", null);
  }
}

function inline(element, directory) {
  const style = element.style ?? {};
  let node = leaf(element, directory);
  if (style.code) node = h("code", null, node);
  if (style.strike) node = h("s", null, node);
  if (style.italic) node = h("em", null, node);
  if (style.bold) node = h("strong", null, node);
  return node;
}

function leaf(element, directory) {
  switch (element.type) {
    case "text": return element.text ?? "";
    case "link": return link(element.url, element.text ?? element.url);
    case "emoji": return emoji(element.name) ?? `:${element.name}:`;
    case "user": return mention(`@${directory.user(element.user_id) ?? element.user_id}`, element.user_id === directory.me);
    case "channel": return mention(`#${directory.channel(element.channel_id) ?? element.channel_id}`);
    case "usergroup": return mention("@group");
    case "broadcast": return mention(`@${element.range}`, true);
    case "date": return formatDate(new Date(element.timestamp * 1000), element.format ?? "{date_short}");
    case "color": return element.value ?? "";
    default: return element.text ?? "";
  }
}
