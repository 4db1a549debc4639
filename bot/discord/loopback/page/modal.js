// A form that the bot asks for.
import { make } from "/page/dom.js";

const PARAGRAPH = 2;

function inputsOf(row) {
  if (row.component) return [{ label: row.label, description: row.description, part: row.component }];
  return (row.components ?? []).map((part) => ({ label: part.label, part }));
}

function field({ label, description, part }) {
  const limits = { name: part.custom_id, minlength: part.min_length, maxlength: part.max_length, placeholder: part.placeholder, required: part.required !== false };
  let input;
  if (part.options) {
    input = make("select", { name: part.custom_id }, ...part.options.map((option) => make("option", { value: option.value, selected: option.default }, option.label)));
  } else if (part.style === PARAGRAPH) {
    input = make("textarea", { ...limits, rows: "4" });
    input.value = part.value ?? "";
  } else {
    input = make("input", { ...limits, type: "text", autocomplete: "off" });
    input.value = part.value ?? "";
  }
  return make("label", { class: "modal-field" }, make("span", {}, label ?? "", part.required !== false && make("b", { class: "star" }, " *")), description && make("small", {}, description), input);
}

export function showModal(modal, botName, send) {
  const veil = document.getElementById("veil");
  const close = () => {
    veil.hidden = true;
    veil.replaceChildren();
  };
  const form = make("form", { class: "modal", role: "dialog", "aria-label": modal.title },
    make("h2", {}, modal.title),
    make("p", { class: "modal-note" }, `This form will be submitted to ${botName}.`),
    ...modal.components.flatMap(inputsOf).map(field),
    make("div", { class: "modal-actions" },
      make("button", { type: "button", class: "button plain", onclick: close }, "Cancel"),
      make("button", { type: "submit", class: "button primary" }, "Submit")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(Object.fromEntries(new FormData(form)));
    close();
  });
  form.addEventListener("keydown", (event) => event.key === "Escape" && close());
  veil.replaceChildren(form);
  veil.hidden = false;
  form.querySelector("input, textarea, select")?.focus();
}
