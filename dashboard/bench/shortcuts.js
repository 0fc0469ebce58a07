// Keys for the whole page, and an order of its controls that a keyboard can get through.
const KEYS = new Map();  // of the page that is drawn now: key -> what it does
const PLOTLY = ".modebar-btn";

export default function ({ data, setTriggerValue }) {
  KEYS.clear();
  KEYS.set("/", () => document.querySelector(".st-key-text_field .dl-write")?.click());
  KEYS.set("?", () => list(data.title, data.shortcuts, data.close));
  for (const [key] of data.shortcuts) if (!KEYS.has(key)) KEYS.set(key, () => setTriggerValue("pressed", key));
  if (!document.documentElement.dataset.dlKeys) {
    document.documentElement.dataset.dlKeys = "on";
    document.addEventListener("keydown", pressed);
    // Plotly's buttons are for the mouse: what they do, the keyboard does elsewhere
    new MutationObserver(() => {
      for (const button of document.querySelectorAll(`${PLOTLY}:not([tabindex="-1"])`)) button.tabIndex = -1;
    }).observe(document.body, { childList: true, subtree: true });
  }
}

function pressed(event) {
  const target = event.composedPath()[0];
  const writing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (writing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const act = KEYS.get(event.key);
  if (!act) return;
  event.preventDefault();
  act();
}

function list(title, shortcuts, close) {
  const dialog = document.createElement("dialog");
  dialog.className = "dl-keys";
  dialog.setAttribute("aria-label", title);
  const heading = Object.assign(document.createElement("h2"), { textContent: title });
  const table = document.createElement("table");
  for (const [key, meaning] of shortcuts) {
    const row = table.insertRow();
    row.insertCell().append(Object.assign(document.createElement("kbd"), { textContent: key }));
    row.insertCell().textContent = meaning;
  }
  const button = Object.assign(document.createElement("button"), { textContent: close, onclick: () => dialog.close() });
  dialog.append(heading, table, button);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
