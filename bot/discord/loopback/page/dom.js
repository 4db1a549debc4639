// Elements are made here and nowhere else; text goes in as text, so nothing a person writes becomes markup.

export function make(tag, settings = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "colour") element.style.setProperty("--colour", value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function hex(colour) {
  return "#" + (colour >>> 0).toString(16).padStart(6, "0").slice(-6);
}

const PALETTE = ["#5865f2", "#3ba55c", "#c27c0e", "#a84300", "#ad1457", "#11806a", "#71368a"];

export function avatar(user, size) {
  const colour = user.bot ? "#5865f2" : PALETTE[Number(BigInt(user.id) % BigInt(PALETTE.length))];
  const face = make("span", { class: `avatar ${size}`, colour, "aria-hidden": "true" });
  if (user.bot) {
    // A small bar chart: the bot's face.
    face.append(make("span", { class: "bars" }, make("i", { class: "bar b1" }), make("i", { class: "bar b2" }), make("i", { class: "bar b3" })));
  } else face.textContent = user.name.slice(0, 1);
  return face;
}

export async function act(deed, form) {
  const answer = await fetch(`/page/act/${deed}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(form),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.refused ?? `refused with ${answer.status}`);
  return found;
}
