import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import type { Input } from '../../src/core/input.ts';
import type { ConnectionEvents } from '../../src/systemd/connection.ts';
import { BusError } from '../../src/systemd/bus-error.ts';
import { Watcher } from '../../src/systemd/watcher.ts';

/** A systemd that can be made to hang, to refuse and to go away. */
const systemd = vi.hoisted(() => ({
  units: ['a.service'] as string[],
  opened: 0,
  closed: 0,
  lose: () => {},
  reload: () => {},
  open: async (): Promise<void> => {},
  version: async (): Promise<string> => '257',
  list: async (): Promise<void> => {},
  counters: async (_unit: string): Promise<void> => {},
}));

vi.mock('../../src/systemd/connection.ts', () => {
  const manager = {
    version: () => systemd.version(),
    subscribe: async () => {},
    listServices: async () => {
      await systemd.list();
      return systemd.units.map((unit) => ({
        unit,
        loadState: 'loaded',
        activeState: 'active',
        subState: '',
      }));
    },
    counters: async (unit: string) => {
      await systemd.counters(unit);
      return { invocationId: 'i', nRestarts: 1 };
    },
    snapshot: async (unit: string) => ({ unit }),
  };
  const open = async (_address: string, { onStale }: ConnectionEvents) => {
    await systemd.open();
    systemd.opened += 1;
    systemd.reload = () => onStale('systemd has reloaded its units');
    const handlers: ((reason: Error) => void)[] = [];
    systemd.lose = () => {
      for (const handler of handlers.splice(0)) handler(new Error('the bus closed the connection'));
    };
    const onLost = (handler: (reason: Error) => void): void => void handlers.push(handler);
    const close = async (): Promise<void> => {
      systemd.closed += 1;
    };
    return { manager, onLost, close };
  };
  return { Connection: { open } };
});

const lost = new BusError('lost', 'Cannot call "x": the bus connection is gone');
const timeout = new BusError('timeout', 'Cannot call "x": no answer');
const noReply = new BusError('error-reply', 'left the bus', { name: 'org.freedesktop.DBus.Error.NoReply' });
const gone = new BusError('error-reply', 'no such unit', { name: 'org.freedesktop.systemd1.NoSuchUnit' });

/** Throws what it is given, one each time, and is well from then on. */
function failing(...errors: readonly Error[]): () => Promise<void> {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
  };
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}

const taken: Input[] = [];
const told: string[] = [];
/** What an answer makes worth reading: everything of a unit whose counter has changed. */
let effectsOf: (input: Input) => readonly Effect[] = () => [];
let watcher: Watcher;

beforeEach(() => {
  Object.assign(systemd, {
    units: ['a.service'],
    opened: 0,
    closed: 0,
    open: async () => {},
    version: async () => '257',
    list: async () => {},
    counters: async () => {},
  });
  taken.length = 0;
  told.length = 0;
  effectsOf = (input) =>
    input.kind === 'listed' ? input.units.map(({ unit }) => ({ kind: 'read-counters', unit })) : [];
  watcher = new Watcher('unix:path=/nowhere', {
    onInput: (input) => {
      taken.push(input);
      return effectsOf(input);
    },
    onConnected: ({ again }) => told.push(again ? 'connected again' : 'connected'),
    onDisconnected: () => told.push('lost'),
    onSynced: () => told.push('compared'),
  });
});

afterEach(async () => {
  await watcher.stop();
});

const snapshots = (): number => taken.filter(({ kind }) => kind === 'snapshot').length;

describe('a comparison', () => {
  test('of more units than may be asked at a time, each of which has to be read twice, comes to its end', async () => {
    systemd.units = Array.from({ length: 100 }, (_, index) => `u${index}.service`);
    effectsOf = (input) => {
      if (input.kind === 'listed') return input.units.map(({ unit }) => ({ kind: 'read-counters', unit }));
      return input.kind === 'counters' ? [{ kind: 'read-unit', unit: input.unit }] : [];
    };
    await watcher.start();
    expect(snapshots()).toBe(100);
    expect(watcher.units).toBe(100);
  });

  test('goes on without a unit that is gone by now', async () => {
    systemd.units = ['a.service', 'gone.service', 'z.service'];
    systemd.counters = async (unit) => {
      if (unit === 'gone.service') throw gone;
    };
    await watcher.start();
    expect(taken.flatMap((input) => (input.kind === 'counters' ? input.unit : []))).toEqual([
      'a.service',
      'z.service',
    ]);
  });
});

describe('a first connection', () => {
  test.each([
    ['that can not be made', new BusError('unreachable', 'no such socket')],
    ['to a systemd that does not answer', timeout],
  ])('%s fails, and is closed', async (_, error) => {
    systemd.version = async () => {
      throw error;
    };
    await expect(watcher.start()).rejects.toBe(error);
    expect(watcher.connected).toBe(false);
    expect(systemd.closed).toBe(systemd.opened);
  });

  test('that is lost before everything was compared is made again, and the past is read once', async () => {
    systemd.list = failing(lost);
    const readPast = vi.fn<() => Promise<void>>(async () => {});
    await watcher.start(readPast);
    expect(readPast).toHaveBeenCalledTimes(1);
    expect(systemd.opened).toBe(2);
    expect(told).toEqual(['connected', 'compared']);
  });

  test('that is lost again and again is given up', async () => {
    vi.useFakeTimers();
    systemd.list = async () => {
      throw lost;
    };
    const outcome = watcher.start().catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    expect(await outcome).toBe(lost);
    expect(systemd.opened).toBe(11);
    vi.useRealTimers();
  });
});

describe('a connection that was lost', () => {
  const running = async (): Promise<Promise<void>> => {
    await watcher.start();
    told.length = 0;
    return watcher.run();
  };

  test.each([
    ['hangs', timeout],
    ['leaves the bus', noReply],
  ])(
    'and a systemd that %s before everything was compared: it is not taken for connected',
    async (_, error) => {
      const ran = running();
      await vi.waitFor(() => expect(watcher.connected).toBe(true));
      systemd.version = vi
        .fn<() => Promise<string>>(async () => '257')
        .mockRejectedValueOnce(error)
        .mockRejectedValueOnce(error);
      systemd.lose();
      await vi.waitFor(() => expect(told).toEqual(['lost', 'connected again', 'compared']), {
        timeout: 3000,
      });
      expect(systemd.opened).toBe(4);
      expect(systemd.closed).toBe(2);
      expect(watcher.reconnects).toBe(1);
      await watcher.stop();
      await ran;
    },
  );

  test('a hundred times leaves no listeners behind', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    const ran = running();
    await vi.waitFor(() => expect(watcher.connected).toBe(true));
    vi.useFakeTimers();
    for (let time = 1; time <= 100; time += 1) {
      systemd.lose();
      await vi.advanceTimersByTimeAsync(200);
    }
    vi.useRealTimers();
    expect(watcher.reconnects).toBe(100);
    await watcher.stop();
    await ran;
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});

describe('stopping', () => {
  test('is not held up by an attempt to connect that hangs', async () => {
    await watcher.start();
    const ran = watcher.run();
    const opening = vi.fn<() => Promise<void>>(() => never());
    systemd.open = opening;
    systemd.lose();
    await vi.waitFor(() => expect(opening).toHaveBeenCalled());
    await watcher.stop();
    await ran;
  });

  test('closes a connection that was made too late', async () => {
    await watcher.start();
    const ran = watcher.run();
    const gate = new AbortController();
    const opening = vi.fn<() => Promise<void>>(
      () => new Promise((resolve) => gate.signal.addEventListener('abort', () => resolve())),
    );
    systemd.open = opening;
    systemd.lose();
    await vi.waitFor(() => expect(opening).toHaveBeenCalled());
    await watcher.stop();
    await ran;
    const { closed } = systemd;
    gate.abort();
    await vi.waitFor(() => expect(systemd.closed).toBe(closed + 1));
    expect(watcher.connected).toBe(false);
  });
});

describe('a reload', () => {
  test.each([
    ['is asked again', [timeout, noReply], 3],
    ['is not asked again once it has answered', [], 1],
  ])('of a systemd that is busy: it %s', async (_, errors, times) => {
    await watcher.start();
    const list = vi.fn<() => Promise<void>>(failing(...errors));
    systemd.list = list;
    systemd.reload();
    await vi.waitFor(() => expect(told).toEqual(['connected', 'compared', 'compared']), { timeout: 3000 });
    expect(list).toHaveBeenCalledTimes(times);
  });
});
