import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { advising } from './advising.ts';
import type { Config, ConfigResult } from './config/load.ts';
import { watchConfig } from './config/watch.ts';
import type { Audience } from './core/audience.ts';
import type { Effect } from './core/effect.ts';
import { newsOf } from './core/held.ts';
import { presentIncident, presentIncidents, presentUnit, presentUnits } from './core/present.ts';
import { leadersOf, openOf } from './core/grouping.ts';
import { notificationOf, stillTrue, type Undelivered } from './core/notification.ts';
import { newState } from './core/state.ts';
import { askApply } from './apply-client.ts';
import { backfill } from './backfill.ts';
import { brakeLook } from './brake-look.ts';
import { type SavedRemedy, savedOf } from './core/saved.ts';
import { mayApply, noApplySentence, startSentence, statusLine, warningsSentence } from './daemon-words.ts';
import { Engine } from './engine.ts';
import { explaining } from './explaining.ts';
import { createMetrics } from './http/metrics.ts';
import { type HttpServer, startHttp } from './http/server.ts';
import type { HttpSource } from './http/source.ts';
import type { Clock } from './kit/clock.ts';
import { Closers } from './kit/closers.ts';
import type { Log } from './kit/log.ts';
import { LookingInto } from './looking-into.ts';
import { Reloading } from './reloading.ts';
import { readBackRemedy } from './apply/read-back.ts';
import { adviseRemedy } from './remedy-advice.ts';
import { Remedying } from './remedying.ts';
import { report } from './report.ts';
import { SilenceWatch } from './silence-watch.ts';
import { silencesFolder } from './silences.ts';
import { Dispatcher } from './sinks/dispatcher.ts';
import { Saving } from './saving.ts';
import { currentBootId } from './systemd/journal.ts';
import { DropInFiles } from './systemd/drop-in-files.ts';
import type { Notifier } from './systemd/notify.ts';
import { unitFilesChanged } from './systemd/unit-files-changed.ts';
import { systemdUnreachable } from './systemd/unreachable.ts';
import { type ReadPast, Watcher } from './systemd/watcher.ts';
import { version } from './kit/version.ts';

export interface DaemonDeps {
  readonly config: Config;
  /** Where the files are, and what reads them again. */
  readonly configDir: string;
  readonly loadConfig: () => Promise<ConfigResult>;
  readonly busAddress: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: Notifier;
  /** Where incidents and counters outlive the process. */
  readonly stateFile: string;
  /** How far the reading of the past has come, for whoever waits at a terminal. */
  readonly progress?: { step(): void; done(): void };
}

/** Each closer may take this long: with eight of them a stop stays within the 5 s that flapd promises. */
const closeLimitMs = 600;

/** Keeps its events until `stop`: no signal handling, no exit in here. */
export interface Daemon {
  /** Resolves when it was stopped, rejects on a bug. */
  readonly done: Promise<void>;
  /** Reads the configuration again: all of it comes into force, or the last good one stays. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Wires the edges around the core. Rejects, with everything closed again, where one of them can't be opened. */
export async function startDaemon(deps: DaemonDeps): Promise<Daemon> {
  const closers = new Closers(closeLimitMs, (name, error) =>
    deps.log.error({ error }, `Closing ${name} failed.`),
  );
  try {
    return await wire(deps, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

/** Long because it is straight: each step needs what the ones before made. */
async function wire(
  { config, configDir, loadConfig, busAddress, clock, log, notifier, stateFile, progress }: DaemonDeps,
  closers: Closers,
): Promise<Daemon> {
  const metrics = createMetrics();
  const life = { systemd: '', ready: false, apply: mayApply(config) };
  const status = (): string =>
    statusLine({
      connected: watcher.connected,
      units: watcher.units,
      loops: [...engine.state.open],
      configBroken: !reloading.outcome.ok,
    });

  const bootId = await currentBootId();
  const tell = (effects: readonly Effect[]): void => {
    report(log, effects);
    for (const effect of effects) {
      if (effect.kind === 'incident-opened' && effect.incident.leader === undefined) {
        if (lookingInto.start(effect.incident)) dispatcher.hold(effect.incident.id);
      }
      if ('to' in effect) dispatcher.notify(notificationOf(effect, clock.now().wallMs), sinksOf(effect.to));
    }
    // What is part of another incident is found to be so again: in a storm of fifty, it can wait for the next write.
    const isUrgent = effects.some((effect) => 'to' in effect && effect.incident.leader === undefined);
    if (isUrgent) notifier.status(status());
    if (isUrgent && life.ready) remedying.poke();
    if (isUrgent) saving.changed('now');
    else if (effects.some(({ kind }) => changesSaved.has(kind))) saving.changed('later');
  };
  const engine = new Engine(newState(config.policies), clock, tell);
  closers.add('the timers', () => engine.stop());
  const saving = new Saving(stateFile, log, () =>
    savedOf(engine.state, bootId, engine.now(), dispatcher.pending()),
  );
  closers.add('the state file', () => saving.now());
  const dispatcher = new Dispatcher(config.sinks, {
    host: hostname(),
    log,
    clock,
    onSettled: () => saving.changed('soon'),
  });
  closers.add('the sinks', () => dispatcher.close());

  let operatorCauses = config.causes;
  const ask = { managerKind: config.manager, manager: () => watcher.manager };
  const lookingInto = new LookingInto({
    looks: [
      brakeLook({
        manager: ask.manager,
        state: () => engine.state,
        onBrake: (unit, works) => void engine.take({ kind: 'brake', unit, works }),
      }),
      explaining({
        ...ask,
        operatorCauses: () => operatorCauses,
        onFound: ({ unit, id }, found) => void engine.take({ kind: 'causes', unit, incident: id, ...found }),
      }),
      advising({
        ...ask,
        state: () => engine.state,
        now: () => engine.now(),
        onAdvice: ({ unit, id }, advice) => void engine.take({ kind: 'advice', unit, incident: id, advice }),
      }),
    ],
    log,
    onDone: (incident) => {
      const known = engine.state.units.get(incident.unit)?.incident;
      dispatcher.release(presentIncident(known?.id === incident.id ? known : incident));
    },
  });
  closers.add('the looks into incidents', () => lookingInto.close());

  const remedying = new Remedying({
    state: engine.state,
    now: () => engine.now(),
    take: (remedy, told) => void engine.take({ kind: 'remedy', remedy, ...told }),
    connected: () => watcher.connected,
    reloading: () => watcher.reloading,
    advise: (unit) => adviseRemedy(unit, watcher.manager, engine.state, engine.now()),
    ask: (request) => askApply(request),
    files: new DropInFiles(),
    readBack: (remedy) => readBackRemedy(remedy, watcher.manager),
    changedWallMs: (unit) => unitFilesChanged(watcher.manager, unit),
    isOn: () => life.apply,
    log,
  });
  closers.add('the remedies', () => remedying.close());

  const watcher = new Watcher(busAddress, {
    onInput: (input) => {
      const received = clock.now();
      const effects = engine.take(input);
      if (effects.some(({ kind }) => kind === 'incident-opened' || kind === 'incident-grouped')) {
        metrics.observeDetection((clock.now().monotonicMs - received.monotonicMs) / 1000);
      }
      return effects;
    },
    onHeld: (held) => newsOf(engine.state, held),
    onConnected: ({ systemdVersion, units, again }) => {
      life.systemd = systemdVersion;
      if (again)
        log.info({ systemd: systemdVersion }, `Connected to systemd again; compared ${units} services.`);
    },
    onDisconnected: (why) => {
      log.warn(
        {},
        `Lost the connection to systemd (${why}); connecting again. Restarts meanwhile are read off the counters.`,
      );
      notifier.status(status());
    },
    onSynced: () => {
      if (life.ready) notifier.status(status());
      if (life.ready && config.manager === 'system') remedying.synced();
    },
  });

  const source: HttpSource = {
    manager: config.manager,
    units: () => presentUnits(engine.state, engine.now()),
    unit: (name) => {
      const record = engine.state.units.get(name);
      return record && presentUnit(record, engine.now(), engine.state.silences);
    },
    incidents: () => presentIncidents(engine.state),
    ready: () => readiness(life.ready, watcher.connected),
    metrics: () => ({
      units: presentUnits(engine.state, engine.now()),
      incidentsTotal: engine.state.incidentsTotal,
      remediesTotal: engine.state.remediesTotal,
      incidentsOpen: leadersOf(engine.state).length,
      notifications: dispatcher.counts(),
      unitsWatched: watcher.units,
      dbus: { connected: watcher.connected, reconnects: watcher.reconnects, signals: watcher.signals },
      config: { ok: reloading.outcome.ok, at: reloading.outcome.atWallMs / 1000 },
      build: { version, systemd: life.systemd, node: process.versions.node },
    }),
  };
  const open = async ({ listen }: Config): Promise<HttpServer | undefined> =>
    listen.kind === 'off'
      ? undefined
      : startHttp(listen, source, {
          metrics,
          onError: (error, where) =>
            log.error({ error }, `The HTTP server failed in ${where}; watching goes on.`),
        });
  let http = await open(config);
  closers.add('the HTTP server', () => http?.close());

  const reloading = new Reloading({
    inForce: config,
    load: loadConfig,
    log,
    nowWallMs: () => clock.now().wallMs,
    apply: async (next, before) => {
      // The one thing that can fail comes first.
      const other = isDeepStrictEqual(next.listen, before.listen) ? http : await open(next);
      const closing = other === http ? undefined : http;
      http = other;
      dispatcher.replace(next.sinks);
      life.apply = mayApply({ ...next, manager: before.manager });
      operatorCauses = next.causes;
      engine.take({ kind: 'policies', policies: next.policies });
      resume(dispatcher, engine);
      remedying.poke();
      if (next.manager !== before.manager)
        log.warn({}, '"manager" is read at the start only: it changes with the next one.');
      await closing?.close();
    },
    onDone: () => notifier.ready(status()),
  });
  const silences = new SilenceWatch({
    folder: silencesFolder(stateFile),
    clock,
    onChange: (inForce) => void engine.take({ kind: 'silences', silences: inForce }),
    onTrouble: (sentence) => log.warn({}, sentence),
  });
  closers.add('the silences', () => silences.close());

  closers.add('the connection to systemd', () => watcher.stop());
  let remedies: readonly SavedRemedy[] = [];
  let isOfThisBoot = true;
  const readPast: ReadPast = async (dependenciesOf) => {
    const saved = await saving.load(clock.now().wallMs);
    remedies = saved?.remedies ?? [];
    isOfThisBoot = saved?.bootId === bootId;
    const { manager, backfillMs } = config;
    const onLine = progress && ((): void => progress.step());
    const past = await backfill({
      state: engine.state,
      clock,
      manager,
      backfillMs,
      saved,
      bootId,
      dependenciesOf,
      onLine,
    });
    progress?.done();
    if (past.warning !== undefined) {
      log.warn({}, `${past.warning} For the rest flapd goes by what it saved and what systemd counts.`);
    }
    tellAgain(dispatcher, engine, saved?.undelivered ?? [], past.effects);
    tell(past.effects);
    resume(dispatcher, engine);
  };
  await watcher.start(readPast).catch((error: unknown) => {
    throw systemdUnreachable(error, busAddress);
  });
  life.ready = true;
  log.info(
    { version, systemd: life.systemd, listen: http?.address ?? 'off', files: config.files },
    startSentence(config, watcher.units, life.systemd, http?.address ?? 'nowhere (listen: off)'),
  );
  const warnings = warningsSentence(config);
  if (warnings !== undefined) log.info({}, warnings);
  const noApply = noApplySentence(config);
  if (noApply !== undefined) log.warn({}, noApply);
  // A unit of a user is nobody's to change but that user's.
  if (config.manager === 'system') void remedying.start(remedies, isOfThisBoot);
  notifier.ready(status());
  notifier.watchdog(() => true);
  closers.add('the notifier', () => notifier.close());

  const configWatch = watchConfig(
    configDir,
    () => void reloading.reload(false),
    (sentence) => log.warn({}, sentence),
  );
  closers.add('the watch over the configuration', () => configWatch.close());

  const running = watcher.run();
  return {
    done: running,
    reload: async () => {
      notifier.reloading();
      silences.refresh();
      await reloading.reload(true);
    },
    stop: async () => {
      notifier.stopping();
      await closers.closeAll();
      await running;
    },
  };
}

const changesSaved: ReadonlySet<Effect['kind']> = new Set([
  'restarted',
  'run-ended',
  'incident-explained',
  'incident-advised',
  'remedy-changed',
  'incident-grouped',
  'incident-closed',
]);

function sinksOf(audience: Audience): readonly string[] | undefined {
  return audience === 'all' ? undefined : audience;
}

/** What the flapd before this one could not deliver, before the news of what came since: a sink is told each once. */
function tellAgain(
  dispatcher: Dispatcher,
  engine: Engine,
  undelivered: readonly Undelivered[],
  news: readonly Effect[],
): void {
  const ids = openOf(engine.state).map(({ incident }) => incident.id);
  const closed = news.flatMap((effect) => (effect.kind === 'incident-closed' ? effect.incident.id : []));
  for (const { sink, notification } of stillTrue(undelivered, new Set([...ids, ...closed])))
    dispatcher.notify(notification, [sink]);
}

/** Some sinks forget what they are not told again and again. */
function resume(dispatcher: Dispatcher, engine: Engine): void {
  const told = openOf(engine.state).filter(({ incident }) => incident.toldTo.length > 0);
  const audiences = new Map(told.map(({ incident: { id, toldTo } }) => [id, toldTo]));
  dispatcher.resume(
    told.map(({ incident }) => presentIncident(incident)),
    ({ id }) => sinksOf(audiences.get(id) ?? 'all'),
  );
}

function readiness(ready: boolean, connected: boolean): ReturnType<HttpSource['ready']> {
  if (!ready) return { ok: false, why: 'reading the state of systemd' };
  return connected ? { ok: true } : { ok: false, why: 'not connected to systemd' };
}
