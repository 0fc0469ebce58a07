// Slides with figures that are drawn when their slide is open: a hidden one has no size to be drawn in.
const figures = JSON.parse(document.getElementById("figures").textContent);
const NARROW = 640, FEW = 14, LARGE = 16, SMALL = 12;  // pixels; names that have room below a narrow figure; font sizes
const dark = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Set();

const sizeOfText = () => innerWidth > NARROW ? LARGE : SMALL;

const template = () => {
  const made = look(dark.matches);
  made.layout.font.size = sizeOfText();
  return made;
};

const oneLine = (name) => typeof name === "string" ? name.replaceAll("<br>(", " (").replaceAll("<br>", ", ") : name;

const onOneLine = (names) => Array.isArray(names) ? names.map(oneLine) : names;

const spread = (data, layout) => {  // a slide is wide and low: names beside rows have room for one line each
  for (const trace of data) trace.y = onOneLine(trace.y);
  for (const names of ["ticktext", "categoryarray"])
    if (layout.yaxis?.[names]) layout.yaxis[names] = onOneLine(layout.yaxis[names]);
};

const enlarge = (layout) => {  // what is written at the axes and in the legend has the size of a page's
  for (const [key, part] of Object.entries(layout)) if (/^[xy]axis/.test(key)) part.tickfont = { size: sizeOfText() };
  if (layout.legend) layout.legend.font = { size: sizeOfText() };
};

const drawFigure = async (place) => {
  if (drawn.has(place)) return Plotly.Plots.resize(place);
  drawn.add(place);
  const { data, layout: { height, ...layout } } = figures[place.id.replace("figure-", "")];  // as high as its place
  if (place.clientWidth > NARROW) spread(data, layout);
  else if (layout.xaxis?.ticktext?.length > FEW) layout.xaxis.showticklabels = false;
  enlarge(layout);
  await Plotly.newPlot(place, data, { ...layout, template: template(), autosize: true },
    { responsive: true, displaylogo: false, displayModeBar: "hover" });
};

const drawSlide = async (slide) => {
  await Promise.all([...slide.querySelectorAll(".figure")].map(drawFigure));
  slide.dataset.drawn = slide.querySelectorAll(".main-svg").length;
};

const deck = new Reveal({
  hash: true, history: true, disableLayout: true, center: false, display: "flex", overview: false, touch: false,
  transition: "none", backgroundTransition: "none", slideNumber: "c/t", scrollActivationWidth: null,
  plugins: [RevealNotes],
});
const sayNone = () => { document.getElementById("no-figures").hidden = false; };
const show = ({ currentSlide }) => drawSlide(currentSlide).catch(sayNone);

deck.on("ready", show);
deck.on("slidechanged", show);
deck.initialize();
dark.addEventListener("change", () => drawn.forEach((place) => Plotly.relayout(place, { template: template() })));
