// A plot is drawn from the table beneath it: no figure lives in a script. Loaded only by pages that have a plot.
import uPlot from "uplot";

const FONT = '11px "Segoe UI", Arial, "Noto Sans CJK SC", sans-serif';
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function number(text) {
  const bare = text.replace(/[,\s%]/g, "").replace("\u2212", "-");
  return bare === "" || bare === "–" || Number.isNaN(Number(bare)) ? null : Number(bare);
}

// Labels that would touch each other are thinned out.
function stepThatFits(labels, width) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = FONT;
  const widest = Math.max(...labels.map((label) => pen.measureText(label).width));
  return Math.max(1, Math.ceil(((widest + 8) * labels.length) / Math.max(width - 74, 1)));
}

const LOOKS = {
  line: (accent) => ({ stroke: accent, width: 2, points: { show: true, size: 5, fill: accent } }),
  dash: (accent) => ({ stroke: accent, width: 2, dash: [5, 4] }),
  bar: (accent) => ({ stroke: accent, fill: accent, paths: uPlot.paths.bars({ size: [0.46, 44] }) }),
  bar_dash: (accent) => ({
    stroke: accent,
    width: 1,
    dash: [3, 2],
    fill: colour("--cm-accent-bg"),
    paths: uPlot.paths.bars({ size: [0.46, 44] }),
  }),
  high: () => ({ stroke: "transparent" }),
  low: () => ({ stroke: "transparent" }),
  limit: () => ({ stroke: colour("--cm-bad"), width: 1, dash: [2, 3] }),
  amber: () => ({ stroke: colour("--cm-wait-line"), width: 1, dash: [2, 3] }),
};

export function draw(place) {
  if (place.classList.contains("is-drawn")) return;
  const table = document.getElementById(place.dataset.table);
  const divisor = Number(place.dataset.divisor || 1);
  const rows = [...table.tBodies[0].rows];
  const labels = rows.map((row) => row.cells[0].textContent.trim());
  const xs = labels.map((_, i) => i);
  const heads = [...table.tHead.rows[0].cells].map((head, i) => ({ i, draw: head.dataset.draw })).filter((head) => head.draw);
  const columns = heads.map(({ i }) =>
    rows.map((row) => {
      const value = number(row.cells[i].textContent);
      return value === null ? null : value / divisor;
    }),
  );
  const accent = colour("--cm-accent");
  const bands = heads.flatMap((head, i) =>
    head.draw === "low" ? [{ series: [i, i + 1], fill: "rgba(95, 107, 122, 0.16)" }] : [],
  );
  const hasBars = heads.some((head) => head.draw.startsWith("bar"));
  const every = Number(place.dataset.every || 1);
  const maximum = Number(place.dataset.maximum || 0);
  const least = Math.min(0, ...columns.flat().filter((value) => value !== null));
  place.classList.add("is-drawn");
  place.closest("figure").querySelector("[data-plot-details]").open = false;

  const options = {
    width: place.clientWidth,
    height: place.clientHeight,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    bands,
    series: [{}, ...heads.map((head) => ({ points: { show: false }, spanGaps: false, ...LOOKS[head.draw](accent) }))],
    scales: {
      x: { time: false, range: hasBars ? [-0.6, xs.length - 0.4] : [0, Math.max(xs.length - 1, 1)] },
      y: { range: (_, __, high) => [least * 1.1, maximum || (high || 1) * 1.1] },
    },
    axes: [
      {
        stroke: colour("--cm-ink-2"),
        font: FONT,
        size: 26,
        grid: { show: false },
        ticks: { stroke: colour("--cm-line-2"), size: 4 },
        splits: (plot) => {
          const step = Math.max(every, stepThatFits(labels, plot.width));
          return xs.filter((i) => i % step === 0);
        },
        values: (_, splits) => splits.map((i) => labels[i]),
      },
      {
        stroke: colour("--cm-ink-2"),
        font: FONT,
        size: 56,
        space: 28,
        grid: { stroke: colour("--cm-line-2"), width: 1 },
        ticks: { show: false },
        values: (_, splits) => splits.map((value) => value.toLocaleString("en")),
      },
    ],
  };
  const plot = new uPlot(options, [xs, ...columns], place);
  new ResizeObserver(() => {
    if (place.clientWidth) plot.setSize({ width: place.clientWidth, height: place.clientHeight });
  }).observe(place);
}
