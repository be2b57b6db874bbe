// A chart of bars, drawn as SVG, with a table of the same numbers beside it.
import { formatNumber } from "../i18n.js";
import { html } from "../vendor/preact/preact-11.2.0.js";

const WIDTH = 320;
const HEIGHT = 120;
const GAP = 0.3;
const TOP = 14;

/**
 * @typedef {{key: string, label: string, short: string, value: number}} Bar `short` fits below a bar
 * @param {{title: string, head: [string, string], bars: Bar[]}} props `head` are the two columns of the table
 */
export function BarChart({ title, head, bars }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const step = WIDTH / Math.max(bars.length, 1);
  return html`<figure class="chart">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT + TOP + 18}" role="img" aria-label=${title}>
      <line class="axis" x1="0" x2=${WIDTH} y1=${HEIGHT + TOP} y2=${HEIGHT + TOP} />
      ${bars.map((bar, index) => {
        const height = (bar.value / most) * HEIGHT;
        const middle = (index + 0.5) * step;
        return html`<g key=${bar.key}>
          <rect class="bar" x=${middle - (step * (1 - GAP)) / 2} y=${TOP + HEIGHT - height} width=${step * (1 - GAP)} height=${height} rx="3" />
          ${bar.value > 0 && html`<text class="value" x=${middle} y=${TOP + HEIGHT - height - 4} text-anchor="middle">${formatNumber(bar.value)}</text>`}
          <text x=${middle} y=${HEIGHT + TOP + 13} text-anchor="middle">${bar.short}</text>
        </g>`;
      })}
    </svg>
    <${Numbers} title=${title} head=${head} bars=${bars} />
  </figure>`;
}

/** The numbers of a chart. @param {{title: string, head: [string, string], bars: Bar[]}} props */
function Numbers({ title, head, bars }) {
  return html`<table>
    <caption class="hidden">${title}</caption>
    <thead><tr><th scope="col">${head[0]}</th><th scope="col">${head[1]}</th></tr></thead>
    <tbody>${bars.map((bar) => html`<tr key=${bar.key}><th scope="row">${bar.label}</th><td>${formatNumber(bar.value)}</td></tr>`)}</tbody>
  </table>`;
}

/**
 * Bars that lie, one below another: for labels that are longer than a month.
 * @param {{title: string, head: [string, string], bars: Bar[]}} props
 */
export function LyingBarChart({ title, head, bars }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const row = 22;
  return html`<figure class="chart">
    <svg viewBox="0 0 ${WIDTH} ${bars.length * row}" role="img" aria-label=${title}>
      ${bars.map((bar, index) => html`<g key=${bar.key}>
        <text x="108" y=${index * row + 15} text-anchor="end">${bar.short}</text>
        <rect class="bar" x="116" y=${index * row + 4} width=${(bar.value / most) * 176} height=${row - 8} rx="3" />
        <text class="value" x=${116 + (bar.value / most) * 176 + 5} y=${index * row + 15}>${formatNumber(bar.value)}</text>
      </g>`)}
    </svg>
    <${Numbers} title=${title} head=${head} bars=${bars} />
  </figure>`;
}
