// The emoji that the bot writes, drawn here: Discord shows pictures of its own too, whatever fonts a machine has.

const SPACE = "http://www.w3.org/2000/svg";
const PICTURES = {
  "✅": ["white heavy check mark", ["rect", { x: 1, y: 1, width: 16, height: 16, rx: 3.5, fill: "#2fa35f" }], ["path", { d: "M4.6 9.4l3 3 5.8-6.6", stroke: "#fff", "stroke-width": 2.2, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" }]],
  "❌": ["cross mark", ["path", { d: "M3.5 3.5l11 11M14.5 3.5l-11 11", stroke: "#e8434b", "stroke-width": 3.4, fill: "none", "stroke-linecap": "round" }]],
  "⛔": ["no entry", ["circle", { cx: 9, cy: 9, r: 8, fill: "#d8363d" }], ["rect", { x: 3.6, y: 7.4, width: 10.8, height: 3.2, rx: 0.8, fill: "#fff" }]],
  "⚠": ["warning", ["path", { d: "M9 1.8L17.2 16H.8z", fill: "#f2c230", "stroke-linejoin": "round" }], ["path", { d: "M9 6.8v4.4M9 13.4v.4", stroke: "#332a06", "stroke-width": 1.9, "stroke-linecap": "round" }]],
  "🔔": ["bell", ["path", { d: "M9 1.6a1.4 1.4 0 0 1 1.4 1.4v.3c2.2.6 3.6 2.6 3.6 5v3.2l1.6 2v.9H2.4v-.9l1.6-2V8.3c0-2.4 1.4-4.4 3.6-5V3A1.4 1.4 0 0 1 9 1.6z", fill: "#f2c230" }], ["path", { d: "M7 15.3a2 2 0 0 0 4 0z", fill: "#f2c230" }]],
  "🔕": ["bell with slash", ["path", { d: "M9 1.6a1.4 1.4 0 0 1 1.4 1.4v.3c2.2.6 3.6 2.6 3.6 5v3.2l1.6 2v.9H2.4v-.9l1.6-2V8.3c0-2.4 1.4-4.4 3.6-5V3A1.4 1.4 0 0 1 9 1.6z", fill: "#b5a04a" }], ["path", { d: "M7 15.3a2 2 0 0 0 4 0z", fill: "#b5a04a" }], ["path", { d: "M2.4 2.4l13.2 13.2", stroke: "#e8434b", "stroke-width": 2, "stroke-linecap": "round" }]],
  "🟢": ["green circle", ["circle", { cx: 9, cy: 9, r: 7.5, fill: "#2fa35f" }]],
  "🟠": ["orange circle", ["circle", { cx: 9, cy: 9, r: 7.5, fill: "#f08c2e" }]],
  "🔴": ["red circle", ["circle", { cx: 9, cy: 9, r: 7.5, fill: "#d8363d" }]],
  "⚪": ["white circle", ["circle", { cx: 9, cy: 9, r: 7.5, fill: "#dcdfe4" }]],
};
export const EMOJI = new RegExp(`^(${Object.keys(PICTURES).join("|")})\uFE0F?`, "u");

function shape(tag, settings) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(settings)) element.setAttribute(name, value);
  return element;
}

export function emoji(sign) {
  const [name, ...shapes] = PICTURES[sign];
  const picture = shape("svg", { class: "emoji", viewBox: "0 0 18 18", role: "img", "aria-label": name });
  picture.append(...shapes.map(([tag, settings]) => shape(tag, settings)));
  // Whoever copies or searches the text finds the sign itself.
  const text = document.createElement("span");
  text.className = "emoji-text";
  text.textContent = sign;
  const both = document.createElement("span");
  both.className = "emoji-box";
  both.append(picture, text);
  return both;
}
