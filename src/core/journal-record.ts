import type { Instant } from './instant.ts';

/** What PID 1 wrote to the journal, as far as flapd reads it. Ids are the same in every version (sd-messages.h). */
export const journalMessages = {
  starting: '7d4958e842da4a758f6c1cdc7b36dcc5',
  started: '39f53479d3a045ac8e11786248231fbf',
  stopping: 'de5b426a63be47a7b6ac3eaac82e2f6f',
  processExit: '98e322203f7a4ed290d09fe03c09fe15',
  failed: 'd9b373ed55a64feb8242e02dbe79a49c',
  deactivated: '7ad2d189f7e94e70a38c781354912448',
  restartScheduled: '5eb03494b6584870a536b337290809b3',
  resources: 'ae8f7b866b0347b9af31fe1c80b127c0',
} as const;

interface Common {
  /** Of the host that wrote it, and of its run since power-on: journals of many may be read as one. */
  readonly machineId: string;
  readonly bootId: string;
  /** Of the user whose manager wrote it; undefined for PID 1. Their units have nothing to do with each other. */
  readonly uid: string | undefined;
  readonly unit: string;
  readonly invocationId: string;
  readonly at: Instant;
}

export type JournalRecord =
  | (Common & { readonly kind: 'starting' | 'started' | 'stopping' | 'deactivated' })
  /** Logged only for ends that are not clean: never for status 0, nor for SIGTERM, SIGHUP, SIGINT, SIGPIPE. */
  | (Common & {
      readonly kind: 'process-exit';
      /** The setting: `ExecStart`, `ExecStartPre`, … */
      readonly command: string;
      /** CLD_*: 1 exited, 2 killed, 3 dumped core. */
      readonly code: number;
      readonly status: number;
    })
  | (Common & { readonly kind: 'failed'; readonly result: string })
  /** The id is that of the run that died. */
  | (Common & { readonly kind: 'restart-scheduled'; readonly nRestarts: number })
  | (Common & { readonly kind: 'resources'; readonly cpuMs: number });
