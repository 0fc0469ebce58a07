// The keys of a talk, which press the buttons of its bar, and the room of what is pointed at.
const KEYS = {
  ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next",
  ArrowLeft: "back", ArrowUp: "back", PageUp: "back", Escape: "leave",
};
// How far a figure, and how far all else, is enlarged and shrunk; what does not fit then can be scrolled. Nothing is
// enlarged where it would get narrower than `NARROW`.
const LARGEST = [1.6, 2], SMALLEST = [0.7, 0.8], NARROW = 480, TELEPHONE = 640;  // there texts are scrolled, not shrunk
const FRAME = '[data-testid="stFullScreenFrame"]:has(> .stPlotlyChart)';

let shown;  // of the step that is drawn now
let size = "", scale = LARGEST;  // of the room, and what fits in it

export default function ({ data, parentElement }) {
  [shown, size] = [data, ""];
  parentElement.stop?.();  // each run of the app calls anew
  if (!document.documentElement.dataset.dlStage) {  // once: what ends may end after what follows it has begun
    document.documentElement.dataset.dlStage = "on";
    document.addEventListener("keydown", pressed);
  }
  const timer = setInterval(fit, 150);
  fit();
  return (parentElement.stop = () => clearInterval(timer));
}

function pressed(event) {
  const target = event.composedPath()[0], name = KEYS[event.key];
  const writing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const presses = event.key === " " && target.closest?.("button, a, summary");
  if (!document.querySelector(".st-key-stage") || !name || writing || presses || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector('[data-testid="stPopoverBody"]')) return;  // Escape closes that first
  event.preventDefault();
  event.stopPropagation();
  document.querySelector(`${shown[name]} button:not(:disabled)`)?.click();
}

// As large as fits. It only shrinks until the next run, so that texts, which grow taller as they get narrower, come to
// rest; it is asked for again and again, because figures come late.
function fit() {
  const stage = document.querySelector(".st-key-stage"), root = document.documentElement.style;
  const point = document.querySelector(shown.point), room = document.getElementById("stage-room");
  if (!stage || !point || !room) return;
  if (point.tagName === "DETAILS") point.open = true;
  set(root, { "stage-end": `${Math.ceil(stage.getBoundingClientRect().bottom)}px` });
  const { left, top, width, height } = room.getBoundingClientRect(), frames = [...point.querySelectorAll(FRAME)];
  const text = frames.length ? 0 : 1, columns = frames.map((frame) => frame.parentElement.clientWidth);
  const narrowest = text ? width : Math.min(...columns);
  const identity = [left, top, width, height, frames.length, Math.round(narrowest / NARROW * 20)].join(" ");
  if (size !== identity) {
    [size, scale] = [identity, Math.max(1, Math.min(LARGEST[text], narrowest / NARROW))];
  }
  const smallest = text && innerWidth <= TELEPHONE ? 1 : SMALLEST[text];
  // Streamlit measures a figure's frame as it is seen, so figures are enlarged inside of theirs, and all else as a whole.
  for (;;) {
    const whole = text ? scale : 1, high = Math.floor(height / whole);
    set(root, {
      left: `${left}px`, top: `${top}px`, whole, figure: text ? 1 : scale,
      width: `${Math.floor(width / whole)}px`, height: `${high}px`,
    });
    for (const frame of frames) reserve(frame, point);
    const tall = frames.length ? extent(point) : point.scrollHeight;
    const fits = tall <= high + 1 && !tables(point).some((it) => it.scrollWidth > it.clientWidth + 1);
    if (fits || scale <= smallest) {
      point.tabIndex = fits ? -1 : 0;  // the keyboard scrolls what has the focus
      set(root, { scroll: fits ? "hidden" : "auto" });
      break;
    }
    scale = Math.max(smallest, scale * 0.96);
  }
}

// The room that a figure takes by its scale, which a transform does not take by itself.
function reserve(frame, point) {
  const element = frame.closest(".stElementContainer"), at = element === point ? frame : element;
  const more = `${Math.round((scale - 1) * (frame.querySelector(".stPlotlyChart")?.clientHeight ?? 0))}px`;
  if (at.style.marginBottom !== more) at.style.marginBottom = more;
}

// How far down anything is seen. Where a figure is drawn smaller, the room that it would take counts as overflow.
function extent(point) {
  const seen = [...point.querySelectorAll(".js-plotly-plot, :not(:has(*))")].filter(
    (it) => (it.matches(".js-plotly-plot") || !it.closest(".js-plotly-plot")) && it.checkVisibility());
  const top = point.getBoundingClientRect().top - point.scrollTop;
  return Math.max(0, ...seen.map((it) => it.getBoundingClientRect().bottom - top));
}

const tables = (point) => [...point.querySelectorAll(".dl-scroll")];

function set(style, values) {
  for (const [name, value] of Object.entries(values)) {
    if (style.getPropertyValue(`--dl-${name}`) !== String(value)) style.setProperty(`--dl-${name}`, value);
  }
}
