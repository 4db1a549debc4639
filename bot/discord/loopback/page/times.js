// Discord's ways to write a time.
import { make } from "/page/dom.js";

const FORMATS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const STEPS = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [2592000, "day", 86400], [31536000, "month", 2592000], [Infinity, "year", 31536000]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function relativeText(seconds) {
  const distance = seconds - Date.now() / 1000;
  const [, unit, size] = STEPS.find(([limit]) => Math.abs(distance) < limit);
  return relative.format(Math.round(distance / size), unit);
}

export function timestamp(seconds, style) {
  const at = new Date(seconds * 1000);
  const full = Number.isNaN(at.getTime()) ? "Invalid Date" : at.toLocaleString("en", FORMATS.F);
  const element = make("time", { class: "timestamp", title: full });
  if (style === "R" && full !== "Invalid Date") {
    element.dataset.relative = seconds;
    element.textContent = relativeText(seconds);
  } else element.textContent = full === "Invalid Date" ? full : at.toLocaleString("en", FORMATS[style] ?? FORMATS.f);
  return element;
}

export function messageTime(iso) {
  const at = new Date(iso), today = new Date();
  const clock = at.toLocaleTimeString("en", { timeStyle: "short" });
  if (at.toDateString() === today.toDateString()) return `Today at ${clock}`;
  return `${at.toLocaleDateString("en", { dateStyle: "short" })}, ${clock}`;
}

export function shortTime(iso) {
  return new Date(iso).toLocaleTimeString("en", { timeStyle: "short" });
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    element.textContent = relativeText(Number(element.dataset.relative));
  }
}, 1000);
