// Draws all figures of a page, in the reader's theme and on paper in the light one.
const figures = JSON.parse(document.getElementById("figures").textContent);
const NARROW = 420, FEW = 14;  // pixels of a figure, and names that have room below it
const dark = matchMedia("(prefers-color-scheme: dark)");
const dragmode = matchMedia("(hover: none)").matches ? false : "zoom";  // a finger scrolls the page
const places = Object.keys(figures).map((name) => document.getElementById(`figure-${name}`));

const draw = async () => {
  for (const [name, { data, layout }] of Object.entries(figures)) {
    const place = document.getElementById(`figure-${name}`);
    const crowded = place.clientWidth < NARROW && layout.xaxis?.ticktext?.length > FEW;
    if (crowded) layout.xaxis.showticklabels = false;  // the rows of such a map have the same names
    const saved = { format: "svg", filename: `distillens-${name}` };
    await Plotly.newPlot(place, data, { ...layout, dragmode, template: look(dark.matches) },
      { responsive: true, displaylogo: false, toImageButtonOptions: saved });
  }
  document.body.dataset.drawn = places.length;
};

const paint = (onDark) => places.forEach((place) => Plotly.relayout(place, { template: look(onDark) }));

const follow = () => {
  dark.addEventListener("change", () => paint(dark.matches));
  addEventListener("beforeprint", () => {
    document.querySelectorAll(".reading").forEach((folded) => { folded.open = true; });
    paint(false);
    places.forEach((place) => Plotly.Plots.resize(place));
  });
  addEventListener("afterprint", () => {
    paint(dark.matches);
    places.forEach((place) => Plotly.Plots.resize(place));
  });
};

const sayNone = () => { document.getElementById("no-figures").hidden = false; };
