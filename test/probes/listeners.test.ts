import { expect, test } from 'vitest';
import { listenersOn, type Eyes } from '../../src/probes/listeners.ts';
import type { Held } from '../../src/probes/process-holders.ts';

const ask = { protocol: 'tcp', address: undefined, port: 2525 } as const;

/** A machine without ss, where the socket of the port has one inode after the other, by looks; `undefined`: none listens. */
function eyes(inodes: readonly (number | undefined)[], held: (inodes: ReadonlySet<number>) => Held) {
  const looks = { sockets: 0, processes: 0 };
  const own: Eyes = {
    sockets: async () => {
      const inode = inodes[Math.min(looks.sockets, inodes.length - 1)];
      looks.sockets += 1;
      return inode === undefined ? [] : [{ protocol: 'tcp', address: '0.0.0.0', port: 2525, inode }];
    },
    bySs: async () => new Map(),
    byProcesses: async (wanted) => {
      looks.processes += 1;
      return held(wanted);
    },
  };
  return { looks, own };
}

const nobody = (sawAll: boolean) => (): Held => ({ holders: new Map(), sawAll });
const only =
  (inode: number) =>
  (wanted: ReadonlySet<number>): Held => ({
    holders: new Map(wanted.has(inode) ? [[inode, { pid: 7, process: 'mta', unit: 'mta.service' }]] : []),
    sawAll: true,
  });

async function seenBy(own: Eyes): Promise<unknown> {
  const answer = await listenersOn(ask, AbortSignal.timeout(10_000), own);
  return answer.ok ? answer.listeners : answer.why;
}

test('one that died between the look at sockets and that at processes is looked for again', async () => {
  const { own, looks } = eyes([1, 2], only(2));
  expect(await seenBy(own)).toMatchObject([{ pid: 7, process: 'mta', unit: 'mta.service' }]);
  expect(looks).toEqual({ sockets: 2, processes: 2 });
});

test('one that died, and none came after it: nobody listens', async () => {
  const { own } = eyes([1, undefined], nobody(true));
  expect(await seenBy(own)).toEqual([]);
});

test('who dies each time is not said to be hidden, and not looked for without end', async () => {
  const { own, looks } = eyes([1, 2, 3, 4, 5], nobody(true));
  expect(await seenBy(own)).toEqual([{ protocol: 'tcp', address: '0.0.0.0', port: 2525, unseen: 'gone' }]);
  expect(looks.processes).toBe(3);
});

test('a socket that stays, and that no process has open, is the kernel’s or a container’s', async () => {
  const { own } = eyes([1], nobody(true));
  expect(await seenBy(own)).toMatchObject([{ unseen: 'no-process' }]);
});

test('where not all processes may be looked into, another look would see no more', async () => {
  const { own, looks } = eyes([1], nobody(false));
  expect(await seenBy(own)).toMatchObject([{ unseen: 'rights' }]);
  expect(looks).toEqual({ sockets: 1, processes: 1 });
});

test('without the tables of the kernel it says so', async () => {
  const { own } = eyes([1], nobody(true));
  expect(await seenBy({ ...own, sockets: async () => undefined })).toBe("/proc/net/tcp can't be read");
});
