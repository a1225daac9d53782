/** The quote that a shell script leaves open, in words; undefined where every one is closed (POSIX shell, 2.2 Quoting). */
export function openQuote(script: string): string | undefined {
  let open: string | undefined;
  for (let at = 0; at < script.length; at += 1) {
    const char = script[at];
    if (open === "'") {
      if (char === "'") open = undefined;
    } else if (char === '\\') at += 1;
    else if (open === '"') {
      if (char === '"') open = undefined;
    } else if (char === '"' || char === "'") open = char;
    // A comment reaches to the end of its line, and an apostrophe in it is none.
    else if (char === '#' && (at === 0 || /[\s;&|(]/.test(script[at - 1] ?? ''))) {
      const end = script.indexOf('\n', at);
      at = end === -1 ? script.length : end;
    }
  }
  return open === undefined ? undefined : open === "'" ? 'single quote' : 'double quote';
}

/** As systemd puts variables into a command (systemd.service(5), COMMAND LINES): `${NAME}` anywhere, `$NAME` as well. */
export function expandVariables(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? '';
    return Object.hasOwn(environment, name) ? (environment[name] ?? '') : whole;
  });
}
