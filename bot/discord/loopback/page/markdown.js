// Discord's markdown, as far as cards and people use it, made into elements. Text stays text.
import { hex, make } from "/page/dom.js";
import { EMOJI, emoji } from "/page/emoji.js";
import { timestamp } from "/page/times.js";

const INLINE = [
  [/^\\([\\`*_{}[\]()#+\-.!|~<>:@/])/, (m) => document.createTextNode(m[1])],
  [/^`([^`\n]+)`/, (m) => make("code", {}, m[1])],
  [/^\*\*\*([\s\S]+?)\*\*\*/, (m, names) => make("strong", {}, make("em", {}, ...inline(m[1], names)))],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/, (m, names) => make("strong", {}, ...inline(m[1], names))],
  [/^__([\s\S]+?)__(?!_)/, (m, names) => make("u", {}, ...inline(m[1], names))],
  [/^~~([\s\S]+?)~~/, (m, names) => make("s", {}, ...inline(m[1], names))],
  [/^\|\|([\s\S]+?)\|\|/, (m, names) => spoiler(inline(m[1], names))],
  [/^\*(?=\S)([^*\n]*?[^\s*])\*(?!\*)/, (m, names) => make("em", {}, ...inline(m[1], names))],
  [/^_(?=\S)([^_\n]*?[^\s_])_(?![_\w])/, (m, names) => make("em", {}, ...inline(m[1], names))],
  [/^\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/, (m, names) => link(m[2], inline(m[1], names))],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], [m[1]])],
  [/^https?:\/\/[^\s<>]*[^\s<>.,:;"')\]]/, (m) => link(m[0], [m[0]])],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => timestamp(Number(m[1]), m[2] ?? "f")],
  [/^<@!?(\d{15,20})>/, (m, names) => mention("@" + (names.users[m[1]]?.name ?? "unknown-user"))],
  [/^<@&(\d{15,20})>/, (m, names) => roleMention(names.roles[m[1]])],
  [/^<#(\d{15,20})>/, (m, names) => mention("#" + (names.channelName(m[1]) ?? "unknown"))],
  [/^<\/([-\w ]{1,100}):(\d{1,20})>/, (m) => mention("/" + m[1])],
  [/^@(everyone|here)\b/, (m) => mention(m[0])],
  [EMOJI, (m) => emoji(m[1])],
];

function mention(text) {
  return make("span", { class: "mention" }, text);
}

function roleMention(role) {
  if (!role) return mention("@deleted-role");
  return make("span", { class: "mention role", colour: role.colour ? hex(role.colour) : "#c9cdfb" }, "@" + role.name);
}

function link(url, children) {
  return make("a", { href: url, target: "_blank", rel: "noreferrer noopener", title: url }, ...children);
}

function spoiler(children) {
  const shut = make("span", { class: "spoiler", tabindex: "0", onclick: () => shut.classList.add("open") }, ...children);
  return shut;
}

export function inline(text, names) {
  const found = [];
  let plain = "";
  let rest = text;
  const flush = () => {
    if (plain) found.push(document.createTextNode(plain));
    plain = "";
  };
  while (rest) {
    // Emphasis by underscores starts a word, never inside one.
    const inWord = /\w$/.test(plain);
    let hit = null;
    for (const [pattern, build] of INLINE) {
      if (inWord && (rest[0] === "_" || rest[0] === "h")) continue;
      const match = pattern.exec(rest);
      if (match) {
        hit = [match[0].length, () => build(match, names)];
        break;
      }
    }
    if (hit) {
      flush();
      found.push(hit[1]());
      rest = rest.slice(hit[0]);
    } else {
      const next = String.fromCodePoint(rest.codePointAt(0));
      plain += next;
      rest = rest.slice(next.length);
    }
  }
  flush();
  return found;
}

function block(line, names) {
  let m;
  if ((m = /^(#{1,3}) +(\S.*)$/.exec(line))) return make("h" + m[1].length, { class: "md" }, ...inline(m[2], names));
  if ((m = /^-# +(\S.*)$/.exec(line))) return make("small", {}, ...inline(m[1], names));
  if ((m = /^( *)(?:[-*]) +(\S.*)$/.exec(line))) {
    return make("div", { class: m[1].length > 1 ? "item deep" : "item" }, ...inline(m[2], names));
  }
  if ((m = /^> ?(.*)$/.exec(line))) return make("blockquote", {}, ...inline(m[1], names));
  return null;
}

function lines(text, names) {
  const found = [];
  let run = [];
  const flush = () => {
    if (run.length) found.push(...inline(run.join("\n"), names));
    run = [];
  };
  for (const line of text.split("\n")) {
    const element = block(line, names);
    if (element) {
      // The line break before a block is the block's own.
      flush();
      found.push(element);
    } else run.push(line);
  }
  flush();
  return found;
}

export function markdown(text, names) {
  const root = make("div", { class: "markdown" });
  const fence = /```(?:[a-z0-9+-]*\n)?([\s\S]*?)\n?```/gi;
  let at = 0;
  for (const m of text.matchAll(fence)) {
    root.append(...lines(text.slice(at, m.index).replace(/\n$/, ""), names), make("pre", {}, m[1]));
    at = m.index + m[0].length;
    if (text[at] === "\n") at += 1;
  }
  root.append(...lines(text.slice(at), names));
  return root;
}
