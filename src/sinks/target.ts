/** Where something is sent, as it may be shown: a path can be a secret (Slack's and Discord's are), a query or a user too. */
export function shownTarget(url: string, base?: string): string {
  if (!URL.canParse(url, base)) return 'an address that is no URL';
  const { protocol, host } = new URL(url, base);
  return `${protocol}//${host}`;
}

/** The parts of an address that `shownTarget` leaves out. */
export function hiddenParts(url: string): readonly string[] {
  if (!URL.canParse(url)) return [url];
  const { username, password, pathname, search, hash } = new URL(url);
  return [username, password, pathname, search, hash];
}
