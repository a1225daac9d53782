import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { IncidentView, UnitView } from '../../src/core/view.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const withinMs = 10_000;

/** flapd's HTTP side over its socket in the file system, which the host reaches too: no process for each question. */
export class FlapdApi {
  readonly #socketPath: string;

  /** `socket`: where it is in the lab whose PID 1 is `leader`. */
  constructor(leader: number, socket: string) {
    this.#socketPath = `/proc/${leader}/root${socket}`;
  }

  get(path: string): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.#socketPath, path, agent: false, timeout: withinMs };
      const asked = request(options, (answer) => {
        const { statusCode = 0, headers } = answer;
        text(answer).then((body) => resolve({ status: statusCode, headers, body }), reject);
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer to ${path} within ${withinMs} ms`)));
      asked.on('error', reject).end();
    });
  }

  async units(): Promise<readonly UnitView[]> {
    return JSON.parse(await this.#body('/api/v1/units')) as UnitView[];
  }

  async incidents(): Promise<readonly IncidentView[]> {
    return JSON.parse(await this.#body('/api/v1/incidents')) as IncidentView[];
  }

  /** Zeros for a unit that flapd has not heard of. */
  async restarts(unit: string): Promise<UnitView['restarts']> {
    const { status, body } = await this.get(`/api/v1/units/${encodeURIComponent(unit)}`);
    return status === 200
      ? (JSON.parse(body) as UnitView).restarts
      : { automatic: 0, external: 0, inferred: 0 };
  }

  /** The value of a series without labels. */
  async metric(name: string): Promise<number> {
    const line = (await this.#body('/metrics')).split('\n').find((each) => each.startsWith(`${name} `));
    if (line === undefined) throw new Error(`flapd has no metric ${name}`);
    return Number(line.slice(name.length));
  }

  async #body(path: string): Promise<string> {
    const { status, body } = await this.get(path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`);
    return body;
  }
}
