// What Plotly draws with on a light and on a dark ground.
const look = (dark) => {
  const ink = dark ? "#E8EAED" : "#1B1F24", line = dark ? "#353A42" : "#D8DCE2";
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, tickcolor: line, automargin: true,
    zeroline: false, title: { standoff: 12 } };
  return { layout: {
    font: { color: ink, family: 'system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif' },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", xaxis: axis, yaxis: axis,
    colorway: ["#2F7FC1", "#D9661F"],
  } };
};
