const painted = async (address, width, height, scale) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
};

(async () => {
  const taken = {};
  for (const [name, { data, layout }] of Object.entries(JSON.parse(document.getElementById("figures").textContent))) {
    const height = layout.height || 450;
    const figure = { data, layout: { ...layout, template: look(false), paper_bgcolor: "#FFFFFF" } };
    const drawn = await Plotly.toImage(figure, { format: "svg", width: WIDTH, height });
    taken[`${name}.svg`] = drawn;
    taken[`${name}.png`] = await painted(drawn, WIDTH, height, SCALE);
  }
  const shown = document.createElement("pre");
  shown.id = "pictures";
  shown.textContent = JSON.stringify(taken);
  document.body.append(shown);
})();
