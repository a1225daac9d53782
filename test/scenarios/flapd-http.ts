import type { IncidentView, UnitView } from '../../src/core/view.ts';
import type { Exec } from '../lab/enter.ts';

// The lab's minimal roots have no curl; HTTP/1.0, so that the end of the answer is the end of the connection.
const get =
  'exec 3<>/dev/tcp/127.0.0.1/9843 && printf "GET %s HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n" "$1" >&3 && cat <&3';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** flapd's HTTP side, asked from inside the lab. */
export class FlapdHttp {
  readonly #exec: Exec;

  constructor(exec: Exec) {
    this.#exec = exec;
  }

  async incidents(): Promise<readonly IncidentView[]> {
    const incidents: IncidentView[] = JSON.parse(await this.#get('/api/v1/incidents'));
    return incidents;
  }

  async unit(name: string): Promise<UnitView> {
    const unit: UnitView = JSON.parse(await this.#get(`/api/v1/units/${encodeURIComponent(name)}`));
    return unit;
  }

  async samples(): Promise<readonly Sample[]> {
    return (await this.#get('/metrics')).split('\n').flatMap((line) => sampleOf(line) ?? []);
  }

  /** The sum over all series of that name whose labels are these. */
  async sum(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const wanted = Object.entries(labels);
    return (await this.samples())
      .filter((one) => one.name === name && wanted.every(([key, value]) => one.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  async #get(path: string): Promise<string> {
    const { code, stdout, stderr } = await this.#exec(['bash', '-c', get, 'bash', path]);
    const [head = '', ...body] = stdout.split('\r\n\r\n');
    if (code !== 0 || !head.startsWith('HTTP/1.1 200 '))
      throw new Error(`GET ${path} in the lab: ${stderr}${stdout}`);
    return body.join('\r\n\r\n');
  }
}

function sampleOf(line: string): Sample | undefined {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const pairs: Record<string, string> = {};
  for (const [, key = '', text = ''] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
    pairs[key] = text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  return { name, labels: pairs, value: Number(value) };
}
