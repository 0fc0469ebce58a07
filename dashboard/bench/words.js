// The text on the bench: its words as buttons with a menu, and a field to write in. Enter asks, Shift+Enter makes a line.
const states = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let state = states.get(parentElement);
  if (!state) {
    state = { root: make("div", "dl-bench"), draft: null, current: 0, open: null };
    states.set(parentElement, state);
    parentElement.append(state.root);
  }
  if (state.text !== data.text) Object.assign(state, { text: data.text, draft: null, open: null });
  const send = (name, value) => setTriggerValue(name, value);
  draw(state, data, send);
}

function draw(state, data, send) {
  const focused = state.root.contains(document.activeElement);
  state.root.replaceChildren(...(state.draft === null ? view(state, data, send) : field(state, data, send)));
  if (focused && state.draft === null) (state.root.querySelector(".dl-menu input") || words(state)[state.current])?.focus();
}

function view(state, data, send) {
  const line = make("div", "dl-words");
  line.setAttribute("role", "group");
  line.setAttribute("aria-label", data.label);
  for (const [text, word] of data.segments) {
    if (word === null) line.append(text);
    else line.append(wordButton(state, data, send, text, word));
  }
  const write = () => { state.draft = data.text; state.open = null; draw(state, data, send); };
  line.addEventListener("click", (event) => { if (event.target === line) write(); });
  line.addEventListener("keydown", (event) => move(event, state));
  const pencil = make("button", "dl-write", "✎");
  Object.assign(pencil, { type: "button", title: `${data.write} ( / )`, onclick: write });
  pencil.setAttribute("aria-label", data.write);
  return [line, pencil];
}

function wordButton(state, data, send, text, word) {
  const button = make("button", "dl-word", text);
  Object.assign(button, { type: "button", tabIndex: word === state.current ? 0 : -1 });
  button.dataset.word = word;
  button.setAttribute("aria-haspopup", "true");
  button.setAttribute("aria-expanded", String(state.open === word));
  button.onclick = () => {
    state.current = word;
    state.open = state.open === word ? null : word;
    draw(state, data, send);
    if (state.open !== null && data.candidates?.word !== word) send("look", word);
  };
  if (state.open !== word) return button;
  const holder = make("span", "dl-holder");
  holder.append(button, menu(state, data, send, word));
  return holder;
}

function menu(state, data, send, word) {
  const list = make("div", "dl-menu");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", data.about);
  const close = () => { state.open = null; draw(state, data, send); words(state)[word]?.focus(); };
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); close(); }
  });
  const act = (name, value) => { state.open = null; draw(state, data, send); send(name, value); };
  const typed = make("input");
  Object.assign(typed, { type: "text", placeholder: data.replace, maxLength: 500 });
  typed.setAttribute("aria-label", data.replace);
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && typed.value.trim()) act("edit", { word, action: "replace", value: typed.value });
  });
  list.append(typed);
  const found = data.candidates?.word === word ? data.candidates : null;
  if (found) {
    if (found.said) list.append(make("div", "dl-said-of", found.said));
    const row = make("div", "dl-candidates");
    for (const value of found.values) {
      row.append(item(value, () => act("edit", { word, action: "replace", value })));
    }
    list.append(row);
  } else list.append(make("div", "dl-said-of", data.waiting));
  const actions = make("div", "dl-candidates");
  for (const [action, label] of data.edits) actions.append(item(label, () => act("edit", { word, action, value: "" })));
  for (const [action, label] of data.ways) actions.append(item(label, () => act("go", { word, action })));
  list.append(actions);
  return list;
}

function item(label, onclick) {
  const button = make("button", "dl-item", label);
  return Object.assign(button, { type: "button", onclick });
}

function field(state, data, send) {
  const area = make("textarea", "dl-field");
  Object.assign(area, { value: state.draft, rows: 1, spellcheck: false });
  area.setAttribute("aria-label", data.label);
  const note = make("span", "dl-draft", data.unasked);
  const changed = () => {
    state.draft = area.value;
    note.hidden = area.value === data.text;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  };
  const back = () => { state.draft = null; draw(state, data, send); words(state)[0]?.focus(); };
  area.addEventListener("input", changed);
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") back();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (area.value === data.text) back();
      else send("ask", area.value);
    }
  });
  const button = item(data.ask, () => (area.value === data.text ? back() : send("ask", area.value)));
  button.classList.add("dl-ask");
  requestAnimationFrame(() => { changed(); if (!state.wrote) area.focus(); });
  return [area, note, button];
}

function move(event, state) {
  if (event.target.tagName === "INPUT") return;
  const all = words(state);
  const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -all.length, End: all.length };
  if (!(event.key in steps)) return;
  event.preventDefault();
  all[state.current]?.setAttribute("tabindex", "-1");
  state.current = Math.min(Math.max(state.current + steps[event.key], 0), all.length - 1);
  all[state.current]?.setAttribute("tabindex", "0");
  all[state.current]?.focus();
}

function words(state) {
  return [...state.root.querySelectorAll(".dl-word")];
}

function make(tag, css = "", text = "") {
  const element = document.createElement(tag);
  element.className = css;
  element.textContent = text;
  return element;
}
