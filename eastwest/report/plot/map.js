"use strict";
const { figures, outlines } = JSON.parse(document.getElementById("data").textContent);
for (const { data } of Object.values(figures)) {
  for (const trace of data) {
    if ("outline" in trace) [trace.x, trace.y] = outlines[trace.outline];
  }
}
const div = document.getElementById("map");
const form = document.querySelector("form");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const BUTTONS = [["toImage"], ["zoomIn2d", "zoomOut2d", "resetScale2d"]];
const dragmode = window.matchMedia("(pointer: coarse)").matches ? false : "pan"; // a finger scrolls the page
const keys = { flows: "task", shade: "measure" };
const chosen = (name) => (form.elements[name] ? form.elements[name].value : null);

function draw() {
  const years = Object.keys(figures);
  const { data, layout } = figures[chosen("year") || years[years.length - 1]];
  const traces = data.map((trace) => {
    const key = keys[trace.meta.layer], choice = key && chosen(trace.meta.layer);
    return choice === null || choice === undefined ? trace : { ...trace, visible: trace.meta[key] === choice };
  });
  const font = { ...layout.font, color: dark.matches ? "#e6e6e6" : "#1c1c1c" };
  return Plotly.react(div, traces, { ...layout, font, dragmode, autosize: true }, { responsive: true, displaylogo: false, plotlyServerURL: "", modeBarButtons: BUTTONS });
}

form.addEventListener("change", draw);
form.addEventListener("submit", (event) => event.preventDefault());
dark.addEventListener("change", draw);
draw().then(() => {
  const scroll = div.parentElement;
  scroll.scrollLeft = (scroll.scrollWidth - scroll.clientWidth) * 0.6;
});
