"use strict";
(() => {
  const page = JSON.parse(document.getElementById("page-data").textContent);
  const root = document.documentElement;
  const say = (text, values = {}) => page.texts[text].replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const state = { year: page.year, theme: null, drawn: new Set(), choices: {}, printing: false };
  const FIRST_ROWS = 200;
  const PAPER_PX = 690; // width of A4 between the margins

  // Figures as words.py writes them: three digits, ties to even, no exponent but for the very small

  const fixed = (value, decimals) => {
    const rounded = value.toFixed(decimals);
    const exact = value.toFixed(Math.min(100, decimals + 60));
    const cut = exact.length - Math.min(100, decimals + 60) + decimals - (decimals ? 0 : 1);
    const rest = exact.slice(cut).replace(".", "");
    const kept = exact.slice(0, cut);
    return /^50*$/.test(rest) && Number(kept.at(-1)) % 2 === 0 ? kept : rounded;
  };
  const figure = (value) => {
    if (typeof value !== "number" || !Number.isFinite(value)) return "-";
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (size >= 100) return fixed(value, 0).replace(/\B(?=(\d{3})+$)/g, ",");
    if (size < 1e-4) return value.toExponential(1).replace(/e([+-])(\d)$/, "e$10$2");
    const text = fixed(value, 2 - Math.floor(Math.log10(size)));
    return size < 1 ? text.replace(/\.?0+$/, "") : text;
  };
  const percent = (value) =>
    typeof value === "number" && Number.isFinite(value) ? `${fixed(100 * value, 1)} %` : "-";
  const shown = (value, unit) => (unit === "1" ? percent(value) : figure(value));
  const headed = (title, unit) => (["", "1", "-", undefined].includes(unit) ? title : `${title} [${unit}]`);
  const clean = (text) => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
  const short = (text) => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
  const name = (label, key) => (page.names[label] || {})[key] || short(clean(key));

  // Tables and downloads: one form for datasets of the run and for sheets of inputs

  const sheetOf = (element) => {
    const { dataset, sheet } = element.dataset;
    if (sheet !== undefined) {
      const found = page.sheets[sheet];
      return { id: sheet, raw: found, columns: found.columns.map((c, i) => ({ ...c, at: i, kind: "cell" })), rows: found.rows };
    }
    const found = page.datasets[dataset];
    const labels = found.labels.map((label, at) => ({ key: label, title: say(`label:${label}`), at, kind: "label" }));
    const figures = found.columns.map((c, i) => ({ ...c, at: i + labels.length, kind: "figure" }));
    return { id: dataset, raw: found, columns: [...labels, ...figures], rows: found.rows };
  };
  const isNumber = (column, rows) =>
    column.key !== "year" && rows.some((row) => typeof row[column.at] === "number") &&
    rows.every((row) => row[column.at] === null || typeof row[column.at] === "number");
  const make = (tag, attributes = {}, text = null) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== null) element.textContent = text;
    return element;
  };
  const tableCell = (column, value) => {
    if (column.kind === "label" && column.key !== "year") {
      return make("td", { title: short(clean(value)) }, value === "" ? "–" : name(column.key, value));
    }
    if (!column.number) return make("td", {}, value === null ? "-" : short(clean(value)));
    const title = value === null ? "-" : `${value}${column.unit && column.unit !== "1" ? ` ${column.unit}` : ""}`;
    return make("td", { class: "n", title }, shown(value, column.unit));
  };
  const fillTable = (details) => {
    const place = details.querySelector(".rows");
    if (place.childElementCount) return;
    const sheet = sheetOf(details);
    const columns = sheet.columns.map((c) => ({ ...c, number: c.kind === "figure" || isNumber(c, sheet.rows) }));
    const table = make("table");
    const head = table.createTHead().insertRow();
    for (const c of columns) head.append(make("th", c.number ? { scope: "col", class: "n" } : { scope: "col" }, headed(c.title, c.unit)));
    const body = table.createTBody();
    const add = (rows) => {
      for (const row of rows) body.insertRow().append(...columns.map((c) => tableCell(c, row[c.at])));
    };
    add(sheet.rows.slice(0, FIRST_ROWS));
    const box = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": sheet.raw.title });
    box.append(table);
    place.append(box);
    if (sheet.rows.length > FIRST_ROWS) {
      const more = make("button", { type: "button" }, say("all_rows", { n: sheet.rows.length }));
      more.addEventListener("click", () => { add(sheet.rows.slice(FIRST_ROWS)); more.remove(); box.focus(); });
      place.append(more);
    }
  };
  const guarded = (text) => (/^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]/.test(text) ? `'${text}` : text);
  const csvCell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = guarded(String(value));
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const csv = (sheet) => {
    const columns = sheet.columns.flatMap((c) =>
      c.kind === "label" && c.key !== "year"
        ? [{ title: c.key, of: (row) => row[c.at] }, { title: `${c.key} ${say("name")}`, of: (row) => name(c.key, row[c.at]) }]
        : [{ title: c.kind === "label" ? c.key : c.unit ? `${c.title} [${c.unit}]` : c.title, of: (row) => row[c.at] }]);
    const lines = [columns.map((c) => csvCell(c.title)), ...sheet.rows.map((row) => columns.map((c) => csvCell(c.of(row))))];
    return "\ufeff" + lines.map((cells) => cells.join(",") + "\r\n").join("");
  };
  const save = (content, type, filename) => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    const link = make("a", { href: url, download: filename });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };

  // Colours of figures follow the page

  const css = (key) => getComputedStyle(root).getPropertyValue(`--${key}`).trim();
  const isDark = () => !state.printing && (state.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const lighter = (colour) => {
    const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
    if (!parts) return colour;
    const rgb = parts.slice(1).map((part) => parseInt(part, 16));
    const light = (0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]) / 255;
    if (light > 0.42) return colour;
    const share = 0.5 * (1 - light);
    return `#${rgb.map((part) => Math.round(part + (255 - part) * share).toString(16).padStart(2, "0")).join("")}`;
  };
  const COLOUR_KEYS = new Set(["color", "fillcolor"]);
  const relight = (value, key) => {
    if (typeof value === "string") return COLOUR_KEYS.has(key) ? lighter(value) : value;
    if (Array.isArray(value)) {
      return COLOUR_KEYS.has(key) && typeof value[0] === "string" ? value.map(lighter) : value;
    }
    if (value && typeof value === "object" && !("bdata" in value)) {
      return Object.fromEntries(Object.entries(value).map(([inner, part]) => [inner, relight(part, inner)]));
    }
    return value;
  };
  const themed = (found) => {
    const dark = isDark();
    const layout = { ...found.layout, font: { ...(found.layout.font || {}), color: css("text") } };
    layout.hoverlabel = { ...(layout.hoverlabel || {}), bgcolor: css("panel"), bordercolor: css("quiet"), font: { color: css("text") } };
    for (const key of Object.keys(layout).filter((k) => /^[xy]axis\d*$/.test(k))) {
      layout[key] = { ...layout[key], gridcolor: css("grid"), linecolor: css("quiet"), zerolinecolor: css("quiet"), tickcolor: css("quiet") };
    }
    const data = dark ? found.data.map((trace) => (trace.meta && trace.meta.layer ? trace : relight(trace, ""))) : found.data;
    return { data, layout };
  };

  // Figures

  const resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve);
    if (value && typeof value === "object") {
      return "$" in value ? page.arrays[value.$] : Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolve(v)]));
    }
    return value;
  };
  const figureOf = (key) => {
    const years = page.figures[key].years;
    const found = resolve(years[state.year] || years[0] || years[Math.max(...Object.keys(years))]);
    const choice = state.choices[key] || {};
    found.data = found.data.map((trace) => {
      const { layer, task, measure, kind } = trace.meta || {};
      if (layer === "flows" && choice.flows) return { ...trace, visible: task === choice.flows };
      if (layer === "shade" && choice.shade) return { ...trace, visible: `${measure}/${kind}` === choice.shade };
      return trace;
    });
    return found;
  };
  const plotOf = (key) => document.querySelector(`[data-figure="${key}"] .plot`);
  const draw = (key) => {
    const { data, layout } = themed(figureOf(key));
    const dragmode = matchMedia("(pointer: coarse)").matches ? false : layout.dragmode; // a finger scrolls the page
    const box = plotOf(key).closest(".scroll");
    if (box && !state.drawn.has(key) && data.some((trace) => trace.meta && trace.meta.layer)) {
      box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2; // on a phone a map begins with its middle
    }
    state.drawn.add(key);
    return Plotly.react(plotOf(key), data, { ...layout, dragmode, autosize: true, width: undefined }, {
      responsive: true, displayModeBar: false, displaylogo: false, showTips: false, plotlyServerURL: "", scrollZoom: false,
    });
  };
  const redraw = () => state.drawn.forEach(draw);
  const png = (key) => {
    const { data, layout } = themed(figureOf(key));
    const height = (layout.height || page.figures[key].height) + 46;
    const title = page.figures[key].title.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const dressed = { ...layout, paper_bgcolor: css("ground"), title: { text: title, x: 0.01, xanchor: "left", font: { size: 17 } } };
    dressed.margin = { ...(layout.margin || {}), t: ((layout.margin || {}).t || 10) + 46 };
    dressed.width = Math.max(1100, layout.width || 0);
    dressed.height = height;
    return Plotly.downloadImage({ data, layout: dressed }, { format: "png", width: dressed.width, height, scale: 2, filename: key });
  };

  // The map's workload and shading, from what its traces say of themselves

  const options = (traces, layer, key) => {
    const found = new Map();
    for (const trace of traces) {
      if (!trace.meta || trace.meta.layer !== layer) continue;
      const value = key(trace.meta);
      if (!found.has(value)) found.set(value, { label: trace.meta.label, first: trace.visible !== false });
    }
    return found;
  };
  const choose = (controls, key, part, title, found) => {
    if (found.size < 2) return;
    const label = make("label", {}, `${title} `);
    const select = make("select", { "data-part": part });
    for (const [value, { label: text, first }] of found) {
      const option = make("option", { value }, short(clean(text)));
      option.selected = first;
      select.append(option);
    }
    state.choices[key] = { ...(state.choices[key] || {}), [part]: select.value };
    select.addEventListener("change", () => {
      state.choices[key][part] = select.value;
      if (state.drawn.has(key)) draw(key);
    });
    label.append(select);
    controls.append(label);
    controls.hidden = false;
  };
  const addControls = (element) => {
    const key = element.dataset.figure;
    const traces = Object.values(page.figures[key].years).flatMap((found) => resolve(found.data));
    const controls = element.querySelector(".controls");
    choose(controls, key, "flows", say("workload"), options(traces, "flows", (meta) => meta.task));
    choose(controls, key, "shade", say("shading"), options(traces, "shade", (meta) => `${meta.measure}/${meta.kind}`));
  };

  // The year, light and dark, print

  const setYear = (year) => {
    state.year = year;
    for (const button of document.querySelectorAll("[data-choose-year]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.chooseYear) === year));
    }
    for (const element of document.querySelectorAll("[data-year]")) element.hidden = Number(element.dataset.year) !== year;
    for (const key of state.drawn) if (Object.keys(page.figures[key].years).length > 1) draw(key);
  };
  const themeButton = document.getElementById("theme");
  const setTheme = (theme) => {
    state.theme = theme;
    if (theme) root.dataset.theme = theme;
    themeButton.textContent = say(isDark() ? "light" : "dark");
    redraw();
  };
  const beforePrint = () => {
    if (state.printing) return;
    const wasDark = isDark();
    state.printing = true;
    root.dataset.theme = "light";
    if (!window.Plotly || !page.figures) return;
    for (const key of Object.keys(page.figures)) {
      const plot = plotOf(key);
      const moves = plot.querySelector(".sankey"); // its links come in slowly: drawn now, they would not be on paper
      if (!state.drawn.has(key) || (wasDark && !moves)) draw(key);
      plot.style.zoom = Math.min(1, PAPER_PX / plot.getBoundingClientRect().width);
    }
  };
  const afterPrint = () => {
    state.printing = false;
    for (const plot of document.querySelectorAll(".plot")) plot.style.zoom = "";
    delete root.dataset.theme;
    setTheme(state.theme);
  };

  // Unpacking plotly.js: its text must be the one whose hash stands in the page's policy

  const unpacked = async (id) => {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };
  const start = async () => {
    for (const details of document.querySelectorAll("details.data")) {
      details.addEventListener("toggle", () => { if (details.open) fillTable(details); });
    }
    for (const button of document.querySelectorAll("[data-choose-year]")) {
      button.addEventListener("click", () => setYear(Number(button.dataset.chooseYear)));
    }
    for (const button of document.querySelectorAll("[data-save]")) {
      button.addEventListener("click", () => {
        const how = button.dataset.save;
        if (how === "png") { png(button.dataset.figure); return; }
        const sheet = sheetOf(button);
        if (how === "csv") save(csv(sheet), "text/csv;charset=utf-8", `${sheet.id}.csv`);
        else save(JSON.stringify(sheet.raw, null, 1) + "\n", "application/json", `${sheet.id}.json`);
      });
    }
    themeButton.hidden = false;
    themeButton.textContent = say(isDark() ? "light" : "dark");
    themeButton.addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme(state.theme));
    addEventListener("beforeprint", beforePrint);
    addEventListener("afterprint", afterPrint);
    if (typeof DecompressionStream === "undefined") {
      const notice = document.getElementById("notice");
      notice.textContent = say("no_charts");
      notice.hidden = false;
      root.dataset.ready = "tables";
      return;
    }
    document.head.append(make("script", {}, await unpacked("page-library")));
    Object.assign(page, JSON.parse(await unpacked("page-figures")));
    for (const element of document.querySelectorAll("figure.chart")) {
      addControls(element);
      await draw(element.dataset.figure);
      await new Promise((done) => setTimeout(done));
    }
    root.dataset.ready = "all";
  };
  start();
})();
