import { expect, it } from 'vitest';
import { describeFlapd } from './describe-flapd.ts';

const count = 200;
const names = Array.from({ length: count }, (_, index) => `quiet@${index}.service`);

/** A target wants them all: systemd starts them in one transaction. */
const units = {
  'quiet@.service': '[Service]\nExecStart=sleep infinity\nRestart=on-failure\n',
  'crowd.target': `[Unit]\nWants=${names.join(' ')}\nAfter=${names.join(' ')}\n`,
};

describeFlapd('200 quiet services that start at once', { units }, (given) => {
  it('are watched, and nothing is said of them', async () => {
    const { lab, http, log } = given;
    const before = log.lines.length;
    const watched = await http.sum('flapd_units_watched');
    await lab.systemctl('start', 'crowd.target');
    await given.settled();
    const running = await lab.systemctl('list-units', '--state=running', '--no-legend', '--plain', 'quiet@*');
    expect(running.trim().split('\n')).toHaveLength(count);
    expect(log.lines.slice(before).map(({ unit }) => unit)).toEqual(['mark@1.service']);
    expect(await http.incidents()).toEqual([]);
    expect(await http.sum('flapd_units_watched')).toBe(watched + count + 1);
    const named = (await http.samples()).filter(({ labels }) => labels['name']?.startsWith('quiet@'));
    expect(named).toEqual([]);
  });

  it('nor when systemd reloads them', async () => {
    const { lab, http, log } = given;
    await lab.systemctl('daemon-reload');
    await given.settled();
    expect(log.lines.filter(({ unit }) => unit?.startsWith('quiet@'))).toEqual([]);
    expect(await http.incidents()).toEqual([]);
  });

  it('nor when all of them stop at once', async () => {
    const { lab, http, log } = given;
    await lab.systemctl('stop', 'crowd.target', 'quiet@*.service');
    await given.settled();
    expect(log.lines.filter(({ unit }) => unit?.startsWith('quiet@'))).toEqual([]);
    expect(await http.incidents()).toEqual([]);
  });
});
