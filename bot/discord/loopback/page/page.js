// The page's state, and what arrives for it.
import { Composer } from "/page/composer.js";
import { act, avatar, make } from "/page/dom.js";
import { continues, messageElement, nameColour, PATIENCE_MS } from "/page/message.js";
import { showModal } from "/page/modal.js";

const $ = (id) => document.getElementById(id);
const NEAR_BOTTOM_PX = 120;
const RETRY_MS = 1000;
const TEXT = "text", DIRECT = "direct", THREAD = "thread";

const page = {
  me: localStorage.getItem("me"),
  open_id: location.hash.slice(1) || null,
  channels: [], commandsByGuild: {}, messages: {}, low: true, drawn: null, unread: new Set(), answers: new Map(), pressed: new Map(),
  names: { users: {}, roles: {}, channelName: (id) => page.channel(id)?.name },
  channel: (id) => page.channels.find((channel) => channel.id === id),
  messagesOf: (id) => page.messages[id] ?? [],
  get current() { return page.channel(page.open_id); },
  get commands() { return page.current?.commandable ? page.commandsByGuild[page.current.guild ?? page.guilds[0]?.id] ?? [] : []; },
  get bot() { return Object.values(page.names.users).find((user) => user.bot); },
  get moderated() { return page.current?.moderated; },
  roles: new Set(),

  open(id) {
    page.open_id = id;
    page.guild_id = page.current?.guild ?? page.guild_id;
    page.unread.delete(id);
    drawGuilds();
    history.replaceState(null, "", "#" + id);
    drawChannels();
    drawHeader();
    drawMessages();
    composer.show();
    composer.input?.focus();
  },
  async press(message, custom_id, values, element) {
    element.classList.add("waiting");
    try {
      const { interaction } = await act("press", { as: page.me, channel: message.channel_id, message: message.id, custom_id, values });
      if (!page.answers.has(interaction)) {
        page.pressed.set(interaction, element);
        setTimeout(() => page.pressed.has(interaction) && failed(message.id, element, interaction), PATIENCE_MS);
      } else element.classList.remove("waiting");
    } catch {
      failed(message.id, element, null);
    }
  },
  dismiss: (message) => act("delete", { as: page.me, channel: message.channel_id, message: message.id }),
  remove: (message) => act("delete", { as: page.me, channel: message.channel_id, message: message.id }),
};

function failed(message_id, element, interaction) {
  page.pressed.delete(interaction);
  element.classList.remove("waiting");
  const line = document.querySelector(`[data-message-id="${message_id}"] .failed`);
  if (line) line.hidden = false;
}

const composer = new Composer($("composer"), page);

function take(snapshot) {
  page.me = snapshot.me;
  page.names.users = snapshot.users;
  page.names.roles = snapshot.roles;
  page.people = snapshot.people;
  page.guilds = snapshot.guilds;
  page.channels = snapshot.channels;
  page.messages = snapshot.messages;
  page.commandsByGuild = snapshot.commands;
  page.roles = new Set(snapshot.myRoles);
  page.botOnline = snapshot.botOnline;
  const before = composer.root.dataset.place;
  if (!page.current) page.open_id = page.channels.find((channel) => channel.kind === TEXT)?.id ?? null;
  page.guild_id = page.current?.guild ?? page.guild_id ?? page.guilds[0]?.id;
  const place = `${page.me} ${page.open_id} ${page.current?.writable}`;
  composer.root.dataset.place = place;
  drawAll();
  // What is being written stays, unless it is another person or place.
  if (before !== place) composer.show();
}

function enter(guild) {
  const first = page.channels.filter((one) => one.guild === guild.id && one.kind === TEXT).sort((a, b) => a.position - b.position)[0];
  if (first) page.open(first.id);
}

function drawGuilds() {
  const faces = page.guilds.map((guild) =>
    make("button", { class: guild.id === page.guild_id ? "guild chosen" : "guild", type: "button", title: guild.name, "aria-label": guild.name, onclick: () => enter(guild) }, guild.name.split(" ").map((word) => word[0]).join("").slice(0, 3)));
  $("guilds").replaceChildren(make("div", { class: "guild home", "aria-hidden": "true" }, avatar(page.bot, "guild-face")), make("div", { class: "rule" }), ...faces);
  $("guild-name").textContent = page.guilds.find((guild) => guild.id === page.guild_id)?.name ?? "";
}

function drawAll() {
  drawGuilds();
  drawChannels();
  drawHeader();
  drawMessages();
  drawActing();
  drawMembers();
}

function entry(channel, sign) {
  const classes = ["channel", channel.kind, channel.id === page.open_id && "chosen", page.unread.has(channel.id) && "unread"].filter(Boolean).join(" ");
  return make("button", { class: classes, type: "button", "data-channel-id": channel.id, onclick: () => page.open(channel.id) }, make("span", { class: "sign", "aria-hidden": "true" }, sign), make("span", { class: "channel-name" }, channel.name));
}

function drawChannels() {
  const rows = [make("div", { class: "category" }, "Channels")];
  for (const channel of page.channels.filter((one) => one.kind === TEXT && one.guild === page.guild_id).sort((a, b) => a.position - b.position)) {
    rows.push(entry(channel, "#"));
    for (const thread of page.channels) if (thread.kind === THREAD && thread.parent === channel.id && !thread.archived) rows.push(entry(thread, ""));
  }
  const direct = page.channels.filter((one) => one.kind === DIRECT);
  if (direct.length) rows.push(make("div", { class: "category" }, "Direct messages"), ...direct.map((one) => entry(one, "@")));
  $("channels").replaceChildren(...rows);
}

function drawHeader() {
  const channel = page.current;
  if (!channel) return $("channel-header").replaceChildren();
  const sign = { text: "#", thread: "#", direct: "@" }[channel.kind];
  const parent = channel.parent && page.channel(channel.parent);
  $("channel-header").replaceChildren(make("span", { class: "sign" }, sign),
    parent ? make("button", { class: "parent", type: "button", onclick: () => page.open(parent.id) }, parent.name + " ›") : "",
    make("h1", {}, channel.name), channel.topic ? make("span", { class: "topic" }, channel.topic) : "",
    make("span", { class: page.botOnline ? "state on" : "state" }, page.botOnline ? "bot online" : "bot offline"));
  document.title = `${sign} ${channel.name} – Loopback Discord`;
}

function greeting(channel) {
  const name = channel.kind === TEXT ? "#" + channel.name : channel.name;
  return make("li", { class: "greeting" }, make("div", { class: "big-sign" }, channel.kind === TEXT ? "#" : channel.kind === DIRECT ? "@" : "#"), make("h2", {}, channel.kind === TEXT ? `Welcome to ${name}!` : name), make("p", {}, channel.topic ?? "This is the beginning."));
}

function drawMessages() {
  const channel = page.current;
  if (!channel) return $("messages").replaceChildren();
  const seen = page.messagesOf(channel.id), scroller = $("scroller");
  // Who reads further up stays there; a channel just opened shows its end.
  const top = scroller.scrollTop;
  if (page.drawn !== channel.id) page.low = true;
  page.drawn = channel.id;
  $("messages").replaceChildren(greeting(channel), ...seen.map((message, index) => messageElement(message, seen[index - 1], page)));
  scroller.scrollTop = page.low ? scroller.scrollHeight : top;
}

function receive(message) {
  const all = (page.messages[message.channel_id] ??= []);
  const index = all.findIndex((one) => one.id === message.id);
  const isNew = index < 0;
  if (isNew) all.push(message);
  else all[index] = message;
  const here = message.channel_id === page.open_id;
  const place = isNew ? all.length - 1 : index;
  if (here) {
    const element = messageElement(message, all[place - 1], page);
    const old = document.querySelector(`#messages [data-message-id="${message.id}"]`);
    if (old) old.replaceWith(element);
    else $("messages").append(element);
    if (page.low) $("scroller").scrollTop = $("scroller").scrollHeight;
  } else if (isNew) {
    page.unread.add(message.channel_id);
    drawChannels();
    // The card that started a thread counts its messages.
    const starter = page.messagesOf(page.channel(message.channel_id)?.parent ?? "").find((one) => one.id === message.channel_id);
    if (starter) receive(starter);
  }
}

function forget(channel, id) {
  const all = page.messages[channel] ?? [];
  const index = all.findIndex((one) => one.id === id);
  if (index < 0) return;
  const [gone] = all.splice(index, 1);
  document.querySelector(`#messages [data-message-id="${id}"]`)?.remove();
  // The next one may have stood under its head.
  if (channel === page.open_id && all[index] && continues(all[index], gone)) receive(all[index]);
}

function answered(answer) {
  page.answers.set(answer.id, answer);
  if (page.answers.size > 200) page.answers.delete(page.answers.keys().next().value);
  page.pressed.get(answer.id)?.classList.remove("waiting");
  page.pressed.delete(answer.id);
  composer.answered(answer);
  if (answer.modal) showModal(answer.modal, page.bot.name, (values) => act("submit", { as: page.me, interaction: answer.id, values }));
}

function drawActing() {
  $("acting").replaceChildren(make("div", { class: "acting-title" }, "Acting as"), make("div", { class: "faces" }, ...page.people.map((user) =>
    make("button", { class: user.id === page.me ? "face chosen" : "face", type: "button", title: `${user.name} – ${user.role}`, "aria-label": `Act as ${user.name}`, "aria-pressed": String(user.id === page.me), "data-user-id": user.id, onclick: () => become(user.id) }, avatar(user, "medium")))),
    ...page.people.filter((user) => user.id === page.me).map((user) => make("div", { class: "self" }, make("b", {}, user.name), make("span", { class: "muted" }, user.role))));
}

function drawMembers() {
  const rows = [];
  const users = Object.values(page.names.users).sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name));
  let role = null;
  for (const user of users) {
    if (user.role !== role) rows.push(make("div", { class: "category" }, `${user.role} — ${users.filter((one) => one.role === user.role).length}`));
    role = user.role;
    rows.push(make("div", { class: user.bot && !page.botOnline ? "member away" : "member" }, avatar(user, "medium"), make("span", { class: "who", colour: nameColour(user) }, user.name), user.bot && make("span", { class: "badge" }, "APP")));
  }
  $("members").replaceChildren(...rows);
}

let stream = null;

function become(user) {
  localStorage.setItem("me", user);
  page.drawn = null;
  page.answers.clear();
  stream?.close();
  stream = new EventSource(`/page/stream?as=${user}`);
  stream.onopen = () => ($("offline").hidden = true);
  stream.onerror = () => {
    $("offline").hidden = false;
    // A server that is new at this address may not know the person.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => become("first"), RETRY_MS);
  };
  stream.onmessage = (event) => {
    const told = JSON.parse(event.data);
    if (told.kind === "snapshot") take(told.snapshot);
    else if (told.kind === "message") receive(told.message);
    else if (told.kind === "gone") forget(told.channel, told.id);
    else if (told.kind === "answered") answered(told);
  };
}

$("scroller").addEventListener("scroll", () => {
  const scroller = $("scroller");
  page.low = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM_PX;
});
// A picture that has arrived pushes the end down; who was at the end stays there.
new ResizeObserver(() => page.low && ($("scroller").scrollTop = $("scroller").scrollHeight)).observe($("messages"));
become(page.me ?? "first");
