(async () => {
  const taken = {};
  for (const [name, { data, layout }] of Object.entries(JSON.parse(document.getElementById("figures").textContent))) {
    const height = layout.height || 450;
    const figure = { data, layout: { ...layout, template: look(false), paper_bgcolor: "#FFFFFF" } };
    for (const [format, scale] of Object.entries(FORMATS)) {
      taken[`${name}.${format}`] = await Plotly.toImage(figure, { format, width: WIDTH, height, scale });
    }
  }
  const shown = document.createElement("pre");
  shown.id = "pictures";
  shown.textContent = JSON.stringify(taken);
  document.body.append(shown);
})();
