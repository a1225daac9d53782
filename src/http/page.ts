import { createHash } from 'node:crypto';
import { incidentAdvice } from '../core/advice/advice-summary.ts';
import { incidentCause } from '../core/evidence/cause-words.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import type { ExitView, IncidentView, UnitView } from '../core/view.ts';
import type { HttpSource } from './source.ts';

interface PageContent {
  readonly ready: ReturnType<HttpSource['ready']>;
  readonly units: readonly UnitView[];
  readonly incidents: readonly IncidentView[];
}

/** Text that is HTML already; everything else is escaped where it is put in. */
interface Html {
  readonly html: string;
}

const refreshSeconds = 30;
/** A page for eyes; all of it is under /api/v1. */
const maxRows = 200;

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
.whole { white-space: nowrap; }
.unit { display: inline-block; min-width: min(15rem, 30vw); }
.sentence { display: inline-block; min-width: min(20rem, 60vw); }
.looping, .braked, .open { color: #c62828; font-weight: 600; }
.suspect, .recovering { color: #b26a00; }
@media (prefers-color-scheme: dark) { .looping, .braked, .open { color: #ff8a80; } .suspect, .recovering { color: #ffcc80; } }
`;

/** Nothing is loaded and no script runs; the one style sheet is named by its hash. */
export function pageSecurityPolicy(): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'`;
}

export function renderPage({ ready, units, incidents }: PageContent): string {
  const state = ready.ok ? 'Ready.' : `Not ready: ${ready.why}`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="${String(refreshSeconds)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>flapd</title>
<style>${{ html: style }}</style>
</head>
<body>
<h1>flapd</h1>
<p>${state}</p>
<h2>Incidents</h2>
${incidentTable(incidents)}
<h2>Units that restarted or failed</h2>
${unitTable(units)}
<p><a href="/metrics">/metrics</a> <a href="/api/v1/units">/api/v1/units</a>
<a href="/api/v1/incidents">/api/v1/incidents</a></p>
</body>
</html>
`.html;
}

function incidentTable(incidents: readonly IncidentView[]): Html {
  const rows = incidents
    .slice(0, maxRows)
    .map((incident) => [
      markup`<span class="whole ${incident.closedAt === undefined ? 'open' : 'closed'}">${
        incident.closedAt === undefined ? 'open' : 'closed'
      }</span>`,
      markup`<span class="unit">${incident.unit}</span>`,
      time(incident.openedAt),
      incident.closedAt === undefined ? '' : time(incident.closedAt),
      markup`<span class="sentence">${[incident.sentence, incidentCause(incident), incidentAdvice(incident)].filter(Boolean).join(' ')}</span>`,
    ]);
  return table(['State', 'Unit', 'Opened', 'Closed', 'What happened'], rows, incidents.length);
}

function unitTable(units: readonly UnitView[]): Html {
  const rows = units
    .slice(0, maxRows)
    .map((unit) => [
      markup`<span class="whole ${unit.verdict}">${unit.verdict}</span>${silence(unit)}`,
      markup`<a class="unit" href="/api/v1/units/${encodeURIComponent(unit.unit)}">${unit.unit}</a>`,
      `${unit.restarts.automatic} + ${unit.restarts.external}`,
      unit.window.map(({ restarts, within }) => `${restarts} in ${within}`).join(', '),
      spanWords(unit.periodSeconds),
      unit.lastExit === undefined ? '' : exitWords(unit.lastExit),
      spanWords(unit.burnedCpuSeconds),
    ]);
  const heads = [
    'Verdict',
    'Unit',
    'Restarts: own + external',
    'Window',
    'Period',
    'Last exit',
    'CPU burned',
  ];
  return table(heads, rows, units.length);
}

function table(heads: readonly string[], rows: readonly (readonly (string | Html)[])[], total: number): Html {
  if (total === 0) return markup`<p>None.</p>`;
  const head = join(heads.map((text) => markup`<th scope="col">${text}</th>`));
  const body = join(
    rows.map((cells) => markup`<tr>${join(cells.map((cell) => markup`<td>${cell}</td>`))}</tr>\n`),
  );
  const rest = total > rows.length ? markup`<p>${String(total - rows.length)} more are not shown.</p>` : '';
  return markup`<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody>\n</table>\n${rest}`;
}

function silence({ silencedUntil }: UnitView): Html {
  return silencedUntil === undefined ? markup`` : markup` silenced until ${time(silencedUntil)}`;
}

/** To the second, and never broken in two lines: `2026-11-24 05:57:36Z`. */
function time(iso: string): Html {
  return markup`<time class="whole" datetime="${iso}">${iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z')}</time>`;
}

function spanWords(seconds: number | undefined): string {
  return seconds === undefined ? '' : displayTimeSpan(seconds * 1000);
}

/** `exited 71/OSERR after 8.1s (exit-code)` */
function exitWords({ code, status, name, result, uptimeSeconds }: ExitView): string {
  const number = [status, name].filter((part) => part !== undefined).join('/');
  const after = uptimeSeconds === undefined ? '' : `after ${spanWords(uptimeSeconds)}`;
  return [code, number, after, `(${result})`].filter((part) => part).join(' ');
}

/** The only way to make {@link Html}. */
function markup(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  const text = (value: string | Html = ''): string =>
    typeof value === 'string' ? escapeHtml(value) : value.html;
  return { html: parts.map((part, at) => part + text(values[at])).join('') };
}

function join(all: readonly Html[]): Html {
  return { html: all.map(({ html }) => html).join('') };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (char) => entities[char] ?? '');
}
