/** One answer over HTTP, as a value. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function textAnswer(status: number, line: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${line.replace(/\s+/gu, ' ')}\n` };
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}
