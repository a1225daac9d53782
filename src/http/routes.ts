import type { IncidentView } from '../core/view.ts';
import { jsonAnswer, textAnswer, type Answer } from './answer.ts';
import type { Metrics } from './metrics.ts';
import { renderPage, pageSecurityPolicy } from './page.ts';
import type { HttpSource } from './source.ts';

const unitPrefix = '/api/v1/units/';
/** A unit name has at most 255 characters, each at most three when encoded. */
const maxUrlChars = 2048;

type Route = (source: HttpSource, metrics: Metrics) => Answer | Promise<Answer>;

const routes: Readonly<Record<string, Route>> = {
  '/': (source) => ({
    status: 200,
    type: 'text/html; charset=utf-8',
    body: renderPage({
      ready: source.ready(),
      units: source.units(),
      incidents: openFirst(source.incidents()),
    }),
    headers: { 'Content-Security-Policy': pageSecurityPolicy() },
  }),
  '/metrics': async (source, metrics) => ({
    status: 200,
    type: metrics.contentType,
    body: await metrics.text(source.metrics()),
  }),
  '/healthz': () => textAnswer(200, 'ok'),
  '/readyz': (source) => {
    const ready = source.ready();
    return ready.ok ? textAnswer(200, 'ready') : textAnswer(503, ready.why);
  },
  '/api/v1/units': (source) => jsonAnswer(200, source.units()),
  '/api/v1/incidents': (source) => jsonAnswer(200, openFirst(source.incidents())),
};

/** The answer to a GET of `url`, a request target in origin form. */
export async function route(url: string, source: HttpSource, metrics: Metrics): Promise<Answer> {
  if (url.length > maxUrlChars) return textAnswer(414, `The address has more than ${maxUrlChars} characters`);
  const path = url.split('?', 1)[0] ?? '';
  if (Object.hasOwn(routes, path)) return (await routes[path]?.(source, metrics)) ?? notFound();
  return path.startsWith(unitPrefix) ? unitAnswer(path.slice(unitPrefix.length), source) : notFound();
}

function notFound(): Answer {
  return textAnswer(404, `No such page; there are ${Object.keys(routes).join(' ')} ${unitPrefix}NAME`);
}

function unitAnswer(encoded: string, source: HttpSource): Answer {
  const name = decoded(encoded);
  const unit = name === undefined ? undefined : source.unit(name);
  if (unit !== undefined) return jsonAnswer(200, unit);
  const error = `Cannot show unit "${name ?? encoded}": flapd knows no such unit; expected the full name of a service`;
  return jsonAnswer(404, { error, hint: 'systemctl list-units --type=service --all' });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Open ones first; else in the order of the source. */
function openFirst(incidents: readonly IncidentView[]): readonly IncidentView[] {
  return [...incidents.filter((one) => !one.closedAt), ...incidents.filter((one) => one.closedAt)];
}
