/** What is wrong with the address of a web server, as `: no host`; undefined where nothing is. Tells no secret. */
export function webUrlFault(text: string): string | undefined {
  const scheme = /^([A-Za-z][A-Za-z\d+.-]*):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return ': no http:// at its start';
  if (scheme !== 'http' && scheme !== 'https') return `: its scheme is "${scheme}"`;
  if (!/^https?:\/\/[^/?#\s][^\s]*$/i.test(text)) return /\s/.test(text) ? ': a space in it' : ': no host';
  const url = parsed(text);
  if (url === undefined) return ': no URL';
  if (url.username !== '' || url.password !== '')
    return ': it holds a user name or password, which belong in headers_file';
  return undefined;
}

/** The same of a mail server's: a user name may stand in it, a password may not. */
export function mailUrlFault(text: string): string | undefined {
  const scheme = /^([A-Za-z][A-Za-z\d+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return ': no smtp:// at its start';
  if (scheme !== 'smtp' && scheme !== 'smtps') return `: its scheme is "${scheme}"`;
  if (/\s/.test(text)) return ': a space in it';
  const url = parsed(text);
  if (url === undefined) return ': no URL';
  if (url.password !== '') return ': it holds a password, which belongs in password_file';
  if (url.hostname === '') return ': no host';
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '')
    return ': text after its host and port';
  return undefined;
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
