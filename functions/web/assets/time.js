// Formats times in the user's time zone and in English.

const LANGUAGE = globalThis.navigator?.languages?.find((language) => language.startsWith("en")) ?? "en";
const FULL = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short" });
const YEAR = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", year: "numeric" });
const DISTANCE = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

export function full(date) {
  return FULL.format(date);
}

// The time for today, the day for this year, otherwise the date.
export function brief(date, now = new Date()) {
  if (date.toDateString() === now.toDateString()) return CLOCK.format(date);
  return (date.getFullYear() === now.getFullYear() ? DAY : YEAR).format(date);
}

// "in 12 minutes", "3 days ago"
export function distance(date, now = new Date()) {
  const seconds = Math.round((date - now) / 1000);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  return DISTANCE.format(Math.trunc(seconds / size), unit);
}
