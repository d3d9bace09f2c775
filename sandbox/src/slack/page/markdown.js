// The `markdown` block: the common part of standard Markdown, drawn as DOM nodes.

import { h, link } from "./dom.js";
import { withEmoji } from "./emoji.js";

/** Draws headings, lists, quotes, fenced code, rules and paragraphs. */
export function markdown(text) {
  const out = h("div", { class: "md" });
  const lines = String(text ?? "").split("\n");
  let at = 0;
  while (at < lines.length) at = block(lines, at, out);
  return out;
}

function block(lines, at, out) {
  const line = lines[at];
  if (!line.trim()) return at + 1;
  if (/^\s*```/.test(line)) {
    let end = at + 1;
    while (end < lines.length && !/^\s*```/.test(lines[end])) end++;
    out.append(h("pre", { class: "mr-pre" }, lines.slice(at + 1, end).join("\n")));
    return end + 1;
  }
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) {
    out.append(h("p", { class: `md-h md-h${heading[1].length}`, role: "heading", "aria-level": String(heading[1].length + 2) }, ...inline(heading[2])));
    return at + 1;
  }
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
    out.append(h("hr"));
    return at + 1;
  }
  if (/^\s*>/.test(line)) return run(lines, at, /^\s*> ?(.*)$/, (found) =>
    out.append(h("blockquote", { class: "mr-quote" }, ...joined(found))));
  if (/^\s*[-*+]\s+/.test(line)) return run(lines, at, /^\s*[-*+]\s+(.*)$/, (found) => out.append(list("ul", found)));
  if (/^\s*\d+[.)]\s+/.test(line)) return run(lines, at, /^\s*\d+[.)]\s+(.*)$/, (found) => out.append(list("ol", found)));
  return run(lines, at, /^(?!\s*(?:```|#{1,6}\s|>|[-*+]\s|\d+[.)]\s))(\s*\S.*)$/, (found) => out.append(h("p", null, ...joined(found))));
}

/** Takes the lines from `at` on that match, hands over what they captured, and answers where it stopped. */
function run(lines, at, pattern, draw) {
  const found = [];
  let match;
  while (at < lines.length && (match = pattern.exec(lines[at]))) {
    found.push(match[1]);
    at++;
  }
  draw(found);
  return found.length ? at : at + 1;
}

const list = (tag, items) => h(tag, null, items.map((item) => h("li", null, ...inline(item))));
const joined = (lines) => lines.flatMap((line, index) => (index ? ["\n", ...inline(line)] : inline(line)));

const RULES = [
  [/^\\([\\`*_{}[\]()#+\-.!~>|])/, (m) => m[1]],
  [/^`([^`]+)`/, (m) => h("code", null, m[1])],
  [/^!?\[([^\]]*)\]\(([^)\s]+)\)/, (m) => link(m[2], ...inline(m[1]))],
  [/^<(https?:\/\/[^>\s]+)>/, (m) => link(m[1], m[1])],
  [/^(https?:\/\/[^\s<>`)\]]*[^\s<>`)\].,;:!?'"])/, (m) => link(m[1], m[1])],
  [/^\*\*(\S(?:.*?\S)?)\*\*/, (m) => h("strong", null, ...inline(m[1]))],
  [/^__(\S(?:.*?\S)?)__/, (m) => h("strong", null, ...inline(m[1]))],
  [/^~~(\S(?:.*?\S)?)~~/, (m) => h("s", null, ...inline(m[1]))],
  [/^\*(\S(?:.*?\S)?)\*/, (m) => h("em", null, ...inline(m[1]))],
  [/^_(\S(?:.*?\S)?)_(?![\p{L}\p{N}])/u, (m) => h("em", null, ...inline(m[1])), true],
];

function inline(text) {
  const nodes = [];
  let pending = "";
  let at = 0;
  const flush = () => {
    if (pending) nodes.push(withEmoji(pending));
    pending = "";
  };
  while (at < text.length) {
    const rest = text.slice(at);
    const insideWord = /[\p{L}\p{N}]/u.test(text[at - 1] ?? " ");
    const hit = RULES.map(([pattern, draw, atWordStart]) => [atWordStart && insideWord ? null : pattern.exec(rest), draw]).find(([match]) => match);
    if (hit) {
      flush();
      nodes.push(hit[1](hit[0]));
      at += hit[0][0].length;
    } else {
      pending += text[at++];
    }
  }
  flush();
  return nodes;
}
