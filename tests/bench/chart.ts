// SPDX-License-Identifier: MIT
// Measured curves as one SVG: a small chart for each, all with the same logarithmic cost axis. Colours are those of Okabe and Ito, which
// the colour-blind can tell apart, and methods have marks of their own; who prefers dark pages gets a dark picture.

import type { MeasuredCurve, Series } from "./curves.ts";

/** The methods of guest/growth.c, as people call them. */
export const METHOD_NAMES: Record<string, string> = { template: "template", vfork: "vfork and exec", fork: "fork and exec" };

const PLOT = { width: 268, height: 168 };
const CELL = { width: 332, height: 274 };
const COLUMNS = 3;
const MARGIN = { left: 52, top: 96 };
const LINE_HEIGHT = 14;
const LETTERS_PER_LINE = 52;

// Colours are written out, without variables, because not every renderer knows those.
const STYLE = `
  text { font: 11px system-ui, sans-serif; }
  .title { font-size: 13px; font-weight: 600; }
  .line { fill: none; stroke-width: 1.8; }
  .linux { stroke-dasharray: 5 3; stroke-width: 1.3; }
  .mark { stroke-width: 1.6; }
  ${colours({ paper: "#ffffff", ink: "#1f2328", faint: "#59636e", grid: "#d9dee3", template: "#0072b2", vfork: "#d55e00", fork: "#009e73" })}
  @media (prefers-color-scheme: dark) {
    ${colours({ paper: "#0d1117", ink: "#e6edf3", faint: "#9198a1", grid: "#2d333b", template: "#56b4e9", vfork: "#e69f00", fork: "#20c997" })}
  }`;

function colours(of: Record<"paper" | "ink" | "faint" | "grid" | "template" | "vfork" | "fork", string>): string {
  const lines = ["template", "vfork", "fork"] as const;
  return [
    `.paper, .mark { fill: ${of.paper}; } text { fill: ${of.faint}; } .title { fill: ${of.ink}; } .grid { stroke: ${of.grid}; }`,
    ...lines.map((name) => `.${name} { stroke: ${of[name]}; }`),
  ].join(" ");
}

/** The picture, as the text of an SVG file. `note` says where and how it was measured. */
export function drawCurves(curves: readonly MeasuredCurve[], note: string): string {
  const columns = Math.min(COLUMNS, curves.length);
  const width = MARGIN.left + columns * CELL.width;
  const height = MARGIN.top + Math.ceil(curves.length / columns) * CELL.height;
  const costs = costAxis(curves);
  const cells = curves.map((curve, i) => {
    const [x, y] = [MARGIN.left + (i % columns) * CELL.width, MARGIN.top + Math.floor(i / columns) * CELL.height];
    return `<g transform="translate(${x} ${y})">${drawCurve(curve, costs)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Cost of a spawn">
<style>${STYLE}
</style>
<rect width="100%" height="100%" class="paper"/>
${text(14, 24, "What a spawn costs, exec and wait included", "class=\"title\"")}${text(width - 14, 24, note, "text-anchor=\"end\"")}
${drawLegend(curves)}
${cells.join("\n")}
</svg>
`;
}

/** A logarithmic axis: where a value is, and which decades it shows. */
interface CostAxis {
  readonly y: (us: number) => number;
  readonly decades: readonly number[];
}

function costAxis(curves: readonly MeasuredCurve[]): CostAxis {
  const all = curves.flatMap(({ series }) => series.flatMap(({ costs }) => costs)).filter((cost) => cost !== undefined);
  const low = Math.floor(Math.log10(Math.min(...all)));
  const high = Math.ceil(Math.log10(Math.max(...all)));
  return {
    y: (us) => PLOT.height * (1 - (Math.log10(us) - low) / (high - low)),
    decades: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  };
}

function drawCurve({ title, sizes, series, sentence }: MeasuredCurve, { y, decades }: CostAxis): string {
  const x = sizeAxis(sizes);
  const rules = decades.map((us) => `<path class="grid" d="M0 ${at(y(us))}H${PLOT.width}"/>${text(-6, y(us) + 4, duration(us), "text-anchor=\"end\"")}`);
  const ticks = sizes.map((size) => text(x(size), PLOT.height + 15, short(size), "text-anchor=\"middle\""));
  const lines = series.map((one) => drawSeries(one, sizes.map(x), y));
  const words = wrap(sentence).map((line, i) => text(0, PLOT.height + 36 + i * LINE_HEIGHT, line));
  return [text(0, -12, title, "class=\"title\""), ...rules, ...ticks, ...words, ...lines].join("\n");
}

/** Logarithmic; 0 stands as far below the smallest size as the next one above it. */
function sizeAxis(sizes: readonly number[]): (size: number) => number {
  const positive = sizes.filter((size) => size > 0);
  const [first, second] = [positive[0] as number, positive[1] as number];
  const log = (size: number) => Math.log(size > 0 ? size : (first * first) / second);
  const [low, high] = [log(sizes[0] as number), log(sizes.at(-1) as number)];
  return (size) => (PLOT.width * (log(size) - low)) / (high - low);
}

function drawSeries({ method, isLinux, costs }: Series, xs: readonly number[], y: (us: number) => number): string {
  const points = costs.flatMap((us, i) => (us === undefined ? [] : [[xs[i] as number, y(us)] as const]));
  const path = points.map(([px, py], i) => `${i === 0 ? "M" : "L"}${at(px)} ${at(py)}`).join("");
  const marks = isLinux ? [] : points.map(([px, py]) => drawMark(method, px, py));
  return `<path class="line ${method}${isLinux ? " linux" : ""}" d="${path}"/>${marks.join("")}`;
}

/** A circle, a square or a triangle. */
function drawMark(method: string, x: number, y: number): string {
  const shapes: Record<string, string> = { template: "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", vfork: "m-2.7-2.7h5.4v5.4h-5.4z", fork: "m0-3.6l3.5 6.2h-7z" };
  return `<path class="mark ${method}" d="M${at(x)} ${at(y)}${shapes[method]}"/>`;
}

function drawLegend(curves: readonly MeasuredCurve[]): string {
  let x = 14;
  const items = (curves[0]?.series ?? []).map(({ method, isLinux }) => {
    const mark = isLinux ? "" : drawMark(method, x + 14, 48);
    const line = `<path class="line ${method}${isLinux ? " linux" : ""}" d="M${x} 48h28"/>${mark}`;
    const name = `${METHOD_NAMES[method]}${isLinux ? ", this computer's Linux" : ""}`;
    x += 68 + name.length * 6;
    return `${line}${text(x - name.length * 6 - 33, 52, name)}`;
  });
  return items.join("");
}

function wrap(sentence: string): string[] {
  const lines = [""];
  for (const word of sentence.split(" ")) {
    const line = lines.at(-1) as string;
    if (line.length + word.length >= LETTERS_PER_LINE) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const escaped = content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<text x="${at(x)}" y="${at(y)}" ${attributes}>${escaped}</text>`;
}

function at(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10);
}

function duration(us: number): string {
  return us >= 1000 ? `${us / 1000} ms` : `${us} µs`;
}

function short(size: number): string {
  return size >= 1000 && size % 1000 === 0 ? `${size / 1000}k` : size.toLocaleString("en");
}
