// Slack's mrkdwn, drawn as DOM nodes.

import { h, link } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";

/** `directory`: {user(id) -> name, channel(id) -> name, me}. */
export function mrkdwn(text, directory) {
  const out = document.createDocumentFragment();
  String(text ?? "").split(/```([\s\S]*?)```/).forEach((part, index) => {
    if (index % 2 === 1) out.append(h("pre", { class: "mr-pre" }, ...codeText(part.replace(/^\n|\n$/g, ""), directory)));
    else paragraphs(index === 0 ? part : part.replace(/^\n/, ""), directory, out);
  });
  return out;
}

/** The text of a text object as a string: entities undone, short names turned into emoji. */
export function plain(object) {
  const text = unescape(typeof object === "string" ? object : object?.text ?? "");
  return object?.emoji === false ? text : withEmoji(text);
}

/** Draws a text object of either type. */
export function textObject(object, directory) {
  if (!object) return "";
  return object.type === "mrkdwn" ? mrkdwn(object.text, directory) : plain(object);
}

const unescape = (text) => text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);

function paragraphs(text, directory, out) {
  const lines = text.split("\n");
  let quote = null;
  lines.forEach((line, index) => {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if (quoted) {
      quote ??= out.appendChild(h("blockquote", { class: "mr-quote" }));
      if (quote.firstChild) quote.append("\n");
      quote.append(...inline(quoted[1], directory));
      return;
    }
    if (index > 0 && !quote) out.append("\n");
    quote = null;
    out.append(...inline(line, directory));
  });
}

const STYLES = { "*": "strong", "_": "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;

/** One line of mrkdwn as a list of nodes. */
function inline(line, directory) {
  const nodes = [];
  const unclosed = new Set(); // markers that nothing closes any more: not looked for again
  let text = "";
  let at = 0;
  const push = (node, end) => {
    if (text) nodes.push(document.createTextNode(unescape(text)));
    text = "";
    nodes.push(node);
    at = end;
  };
  while (at < line.length) {
    const found = special(line, at, directory, unclosed);
    if (found) push(found.node, found.end);
    else text += line[at++];
  }
  if (text) nodes.push(document.createTextNode(unescape(text)));
  return nodes;
}

function special(line, at, directory, unclosed) {
  const char = line[at];
  if (char === "`") {
    const end = line.indexOf("`", at + 1);
    return end > at + 1 ? { node: h("code", null, ...codeText(line.slice(at + 1, end), directory)), end: end + 1 } : null;
  }
  if (char === "<") {
    const end = line.indexOf(">", at);
    return end > at + 1 ? { node: reference(line.slice(at + 1, end), directory), end: end + 1 } : null;
  }
  if (char in STYLES) return styled(line, at, directory, unclosed);
  if (char === ":") {
    const [whole, name] = /^:([a-z0-9_+-]+):/.exec(line.slice(at)) ?? [];
    const found = name && emoji(name);
    return found ? { node: h("span", { class: "emoji", role: "img", title: whole, "aria-label": name }, found), end: at + whole.length } : null;
  }
  if (char === "h" && !WORD.test(line[at - 1] ?? " ")) {
    const [url] = /^https?:\/\/[^\s<>|`]*[^\s<>|`.,;:!?)'"*_~]/.exec(line.slice(at)) ?? [];
    return url ? { node: link(unescape(url), unescape(url)), end: at + url.length } : null;
  }
  return null;
}

/** `*bold*` and its kin: a marker opens after a non-word and before a non-space, and closes the other way round. */
function styled(line, at, directory, unclosed) {
  const mark = line[at];
  if (unclosed.has(mark) || WORD.test(line[at - 1] ?? " ") || /[\s]/.test(line[at + 1] ?? " ") || line[at + 1] === mark) return null;
  for (let end = at + 1; end < line.length; end++) {
    if (line[end] === "`" || line[end] === "<") {
      const skip = line.indexOf(line[end] === "<" ? ">" : "`", end + 1);
      if (skip > 0) end = skip;
    } else if (line[end] === mark && !/\s/.test(line[end - 1]) && !WORD.test(line[end + 1] ?? " ")) {
      return { node: h(STYLES[mark], null, ...inline(line.slice(at + 1, end), directory)), end: end + 1 };
    }
  }
  unclosed.add(mark);
  return null;
}

/** Inside code only references are resolved. */
function codeText(text, directory) {
  return text.split(/(<[^<>\n]+>)/).map((part) =>
    /^<.+>$/.test(part) ? reference(part.slice(1, -1), directory) : document.createTextNode(unescape(part)));
}

/** What stands between angle brackets: a person, a channel, a date, a group or a link. */
function reference(body, directory) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? null : unescape(body.slice(bar + 1));
  if (target.startsWith("@")) return mention(`@${directory.user(target.slice(1)) ?? label ?? target.slice(1)}`, target.slice(1) === directory.me);
  if (target.startsWith("#")) return mention(`#${directory.channel(target.slice(1)) ?? (label || target.slice(1))}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!subteam^")) return mention(label ?? "@group");
  if (target.startsWith("!")) return mention(`@${label ?? target.slice(1)}`, true);
  if (/^(https?:|mailto:)/i.test(target)) {
    return link(unescape(target), withEmoji(label ?? unescape(target).replace(/^mailto:/i, "")));
  }
  return document.createTextNode(unescape(`<${body}>`));
}

/** A person's or channel's name as a tinted word; `self` marks a mention of the reader. */
export const mention = (name, self = false) => h("span", { class: self ? "mention self" : "mention" }, name);

function date(target, label) {
  const [, seconds, format, url] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  const shown = Number.isNaN(when.getTime()) || !format ? label ?? "" : formatDate(when, unescape(format));
  const node = h("time", { class: "date", title: fullDate(when) }, shown);
  return url ? link(unescape(url), node) : node;
}

const show = (when, options) => when.toLocaleString(undefined, options);

/** Date and time in full, for tooltips. */
export const fullDate = (when) =>
  Number.isNaN(when.getTime()) ? "" : show(when, { dateStyle: "full", timeStyle: "medium" });

/** "Today", "Yesterday" or the date, as `style` says. */
export function dayName(when, style = { month: "long", day: "numeric", year: "numeric" }) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / 86_400_000);
  return { 0: "Today", 1: "Yesterday", [-1]: "Tomorrow" }[days] ?? show(when, style);
}

/** Hours and minutes in the reader's own zone. */
export const clock = (when) => show(when, { hour: "2-digit", minute: "2-digit" });

/** Fills the placeholders of a Slack date format. */
export function formatDate(when, format) {
  const short = { month: "short", day: "numeric", year: "numeric" };
  const medium = { month: "long", day: "numeric", year: "numeric" };
  const long = { weekday: "long", ...medium };
  const fill = {
    date_num: () => [when.getFullYear(), when.getMonth() + 1, when.getDate()].map((n) => String(n).padStart(2, "0")).join("-"),
    date: () => show(when, medium), date_short: () => show(when, short), date_long: () => show(when, long),
    date_pretty: () => dayName(when, medium), date_short_pretty: () => dayName(when, short), date_long_pretty: () => dayName(when, long),
    time: () => clock(when), time_secs: () => show(when, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(when),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(fill, name) ? fill[name]() : whole));
}

function ago(when) {
  const seconds = (when.getTime() - Date.now()) / 1000;
  const [unit, size] = [["day", 86_400], ["hour", 3_600], ["minute", 60]].find(([, n]) => Math.abs(seconds) >= n) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
