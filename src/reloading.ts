import { isDeepStrictEqual } from 'node:util';
import type { Config, ConfigResult } from './config/load.ts';
import type { Problem } from './config/problem.ts';
import { reloadSentence, warningsSentence } from './daemon-words.ts';
import { AppError } from './kit/errors.ts';
import type { Log } from './kit/log.ts';

export interface ReloadingOptions {
  readonly inForce: Config;
  readonly load: () => Promise<ConfigResult>;
  /** Puts it in force, or changes nothing and rejects with an AppError. */
  readonly apply: (config: Config, before: Config) => Promise<void>;
  readonly log: Log;
  readonly nowWallMs: () => number;
  /** After each attempt. */
  readonly onDone: () => void;
}

/** Of a configuration with hundreds of problems the first few are enough for a log; `flapd check` has them all. */
const mostLogged = 5;

/** Puts a changed configuration in force, or keeps the last good one and says why. One attempt at a time. */
export class Reloading {
  readonly #options: ReloadingOptions;
  #config: Config;
  #running: Promise<void> | undefined;
  #again = false;
  #ok = true;
  #atWallMs: number;

  constructor(options: ReloadingOptions) {
    this.#options = options;
    this.#config = options.inForce;
    this.#atWallMs = options.nowWallMs();
  }

  get config(): Config {
    return this.#config;
  }

  /** Whether the last attempt put what it found in force, and when the last one did. */
  get outcome(): { readonly ok: boolean; readonly atWallMs: number } {
    return { ok: this.#ok, atWallMs: this.#atWallMs };
  }

  /** What changes while it is being read is read after. `asked`: somebody waits for a word, also where nothing changed. */
  reload(asked: boolean): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#once(asked).finally(() => {
      this.#running = undefined;
      if (!this.#again) return;
      this.#again = false;
      void this.reload(asked);
    });
    return this.#running;
  }

  async #once(asked: boolean): Promise<void> {
    const { load, apply, log, nowWallMs, onDone } = this.#options;
    const found = await load();
    if (!found.ok) {
      this.#refuse(found.problems);
      return onDone();
    }
    const { config } = found;
    if (isDeepStrictEqual(config, this.#config)) {
      if (!this.#ok) log.info({}, 'The configuration is again the one that is in force.');
      else if (asked) log.info({}, 'The configuration was read again: nothing has changed.');
      if (!this.#ok || asked) this.#atWallMs = nowWallMs();
      this.#ok = true;
      return onDone();
    }
    try {
      await apply(config, this.#config);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#ok = false;
      log.error({ error }, `${error.message}. The last good configuration stays in force.`);
      return onDone();
    }
    this.#config = config;
    this.#ok = true;
    this.#atWallMs = nowWallMs();
    log.info({ files: config.files }, reloadSentence(config));
    const warnings = warningsSentence(config);
    if (warnings !== undefined) log.info({}, warnings);
    onDone();
  }

  #refuse(problems: readonly Problem[]): void {
    this.#ok = false;
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    const places = problems.slice(0, mostLogged).map(placed);
    const more = problems.length > mostLogged ? '; …' : '';
    this.#options.log.error(
      { problems: places },
      'Cannot use the new configuration; the last good one stays in force. ' +
        `"flapd check" shows ${count}: ${places.join('; ')}${more}`,
    );
  }
}

function placed({ file, line, column, message }: Problem): string {
  return `${file}:${line}:${column}: ${message}`;
}
