// Where a person writes: plain text, or a slash command with its options and completions.
import { act, avatar, make } from "/page/dom.js";
import { PATIENCE_MS } from "/page/message.js";

const SUBCOMMAND = 1, GROUP = 2, BOOLEAN = 5, USER = 6, CHANNEL = 7, ROLE = 8;
const TYPING_PAUSE_MS = 150;

export function flatten(commands) {
  const found = [];
  const walk = (name, node) => {
    const nested = (node.options ?? []).filter((option) => option.type === SUBCOMMAND || option.type === GROUP);
    if (nested.length) for (const inner of nested) walk(`${name} ${inner.name}`, inner);
    else found.push({ name, description: node.description, options: node.options ?? [] });
  };
  for (const command of commands) if (command.type === 1) walk(command.name, command);
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

export class Composer {
  constructor(root, page) {
    this.page = page;
    this.root = root;
    this.list = make("div", { id: "popup", role: "listbox", hidden: true });
    this.bar = make("div", { id: "bar" });
    this.note = make("div", { id: "composer-note", role: "status" });
    root.append(this.list, this.bar, this.note);
    this.rows = [];
    this.at = 0;
    this.waiting = new Map();
    this.asked = 0;
  }

  show() {
    this.command = null;
    this.hideList();
    const channel = this.page.current;
    if (!channel) return this.bar.replaceChildren();
    const place = channel.kind === "direct" ? "@" + channel.name : channel.kind === "thread" ? channel.name : "#" + channel.name;
    const hint = channel.writable ? `Message ${place}` : "You cannot write here. Type / for commands";
    this.input = make("input", { type: "text", id: "text", placeholder: hint, autocomplete: "off", "aria-label": hint });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.bar.className = "";
    this.bar.replaceChildren(make("span", { class: "plus", "aria-hidden": "true" }, "+"), this.input);
  }

  typed() {
    const text = this.input.value;
    this.note.textContent = "";
    if (!text.startsWith("/")) return this.hideList();
    const wanted = text.slice(1).toLowerCase();
    const found = flatten(this.page.commands).filter((command) => command.name.includes(wanted));
    found.sort((a, b) => b.name.startsWith(wanted) - a.name.startsWith(wanted));
    this.showList(`COMMANDS ${wanted ? "MATCHING /" + wanted : ""}`, found.map((command) => ({
      head: "/" + command.name,
      options: command.options.map((option) => option.name),
      text: command.description,
      choose: () => this.begin(command),
    })), "bot");
  }

  key(event) {
    if (!this.list.hidden && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      this.mark(this.at + (event.key === "ArrowDown" ? 1 : -1));
      event.preventDefault();
    } else if (event.key === "Tab" && !this.list.hidden && !event.shiftKey) {
      this.rows[this.at]?.choose();
      event.preventDefault();
    } else if (event.key === "Escape") this.show(), this.input?.focus();
    else if (event.key === "Enter") {
      event.preventDefault();
      if (!this.list.hidden && this.rows[this.at] && (!this.command || this.touched)) this.rows[this.at].choose();
      else if (this.command) this.send();
      else this.say();
    } else if (event.key === "Backspace" && this.command && event.target.value === "" && event.target.dataset.option === this.command.options[0]?.name) this.show(), this.input.focus();
  }

  async say() {
    const text = this.input.value.trim();
    if (!text || text.startsWith("/") || !this.page.current.writable) return;
    this.input.value = "";
    try {
      await act("say", { as: this.page.me, channel: this.page.current.id, text });
    } catch (error) {
      this.note.textContent = error.message;
    }
  }

  begin(command) {
    this.command = command;
    this.hideList();
    this.fields = new Map();
    const parts = command.options.map((option) => {
      const field = make("input", { type: "text", size: "6", autocomplete: "off", "data-option": option.name, "aria-label": option.name });
      field.addEventListener("focus", () => this.complete(option, field, false));
      field.addEventListener("input", () => {
        field.size = Math.max(6, field.value.length);
        delete field.dataset.value;
        this.complete(option, field, true);
      });
      field.addEventListener("keydown", (event) => this.key(event));
      this.fields.set(option.name, { option, field });
      return make("label", { class: option.required ? "option required" : "option", title: option.description }, make("span", {}, option.name), field);
    });
    const send = make("button", { type: "button", class: "send", "aria-label": "Send command", onclick: () => this.send() }, "➤");
    const cancel = make("button", { type: "button", class: "cancel", "aria-label": "Cancel command", onclick: () => (this.show(), this.input.focus()) }, "✕");
    this.bar.className = "command";
    this.bar.replaceChildren(avatar(this.page.bot, "small"), make("b", { class: "command-name" }, "/" + command.name), ...parts, make("span", { class: "gap" }), send, cancel);
    const first = parts[0]?.querySelector("input");
    if (first) first.focus();
    else send.focus();
  }

  values() {
    const values = {};
    for (const [name, { field }] of this.fields) {
      const value = field.dataset.value ?? field.value.trim();
      if (value !== "") values[name] = value;
    }
    return values;
  }

  fixed(option) {
    const names = this.page.names;
    if (option.choices) return option.choices.map((choice) => [choice.name, String(choice.value)]);
    if (option.type === BOOLEAN) return [["True", "true"], ["False", "false"]];
    if (option.type === USER) return Object.values(names.users).map((user) => ["@" + user.name, user.id]);
    if (option.type === ROLE) return Object.entries(names.roles).map(([id, role]) => ["@" + role.name, id]);
    if (option.type === CHANNEL) return this.page.channels.filter((c) => c.kind === "text").map((c) => ["#" + c.name, c.id]);
    return null;
  }

  async complete(option, field, typed) {
    this.touched = typed;
    this.note.textContent = "";
    const offer = (pairs) => this.showList(`${option.name.toUpperCase()} — ${option.description}`, pairs.map(([name, value]) => ({ head: name, text: name === value ? "" : "", choose: () => this.pick(field, name, value) })));
    const fixed = this.fixed(option);
    if (fixed) return offer(fixed.filter(([name]) => name.toLowerCase().includes(field.value.toLowerCase())));
    if (!option.autocomplete) return this.showList(`${option.name.toUpperCase()} — ${option.description}`, []);
    const turn = ++this.asked;
    offer([]);
    await new Promise((resolve) => setTimeout(resolve, TYPING_PAUSE_MS));
    if (turn !== this.asked) return;
    const options = { ...this.values(), [option.name]: field.value };
    try {
      const { interaction } = await act("complete", { as: this.page.me, channel: this.page.current.id, name: this.command.name, options, focused: option.name });
      const answer = await this.answerOf(interaction);
      if (turn !== this.asked || !this.command) return;
      if (answer) offer(answer.choices.map((choice) => [choice.name, String(choice.value)]));
      else this.note.textContent = "Loading options failed";
    } catch (error) {
      this.note.textContent = error.message;
    }
  }

  answerOf(interaction) {
    const early = this.page.answers.get(interaction);
    if (early) return Promise.resolve(early);
    return new Promise((resolve) => {
      this.waiting.set(interaction, resolve);
      setTimeout(() => (this.waiting.delete(interaction), resolve(null)), PATIENCE_MS);
    });
  }

  answered(answer) {
    this.waiting.get(answer.id)?.(answer);
    this.waiting.delete(answer.id);
  }

  pick(field, name, value) {
    field.value = name;
    field.dataset.value = value;
    field.size = Math.max(6, name.length);
    this.hideList();
    const fields = [...this.bar.querySelectorAll("input")];
    const next = fields.slice(fields.indexOf(field) + 1).find((one) => one.value === "" && one.closest(".required"));
    if (next) next.focus();
    else this.bar.querySelector(".send").focus();
  }

  async send() {
    const { name } = this.command;
    const missing = [...this.fields.values()].find(({ option, field }) => option.required && field.value.trim() === "");
    if (missing) {
      this.note.textContent = `${missing.option.name} is required`;
      return missing.field.focus();
    }
    try {
      const { interaction } = await act("command", { as: this.page.me, channel: this.page.current.id, name, options: this.values() });
      this.show();
      this.input.focus();
      if (!(await this.answerOf(interaction))) this.note.textContent = `/${name}: the application did not respond`;
    } catch (error) {
      this.note.textContent = error.message;
    }
  }

  showList(title, rows, face) {
    this.rows = rows;
    const items = rows.map((row, index) => make("div", { class: "choice", role: "option", onmousedown: (event) => (event.preventDefault(), row.choose()), onmousemove: () => this.mark(index) },
      face && avatar(this.page.bot, "small"),
      make("div", {}, make("b", {}, row.head), ...(row.options ?? []).map((name) => make("span", { class: "hint" }, name)), row.text && make("div", { class: "muted" }, row.text))));
    this.list.replaceChildren(make("div", { class: "popup-title" }, title), ...items);
    this.list.hidden = false;
    this.mark(0);
  }

  mark(index) {
    const items = this.list.querySelectorAll(".choice");
    if (!items.length) return;
    this.at = (index + items.length) % items.length;
    items.forEach((item, place) => item.classList.toggle("marked", place === this.at));
    items[this.at].scrollIntoView({ block: "nearest" });
  }

  hideList() {
    this.list.hidden = true;
    this.rows = [];
  }
}
