import { readSecret, type Secret } from './secret-file.ts';

export type Headers = Readonly<Record<string, string>>;

/** RFC 9110, 5.6.2: a token. */
const namePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;
/** Visible ASCII, blanks, and what a server may take as Latin-1. */
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/u;
/** With these a request would no longer be the one that flapd makes. */
const reserved = new Set(['content-length', 'transfer-encoding', 'connection', 'host', 'expect', 'upgrade']);

/** Lines of `Name: value`; blank ones and those that begin with # are passed over. */
export async function readHeaders(file: string | undefined): Promise<Secret<Headers>> {
  if (file === undefined) return { ok: true, value: {} };
  const read = await readSecret(file);
  if (!read.ok) return read;
  const headers: Record<string, string> = {};
  for (const [index, line] of read.value.split(/\r?\n/u).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    const value = line.slice(colon + 1).trim();
    const wrong = faultOf(name, value);
    if (wrong !== undefined) return { ok: false, why: `Cannot use "${file}": line ${index + 1} ${wrong}` };
    headers[name] = value;
  }
  return { ok: true, value: headers };
}

/** Says nothing of what the line holds. */
function faultOf(name: string, value: string): string | undefined {
  if (!namePattern.test(name)) return 'does not begin with the name of a header; expected "Name: value"';
  if (!valuePattern.test(value)) return 'has a character that no header may have; expected "Name: value"';
  if (reserved.has(name.toLowerCase()))
    return 'sets a header that flapd sets itself; expected another, such as Authorization';
  return undefined;
}
