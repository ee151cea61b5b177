// Draws a todo in its row.

import { part } from "./elements.js";
import { brief, full } from "./time.js";

export function paint(row, { description, created_at }, completed) {
  part(row, "todo-text").textContent = description;
  part(row, "todo-toggle").checked = completed;
  row.classList.toggle("completed", completed);
  for (const [name, label] of LABELS) part(row, name).setAttribute("aria-label", `${label}: ${description}`);
  const created = new Date(created_at);
  const time = row.querySelector("time");
  time.dateTime = created_at;
  time.title = `Added ${full(created)}`;
  time.textContent = brief(created);
}

const LABELS = [
  ["todo-toggle", "Completed"],
  ["todo-edit", "Edit"],
  ["todo-delete", "Delete"],
];
