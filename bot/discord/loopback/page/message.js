// One message as Discord shows it.
import { act, avatar, hex, make } from "/page/dom.js";
import { EMOJI, emoji } from "/page/emoji.js";
import { embedElement, picture } from "/page/embed.js";
import { markdown } from "/page/markdown.js";
import { messageTime, shortTime } from "/page/times.js";

const LOADING = 1 << 7;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const NEAR_MS = 7 * 60 * 1000;
export const PATIENCE_MS = 3200;

export function continues(message, before) {
  return before && before.author.id === message.author.id && !message.interaction_metadata && !message.referenced_message && before.ephemeral === message.ephemeral
    && new Date(message.timestamp) - new Date(before.timestamp) < NEAR_MS;
}

function button(part, message, page) {
  const sign = part.emoji?.name;
  const label = [sign && (EMOJI.test(sign) ? emoji(sign) : sign), sign && part.label && "\u00a0", part.label].filter(Boolean);
  if (part.style === 5) return make("a", { class: "button link", href: part.url, target: "_blank", rel: "noreferrer noopener" }, ...label, " ↗");
  const element = make("button", { class: `button ${STYLES[part.style]}`, disabled: part.disabled, "data-custom-id": part.custom_id, type: "button" }, ...label);
  element.addEventListener("click", () => page.press(message, part.custom_id, undefined, element));
  return element;
}

function menu(part, message, page) {
  const select = make("select", { class: "menu", disabled: part.disabled, "aria-label": part.placeholder ?? "Make a selection", "data-custom-id": part.custom_id });
  select.append(make("option", { value: "" }, part.placeholder ?? "Make a selection"));
  for (const option of part.options) select.append(make("option", { value: option.value, selected: option.default }, option.label));
  select.addEventListener("change", () => select.value && page.press(message, part.custom_id, [select.value], select));
  return select;
}

function rows(message, page) {
  return message.components.map((row) =>
    make("div", { class: "row" }, ...row.components.map((part) => (part.type === 3 ? menu : button)(part, message, page))));
}

function above(message, page) {
  const deed = message.interaction_metadata;
  if (deed?.type === 2) {
    const user = page.names.users[deed.user.id];
    return make("div", { class: "above" }, avatar(user, "tiny"), make("b", { class: "who", colour: nameColour(user) }, user.name), " used ", make("span", { class: "mention" }, "/" + deed.name));
  }
  const origin = message.referenced_message;
  if (origin) {
    const user = page.names.users[origin.author.id];
    return make("div", { class: "above" }, avatar(user, "tiny"), make("b", { class: "who", colour: nameColour(user) }, "@" + user.name), " ", make("span", { class: "quoted" }, origin.content || "Click to see attachment"));
  }
  return null;
}

export function nameColour(user) {
  return user.colour ? hex(user.colour) : "#f2f3f5";
}

function files(message) {
  return message.attachments.map((file) =>
    file.content_type?.startsWith("image/")
      ? picture(file.url, file.width, file.height, file.description ?? file.filename)
      : make("a", { class: "file", href: file.url, target: "_blank", rel: "noreferrer noopener" }, file.filename));
}

function thread(message, page) {
  if (!message.thread) return null;
  const channel = page.channel(message.thread.id);
  const count = page.messagesOf(message.thread.id).length;
  const text = count === 0 ? "No messages yet" : count === 1 ? "1 message ›" : `${count} messages ›`;
  return make("button", { class: "thread-card", type: "button", onclick: () => page.open(message.thread.id) },
    make("b", {}, channel?.name ?? message.thread.name), " ", make("span", { class: "thread-count" }, text));
}

function foot(message, page) {
  if (!message.ephemeral) return null;
  const dismiss = make("button", { class: "dismiss", type: "button", onclick: () => page.dismiss(message) }, "Dismiss message");
  return make("div", { class: "only-you" }, "Only you can see this • ", dismiss);
}

function reactions(message, page) {
  if (!message.reactions) return null;
  return make("div", { class: "reactions" }, ...message.reactions.map((one) =>
    make("button", { class: "reaction", type: "button", onclick: () => act("react", { as: page.me, channel: message.channel_id, message: message.id, emoji: one.emoji.name }) }, `${one.emoji.name} ${one.count}`)));
}

function body(message, page) {
  if (message.flags & LOADING) {
    const dots = make("span", { class: "thinking" }, make("i"), make("i"), make("i"));
    return [make("div", { class: "markdown muted" }, dots, ` ${page.names.users[message.author.id].name} is thinking…`)];
  }
  const edited = message.edited_timestamp && make("span", { class: "edited", title: messageTime(message.edited_timestamp) }, "(edited)");
  const text = message.content ? markdown(message.content, page.names) : null;
  if (text && edited) text.append(" ", edited);
  return [text, ...files(message), ...message.embeds.map((embed) => embedElement(embed, page.names)), !text && edited, ...rows(message, page)];
}

export function messageElement(message, before, page) {
  const user = page.names.users[message.author.id];
  const grouped = continues(message, before);
  const mine = message.mention_everyone || message.mentions.some((one) => one.id === page.me) || message.mention_roles.some((role) => page.roles.has(role));
  const kind = ["message", grouped && "grouped", message.ephemeral && "ephemeral", mine && "mentions-me"].filter(Boolean).join(" ");
  const head = make("div", { class: "head" },
    make("span", { class: "who", colour: nameColour(user) }, user.name),
    user.bot && make("span", { class: "badge" }, "APP"),
    make("time", { class: "when" }, messageTime(message.timestamp)));
  const remove = page.moderated && !message.ephemeral &&
    make("button", { class: "remove", type: "button", title: "Delete message", "aria-label": "Delete message", onclick: () => page.remove(message) }, "✕");
  return make("li", { class: kind, "data-message-id": message.id },
    above(message, page),
    make("div", { class: "line" },
      grouped ? make("time", { class: "gutter" }, shortTime(message.timestamp)) : avatar(user, "large"),
      make("div", { class: "content" }, grouped ? null : head, ...body(message, page), reactions(message, page), thread(message, page), foot(message, page),
        make("div", { class: "failed", hidden: true }, "This interaction failed"))),
    remove);
}
