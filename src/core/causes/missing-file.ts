import type { Evidence } from '../evidence/evidence.ts';
import type { Conclusion, PathFound } from '../evidence/inquiry.ts';
import { absolutePaths, pathOfComplaint } from './path-in.ts';
import { coveringSetting } from './sandbox-cover.ts';
import { pathAsk } from './path-ask.ts';
import type { Matcher, Suspicion } from './suspicion.ts';
import { proofOf, saidBySystemd, told, type Told } from './telling-lines.ts';

const pattern =
  /\bno such file or directory\b|\bENOENT\b|\bfile (?:or directory )?(?:does not|doesn't) exist\b|\bdoes not exist or cannot be opened\b|\bcannot find (?:the )?(?:module|file|path)\b|\bfile not found\b|\bcould not open (?:input|required defaults) file: |\bpath (?:does not|doesn't) exist\b|\bcould not find (?:the )?(?:config(?:uration)? )?file\b/i;

const command =
  /(?:^|[\s:'"\u2018`])([\w.+-]{1,60})["'\u2019`]?:? (?:command )?not found\b|exec: "([^"\s]{1,200})": executable file not found|env: ['"\u2018`]?([\w.+-]{1,60})['"\u2019`]?: No such file/;

const library = /error while loading shared libraries: (\S{1,200}): cannot open shared object file/;

/** Sockets and executables that are missing have causes of their own. */
const notAFile =
  /\bdial unix\b|\bthrough socket\b|\bconnect(?:ion|ing)?\b.{0,60}\bsocket\b|\bconnect to unix\b/i;

export const missingFile: Matcher = {
  id: 'missing-file',
  looksFor: 'the log, or systemd, says that a file, library or command is not there',
  match(evidence) {
    return (
      environmentFile(evidence) ??
      sharedLibrary(evidence) ??
      missingCommand(evidence) ??
      missingPath(evidence)
    );
  },
};

function environmentFile(evidence: Evidence): Suspicion | undefined {
  const said = saidBySystemd(evidence, /Failed to load environment files: No such file/);
  const files = evidence.service?.environmentFiles ?? [];
  if (said.length === 0) return undefined;
  const [only] = files;
  const proof = said.slice(-1);
  if (only === undefined || files.length > 1) {
    return { sentence: 'A file of EnvironmentFile= is not there.', proof, state: 'likely' };
  }
  return pathSuspicion(evidence, only, proof, 'which EnvironmentFile= names, ');
}

function sharedLibrary(evidence: Evidence): Suspicion | undefined {
  const found = told(evidence, library);
  if (found === undefined) return undefined;
  const name = found.groups[1] ?? '';
  return {
    sentence: `The shared library ${name} that its program needs is not installed, or not where the loader looks.`,
    proof: proofOf(evidence, library),
    state: 'likely',
  };
}

function missingCommand(evidence: Evidence): Suspicion | undefined {
  const found = told(evidence, command);
  if (found === undefined) return undefined;
  const name = found.groups.slice(1).find((group) => group !== '') ?? '';
  if (name === '') return undefined;
  const proof = proofOf(evidence, command);
  const path = evidence.service?.environment['PATH'] ?? '';
  return {
    sentence: `The command ${name} was not found.`,
    proof,
    state: 'likely',
    inquiry: {
      kind: 'command',
      ask: { name, path },
      conclude: ({ at }) =>
        at === undefined
          ? {
              state: 'confirmed',
              sentence: `The command ${name} is not installed: it is in no folder of its PATH.`,
              seen: [`seen now: command -v ${name}: nothing`],
            }
          : {
              state: 'likely',
              sentence: `The command ${name} was not found, though it is at ${at}: the PATH that its caller has may be another one.`,
              seen: [`seen now: command -v ${name}: ${at}`],
            },
    },
  };
}

function missingPath(evidence: Evidence): Suspicion | undefined {
  const found = told(evidence, pattern);
  if (found === undefined || notAFile.test(found.line.text)) return undefined;
  const proof = proofOf(evidence, pattern);
  const path = pathOf(found, evidence);
  if (path === undefined) return { sentence: 'A file that it needs is not there.', proof, state: 'likely' };
  return pathSuspicion(evidence, path, proof, '');
}

function pathOf({ line, groups, index }: Told, { service }: Evidence): string | undefined {
  const own = pathOfComplaint(line.text, index, groups[0]?.length ?? 0, service);
  return own ?? absolutePaths(line.text)[0];
}

function pathSuspicion(evidence: Evidence, path: string, proof: readonly string[], which: string): Suspicion {
  return {
    sentence: `${path}${which === '' ? ' ' : `, ${which}`}is not there.`,
    proof,
    state: 'likely',
    inquiry: {
      kind: 'path',
      ask: pathAsk(path),
      conclude: (found) => concludeMissing(evidence, path, which, found),
    },
  };
}

function concludeMissing(evidence: Evidence, path: string, which: string, found: PathFound): Conclusion {
  const name = `${path}${which === '' ? ' ' : `, ${which}`}`;
  const root = evidence.service?.root ?? '';
  if (root !== '') {
    return {
      state: 'could-not-check',
      sentence: `${name}is not there, by the log; the service looks below its own root ${root}.`,
      seen: [],
    };
  }
  const cover = coveringSetting(evidence.service?.sandbox, path);
  if (cover !== undefined) {
    return found.missing === undefined
      ? {
          state: 'confirmed',
          sentence: `${path} exists, but ${cover} hides it from the service.`,
          seen: [`seen now: ${path} exists outside of the service`],
        }
      : {
          state: 'likely',
          sentence: `${name}is not there; ${cover} gives the service another view of it.`,
          seen: [`seen now: ${found.missing} does not exist outside of the service either`],
        };
  }
  if (found.missing === undefined) {
    return {
      state: 'likely',
      sentence: `${name}was not there when it was looked for; it exists now.`,
      seen: [`seen now: ${path} exists`],
    };
  }
  const part = found.missing === path ? '' : `: already ${found.missing} is missing`;
  return {
    state: 'confirmed',
    sentence: `${name}does not exist${part}.`,
    seen: [`seen now: ${found.missing} does not exist`],
  };
}
