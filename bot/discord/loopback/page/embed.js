// An embed: coloured bar, author, title, text, fields in columns, picture, footer.
import { hex, make } from "/page/dom.js";
import { inline, markdown } from "/page/markdown.js";
import { messageTime } from "/page/times.js";

const INLINE_A_ROW = 3;
const WIDTHS = { 1: "whole", 2: "half", 3: "third" };

function rowsOf(fields) {
  const rows = [];
  for (const field of fields) {
    const last = rows[rows.length - 1];
    if (field.inline && last && last[0].inline && last.length < INLINE_A_ROW) last.push(field);
    else rows.push([field]);
  }
  return rows;
}

function fieldsOf(embed, names) {
  if (!embed.fields) return null;
  const grid = make("div", { class: "fields" });
  for (const row of rowsOf(embed.fields)) {
    for (const field of row) {
      const width = field.inline ? WIDTHS[row.length] : "whole";
      grid.append(make("div", { class: `field ${width}` }, make("div", { class: "field-name" }, ...inline(field.name, names)), markdown(field.value, names)));
    }
  }
  return grid;
}

export function picture(url, width, height, alt) {
  const image = make("img", { src: url, alt: alt ?? "picture", width, height });
  return make("a", { class: "picture", href: url, target: "_blank", rel: "noreferrer noopener" }, image);
}

export function embedElement(embed, names) {
  const bar = embed.color === undefined || embed.color === null ? "#1e1f22" : hex(embed.color);
  const title = embed.title && make(embed.url ? "a" : "div", { class: "embed-title", href: embed.url, target: embed.url && "_blank", rel: embed.url && "noreferrer noopener" }, ...inline(embed.title, names));
  const footer = [embed.footer?.text, embed.timestamp && messageTime(embed.timestamp)].filter(Boolean).join(" • ");
  return make(
    "article",
    { class: embed.thumbnail ? "embed with-thumbnail" : "embed", colour: bar },
    embed.author && make("div", { class: "embed-author" }, embed.author.name),
    title,
    embed.description && make("div", { class: "embed-description" }, markdown(embed.description, names)),
    fieldsOf(embed, names),
    embed.thumbnail && make("div", { class: "thumbnail" }, picture(embed.thumbnail.url)),
    embed.image && picture(embed.image.url, embed.image.width, embed.image.height, embed.title),
    footer && make("div", { class: "embed-footer" }, footer),
  );
}
