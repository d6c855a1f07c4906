import { byId, make } from "./dom.js";
import { count, duration, rate } from "./format.js";

const KEPT = 720;
const FIGURES = {
  requests: (part) => part.requests,
  failed: (part) => part.failed,
  rejected: (part) => part.rejected,
  limitedByKey: (part) => part.limited.byKey,
  limitedByBudget: (part) => part.limited.byBudget,
  limitedByService: (part) => part.limited.byService,
  writtenTokens: (part) => part.tokens.written,
  reportedTokens: (part) => part.tokens.reported,
  streams: (part) => part.streams,
  firstEventP50: (part) => part.firstEvent.p50,
  firstEventP95: (part) => part.firstEvent.p95,
};
const NAMES = Object.keys(FIGURES);

/** Intervals by number, as many as an hour has. */
export class Series {
  first = 0;
  millis = 5000;
  running = 0;
  now = 0;

  constructor() {
    NAMES.forEach((figure) => (this[figure] = []));
  }

  get length() {
    return this.requests.length;
  }

  /** Takes in what came; a gap, or a gateway that has begun anew, starts over. */
  merge(now, part) {
    const last = this.first + this.length;
    if (part.first > last || part.first + part.requests.length < last) {
      NAMES.forEach((figure) => (this[figure] = []));
      this.first = part.first;
    }
    if (this.length === 0 || part.first < this.first) {
      this.first = part.first;
    }
    for (const [figure, read] of Object.entries(FIGURES)) {
      const kept = this[figure];
      read(part).forEach((value, i) => (kept[part.first - this.first + i] = value));
    }
    const beyond = this.length - KEPT;
    if (beyond > 0) {
      NAMES.forEach((figure) => this[figure].splice(0, beyond));
      this.first += beyond;
    }
    this.now = now;
    this.millis = part.millis;
    this.running = part.runningMillis;
  }

  /** Of the last so many intervals and the running one. */
  sum(figure, intervals) {
    return this[figure].slice(-intervals - 1).reduce((sum, value) => sum + value, 0);
  }

  /** A second, over the last so many intervals and the running one. */
  rate(figure, most) {
    const intervals = Math.min(most, this.length - 1);
    return this.sum(figure, intervals) * 1000 / Math.max(1000, intervals * this.millis + this.running);
  }

  /** When each interval that is over began, in seconds since 1970. */
  times() {
    const begun = this.now - this.running;
    return this.requests.slice(0, -1).map((_, i) => (begun - (this.length - 1 - i) * this.millis) / 1000);
  }

  perSecond(figure) {
    return this[figure].slice(0, -1).map((value) => value * 1000 / this.millis);
  }

  plain(figure) {
    return this[figure].slice(0, -1);
  }
}

const CHARTS = [
  {
    title: "Requests a second",
    lines: [["all", "one", (series) => series.perSecond("requests")], ["failed", "three", (series) => series.perSecond("failed")]],
    words: rate,
    least: 1,
  },
  {
    title: "Time to first event",
    lines: [["p50", "one", (series) => series.plain("firstEventP50")], ["p95", "two", (series) => series.plain("firstEventP95")]],
    words: duration,
    least: 100,
    gaps: true,
  },
  {
    title: "Tokens written a second",
    lines: [["calls that ended", "one", (series) => series.perSecond("writtenTokens")]],
    words: rate,
    least: 10,
  },
  {
    title: "Streams open",
    lines: [["streams", "one", (series) => series.plain("streams")]],
    words: count,
    least: 4,
  },
  {
    title: "Rate limited, each 5 s",
    lines: [["key", "one", (series) => series.plain("limitedByKey")], ["budget", "two", (series) => series.plain("limitedByBudget")],
      ["service", "three", (series) => series.plain("limitedByService")]],
    words: count,
    least: 4,
    stacked: true,
  },
];

/** The colour as it is now, whatever the scheme. */
function colour(name) {
  const probe = make("i", { hidden: true });
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const read = getComputedStyle(probe).color;
  probe.remove();
  return read;
}

class Chart {
  #spec;
  #figure;
  #canvas = make("div", { className: "canvas", role: "img" });
  #outputs;
  #plot = null;
  #hover = null;
  #data = [[]];
  #drawn = [[]];
  #range = [0, 1];

  constructor(spec, parent) {
    this.#spec = spec;
    this.#outputs = spec.lines.map(() => make("output"));
    const legends = spec.lines.map(([name, tone], i) =>
        make("span", { className: "legend" }, make("i", { className: tone }), name, this.#outputs[i]));
    this.#figure = make("figure", { className: "chart" }, make("figcaption", {}, make("b", {}, spec.title), ...legends), this.#canvas);
    parent.append(this.#figure);
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
  }

  /** Made anew, since a canvas knows nothing of style sheets. */
  recolour() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#draw();
  }

  show(series, times, seconds) {
    this.#range = [series.now / 1000 - seconds, series.now / 1000];
    this.#data = [times, ...this.#spec.lines.map(([, , read]) => read(series))];
    this.#drawn = this.#spec.stacked ? stack(this.#data) : this.#data;
    this.#draw();
    this.#legend();
    const newest = this.#spec.lines.map(([name], i) => `${name} ${this.#words(this.#data[i + 1].at(-1))}`);
    this.#canvas.setAttribute("aria-label", `${this.#spec.title}: ${newest.join(", ")}`);
  }

  #words(value) {
    return value === undefined || value === null ? "–" : this.#spec.words(value);
  }

  #legend() {
    const at = this.#hover ?? this.#data[0].length - 1;
    this.#outputs.forEach((output, i) => (output.textContent = this.#words(this.#data[i + 1]?.[at])));
  }

  #draw() {
    if (this.#canvas.clientWidth === 0) {
      return;
    }
    this.#plot ??= new uPlot(this.#options(), this.#drawn, this.#canvas);
    this.#plot.setData(this.#drawn, false);
    this.#plot.setScale("x", { min: this.#range[0], max: this.#range[1] });
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#canvas;
    if (this.#plot !== null && clientWidth > 0 && clientWidth !== this.#plot.width) {
      this.#plot.setSize({ width: clientWidth, height: clientHeight });
    } else if (this.#plot === null && this.#data[0].length > 0) {
      this.#draw();
    }
  }

  #options() {
    const axis = { stroke: colour("soft"), grid: { stroke: colour("grid"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const { words, least, gaps, lines } = this.#spec;
    const line = ([label, tone], i) => ({
      label,
      stroke: colour(tone),
      width: 1.75,
      fill: i === 0 && lines.length < 3 ? fade(colour(tone)) : undefined,
      points: { show: gaps ? undefined : false, size: 4 },
    });
    const bar = ([label, tone]) => ({ label, fill: colour(tone), width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.8, 12] }) });
    return {
      width: this.#canvas.clientWidth,
      height: this.#canvas.clientHeight,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 }, sync: { key: "history" } },
      scales: { x: { time: true, auto: false }, y: { range: (_, min, max) => [0, Math.max(least, (max ?? 0) * 1.1)] } },
      axes: [
        { ...axis, size: 24, space: 70, values: (_, ticks) => ticks.map((tick) => clock(tick)) },
        { ...axis, size: 52, space: 34, values: (_, ticks) => ticks.map((tick) => words(tick)) },
      ],
      series: [{}, ...(this.#spec.stacked ? this.#spec.lines.toReversed().map(bar) : this.#spec.lines.map(line))],
      hooks: {
        setCursor: [({ cursor }) => {
          this.#hover = cursor.idx ?? null;
          this.#legend();
        }],
      },
    };
  }
}

/** The highest first, so that the lower ones are drawn over it. */
function stack([times, ...lines]) {
  const sums = [];
  for (const values of lines) {
    const below = sums[0];
    sums.unshift(below === undefined ? values : values.map((value, i) => value + below[i]));
  }
  return [times, ...sums];
}

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const fade = (rgb) => rgb.replace(/^rgb\(/, "rgba(").replace(/\)$/, ", 0.1)");

export class Charts {
  #charts = CHARTS.map((spec) => new Chart(spec, byId("charts")));
  #minutes = 15;
  #series = null;

  constructor() {
    byId("range").addEventListener("change", ({ target }) => {
      this.#minutes = Number(target.value);
      this.#draw();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
  }

  show(series) {
    this.#series = series;
    this.#draw();
  }

  recolour() {
    this.#charts.forEach((chart) => chart.recolour());
  }

  #draw() {
    if (this.#series !== null) {
      const times = this.#series.times();
      this.#charts.forEach((chart) => chart.show(this.#series, times, this.#minutes * 60));
    }
  }
}
